// Runs, the newest first.
import type { Run } from "../api/types";
import { get } from "../api/client";
import { useGet } from "../lib/data";
import { oneOf, type Misread } from "../lib/asked";
import { between, count, interval, span } from "../lib/format";
import { isOver, progress } from "../lib/live";
import { put, query } from "../lib/router";
import { Card, Head, NotUnderstood, Show } from "../parts/card";
import { Fates } from "../parts/fates";
import { How } from "../parts/how";
import { usePages } from "../parts/more";
import { State } from "../parts/state";
import { Table } from "../parts/table";

const states = ["queued", "planning", "running", "committing", "succeeded", "failed", "canceled"] as const;

export function Runs() {
  const misread: Misread = [];
  const job = query.value.get("job") ?? "", state = oneOf("state", states, misread);
  const ask = { query: { ...(job ? { job } : {}), ...(state ? { state: [state] } : {}), limit: 50 } };
  const runs = useGet("/api/v1/runs", ask, { on: ["run"] });
  const jobs = useGet("/api/v1/jobs");
  const { rows, button } = usePages(runs.value && { rows: runs.value.runs, ...(runs.value.next ? { next: runs.value.next } : {}) }, async (before) => {
    const page = await get("/api/v1/runs", { query: { ...ask.query, before } });
    return { rows: page.runs, ...(page.next ? { next: page.next } : {}) };
  }, `${job} ${state}`);
  const seen = [...new Map(rows.map((r) => [r.id, r])).values()];
  return <>
    <Head title="Runs" about="A run is one job over one interval of data."><div class="tools">
      <label class="field">Job<select value={job} onChange={(e) => put({ job: e.currentTarget.value })}><option value="">all</option>{jobs.value?.jobs.map((j) => <option key={j.name} value={j.name}>{j.name}</option>)}</select></label>
      <label class="field">State<select value={state} onChange={(e) => put({ state: e.currentTarget.value })}><option value="">any</option>{states.map((s) => <option key={s} value={s}>{s}</option>)}</select></label>
    </div></Head>
    <NotUnderstood of={misread} />
    <Card title="Runs"><Show data={runs} isEmpty={(v) => v.runs.length === 0} empty={<p>No such run. <code>fleetscore job run NAME</code> makes one.</p>}>{() => <div class="stack"><RunTable runs={seen} />{button}</div>}</Show></Card>
    <How cli={`fleetscore run list${job ? ` --job ${job}` : ""}${state ? ` --state ${state}` : ""}`} api={`GET /api/v1/runs?limit=50${job ? `&job=${job}` : ""}${state ? `&state=${state}` : ""}`} />
  </>;
}

export function RunTable({ runs, of = true }: { runs: Run[]; of?: boolean }) {
  return <Table name="Runs" rows={runs} id={(r) => r.id} columns={[
    { name: "run", of: (r) => <a class="mono" href={`/runs/${r.id}`}>{r.id}</a> },
    ...(of ? [{ name: "job", of: (r: Run) => <a href={`/jobs/${encodeURIComponent(r.job)}`}>{r.job}</a> }] : []),
    { name: "interval", of: (r) => <span class="tab small">{interval(r.interval)}</span> },
    { name: "state", of: (r) => <State of={r.state} {...(r.state === "running" ? { text: `${done(r)} of ${r.tasks} tasks` } : {})} /> },
    { name: "fates", of: (r) => (isOver(r.state) ? <Fates of={r} /> : <Under run={r} />) },
    { name: "anomalies", num: true, of: (r) => count(r.anomalies) },
    { name: "failed", num: true, of: (r) => <span class={r.failed ? "bad" : ""}>{count(r.failed)}</span> },
    { name: "took", num: true, of: (r) => span(between(r.started, r.finished)) },
  ]} />;
}

function done(r: Run): number {
  return Math.max(r.tasks_done, progress.value[r.id]?.attempts.done ?? 0);
}

function Under({ run }: { run: Run }) {
  const p = progress.value[run.id]?.progress;
  return <span class="small dim">{p ? `${count(p.sensors)} sensors, ${count(p.rows)} rows so far` : "under way"}</span>;
}
