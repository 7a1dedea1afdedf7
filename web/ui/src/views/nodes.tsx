// The nodes there are, how many there should be, and why.
import { useState } from "preact/hooks";
import { Failure, get, post } from "../api/client";
import type { Node, Schemas } from "../api/types";
import { useData, useGet } from "../lib/data";
import { ago, clock, count, hour, plural, quote, share, short, span } from "../lib/format";
import { now } from "../lib/now";
import { Action } from "../parts/action";
import { Card, Head, Show, Tile } from "../parts/card";
import { Chart } from "../parts/chart";
import { How } from "../parts/how";
import { State, Shape } from "../parts/state";
import { Table } from "../parts/table";
import { known } from "./overview";

export function Nodes() {
  const nodes = useGet("/api/v1/nodes", {}, { on: ["node"] });
  const pool = useGet("/api/v1/pool", {}, { on: ["node", "pool"], every: 5000 });
  const history = useData("pool history", async (signal) => (await get("/api/v1/pool/history", { query: { limit: 500 } }, signal)).decisions, { on: ["pool"], every: 15000 });
  const first = history.value?.at(-1)?.time;
  const series = useData(first ? `nodes since ${first}` : null, (signal) => get("/api/v1/pool/nodes", { query: { since: first! } }, signal), { on: ["node", "pool"], every: 5000 });
  const there = nodes.value?.nodes.filter((n) => !n.ended) ?? [];
  const s = pool.value?.signals ?? {};
  return <>
    <Head title="Nodes and pool" about="Nodes exist only while there is work; a formula says how many." />
    <div class="tiles">
      <Tile name="Target" value={pool.value ? count(pool.value.decision.target) : "…"} about={pool.value && `of ${pool.value.min} to ${pool.value.max}`} />
      <Tile name="There" value={nodes.value ? count(there.length) : "…"} about={`${count(there.filter((n) => n.state === "busy").length)} at work`} />
      <Tile name="Tasks that wait" value={count(s.pending_tasks)} about={s.oldest_seconds ? `the oldest for ${span(s.oldest_seconds)}` : "none for long"} />
      <Tile name="Tasks at work" value={count(s.running_tasks)} />
      <Tile name="Start-up" value={span(s.startup_seconds)} about="of a node, lately" />
      <Tile name="Next run" value={s.next_run_seconds !== undefined && s.next_run_seconds < 1e8 ? `in ${span(s.next_run_seconds)}` : "–"} about={s.next_run_nodes ? `wants ${plural(s.next_run_nodes, "node")}` : ""} />
    </div>
    {pool.value && <div class="note"><p><strong>Why {plural(pool.value.decision.target, "node")}:</strong> {pool.value.decision.reason}{pool.value.decision.error && <span class="bad"> The formula fails: {pool.value.decision.error}</span>}</p></div>}
    <Card title="Nodes by state" side={`${count(there.length)} there, and those that ended in the last hour`}><Show data={nodes} isEmpty={(v) => v.nodes.length === 0} empty="None: there is no work.">{(v) => <Heat nodes={v.nodes} />}</Show></Card>
    <Card title="Target, nodes and waiting tasks over time"><Show data={history} isEmpty={(v) => v.length === 0} empty="Nothing was decided yet.">{(v) => <Show data={series}>{(n) => <History decisions={v} nodes={n} />}</Show>}</Show><How api={`GET /api/v1/pool/nodes${first ? `?since=${first}` : ""}`} /></Card>
    <Spent />
    <Card title="Formula" side={pool.value && (pool.value.set ? "set while the service runs" : pool.value.default ? "the default" : "from the settings")}><Show data={pool}>{(v) => <Formula key={v.formula + v.max + v.min} pool={v} />}</Show></Card>
    <Card title="Decisions" side="the newest first"><Show data={history} isEmpty={(v) => v.length === 0} empty="Nothing was decided yet.">{(v) => <Table name="Decisions" rows={v.slice(0, 20)} id={(d) => d.id ?? d.time} columns={[
      { name: "at", of: (d) => <span class="tab">{clock(d.time)}</span> }, { name: "target", num: true, of: (d) => d.target }, { name: "nodes", num: true, of: (d) => count(d.signals?.nodes) }, { name: "waiting", num: true, of: (d) => count(d.signals?.pending_tasks) },
      { name: "why", of: (d) => <span class="wrap">{d.error ? <span class="bad">{d.error}</span> : d.reason}</span> },
    ]} />}</Show><How cli="fleetscore pool history" api="GET /api/v1/pool/history?limit=500" /></Card>
    <How cli="fleetscore nodes" api="GET /api/v1/nodes" />
  </>;
}

