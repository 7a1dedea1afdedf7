// Devices over time: what became of each, and who was not scored, and why.
import { useEffect, useState } from "preact/hooks";
import { get, urlOf } from "../api/client";
import type { Schemas } from "../api/types";
import { useGet } from "../lib/data";
import { oneOf, time, type Misread } from "../lib/asked";
import { clock, count, interval, plural, sensorName } from "../lib/format";
import { fates, Matrix, type Ask } from "../lib/matrix";
import { go, link, put, query } from "../lib/router";
import { Bones, Card, Head, NoJob, NotUnderstood, Show } from "../parts/card";
import { How } from "../parts/how";
import { MatrixLegend, MatrixView } from "../parts/matrix";
import { usePages } from "../parts/more";
import { State } from "../parts/state";
import { Table } from "../parts/table";

export function Fleet() {
  const jobs = useGet("/api/v1/jobs", {}, { on: ["job"] });
  const q = query.value;
  const job = q.get("job") ?? jobs.value?.jobs[0]?.name ?? "";
  const misread: Misread = [];
  const at = time("interval", misread), fate = oneOf("fate", fates, misread), search = q.get("device") ?? "", cause = q.get("cause") ?? "", group = q.get("group") === "device";
  const gone = jobs.value !== undefined && job !== "" && !jobs.value.jobs.some((j) => j.name === job);
  const ask: Ask = { last: 48, ...(at ? { to: new Date(Date.parse(at) + 1).toISOString() } : {}), ...(search ? { search } : {}), ...(fate ? { fate } : {}), ...(cause ? { cause } : {}), ...(group ? { group: "device" as const } : {}) };
  const data = useGet("/api/v1/jobs/{job}/matrix", { path: { job }, query: ask } as never, { off: !job || !jobs.value || gone, on: at ? [] : ["run"] });
  const head = data.value as Matrix["of"] | undefined;
  const { matrix, came } = useMatrix(job, ask, head, data.reload);
  const done = head?.columns.filter((c) => c.state === "done" || c.state === "incomplete") ?? [];
  const chosen = at || done.at(-1)?.interval.from || "";
  return <>
    <Head title="Fleet" about={head && `${plural(head.rows, group ? "device" : "sensor")} over the last ${plural(head.columns.length, "interval")} of ${job}`}><div class="tools">
      <label class="field">Job<select value={job} onChange={(e) => put({ job: e.currentTarget.value, interval: undefined })}>{jobs.value?.jobs.map((j) => <option key={j.name}>{j.name}</option>)}</select></label>
      <label class="field">Find<input type="search" value={search} placeholder="device or tag" onInput={(e) => put({ device: e.currentTarget.value })} /></label>
      <label class="field">Now<select value={fate} onChange={(e) => put({ fate: e.currentTarget.value })}><option value="">any fate</option>{fates.map((f) => <option key={f}>{f}</option>)}</select></label>
      <label class="check"><input type="checkbox" checked={group} onChange={(e) => put({ group: e.currentTarget.checked ? "device" : undefined })} />a row a device</label>
    </div></Head>
    <NotUnderstood of={misread} />
    <Card title="Devices over time" side={at ? <button type="button" class="btn" onClick={() => put({ interval: undefined })}>to now</button> : "live"}>
      {gone ? <NoJob name={job} /> : jobs.value?.jobs.length === 0 ? <div class="empty">There is no job yet, so nothing was scored.</div> : <Show data={data} isEmpty={(v) => (v as Matrix["of"]).columns.length === 0} empty={<p>Nothing of {job} was committed yet.</p>}>{() => <div class="stack">
        {head!.rows === 0 ? <div class="empty">No sensor is like that.</div> : matrix ? <MatrixView of={matrix} came={came} open={(row, column) => {
          if (group) put({ device: row.device, group: undefined }, false);
          else go(link("/sensor", { device: row.device, tag: row.tag, job, at: matrix.of.columns[column]?.interval.from }));
        }} /> : <Bones />}
        <MatrixLegend />
      </div>}</Show>}
    </Card>
    {job && !gone && chosen && <Unscored job={job} at={chosen} columns={done} />}
    {job && !gone && <How cli={`fleetscore predictions sensors ${job}`} api={`GET ${urlOf("/api/v1/jobs/{job}/matrix", { path: { job }, query: ask })}`} />}
  </>;
}

