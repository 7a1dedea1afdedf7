// Is my fleet all right, now? What needs attention comes first.
import type { Run, Schemas } from "../api/types";
import { useGet } from "../lib/data";
import { bytes, clock, count, interval, none, plural, share, short, span } from "../lib/format";
import { pulses } from "../lib/live";
import { link } from "../lib/router";
import { Card, Head, Show, Tile } from "../parts/card";
import { Chart } from "../parts/chart";
import { Fates } from "../parts/fates";
import { How } from "../parts/how";
import { State } from "../parts/state";
import { Table } from "../parts/table";
import { Rate } from "./ingest";

export function Overview() {
  const data = useGet("/api/v1/overview", {}, { on: ["run", "node", "job", "pool"], every: 10000 });
  const rate = useGet("/api/v1/stream/history", { query: { minutes: 60 } }, { every: 10000 });
  const v = data.value;
  const runs = useGet("/api/v1/runs", { query: { limit: 200 } }, { on: ["run"], off: !v || v.series.points.length > enough });
  const pulse = pulses.value.at(-1), s = v?.sensors;
  return <>
    <Head title="Overview" about={v && `fleetscore ${v.version}`} />
    {v && <Attention list={v.attention} />}
    <div class="tiles">
      <Tile name="Readings" value={v ? `${short(pulse?.readings_per_second ?? v.readings.per_second)}/s` : "…"} about={v && `${count(pulse?.accepted ?? v.readings.accepted)} in all`} href="/ingest" />
      <Tile name="Sensors seen" value={v ? count(s?.seen) : "…"} about={s && `of ${count(s.total)}, in ${s.job}`} href={link("/fleet", { job: s?.job })} />
      <Tile name="Silent" value={v ? count(s?.silent) : "…"} about="sent nothing to score" href={link("/fleet", { job: s?.job, fate: "silent" })} />
      <Tile name="Anomalies" value={v ? count(v.jobs.reduce((n, j) => n + (j.last?.anomalies ?? 0), 0)) : "…"} about="in the last runs" href={link("/fleet", { fate: "anomalous" })} />
      <Tile name="Not scored" value={v ? count(v.jobs.reduce((n, j) => n + (j.last?.failed ?? 0), 0)) : "…"} about="failed in the last runs" href={link("/fleet", { job: v?.jobs.find((j) => j.last?.failed)?.name, fate: "failed" })} />
      <Tile name="Nodes" value={v ? count(Object.values(v.nodes).reduce((a, b) => a + b, 0)) : "…"} about={v && `target ${v.pool.target}, at most ${v.pool.max}`} href="/nodes" />
    </div>
    <Card title="Jobs" side={<a href="/jobs">all jobs</a>}>
      <Show data={data} isEmpty={(o) => o.jobs.length === 0} empty={<NoJobs />}>{(o) => <LastRuns jobs={o.jobs} />}</Show>
    </Card>
    <div class="grid even">
      <Card title="Anomalies and failures over time" side={v && v.series.points.length > enough ? `by ${v.series.step}` : "by interval, the last 200 runs"}><Show data={data}>{(o) => o.series.points.length > enough ? <Over points={o.series.points} />
        : runs.value?.runs.length ? <Anomalies runs={runs.value.runs} /> : <p class="empty">No run has scored anything yet.</p>}</Show></Card>
      <Card title="Readings a second" side="the last hour"><Rate of={rate} /></Card>
      <Card title="Failures by cause" side="intervals of the last three days"><Show data={data} isEmpty={(o) => o.failures.length === 0} empty="Nothing failed in intervals of the last three days.">{(o) => <Causes list={o.failures} jobs={o.jobs} />}</Show></Card>
      <Card title="Cost today" side="against machines that are always on"><Show data={data}>{(o) => <Today of={o.cost} />}</Show></Card>
    </div>
    <How cli="fleetscore job list" api="GET /api/v1/overview?hours=72" />
  </>;
}