const shapes = { busy: "half", idle: "ring", starting: "dash", draining: "slash" } as const;
const tones: Record<string, string> = { busy: "busy", idle: "good", starting: "warm", draining: "warm" };
const most = 400;

function Heat({ nodes }: { nodes: Node[] }) {
  const list = [...nodes].sort((a, b) => Number(!!a.ended) - Number(!!b.ended) || b.started.localeCompare(a.started));
  const there = list.filter((n) => !n.ended), ended = list.filter((n) => n.ended).slice(0, most);
  const by = Object.entries(there.reduce<Record<string, number>>((m, n) => ({ ...m, [n.state]: (m[n.state] ?? 0) + 1 }), {}));
  return <div class="stack">
    <div class="row">{by.map(([state, n]) => <State key={state} of={state} text={`${count(n)} ${state}`} />)}{ended.length > 0 && <State of="ended" text={`${count(ended.length)} ended`} />}</div>
    <ul class="heat" aria-label="Nodes">{[...there, ...ended].map((n) => <li key={n.id} class={n.ended ? "ended" : tones[n.state] ?? "dim"} title={`${n.id}: ${n.state}, ${plural(n.done, "task")} done`}><Shape of={n.ended ? "square" : shapes[n.state as keyof typeof shapes] ?? "square"} /><span class="hidden">{n.id} {n.state}</span></li>)}</ul>
    {there.length > 0 && <Table name="Nodes that are there" rows={there.slice(0, 100)} id={(n) => n.id} columns={[
      { name: "node", of: (n) => <span class="mono">{n.id}</span> }, { name: "state", of: (n) => <State of={n.state} /> }, { name: "by", of: (n) => n.executor }, { name: "at work on", num: true, of: (n) => count(n.tasks) }, { name: "done", num: true, of: (n) => count(n.done) },
      { name: "since", of: (n) => ago(n.started, now.value) }, { name: "start-up", num: true, of: (n) => (n.ready ? span((Date.parse(n.ready) - Date.parse(n.started)) / 1000) : "–") },
    ]} />}
  </div>;
}

/** History draws the target and the tasks that waited when it was decided, and the nodes by when they started and ended: their area is the node time that is paid. */
function History({ decisions, nodes }: { decisions: Schemas["PoolDecision"][]; nodes: Schemas["NodeSeries"] }) {
  const d = [...decisions].reverse(), seconds = (time: string) => Date.parse(time) / 1000, end = seconds(nodes.to);
  const times = [...new Set([...d.map((x) => seconds(x.time)), ...nodes.steps.map((x) => seconds(x.time)), end])].filter((t) => t <= end).sort((a, b) => a - b);
  const waiting = new Map(d.map((x) => [seconds(x.time), x.signals?.pending_tasks ?? null]));
  return <Chart about={`Since ${hour(d[0]!.time)}: ${plural(nodes.steps.at(-1)?.nodes ?? 0, "node")} now, at most ${short(Math.max(0, ...nodes.steps.map((x) => x.nodes)))}; at most ${Math.max(...d.map((x) => x.target))} were wanted`} times={times} lines={[
    { name: "target", of: held(times, d.map((x) => [seconds(x.time), x.target])), tone: "--chart-1", look: "steps" },
    { name: "nodes", of: held(times, nodes.steps.map((x) => [seconds(x.time), x.nodes])), tone: "--chart-3", look: "steps", dash: true },
    { name: "tasks that waited when it was decided", of: times.map((t) => waiting.get(t) ?? null), tone: "--chart-2", look: "points" },
  ]} />;
}

