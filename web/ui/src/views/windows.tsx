// The windows of a sensor over time, and what its model finds normal of them.
import { get } from "../api/client";
import type { Schemas } from "../api/types";
import { useData } from "../lib/data";
import { clock, count, plural, quote, short, span } from "../lib/format";
import { put } from "../lib/router";
import { Card, Show, Tile } from "../parts/card";
import { Chart, type Region } from "../parts/chart";
import { How } from "../parts/how";
import { Plane } from "../parts/plane";
import { State } from "../parts/state";
import { Normal, Sign, Values, zoom } from "./scores";
import type { Stretch } from "./sensor";

type Series = Schemas["WindowSeries"];
type Scores = Schemas["ScoreSeries"];
type Of = { job: string; window: string; device: string; tag: string; stretch: Stretch; last: string; scores: Scores | undefined; model: Schemas["Model"] | undefined };

export function WindowCard({ job, window, device, tag, stretch, last, scores, model }: Of) {
  const data = useData(window && tag ? `windows ${window} ${device} ${tag} ${stretch.key}` : null, (signal) => get("/api/v1/windows/{window}/series", { path: { window }, query: { device, tag, ...stretch.range(), points: Math.max(300, innerWidth) } }, signal), stretch.live ? { every: 10000 } : {});
  const band = useBand(job, device, tag, model, data.value, scores);
  const v = data.value, back = stretch.live ? "drag to zoom" : <button type="button" class="btn" onClick={() => put({ from: undefined, to: undefined })}>back to the last {last}</button>;
  return <>
    <Summary of={v} scores={scores} windows={window !== "" && tag !== ""} />
    {window && tag && <Card title={`Windows of ${window}`} side={back}>
      <Show data={data} isEmpty={(s) => s.windows === 0} empty="It sent nothing in this time.">{(s) => <Windows of={s} scores={scores} {...(band.regions && onScale(band.feature) ? { normal: band.regions } : {})} />}</Show>
      <Why of={band.why} />
      <How cli={`fleetscore window show ${quote(device)} ${quote(tag)} --window ${window}`} api={`GET /api/v1/windows/${window}/series?${new URLSearchParams({ device, tag, ...stretch.range() })}`} />
    </Card>}
    {!(window && tag) && scores && scores.time.length > 0 && <Card title="What was scored" side={back}><Values of={scores} stretch={stretch} {...(band.regions ? { normal: band.regions } : {})} /><Why of={band.why} /></Card>}
    {band.plane && <Card title="What is normal to its model" side={`${band.plane.features.join(" and ")}; the dots are what was scored`}><Plane of={band.plane} {...(scores ? { scores } : {})} /><Ask job={job} device={device} tag={tag} /></Card>}
  </>;
}

function Ask({ job, device, tag }: { job: string; device: string; tag: string }) {
  return <How api={`GET /api/v1/jobs/${job}/band?${new URLSearchParams({ device, tag, from: "0", to: "1" })}`} />;
}

/** onScale says whether a feature has the scale of readings. */
export function onScale(feature: string | undefined): boolean {
  return ["mean", "min", "max", "first", "last"].includes(feature ?? "");
}

type Drawn = { feature?: string; regions?: Region[]; plane?: Schemas["Band"]; why?: string };
type Span = [number, number];

