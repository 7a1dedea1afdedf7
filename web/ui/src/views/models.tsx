// The models there are: of which kinds, which score without Python, how old; and what is
// inside one, read without executing anything.
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

export function Models() {
  const key = query.value.get("key") ?? "", search = query.value.get("search") ?? "";
  const summary = useGet("/api/v1/models/summary", {}, { every: 5000 });
  const jobs = useGet("/api/v1/jobs", {}, { on: ["run"] });
  const list = useGet("/api/v1/models", { query: { ...(search ? { search } : {}), limit: 50 } });
  const { rows, button } = usePages(list.value && { rows: list.value.models, ...(list.value.next ? { next: list.value.next } : {}) }, async (cursor) => {
    const page = await get("/api/v1/models", { query: { ...(search ? { search } : {}), limit: 50, cursor } });
    return { rows: page.models, ...(page.next ? { next: page.next } : {}) };
  }, search);
  const s = summary.value, native = s?.kinds.filter((k) => k.native).reduce((n, k) => n + k.models, 0) ?? 0;
  return <>
    <Head title="Models" about="As they were uploaded. They are read, and never executed." />
    <div class="tiles">
      <Tile name="Models" value={s ? count(s.models) : "…"} about={s && (s.complete ? bytes(s.bytes) : `${share(s.looked, s.models)} looked at so far`)} />
      <Tile name="Native" value={s ? share(native, s.looked) : "…"} about="score without Python" />
      <Tile name="Kinds" value={s ? count(s.kinds.length) : "…"} />
      {jobs.value?.jobs.filter((j) => j.runs[0]).slice(0, 3).map((j) => <>
        <Tile name={`Without a model, ${j.name}`} value={count(j.runs[0]!.causes.find((c) => c.cause === "no_model")?.sensors ?? j.runs[0]!.skipped)} about="sensors" href={link("/fleet", { job: j.name, fate: "failed", cause: "no_model" })} />
        <Tile name={`Without readings, ${j.name}`} value={count(j.runs[0]!.silent)} about="models whose sensor is silent" href={link("/fleet", { job: j.name, fate: "silent" })} />
      </>)}
    </div>
    {key && <Inside key={key} of={key} />}
    <div class="grid even">
      <Card title="By kind" side={s && !s.complete && "they are still being looked at"}><Show data={summary} isEmpty={(v) => v.kinds.length === 0} empty={s && !s.complete ? "They are being looked at." : "There are no models yet: fleetscore models push stores those of a folder."}>{(v) => <Table name="Kinds of models" rows={v.kinds} id={(k) => k.kind + k.sklearn_version + k.reason} columns={[
        { name: "kind", of: (k) => <a href={link("/models", { key: k.example })}>{k.kind}</a> }, { name: "how", of: (k) => (k.native ? <State of="ok" text="native" /> : <State of="failed" text={k.reason || "not native"} />) }, { name: "scikit-learn", of: (k) => k.sklearn_version || "–" }, { name: "models", num: true, of: (k) => count(k.models) },
      ]} />}</Show></Card>
      <Card title="By age"><Show data={summary} isEmpty={(v) => v.ages.length === 0} empty="None.">{(v) => <Table name="Models by age" rows={v.ages} id={(a) => a.days} columns={[{ name: "uploaded", of: (a) => (a.days ? `within ${plural(a.days, "day")}` : "longer ago") }, { name: "models", num: true, of: (a) => count(a.models) }]} />}</Show></Card>
    </div>
    <Card title="Models" side={<label>find <input type="search" value={search} placeholder="device, tag or key" onChange={(e) => put({ search: e.currentTarget.value })} /></label>}>
      <Show data={list} isEmpty={() => rows.length === 0} empty={search ? "No model is called so." : "There are no models yet."}>{() => <div class="stack"><Table name="Models" rows={rows} id={(m) => m.key} columns={[
        { name: "model", of: (m) => <a class="mono" href={link("/models", { key: m.key, search })}>{m.key}</a> }, { name: "of", of: (m) => (m.device ? <a href={link("/sensor", { device: m.device, tag: m.tag, job: m.jobs?.[0] })}>{sensorName({ device: m.device, ...(m.tag ? { tag: m.tag } : {}) })}</a> : "–") },
        { name: "how", of: (m) => (m.native ? <State of="ok" text="native" /> : <State of="failed" text={m.error || m.reason || "not native"} />) }, { name: "scikit-learn", of: (m) => m.sklearn_version || "–" }, { name: "size", num: true, of: (m) => bytes(m.size) }, { name: "since", of: (m) => <span class="tab">{clock(m.modified)}</span> },
      ]} />{button}</div>}</Show>
    </Card>
    <How cli="fleetscore inspect models" api="GET /api/v1/models?limit=50" />
  </>;
}

function Inside({ of: key }: { of: string }) {
  const data = useGet("/api/v1/models/inspect", { query: { key } });
  return <Card title={<span class="mono wrap">{key}</span>} side={<button type="button" class="btn" onClick={() => put({ key: undefined })}>Close</button>}><Show data={data}>{(m) => <Inspection of={m} />}</Show><How cli={`fleetscore inspect ${key}`} api={`GET /api/v1/models/inspect?key=${encodeURIComponent(key)}`} /></Card>;
}