/** held is what steps come to at times: each holds until the next. */
function held(times: number[], steps: [number, number][]): (number | null)[] {
  let i = 0, last: number | null = null;
  return times.map((t) => { while (i < steps.length && steps[i]![0] <= t) last = steps[i++]![1]; return last; });
}

function Formula({ pool }: { pool: Schemas["PoolStatus"] }) {
  const [formula, setFormula] = useState(pool.formula);
  const [max, setMax] = useState(String(pool.max));
  const [min, setMin] = useState(String(pool.min));
  const [tried, setTried] = useState<{ of: string; now: Schemas["PoolDecision"]; past?: Schemas["PoolTrial"] | null }>(); // null: there is no past
  const [sure, setSure] = useState("");
  const [error, setError] = useState("");
  const body: Schemas["PoolChange"] = { ...(formula !== pool.formula ? { formula } : {}), ...(Number(max) !== pool.max ? { max: Number(max) } : {}), ...(Number(min) !== pool.min ? { min: Number(min) } : {}) };
  const changed = Object.keys(body).length > 0, key = JSON.stringify(body);
  const look = async () => {
    setError("");
    try {
      const { decision } = await post("/api/v1/pool", {}, { ...body, dry_run: true });
      setTried({ of: key, now: decision });
      const past = await post("/api/v1/pool/simulate", {}, { ...body, days: 1 }).catch((e) => { if (e instanceof Failure && e.status === 409) return null; throw e; });
      setTried({ of: key, now: decision, past });
    } catch (e) {
      setTried(undefined);
      setError(e instanceof Failure ? [e.message, e.hint].filter(Boolean).join("; ") : String(e));
    }
  };
  const ready = changed && tried?.of === key, past = ready ? tried?.past : undefined;
  const never = past?.then.unfinished ?? 0, few = never > 0 ? <Never tasks={never} of={past!} /> : null;
  return <div class="stack">
    <label class="field">Formula: how many nodes there should be<textarea rows={9} spellcheck={false} value={formula} onInput={(e) => setFormula(e.currentTarget.value)} /></label>
    <div class="tools">
      <label class="field">At least<input type="number" min={0} value={min} onInput={(e) => setMin(e.currentTarget.value)} /></label>
      <label class="field">At most<input type="number" min={0} value={max} onInput={(e) => setMax(e.currentTarget.value)} /></label>
      <button type="button" class="btn" disabled={!changed} onClick={() => void look()}>Try it</button>
      <Action label="Save" look="primary" needs="admin" disabled={past === undefined || never > 0 && sure !== key} url="/api/v1/pool" body={body} cli={`fleetscore pool set${body.formula ? ` --formula ${quote(body.formula)}` : ""}${body.max !== undefined ? ` --max ${body.max}` : ""}${body.min !== undefined ? ` --min ${body.min}` : ""}`} about={<><p>Use this from now on. It holds until it is changed or reset, over restarts too.</p>{few && <p class="bad">{few}</p>}</>} />
      {pool.set && <Action label="Back to the settings" needs="admin" url="/api/v1/pool" body={{ reset: true }} cli="fleetscore pool set --reset" about={<p>Use what the settings say again.</p>} />}
    </div>
    {!changed && <p class="small dim">Change it, try it, and then save it.</p>}
    {error && <p class="bad" role="alert">{error}</p>}
    {ready && tried && <div class="note good" role="status"><p>With it there would be {plural(tried.now.target, "node")} now: {tried.now.reason}.{past === undefined && " Playing the last day again…"}{past === null && " No run of the last day is over that it could be tried on."}</p></div>}
    {few && <div class="note bad" role="alert"><div class="stack"><p><strong>Work would never be done.</strong> {few}</p><label class="check"><input type="checkbox" checked={sure === key} onChange={(e) => setSure(e.currentTarget.checked ? key : "")} />Let it be saved although tasks are never done</label></div></div>}
    {past && <Past of={past} />}
    <details class="how"><summary>What a formula may ask</summary><dl class="facts">{Object.entries(pool.signals).map(([k, v]) => <><dt><code>{k}</code></dt><dd class="tab">{short(v)}</dd></>)}</dl></details>
  </div>;
}