/** useBand asks the model of a sensor where values like its own are normal. */
function useBand(job: string, device: string, tag: string, model: Schemas["Model"] | undefined, series: Series | undefined, scores: Scores | undefined): Drawn {
  const features = model?.features ?? 0, room = features === 2 ? 0.15 : 1; // beside the values that are drawn
  const spans = Object.fromEntries(Object.entries(scores?.values ?? {}).map(([name, v]) => [name, around(v ?? [], room)]));
  const one = Object.values(spans)[0] ?? around([...(series?.min ?? []), ...(series?.max ?? [])], room);
  const why = !model ? undefined : !model.native ? "its model is not one that is read natively" : features > 2 ? `its model has ${features} features, and a plane has two` : undefined;
  const off = !model || !!why || !one || (features === 2 && Object.values(spans).filter(Boolean).length < 2);
  const data = useData(off ? null : `band ${job} ${device} ${tag} ${model.sha256} ${JSON.stringify(spans)} ${one.join()}`, async (signal) => {
    const ask = (x: Span, y?: Span, points = 256) => get("/api/v1/jobs/{job}/band", { path: { job }, query: { device, tag, from: x[0], to: x[1], ...(y ? { from2: y[0], to2: y[1] } : {}), points } }, signal);
    return features === 2 ? wholePlane(ask, spans, one!) : ask(one!);
  });
  if (why) return { why };
  if (data.error) return data.error.status === 409 || data.error.status === 422 ? { why: data.error.message } : {};
  const band = data.value;
  if (!band) return {};
  if (band.y?.length) return { plane: band };
  return { ...(band.features[0] ? { feature: band.features[0] } : {}), regions: band.normal ?? [] };
}