const enough = 6; // points that make a chart

export function NoJobs() {
  return <p>There are no jobs. They are written in <code>fleetscore.yaml</code>; <code>fleetscore init</code> makes one to begin with, <code>fleetscore config apply</code> takes it in.</p>;
}

const tones = { bad: "bad", warning: "warm", info: "" } as const;
const mostConcerns = 6;

/** Attention says what somebody should look at, the worst first. */
function Attention({ list }: { list: Schemas["Attention"][] }) {
  return <section aria-label="What needs attention" class="stack">{list.length === 0
    ? <div class="note good"><State of="ok" text="Nothing needs attention" /></div>
    : list.slice(0, mostConcerns).map((c) => <div key={c.kind + c.subject} class={`note ${tones[c.severity]}`}><State of={c.severity === "bad" ? "failed" : c.severity === "warning" ? "late" : "idle"} text={c.severity === "bad" ? "Broken" : c.severity === "warning" ? "Look" : "Note"} /><p class="grow">{c.text}{c.since && <span class="dim small"> since {clock(c.since)}</span>}</p><a href={place(c)} aria-label={`Look at it: ${c.text}`}>Look at it</a></div>)}
    {list.length > mostConcerns && <p class="small dim">… and {plural(list.length - mostConcerns, "thing")} more.</p>}</section>;
}

/** place is where to look at what needs attention. */
function place(c: Schemas["Attention"]): string {
  if (c.run) return `/runs/${c.run}`;
  if (c.kind === "silent" || c.kind === "failures") return link("/fleet", { job: c.job, fate: c.kind === "silent" ? "silent" : "failed" });
  if (c.kind === "stream_trouble" || c.kind === "rejected") return "/ingest";
  if (c.kind === "formula" || c.kind === "no_nodes") return "/nodes";
  if (c.kind === "messages_dead") return "/settings";
  return c.job ? `/jobs/${encodeURIComponent(c.job)}` : "/runs";
}

function LastRuns({ jobs }: { jobs: Schemas["JobNow"][] }) {
  return <Table name="The last run of each job" rows={jobs} id={(j) => j.name} columns={[
    { name: "job", of: (j) => <a href={`/jobs/${encodeURIComponent(j.name)}`}>{j.name}</a> },
    { name: "last run", of: (j) => (j.last ? <a href={`/runs/${j.last.id}`}><State of={j.last.state} /></a> : "never ran") },
    { name: "interval", of: (j) => (j.last ? <span class="tab">{interval(j.last.interval)}</span> : "–") },
    { name: "fates", of: (j) => (j.last ? <Fates of={j.last} /> : "") },
    { name: "anomalies", num: true, of: (j) => count(j.last?.anomalies) },
    { name: "failed", num: true, of: (j) => count(j.last?.failed) },
    { name: "next", of: (j) => (j.paused ? <State of="paused" /> : j.active ? <a href={`/runs/${j.active.id}`}><State of={j.active.state} /></a> : <span class="tab">{clock(j.next)}</span>) },
  ]} />;
}

function Over({ points }: { points: Schemas["Point"][] }) {
  return <Chart about={`Anomalies: ${count(points.reduce((n, p) => n + p.anomalies, 0))} in all`} times={points.map((p) => Date.parse(p.time) / 1000)} lines={[
    { name: "anomalies", of: points.map((p) => p.anomalies), tone: "--chart-4", look: "bars" }, { name: "failed", of: points.map((p) => p.failed), tone: "--bad", look: "steps" },
  ]} />;
}