/** Never says what it means that tasks are never done. */
function Never({ tasks, of: p }: { tasks: number; of: Schemas["PoolTrial"] }) {
  const now = p.now.unfinished ?? 0;
  return <>With it, {plural(tasks, "task")} of {plural(p.runs, "run")} would not have been done a day after the end{now ? ` (as it is: ${count(now)})` : ""}: there are too few nodes, or none, while tasks wait. Their runs would stay open, their sensors would not be scored, and runs to come would wait behind them.</>;
}

/** Past is what the last day would have been, or as much of it as is known. */
function Past({ of: p }: { of: Schemas["PoolTrial"] }) {
  const { now: a, then: b } = p, length = (Date.parse(p.until) - Date.parse(p.since)) / 1000, name = `The last ${span(length)}`;
  const rows: [string, string, string][] = [
    ["node hours", short(a.node_hours), short(b.node_hours)], ["of it at work", share(a.busy, 1), share(b.busy, 1)], ["money", short(a.money), short(b.money)], ["most nodes", count(a.peak_nodes), count(b.peak_nodes)], ["starts", count(a.starts), count(b.starts)],
    ["runs begin after, half and 95 %", `${span(a.start.p50)}, ${span(a.start.p95)}`, `${span(b.start.p50)}, ${span(b.start.p95)}`], ["runs end after, half and 95 %", `${span(a.finish.p50)}, ${span(a.finish.p95)}`, `${span(b.finish.p50)}, ${span(b.finish.p95)}`], ["tasks not done at the end", count(a.left ?? 0), count(b.left ?? 0)], ["tasks never done", count(a.unfinished ?? 0), count(b.unfinished ?? 0)],
  ];
  const times = [...new Set([...a.series, ...b.series].map((x) => Date.parse(x.time) / 1000).concat(Date.parse(p.until) / 1000))].sort((x, y) => x - y);
  const steps = (list: Schemas["TrialStep"][]) => held(times, list.map((x) => [Date.parse(x.time) / 1000, x.nodes]));
  return <div class="stack"><h3>{name}, {plural(p.runs, "run")}, played again</h3>
    <p class="small dim">Both from {clock(p.since)} to {clock(p.until)}{length < 86000 ? ": what was before is not known" : ""}.</p>
    <Table name="The past, as it is and as it would be" fold={false} rows={rows} id={([n]) => n} columns={[{ name: "what", of: ([n]) => n }, { name: "as it is", num: true, of: ([, x]) => x }, { name: "as it would be", num: true, of: ([, , y]) => y }]} />
    {times.length > 1 && <Chart about={`Nodes over the last ${span(length)}, as it is and as it would be`} times={times} lines={[{ name: "as it is", of: steps(a.series), tone: "--chart-1", look: "steps" }, { name: "as it would be", of: steps(b.series), tone: "--chart-2", look: "steps", dash: true }]} />}
    {b.error && <p class="bad">The formula failed: {b.error}</p>}
  </div>;
}

/** Spent is what nodes have cost, beside machines that are always on. */
function Spent() {
  const data = useGet("/api/v1/pool/cost", { query: { days: 7 } }, { every: 30000 });
  return <Card title="Cost" side="the last seven days"><Show data={data}>{(c) => <div class="stack">
    <div class="tiles"><Tile name="Node time" value={span(c.node_seconds)} about={c.money && `${short(c.money.total)} ${c.money.currency}`} /><Tile name="Always on" value={span(c.always_on_seconds)} about={`${c.always_on ? `${short(c.always_on.total)} ${c.always_on.currency}, ` : ""}${plural(c.max, "node")}, ${known(c)}`} /><Tile name="Of always on" value={share(c.node_seconds, c.always_on_seconds)} about={<meter min={0} max={1} value={c.always_on_seconds ? Math.min(1, c.node_seconds / c.always_on_seconds) : 0} aria-label="node time of always on" />} /></div>
    {c.days.length > 1 && <Chart about="Node time by day" times={c.days.map((d) => Date.parse(d.day) / 1000)} lines={[{ name: "node hours", of: c.days.map((d) => d.node_seconds / 3600), tone: "--chart-1", look: "bars" }]} />}
  </div>}</Show><How api="GET /api/v1/pool/cost?days=7" /></Card>;
}
