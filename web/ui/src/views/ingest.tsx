// How readings come in and become windows, and what does not.
import type { Schemas } from "../api/types";
import { useGet, type Data } from "../lib/data";
import { bytes, clock, count, plural, sensorName, share, short, span } from "../lib/format";
import { pulses } from "../lib/live";
import { link, put, query } from "../lib/router";
import { Action } from "../parts/action";
import { Card, Facts, Head, Show, Tile } from "../parts/card";
import { Chart } from "../parts/chart";
import { How } from "../parts/how";
import { State } from "../parts/state";
import { Table } from "../parts/table";
import { Partitions } from "./partitions";

export function Ingest() {
  const stream = useGet("/api/v1/stream", {}, { every: 2000 });
  const pulse = pulses.value.at(-1);
  const v = stream.value;
  const chosen = query.value.get("window") ?? v?.windows[0]?.window;
  return <>
    <Head title="Ingest" about="Readings are acknowledged when they are durable; then windows are made of them." />
    <div class="tiles">
      <Tile name="Readings" value={pulse ? `${short(pulse.readings_per_second)}/s` : "…"} about={v && `${count(v.accepted)} in all`} />
      <Tile name="Commits" value={v ? count(v.commits) : "…"} about={v && `${short(v.accepted / Math.max(1, v.commits))} readings each`} />
      <Tile name="Waiting" value={v ? count(v.waiting) : "…"} about="to be made durable" />
      <Tile name="Rejected" value={v ? count(v.rejected.reduce((n, r) => n + r.count, 0)) : "…"} about="could not be read" />
      <Tile name="In the stream" value={v ? bytes(v.bytes) : "…"} about={v?.mqtt && `MQTT at ${v.mqtt}`} />
    </div>
    <Rates />
    <Show data={stream}>{(s) => <div class="grid even">{s.windows.map((w) => <WindowCard key={w.window} of={w} />)}
      <Card title="Rejected by cause"><Rejected list={s.rejected} /></Card>
      {s.archive && <Card title="Archive"><Facts of={[["Readings", count(s.archive.readings)], ["Files", `${count(s.archive.files)}, ${bytes(s.archive.bytes)}`], ["Behind", `${count(s.archive.behind)} readings, ${span(s.archive.lag_seconds)}`]]} /></Card>}
    </div>}</Show>
    <Partitions />
    {v && v.windows.length > 1 && <label class="field">Window<select value={chosen} onChange={(e) => put({ window: e.currentTarget.value })}>{v.windows.map((w) => <option key={w.window}>{w.window}</option>)}</select></label>}
    {chosen && <Late window={chosen} />}
    <How cli="fleetscore stream status" api="GET /api/v1/stream" />
  </>;
}

/** Rates is how readings came in during the last hour. */
function Rates() {
  const data = useGet("/api/v1/stream/history", { query: { minutes: 60 } }, { every: 10000 });
  return <div class="grid even"><Card title="Readings a second" side="the last hour"><Rate of={data} /></Card>
    <Card title="How far behind" side="the last hour"><Show data={data} isEmpty={(h) => h.points.length < 2} empty="It is being counted.">{({ points }) => <Chart about={`Windows are ${span(points.at(-1)!.lag_seconds)} behind`} times={points.map(ended)} lines={[{ name: "seconds behind", of: points.map((p) => p.lag_seconds), tone: "--chart-2", look: "steps" }, { name: "readings that wait", of: points.map((p) => p.waiting), tone: "--chart-3", look: "steps", scale: "n" }]} />}</Show></Card></div>;
}

function ended(p: { time: string }): number {
  return Date.parse(p.time) / 1000;
}

export function Rate({ of: data }: { of: Data<Schemas["PaceList"]> }) {
  return <Show data={data} isEmpty={(h) => h.points.length < 2} empty="It is being counted.">{({ points }) => <Chart about={`Readings a second; now ${short(points.at(-1)!.accepted)}`} times={points.map(ended)} lines={[{ name: "readings/s", of: points.map((p) => p.accepted), tone: "--chart-1", look: "steps" }, { name: "rejected/s", of: points.map((p) => p.rejected), tone: "--bad", look: "steps" }]} />}</Show>;
}