/** wholePlane asks for a plane that has all values on it, and all that is normal unless that has no end: wider until it has, and then as narrow as that allows. */
async function wholePlane(ask: (x: Span, y: Span, points: number) => Promise<Schemas["Band"]>, spans: Record<string, Span | undefined>, any: Span): Promise<Schemas["Band"]> {
  const { features } = await ask(any, any, 2); // in which order it has them is the model's to say
  const [x, y] = features.map((name, i) => spans[name] ?? Object.values(spans)[i] ?? any) as [Span, Span];
  let [wide, high] = [x, y];
  for (let i = 0; ; i++) {
    const band = await ask(wide, high, 96), ys = band.y ?? [], n = band.x.length;
    const cells = band.decision.flatMap((d, k) => (d !== null && d > band.threshold ? [k] : []));
    const cols = cells.map((k) => k % n), rows = cells.map((k) => Math.floor(k / n));
    const ends = (list: number[]) => list.reduce<Span>(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    const [c, r] = [ends(cols), ends(rows)];
    const open = cells.length > 0 && (c[0] === 0 || c[1] === n - 1 || r[0] === 0 || r[1] === ys.length - 1);
    if (open && i < 5) { [wide, high] = [wider(wide, 0.5), wider(high, 0.5)]; continue; }
    const fit = (v: Span, at: number[], [a, b]: Span): Span => open || cells.length === 0 ? v : wider([Math.min(v[0], at[Math.max(0, a - 1)]!), Math.max(v[1], at[Math.min(at.length - 1, b + 1)]!)], 0.05);
    return ask(fit(x, band.x, c), fit(y, ys, r), 96);
  }
}

function wider([a, b]: Span, by: number): Span {
  return [a - (b - a) * by, b + (b - a) * by];
}

/** around is a range about values, with room of so many of its lengths at each end; rounded, so that it is the same for a while. */
function around(values: (number | null)[], room: number): [number, number] | undefined {
  let low = Infinity, high = -Infinity;
  for (const v of values) if (v !== null) { if (v < low) low = v; if (v > high) high = v; }
  if (low > high) return undefined;
  const size = high - low || Math.abs(high) || 1, step = 10 ** Math.floor(Math.log10(size));
  return [Math.floor((low - size * room) / step) * step, Math.ceil((high + size * room) / step) * step];
}

function Summary({ of: s, scores, windows }: { of: Series | undefined; scores: Scores | undefined; windows: boolean }) {
  const n = (s?.start.length ?? 0) - 1, m = (scores?.time.length ?? 0) - 1;
  return <div class="tiles">
    {windows && <Tile name="Mean, last window" value={short(s?.mean[n])} about={s && n >= 0 && `${count(s.count[n])} readings, ${clock(s.start[n]! * 1000)}`} />}
    <Tile name="Last score" value={short(scores?.score[m])} about={scores && m >= 0 && <State of={scores.anomalies.includes(m) ? "anomalous" : "scored"} />} />
    <Tile name="Anomalies" value={count(scores?.anomalies.length)} about={scores && `of ${plural(scores.time.length, "score")} shown`} />
    {windows && <><Tile name="Gaps" value={count(s?.gaps.length)} about={s && (s.windows === 0 ? "there is no window" : s.gaps.length ? `${span(s.gaps.reduce((t, g) => t + Date.parse(g.to) - Date.parse(g.from), 0) / 1000)} without windows` : "every window is there")} />
    <Tile name="Revisions" value={count(s?.revised)} about="windows changed by late readings" /></>}
  </div>;
}

/** Windows draws them. Of points that are merged the band has the least and the most. */
function Windows({ of: s, scores, normal }: { of: Series; scores: Scores | undefined; normal?: Region[] }) {
  const { times, at } = spaced(s);
  const pick = (list: (number | null)[]) => at.map((i) => (i < 0 ? null : list[i] ?? null));
  const odd = new Set(scores?.anomalies.map((i) => Math.floor(scores.time[i]! / 1000 / s.step_seconds)));
  const points = (has: (i: number) => boolean) => at.map((i) => (i >= 0 && has(i) ? s.mean[i] ?? null : null));
  const open = new Set(s.open), changes = scores?.models.slice(1).map((m) => Date.parse(m.since) / 1000) ?? [];
  const isOdd = (i: number) => odd.has(Math.floor(s.start[i]! / s.step_seconds));
  return <div class="stack"><Chart about={`${plural(s.windows, "window")} of ${s.window}, ${plural(s.gaps.length, "gap")}, ${plural(scores?.anomalies.length ?? 0, "anomaly", "anomalies")}`} height={260} times={times} band={{ name: "readings", low: pick(s.min), high: pick(s.max) }}
    from={Date.parse(s.from) / 1000} to={Date.parse(s.to) / 1000} notes={{ ...(normal ? { normal } : {}), gaps: s.gaps.map((g) => [Date.parse(g.from) / 1000, Date.parse(g.to) / 1000]), marks: changes }}
    lines={[{ name: "mean", of: pick(s.mean), tone: "--chart-1" }, { name: "anomalous", of: points(isOdd), tone: "--chart-4", look: "points" }, { name: "revised", of: points((i) => (s.rev[i] ?? 0) > 0), tone: "--chart-2", look: "points" }, { name: "open", of: points((i) => open.has(i)), tone: "--dim", look: "points" }]}
    zoomed={zoom} />
    <ul class="legend" aria-label="What is drawn"><li><Sign tone="--band" />from the lowest to the highest reading{s.step_seconds > s.every_seconds ? `; a point is ${span(s.step_seconds)}` : ""}</li>
      {normal && <li><Normal of={normal} /></li>}
      {s.gaps.length > 0 && <li><Sign tone="--gap" />{plural(s.gaps.length, "gap")}: nothing came</li>}
      {changes.length > 0 && <li><svg width="12" height="12" aria-hidden="true"><path d="M6 0V12" stroke="var(--dim)" stroke-dasharray="3 2" /></svg>another model since {changes.map((c) => clock(c * 1000)).join(", ")}</li>}</ul></div>;
}

function Why({ of: why }: { of: string | undefined }) {
  return why ? <p class="small dim">What is normal is not drawn: {why}.</p> : null;
}

/** spaced puts a point without a value where windows are missing, so that no line crosses. */
function spaced(s: Series): { times: number[]; at: number[] } {
  const times: number[] = [], at: number[] = [];
  s.start.forEach((t, i) => {
    const before = times.at(-1);
    if (before !== undefined && t - before > 1.5 * s.step_seconds) { times.push(before + s.step_seconds); at.push(-1); }
    times.push(t);
    at.push(i);
  });
  return { times, at };
}
