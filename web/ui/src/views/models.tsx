// The models there are: of which kinds, which score without Python, how old; and what is
// inside one, read without executing anything.
import { useEffect, useState } from "preact/hooks";
import type { Schemas } from "../api/types";
import { clock, bytes, count, plural, sensorName, share } from "../lib/format";
import { link, put, query } from "../lib/router";
import { get } from "../api/client";
import { useGet } from "../lib/data";
import { Card, Head, Show, Tile } from "../parts/card";
import { How } from "../parts/how";
import { Inspection } from "../parts/model";
import { usePages } from "../parts/more";
import { State } from "../parts/state";
import { Table } from "../parts/table";
import { NoJobs } from "./overview";

function sum(kinds: Schemas["ModelKind"][]): number {
  return kinds.reduce((n, k) => n + k.models, 0);
}

export function Models() {
  const key = query.value.get("key") ?? "", search = query.value.get("search") ?? "";
  const [looking, setLooking] = useState(true);
  const summary = useGet("/api/v1/models/summary", {}, { every: looking ? 500 : 10000 });
  useEffect(() => setLooking(summary.value?.complete === false), [summary.value]);
  const now = useGet("/api/v1/overview", {}, { on: ["run"] });
  const list = useGet("/api/v1/models", { query: { ...(search ? { search } : {}), limit: 50 } });
  const { rows, button } = usePages(list.value && { rows: list.value.models, ...(list.value.next ? { next: list.value.next } : {}) }, async (cursor) => {
    const page = await get("/api/v1/models", { query: { ...(search ? { search } : {}), limit: 50, cursor } });
    return { rows: page.models, ...(page.next ? { next: page.next } : {}) };
  }, search);
  const s = summary.value, known = sum(s?.kinds ?? []), native = sum(s?.kinds.filter((k) => k.native) ?? []);
  return <>
    <Head title="Models" about="As they were uploaded. They are read, and never executed." />
    <div class="tiles">
      <Tile name="Models" value={s ? count(s.models) : "…"} about={s && bytes(s.bytes)} />
      <Tile name="Native" value={known ? share(native, known) : "…"} about="score without Python" />
      <Tile name="Kinds" value={known || s?.complete ? count(s!.kinds.length) : "…"} />
    </div>
    {key && <Inside key={key} of={key} />}
    <Card title="By kind" side={s && !s.complete && `${share(s.looked, s.models)} are looked at`}><Show data={summary} isEmpty={(v) => v.kinds.length === 0} empty={s && !s.complete ? "They are being looked at." : "There are no models yet: fleetscore models push stores those of a folder."}>{(v) => <Table name="Kinds of models" rows={v.kinds} id={(k) => k.kind + k.sklearn_version + k.reason} columns={[
      { name: "kind", of: (k) => <a href={link("/models", { key: k.example })}>{k.kind}</a> }, { name: "how", of: (k) => (k.native ? <State of="ok" text="native" /> : <State of="failed" text={k.reason || "not native"} />) }, { name: "scikit-learn", of: (k) => k.sklearn_version || "–" }, { name: "models", num: true, of: (k) => count(k.models) },
    ]} />}</Show></Card>
    <Card title="Sensors without a model, models without a sensor" side="in the last run of each job that is over"><Show data={now} isEmpty={(o) => o.jobs.length === 0} empty={<NoJobs />}>{(o) => <Table name="Models of each job" rows={o.jobs} id={(j) => j.name} columns={[
      { name: "job", of: (j) => <a href={`/jobs/${encodeURIComponent(j.name)}`}>{j.name}</a> }, { name: "run", of: (j) => (j.last ? <a href={`/runs/${j.last.id}`}><State of={j.last.state} /></a> : "never ran") }, { name: "sensors", num: true, of: (j) => count(j.last?.sensors) },
      { name: "without a model", num: true, of: (j) => j.last && <a href={link("/fleet", { job: j.name, ...(j.last.skipped ? { fate: "skipped" } : { fate: "failed", cause: "no_model" }) })}>{count(j.last.skipped + (j.last.causes.find((c) => c.cause === "no_model")?.sensors ?? 0))}</a> },
      { name: "silent", num: true, of: (j) => j.last && <a href={link("/fleet", { job: j.name, fate: "silent" })}>{count(j.last.silent)}</a> }, { name: "models without a sensor", num: true, of: (j) => count(j.last && (j.last.orphans ?? 0)) },
    ]} />}</Show></Card>
    <Card title="Models" side={<label>find <input type="search" value={search} placeholder="device, tag or key" onChange={(e) => put({ search: e.currentTarget.value })} /></label>}>
      <Show data={list} isEmpty={() => rows.length === 0} empty={search ? "No model is called so." : "There are no models yet."}>{() => <div class="stack"><Table name="Models" rows={rows} id={(m) => m.key} columns={[
        { name: "model", of: (m) => <a class="mono" href={link("/models", { key: m.key, search })}>{m.key}</a> }, { name: "of", of: (m) => (m.device ? <a href={link("/sensor", { device: m.device, tag: m.tag, job: m.jobs?.[0] })}>{sensorName({ device: m.device, ...(m.tag ? { tag: m.tag } : {}) })}</a> : "more than one sensor") }, { name: "jobs", of: (m) => m.jobs?.map((name, i) => <>{i > 0 && ", "}<a href={`/jobs/${encodeURIComponent(name)}`}>{name}</a></>) },
        { name: "how", of: (m) => (m.native ? <State of="ok" text="native" /> : <State of="failed" text={m.error || m.reason || "not native"} />) }, { name: "scikit-learn", of: (m) => m.sklearn_version || "–" }, { name: "size", num: true, of: (m) => bytes(m.size) }, { name: "since", of: (m) => <span class="tab">{clock(m.modified)}</span> },
      ]} />{button}</div>}</Show>
    </Card>
    <Card title="By age"><Show data={summary} isEmpty={(v) => v.ages.length === 0} empty="None.">{(v) => <Table name="Models by age" rows={v.ages} id={(a) => a.days} columns={[{ name: "uploaded", of: (a) => (a.days ? `within ${plural(a.days, "day")}` : "longer ago") }, { name: "models", num: true, of: (a) => count(a.models) }]} />}</Show></Card>
    <How cli="fleetscore inspect models" api="GET /api/v1/models?limit=50" />
  </>;
}

function Inside({ of: key }: { of: string }) {
  const data = useGet("/api/v1/models/inspect", { query: { key } });
  return <Card title={<span class="mono wrap">{key}</span>} side={<button type="button" class="btn" onClick={() => put({ key: undefined })}>Close</button>}><Show data={data}>{(m) => <Inspection of={m} />}</Show><How cli={`fleetscore inspect ${key}`} api={`GET /api/v1/models/inspect?key=${encodeURIComponent(key)}`} /></Card>;
}
