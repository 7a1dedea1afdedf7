// A run beside the one before it of the same job: slower where, more anomalies where.
import type { Run, Schemas } from "../api/types";
import { useGet } from "../lib/data";
import { between, count, interval, none, plural, span } from "../lib/format";
import { isOver } from "../lib/live";
import { link } from "../lib/router";
import { Card, Show } from "../parts/card";
import { How } from "../parts/how";
import { Table } from "../parts/table";

export function Compared({ run }: { run: Run }) {
  const over = isOver(run.state);
  const data = useGet("/api/v1/runs/{run}/compare", { path: { run: run.id } }, { off: !over });
  return <Card title="Compared with the run before">{!over ? <p class="empty">This is known when the run is over.</p> : <Show data={data} isEmpty={(v) => !v.with} empty="There is none before it.">{(v) => <Beside of={v} old={v.with!} />}</Show>}
    <How api={`GET /api/v1/runs/${run.id}/compare`} /></Card>;
}

function Beside({ of: c, old }: { of: Schemas["RunComparison"]; old: Run }) {
  const run = c.run, [now, before] = c.seconds as [Schemas["Spent"], Schemas["Spent"]];
  const rows: [string, number | undefined, number | undefined, (n: number | undefined) => string][] = [
    ["took", between(old.started, old.finished), between(run.started, run.finished), span], ["planning", c.plan_seconds![1], c.plan_seconds![0], span],
    ...(["queue", "start", "read", "score", "write"] as const).map((k): [string, number, number, typeof span] => [`${k}, all attempts`, before[k], now[k], span]),
    ["sensors", old.sensors, run.sensors, count], ["scored", old.scored, run.scored, count], ["failed", old.failed, run.failed, count], ["silent", old.silent, run.silent, count], ["anomalies", old.anomalies, run.anomalies, count],
  ];
  return <div class="stack"><p class="small dim">That was <a class="mono" href={`/runs/${old.id}`}>{old.id}</a>, {interval(old.interval)}.</p>
    <Table name="Compared with the run before" fold={false} rows={rows} id={([name]) => name} columns={[
      { name: "what", of: ([name]) => name }, { name: "before", num: true, of: ([, a, , f]) => f(a) }, { name: "this", num: true, of: ([, , b, f]) => f(b) },
      { name: "change", num: true, of: ([, a, b]) => (a === undefined || b === undefined || a === b ? none : `${b > a ? "▲" : "▼"} ${a ? `${Math.round((100 * Math.abs(b - a)) / a)} %` : "new"}`) },
    ]} />
    {Object.keys(c.moved).length > 0 && <p class="small">Sensors that changed: {Object.entries(c.moved).map(([k, n]) => `${count(n)} ${k.replace(">", " → ")}`).join(", ")}.</p>}
    {c.devices.length > 0 && <details class="how"><summary>{plural(c.devices.length, "device")} that {c.devices.length === 1 ? "differs" : "differ"} most</summary><Table name="Devices that differ most" fold={false} rows={c.devices} id={(d) => d.device} columns={[
      { name: "device", of: (d) => <a href={link("/fleet", { job: run.job, device: d.device })}>{d.device}</a> }, { name: "anomalous", num: true, of: (d) => `${d.anomalous![1]} → ${d.anomalous![0]}` }, { name: "failed", num: true, of: (d) => `${d.failed![1]} → ${d.failed![0]}` },
    ]} /></details>}
  </div>;
}
