// The attempts of a run at its tasks: when each node did what, and which were slow.
import { get } from "../api/client";
import type { Run, Schemas } from "../api/types";
import { useGet } from "../lib/data";
import { between, count, plural, span } from "../lib/format";
import { isOver } from "../lib/live";
import { link } from "../lib/router";
import { Card, Show } from "../parts/card";
import { Gantt } from "../parts/gantt";
import { How } from "../parts/how";
import { usePages } from "../parts/more";
import { State } from "../parts/state";
import { Table } from "../parts/table";

export function Tasks({ run }: { run: Run }) {
  const path = { run: run.id }, live = isOver(run.state) ? {} : { on: ["run" as const, "progress" as const] };
  const phases = useGet("/api/v1/runs/{run}/phases", { path }, live);
  const data = useGet("/api/v1/runs/{run}/tasks", { path, query: { limit: 200 } }, live);
  const { rows, button } = usePages(data.value && page(data.value), async (cursor) => page(await get("/api/v1/runs/{run}/tasks", { path, query: { limit: 500, cursor } })), run.id);
  const slow = new Set(phases.value?.lanes.flatMap((l) => l.attempts).filter((a) => a.straggler).map((a) => `${a.task} ${a.attempt}`));
  return <>
    <Card title="By node and time" side="queue, start, read, score, write"><Show data={phases} isEmpty={(v) => v.lanes.length === 0} empty="No task has been begun.">{(v) => <Gantt of={v} run={run} />}</Show><How api={`GET /api/v1/runs/${run.id}/phases`} /></Card>
    <Card title="Tasks and attempts" side={slow.size > 0 && <State of="late" text={plural(slow.size, "straggler")} />}><Show data={data} isEmpty={() => rows.length === 0} empty="No task has been begun.">{() => <div class="stack"><Table name="Attempts" rows={rows} id={(a) => `${a.task}-${a.attempt}`} columns={[
      { name: "task", of: (a) => <a href={link("/logs", { run: run.id, task: a.task, attempt: a.attempt })}>{a.task}{a.attempt > 1 && `, attempt ${a.attempt}`}</a> },
      { name: "state", of: (a) => <State of={a.state} /> }, { name: "node", of: (a) => <span class="mono small">{a.node ?? "–"}</span> },
      { name: "waited", num: true, of: (a) => span(between(a.queued, a.started)) },
      { name: "took", num: true, of: (a) => <>{slow.has(`${a.task} ${a.attempt}`) && <State of="late" text="straggler " />} {span(between(a.started, a.finished))}</> },
      { name: "read", num: true, of: (a) => span(a.seconds.read) }, { name: "score", num: true, of: (a) => span(a.seconds.score) }, { name: "write", num: true, of: (a) => span(a.seconds.write) },
      { name: "sensors", num: true, of: (a) => count(a.sensors || a.progress.sensors) }, { name: "failed", num: true, of: (a) => count(a.failed || a.progress.failed) },
    ]} />{rows.some((a) => a.detail) && <ul class="small dim">{rows.filter((a) => a.detail).slice(0, 20).map((a) => <li key={a.task + a.attempt}>{a.task}, attempt {a.attempt}: {a.detail}</li>)}</ul>}{button}</div>}</Show>
      <How cli={`fleetscore run show ${run.id}`} api={`GET /api/v1/runs/${run.id}/tasks`} /></Card>
  </>;
}

function page(v: Schemas["AttemptList"]) {
  return { rows: v.attempts, ...(v.next ? { next: v.next } : {}) };
}
