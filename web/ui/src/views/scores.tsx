// The scores of a sensor over time, and which models they are of.
import { useEffect, useState } from "preact/hooks";
import { get } from "../api/client";
import type { Schemas } from "../api/types";
import { useData, type Data } from "../lib/data";
import { clock, plural, quote, short } from "../lib/format";
import { put } from "../lib/router";
import { Card, Show } from "../parts/card";
import { Chart, type Line, type Region } from "../parts/chart";
import { How } from "../parts/how";
import { Table } from "../parts/table";
import type { Stretch } from "./sensor";

type Series = Schemas["ScoreSeries"];
export type Scores = { data: Data<Series>; series: Series | undefined; next: string | undefined; more: () => Promise<void> };

const page = 200; // intervals

/** useScores reads the last scores of a stretch of time, and those before when asked to. */
export function useScores(job: string, device: string, tag: string, stretch: Stretch): Scores {
  const key = `scores ${job} ${device} ${tag} ${stretch.key}`;
  const load = (range: { from: string; to: string }, signal?: AbortSignal) => get("/api/v1/jobs/{job}/series", { path: { job }, query: { device, tag, ...range, limit: page } }, signal);
  const data = useData(job ? key : null, (signal) => load(stretch.range(), signal), stretch.live ? { on: ["run"] } : {});
  const [older, set] = useState<Series[]>([]);
  useEffect(() => set([]), [key]);
  const next = older[0] ? older[0].next : data.value?.next;
  const more = async () => {
    if (!next) return;
    const before = await load({ ...stretch.range(), to: next });
    set((list) => [before, ...list]);
  };
  return { data, series: data.value && [...older, data.value].reduce(joined), next, more };
}

/** joined is a series and the one that follows it. */
function joined(a: Series, b: Series): Series {
  const n = a.time.length, first = b.time[0] ?? Infinity;
  const keep = a.time.findIndex((t) => t >= first), upto = keep < 0 ? n : keep; // what both have is of the later
  const names = new Set([...Object.keys(a.values), ...Object.keys(b.values)]), none = (list: number[]) => list.map(() => null);
  const models = [...a.models];
  for (const m of b.models) if (models.at(-1)?.sha256 !== m.sha256) models.push(m); else models[models.length - 1] = { ...models.at(-1)!, until: m.until };
  return {
    intervals: [...a.intervals, ...b.intervals], models, time: [...a.time.slice(0, upto), ...b.time], score: [...a.score.slice(0, upto), ...b.score],
    anomalies: [...a.anomalies.filter((i) => i < upto), ...b.anomalies.map((i) => i + upto)],
    values: Object.fromEntries([...names].map((k) => [k, [...(a.values[k] ?? none(a.time)).slice(0, upto), ...(b.values[k] ?? none(b.time))]])),
  };
}

export function ScoreCard({ job, device, tag, stretch, scores }: { job: string; device: string; tag: string; stretch: Stretch; scores: Scores }) {
  const s = scores.series;
  return <>
    <Card title="Score" side="what is below the border is anomalous"><Show data={scores.data} isEmpty={() => !s?.time.length} empty="It was not scored in this time.">{() => <div class="stack">
      <Drawn of={s!} stretch={stretch} />
      {scores.next && <div class="row"><button type="button" class="btn" onClick={() => void scores.more()}>Show earlier scores</button><span class="small dim">these are since {clock(s!.time[0])}</span></div>}
      <Changes of={s!} />
    </div>}</Show>
      <How cli={`fleetscore predictions list ${job} ${tag ? `--sensor ${quote(`${device}/${tag}`)}` : `--device ${quote(device)}`}`} api={`GET /api/v1/jobs/${job}/series?${new URLSearchParams({ device, tag, ...stretch.range() })}`} /></Card>
  </>;
}

/** zoom has charts show a stretch of time. */
export function zoom(a: number, b: number): void {
  put({ from: new Date(a * 1000).toISOString(), to: new Date(b * 1000).toISOString() }, false);
}

function Drawn({ of: s, stretch }: { of: Series; stretch: Stretch }) {
  const odd = new Set(s.anomalies);
  return <Chart about={`${plural(s.time.length, "score")}, the last ${short(s.score.at(-1))}`} times={s.time.map((t) => t / 1000)} {...ends(stretch)} zoomed={zoom}
    notes={{ normal: [{ from: 0, to: null }], marks: s.models.slice(1).map((m) => Date.parse(m.since) / 1000) }} lines={[
      { name: "score", of: s.score, tone: "--chart-3" }, { name: "anomalous", of: s.score.map((v, i) => (odd.has(i) ? v : null)), tone: "--chart-4", look: "points" }, { name: "border", of: s.score.map(() => 0), tone: "--bad", dash: true },
    ]} />;
}

/** ends are those of the time that is shown. */
function ends(stretch: Stretch): { from: number; to: number } {
  const { from, to } = stretch.range();
  return { from: Date.parse(from) / 1000, to: Date.parse(to) / 1000 };
}

/** Normal says which values are normal to a model. */
export function Normal({ of }: { of: Region[] }) {
  return <><Sign tone="--normal" />{of.length ? `normal to its model: ${of.map(words).join(", ")}` : "nothing near these values is normal to its model"}</>;
}

export function Sign({ tone }: { tone: string }) {
  return <svg width="12" height="12" aria-hidden="true"><rect x=".5" y=".5" width="11" height="11" fill={`var(${tone})`} stroke="var(--edge)" /></svg>;
}

function words(r: Region): string {
  if (r.from === null && r.to === null) return "all of these";
  return r.from === null ? `up to ${short(r.to)}` : r.to === null ? `from ${short(r.from)}` : `${short(r.from)} to ${short(r.to)}`;
}

const tones = ["--chart-1", "--chart-2", "--chart-3", "--chart-4"];

/** Values draws the features that were scored, where windows do not show them; and what is normal of one. */
export function Values({ of: s, stretch, normal }: { of: Series; stretch: Stretch; normal?: Region[] }) {
  const all = Object.entries(s.values); // two have an axis each, and more share one
  const lines: Line[] = all.slice(0, tones.length).map(([name, of], i) => ({ name, of: of ?? [], tone: tones[i]!, ...(all.length === 2 && i === 1 ? { scale: "second" } : {}) }));
  return <div class="stack"><Chart about={`The features ${lines.map((l) => l.name).join(", ")}`} times={s.time.map((t) => t / 1000)} {...ends(stretch)} {...(normal ? { notes: { normal } } : {})} lines={lines} zoomed={zoom} />
    {normal && <p class="legend"><Normal of={normal} /></p>}</div>;
}

function Changes({ of: s }: { of: Series }) {
  return <Table name="Models that have scored" rows={[...s.models].reverse()} id={(m) => m.sha256 + m.since} columns={[
    { name: "model, SHA-256", of: (m) => <code class="small wrap">{m.sha256 || "not known"}</code> }, { name: "first scored", of: (m) => <span class="tab">{clock(m.since)}</span> }, { name: "last scored", of: (m) => <span class="tab">{clock(m.until)}</span> },
  ]} />;
}