const meaning: Record<string, string> = { counted: "within a window", duplicate: "came again, counted once", conflict: "same time, another value", late: "after its window was closed for good", early: "too far in the future", revised: "late, in a revision" };

function WindowCard({ of: w }: { of: Schemas["WindowStatus"] }) {
  const all = Object.values(w.readings).reduce((a, b) => a + b, 0);
  return <Card title={`Window ${w.window}`} side={w.lag_seconds > 60 ? <State of="late" text={`${span(w.lag_seconds)} behind`} /> : <State of="ok" text="up to date" />}>
    <div class="stack"><Table name={`Readings of window ${w.window} by what became of them`} fold={false} rows={Object.entries(w.readings)} id={([k]) => k} columns={[
      { name: "readings", of: ([k]) => <State of={k === "counted" ? "scored" : k} text={k} /> }, { name: "how many", num: true, of: ([, n]) => count(n) }, { name: "share", num: true, of: ([, n]) => share(n, all) }, { name: "meaning", of: ([k]) => <span class="small dim">{meaning[k] ?? ""}</span> },
    ]} />
    <Facts of={[["Windows made", `${count(w.emitted)}, ${plural(w.revisions, "revision")}`], ["Stream's time", <span class="tab">{clock(w.time)}</span>], ["Behind", w.behind ? `${plural(w.behind, "partition")}, ${span(w.lag_seconds)}` : "no partition"], ["Held in memory", bytes(w.held_bytes)],
      ["Partitions with trouble", w.partitions.length === 0 ? "none" : <ul>{w.partitions.map((p) => <li key={p.partition}>{p.partition}: <span class="bad">{p.failed || p.trouble}</span></li>)}</ul>]]} /></div>
  </Card>;
}

function Rejected({ list }: { list: Schemas["Rejection"][] }) {
  if (list.length === 0) return <p class="empty">All that came could be read.</p>;
  return <Table name="Rejected by cause" rows={list} id={(r) => r.source + r.cause} columns={[
    { name: "cause", of: (r) => <State of="rejected" text={r.cause.replaceAll("_", " ")} /> }, { name: "by", of: (r) => r.source }, { name: "how many", num: true, of: (r) => count(r.count) },
    { name: "samples", of: (r) => <ul class="plain small mono wrap">{r.samples.map((x) => <li key={x}>{x}</li>)}</ul> },
  ]} />;
}

function Late({ window }: { window: string }) {
  const late = useGet("/api/v1/windows/{window}/late", { path: { window }, query: { limit: 50 } }, { every: 10000 });
  return <Card title={`Late and early readings of window ${window}`} side={<Action label="Replay" needs="admin" url={`/api/v1/windows/${window}/late/replay`} body={{}} cli={`fleetscore window late replay --window ${window}`} about={<p>Have these readings counted, in the next revision of their windows.</p>} done={(a) => `${plural((a as { readings: number }).readings, "reading")} went into the stream again.`} />}>
    <Show data={late} isEmpty={(v) => v.late.length === 0} empty="None: every reading came in time.">{(v) => <Table name="Late and early readings" rows={v.late} id={(l) => `${l.device}/${l.tag}/${l.ts}/${l.stored}`} columns={[
      { name: "sensor", of: (l) => <a href={link("/sensor", { device: l.device, tag: l.tag })}>{sensorName(l)}</a> }, { name: "why", of: (l) => <State of="late" text={l.cause} /> }, { name: "time", of: (l) => <span class="tab">{clock(l.ts)}</span> }, { name: "kept", of: (l) => <span class="tab">{clock(l.stored)}</span> }, { name: "value", num: true, of: (l) => short(l.value) },
    ]} />}</Show>
  </Card>;
}
