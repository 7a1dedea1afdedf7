// What failed in a run, what is alike together; a click shows the sensors, and their log.
import { get } from "../api/client";
import type { Run, Schemas } from "../api/types";
import { useGet } from "../lib/data";
import { count, plural, sensorName } from "../lib/format";
import { isOver } from "../lib/live";
import { link, put, query } from "../lib/router";
import { Card, Show } from "../parts/card";
import { How } from "../parts/how";
import { usePages } from "../parts/more";
import { Table } from "../parts/table";

export function Failures({ run }: { run: Run }) {
  const over = isOver(run.state);
  const data = useGet("/api/v1/runs/{run}/failure-groups", { path: { run: run.id } }, { off: !over || run.failed === 0 });
  const groups = data.value?.groups ?? [];
  const chosen = groups.find((g) => g.fingerprint === query.value.get("group"))?.fingerprint ?? groups.find((g) => g.cause === query.value.get("cause"))?.fingerprint ?? "";
  return <div id="failures" tabIndex={-1}><Card title="Failures" side={groups.length > 0 && `${plural(data.value!.failures, "failure")} = ${plural(groups.length, "cause")}`}>
    {!over ? <p class="empty">The causes are known when the run is over.</p> : run.failed === 0 ? <p class="empty">Nothing failed.</p> : <Show data={data} isEmpty={() => groups.length === 0} empty={run.causes.map((c) => `${c.cause}: ${c.sensors}`).join(", ")}>{(v) => <div class="stack">
      <Table name="Failures by cause" rows={groups} id={(g) => g.fingerprint} columns={[
        { name: "cause", of: (g) => <button type="button" class="btn" aria-pressed={chosen === g.fingerprint} onClick={() => put({ group: chosen === g.fingerprint ? undefined : g.fingerprint, cause: undefined })}>{g.cause.replaceAll("_", " ")}</button> },
        { name: "sensors", num: true, of: (g) => count(g.sensors) }, { name: "rows", num: true, of: (g) => count(g.rows) },
        { name: "all say", of: (g) => <span class="small wrap mono">{g.pattern}</span> },
      ]} />
      {v.cut && <p class="small dim">There are more than these.</p>}
      {chosen && <Of run={run} fingerprint={chosen} />}
    </div>}</Show>}
    <How cli={`fleetscore run show ${run.id}`} api={`GET /api/v1/runs/${run.id}/failure-groups`} />
  </Card></div>;
}

function Of({ run, fingerprint }: { run: Run; fingerprint: string }) {
  const ask = { path: { run: run.id }, query: { fingerprint, limit: 100 } };
  const data = useGet("/api/v1/runs/{run}/failures", ask);
  const { rows, button } = usePages(data.value && page(data.value), async (cursor) => page(await get("/api/v1/runs/{run}/failures", { ...ask, query: { ...ask.query, cursor } })), `${run.id} ${fingerprint}`);
  return <><h3>The sensors</h3><Show data={data}>{() => <div class="stack"><Table name="Sensors that failed" rows={rows} id={(s) => sensorName(s)} columns={[
    { name: "sensor", of: (s) => <a href={link("/sensor", { device: s.device, tag: s.tag, job: run.job, at: run.interval.from })}>{sensorName(s)}</a> },
    { name: "rows", num: true, of: (s) => count(s.rows) }, { name: "why", of: (s) => <span class="small wrap">{s.example}</span> },
    { name: "log", of: (s) => <a href={link("/logs", { run: run.id, find: s.device })}>log</a> },
  ]} />{button}</div>}</Show></>;
}

function page(v: Schemas["FailureList"]) {
  return { rows: v.sensors, ...(v.next ? { next: v.next } : {}) };
}