/** useMatrix keeps what it shows until there is something to show of what follows. */
function useMatrix(job: string, ask: Ask, head: Matrix["of"] | undefined, reload: () => void): { matrix: Matrix | undefined; came: number } {
  const [came, tell] = useState(0);
  const [matrix, set] = useState<Matrix>();
  const key = JSON.stringify([job, ask, head?.version]);
  useEffect(() => {
    if (!head) return;
    let shown = false;
    const show = () => { if (!shown) { shown = true; set(next); } tell((n) => n + 1); };
    const next: Matrix = new Matrix(job, ask, head, show, reload);
    next.need(0, 1);
    return () => next.close();
  }, [key]);
  return { matrix: matrix && matrix.job === job ? matrix : undefined, came };
}

type Fate = Schemas["SensorFate"]["fate"];

function Unscored({ job, at, columns }: { job: string; at: string; columns: Matrix["of"]["columns"] }) {
  const q = query.value, fate = oneOf("fate", fates, []), cause = q.get("cause") ?? "", device = q.get("device") ?? "";
  const only = fate && fate !== "partly" && fate !== "late" && fate !== "missing" ? [fate as Fate] : ["failed", "silent", "skipped"] as Fate[];
  const ask = { path: { job }, query: { interval: at, fate: only, limit: 50, ...(cause ? { cause } : {}), ...(device ? { search: device } : {}) } };
  const data = useGet("/api/v1/jobs/{job}/sensors", ask);
  const first = data.value as Schemas["SensorList"] | undefined;
  const { rows, button } = usePages(first && page(first), async (cursor) => page(await get("/api/v1/jobs/{job}/sensors", { ...ask, query: { ...ask.query, cursor } } as never)), JSON.stringify(ask));
  return <Card title={fate && fate !== "failed" ? `Sensors: ${fate}` : "Who was not scored, and why"} side={<label>interval <select value={at} onChange={(e) => put({ interval: e.currentTarget.value })}>{!columns.some((c) => c.interval.from === at) && <option value={at}>{clock(at)}</option>}{[...columns].reverse().map((c) => <option key={c.interval.from} value={c.interval.from}>{interval(c.interval)}{c.counts?.failed ? `, ${c.counts.failed} failed` : ""}</option>)}</select></label>}>
    <Show data={data} isEmpty={(v) => (v as Schemas["SensorList"]).sensors.length === 0} empty={<p>{fate ? `No sensor was ${fate} in this interval.` : "Every sensor was scored in this interval."}</p>}>{() => <div class="stack">
      {first && <div class="row">{Object.entries(first.fates).map(([f, n]) => <button key={f} type="button" class="btn" aria-pressed={fate === f} onClick={() => put({ fate: fate === f ? undefined : f })}><State of={f} text={`${count(n)} ${f}`} /></button>)}
        {Object.entries(first.causes).map(([g, n]) => <button key={g} type="button" class="btn" aria-pressed={cause === g} onClick={() => put({ cause: cause === g ? undefined : g })}>{g.replaceAll("_", " ")}: {count(n)}</button>)}</div>}
      <Table name="Sensors" rows={rows} id={sensorName} columns={[
        { name: "sensor", of: (s) => <a href={link("/sensor", { device: s.device, tag: s.tag, job, at })}>{sensorName(s)}</a> }, { name: "fate", of: (s) => <State of={s.fate} /> }, { name: "why", of: (s) => (s.cause ? s.cause.replaceAll("_", " ") : s.fate === "silent" ? "it sent nothing in this interval" : "–") },
      ]} />{button}
    </div>}</Show>
    <How cli={`fleetscore predictions sensors ${job} --interval ${at}`} api={`GET /api/v1/jobs/${job}/sensors?interval=${at}${only.map((f) => `&fate=${f}`).join("")}`} />
  </Card>;
}

function page(v: Schemas["SensorList"]) {
  return { rows: v.sensors, ...(v.next ? { next: v.next } : {}) };
}