function Anomalies({ runs }: { runs: Run[] }) {
  const sorted = runs.filter((r) => r.finished).sort((a, b) => a.interval.from.localeCompare(b.interval.from));
  const at = new Map<number, { anomalies: number | null; failed: number | null; end: number }>();
  for (const r of sorted) {
    const t = Date.parse(r.interval.from) / 1000, end = Date.parse(r.interval.to) / 1000;
    const one = at.get(t);
    at.set(t, { anomalies: (one?.anomalies ?? 0) + r.anomalies, failed: (one?.failed ?? 0) + r.failed, end: Math.max(end, one?.end ?? 0) });
  }
  const starts = [...at.keys()];
  starts.forEach((t, i) => { // where there was no run, there is no line
    const { end } = at.get(t)!, next = starts[i + 1];
    if (next === undefined || next > end) at.set(end, { anomalies: null, failed: null, end });
  });
  const times = [...at.keys()].sort((a, b) => a - b), values = times.map((t) => at.get(t)!);
  return <Chart about={`Anomalies of ${plural(sorted.length, "run")}: ${count(sorted.reduce((n, r) => n + r.anomalies, 0))} in all`} times={times} lines={[
    { name: "anomalies", of: values.map((v) => v.anomalies), tone: "--chart-4", look: "bars" }, { name: "failed", of: values.map((v) => v.failed), tone: "--bad", look: "steps" },
  ]} />;
}

function Causes({ list, jobs }: { list: Schemas["Failed"][]; jobs: Schemas["JobNow"][] }) {
  const run = (cause: string) => jobs.find((j) => j.last?.causes.some((c) => c.cause === cause))?.last;
  return <Table name="Failures by cause" rows={list} id={(c) => c.cause} columns={[
    { name: "cause", of: (c) => { const r = run(c.cause), words = c.cause.replaceAll("_", " "); return <span class="tab">{r ? <a href={link(`/runs/${r.id}`, { cause: c.cause })}>{words}</a> : words}</span>; } },
    { name: "sensors", num: true, of: (c) => count(c.sensors) }, { name: "such as", of: (c) => <span class="small dim wrap">{run(c.cause)?.causes.find((g) => g.cause === c.cause)?.example}</span> },
  ]} />;
}

function Today({ of: c }: { of: Schemas["Spending"] }) {
  return <div class="tiles">
    <Tile name="Node time" value={span(c.node_seconds)} about={`${share(c.node_seconds, c.always_on_seconds)} of always on`} />
    <Tile name="Always on" value={span(c.always_on_seconds)} about={`${plural(c.max, "node")}, ${known(c)}`} />
    {c.money && <Tile name="Cost" value={`${short(c.money.total)} ${c.money.currency}`} about={c.always_on && `always on: ${short(c.always_on.total)} ${c.always_on.currency}`} />}
  </div>;
}

/** known says since when what is always on is counted. */
export function known(c: Schemas["Spending"]): string {
  return Date.parse(c.since) > Date.parse(c.from) ? `since ${clock(c.since)}, the first that is known` : `since ${clock(c.from)}`;
}

export function Cost({ of: c }: { of: Schemas["Cost"]; took?: string | undefined }) {
  const before = c.layout_2018.node_seconds, took = c.node_seconds.total, times = before / took;
  const compared = !(took > 0 && before > 0) ? [none, took > 0 ? "there were no sensors" : "no node has worked for it"] : [`${short(times < 1 ? 1 / times : times)}×`, `${times < 1 ? "more" : "less"}; it would be ${span(before)}`];
  return <div class="stack">
    <div class="tiles">
      <Tile name="Node time" value={span(took)} about={took > 0 && `${share(c.node_seconds.busy, took)} of it at work`} />
      <Tile name={c.money ? "Cost" : "Against a machine a sensor"} value={c.money ? `${short(c.money.total)} ${c.money.currency}` : compared[0]} about={c.money ? `nodes ${short(c.money.nodes)}, store ${short(c.money.store)}` : compared[1]} />
    </div>
    <p class="small dim">Store: {count(c.store.gets)} reads of {bytes(c.store.read_bytes)}, {count(c.store.puts)} writes of {bytes(c.store.written_bytes)}, {count(c.store.lists)} lists.{before > 0 && ` What it is compared with assumes ${c.layout_2018.assumed}.`}</p>
  </div>;
}
