// A chart over time: uPlot in the colours of the design system, with a text and a table
// for those who do not see it.
import { useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clock, short } from "../lib/format";
import { colour, painted } from "../lib/theme";

export type Line = {
  name: string;
  of: (number | null)[];
  /** tone is a token, such as --chart-1. */
  tone: string;
  look?: "line" | "bars" | "steps" | "points";
  /** scale: lines of one scale share an axis. */
  scale?: string;
  dash?: boolean;
};

export type Band = { low: (number | null)[]; high: (number | null)[]; name: string };

/** Region is values that are normal; an end that is null is beyond the chart. */
export type Region = { from: number | null; to: number | null };

/** Notes are drawn behind the lines: what is normal, when nothing came, and when something changed. */
export type Notes = { normal?: Region[]; gaps?: [number, number][]; marks?: number[] };

type Props = {
  about: string;
  /** times are seconds since 1970, ascending. */
  times: number[];
  lines: Line[];
  band?: Band;
  height?: number;
  unit?: string;
  notes?: Notes;
  /** from and to are the ends of the time that is shown, if not of what there is. */
  from?: number;
  to?: number;
  zoomed?: (from: number, to: number) => void;
};

export function Chart({ about, times, lines, band, height = 180, unit = "", notes, from, to, zoomed }: Props) {
  const at = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef({ notes, from, to, zoomed });
  latest.current = { notes, from, to, zoomed };
  const shape = JSON.stringify([lines.map((l) => [l.name, l.tone, l.look, l.scale]), !!band, height, unit, painted.value]);
  const values = [times, ...(band ? [band.high, band.low] : []), ...lines.map((l) => l.of)] as uPlot.AlignedData;
  const drawn = useRef<unknown>(undefined);
  useLayoutEffect(() => {
    const host = at.current;
    if (!host) return;
    const axis = (more: uPlot.Axis): uPlot.Axis => ({ stroke: colour("--dim"), grid: { stroke: colour("--chart-grid"), width: 1 }, ticks: { show: false }, font: `11px ${colour("--sans")}`, ...more });
    const scales = [...new Set(lines.map((l) => l.scale ?? "y"))];
    const read = (_: uPlot, v: number | null) => (v === null || v === undefined ? "–" : `${short(v)}${unit}`);
    const series: uPlot.Series[] = [{ value: (_, v) => (v ? clock(v * 1000) : "–"), label: "UTC" }];
    if (band) series.push({ label: `${band.name}, up to`, scale: "y", stroke: "transparent", value: read, points: { show: false } }, { label: `${band.name}, from`, scale: "y", stroke: "transparent", value: read, points: { show: false } });
    for (const l of lines) {
      const stroke = colour(l.tone);
      series.push({
        label: l.name, scale: l.scale ?? "y", stroke, value: read, width: l.look === "points" ? 0 : 1.5, ...(l.dash ? { dash: [5, 4], points: { show: false } } : {}),
        ...(l.look === "bars" ? { fill: stroke, paths: uPlot.paths.bars!({ size: [0.8, 40] }), points: { show: false } } : {}),
        ...(l.look === "steps" ? { paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } } : {}),
        ...(l.look === "points" ? { paths: () => null, points: { show: true, size: 8, stroke, fill: stroke } } : {}),
      });
    }
    const chart = new uPlot({
      width: Math.max(200, host.clientWidth), height, series,
      tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "Etc/UTC"),
      ...(band ? { bands: [{ series: [1, 2] as [number, number], fill: colour("--band") }] } : {}),
      scales: {
        x: { range: (_u: uPlot, low: number, high: number) => [latest.current.from ?? low, Math.max((latest.current.from ?? low) + 1, latest.current.to ?? high)] },
        ...Object.fromEntries(scales.map((s) => [s, { range: (_u: uPlot, low: number, high: number) => spread(...wider(low, high, s === "y" ? latest.current.notes?.normal : undefined), lines.some((l) => (l.scale ?? "y") === s && l.look !== undefined && l.look !== "points")) }])),
      },
      axes: [axis({ space: 70, values: times24 }), ...scales.map((s, i) => axis({ scale: s, side: i === 0 ? 3 : 1, size: 52, space: 28, ...(i > 0 ? { grid: { show: false } } : {}), values: (_u, ticks) => ticks.map((v) => short(v)) }))],
      cursor: { y: false, drag: { x: !!zoomed, y: false, setScale: false } },
      hooks: { setCursor: [told], drawClear: [(u) => behind(u, latest.current.notes)], setSelect: zoomed ? [(u) => { if (u.select.width > 6) { latest.current.zoomed?.(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")); u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false); } }] : [] },
    }, values, host);
    plot.current = chart;
    drawn.current = values;
    told(chart);
    const watch = new ResizeObserver(() => chart.setSize({ width: Math.max(200, host.clientWidth), height }));
    watch.observe(host);
    return () => { watch.disconnect(); chart.destroy(); plot.current = undefined; };
  }, [shape]);
  useLayoutEffect(() => {
    if (!plot.current || drawn.current === values) return;
    plot.current.setData(values);
    told(plot.current);
  });
  return <figure>
    <div class="chart" ref={at} role="img" aria-label={about} />
    <details class="how"><summary>The same as a table</summary><ChartTable times={times} lines={lines} about={about} /></details>
  </figure>;
}

/** told has the legend tell the last values while nothing is pointed at. */
function told(u: uPlot): void {
  if (u.cursor.idx === null || u.cursor.idx === undefined) u.setLegend({ idx: u.data[0].length - 1 });
}

/** behind draws notes, which are told in words beside the chart. */
function behind(u: uPlot, notes: Notes | undefined): void {
  if (!notes) return;
  const { ctx: pen, bbox: box } = u;
  const within = (v: number) => Math.max(box.top, Math.min(box.top + box.height, v));
  pen.save();
  pen.fillStyle = colour("--normal");
  for (const { from, to } of notes.normal ?? []) {
    const high = to === null ? box.top : within(u.valToPos(to, "y", true)), low = from === null ? box.top + box.height : within(u.valToPos(from, "y", true));
    pen.fillRect(box.left, high, box.width, low - high);
  }
  pen.fillStyle = colour("--gap");
  for (const [from, to] of notes.gaps ?? []) {
    const left = Math.max(box.left, u.valToPos(from, "x", true)), right = Math.min(box.left + box.width, u.valToPos(to, "x", true));
    if (right > left) pen.fillRect(left, box.top, Math.max(2, right - left), box.height);
  }
  pen.strokeStyle = colour("--dim");
  pen.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const at of notes.marks ?? []) {
    const x = Math.round(u.valToPos(at, "x", true)) + 0.5;
    if (x < box.left || x > box.left + box.width) continue;
    pen.beginPath();
    pen.moveTo(x, box.top);
    pen.lineTo(x, box.top + box.height);
    pen.stroke();
  }
  pen.restore();
}

const most = 60;

function ChartTable({ times, lines, about }: { times: number[]; lines: Line[]; about: string }) {
  const from = Math.max(0, times.length - most);
  return <div class="scroll" tabIndex={0} role="region" aria-label={`${about}, as a table`}><table class="table small">
    <caption class="hidden">{about}{from > 0 ? `; the last ${most}` : ""}</caption>
    <thead><tr><th scope="col">UTC</th>{lines.map((l) => <th key={l.name} scope="col" class="num">{l.name}</th>)}</tr></thead>
    <tbody>{times.slice(from).map((t, i) => <tr key={t}><th scope="row">{clock(t * 1000)}</th>{lines.map((l) => <td key={l.name} class="num">{short(l.of[from + i])}</td>)}</tr>)}</tbody>
  </table></div>;
}

/** wider takes in the borders of what is normal, unless they are far away. */
function wider(low: number | null, high: number | null, normal: Region[] = []): [number | null, number | null] {
  if (low === null || high === null) return [low, high];
  const far = high - low || Math.abs(high) / 10, ends = normal.flatMap((r) => [r.from, r.to]).filter((v): v is number => v !== null && v > low - far && v < high + far);
  return [Math.min(low, ...ends), Math.max(high, ...ends)];
}

function spread(low: number | null, high: number | null, zero: boolean): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (zero) { low = Math.min(0, low); high = Math.max(0, high) || 1; }
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [zero && low === 0 ? 0 : low - room, high + room];
}

function times24(_: uPlot, ticks: number[], _axis: number, _space: number, step: number): string[] {
  let last = "";
  return ticks.map((t) => {
    const text = clock(t * 1000);
    const day = text.slice(5, 10), time = step < 60 ? text.slice(11) : text.slice(11, 16);
    const show = step >= 86400 ? day : day === last || last === "" && step < 3600 ? time : `${time}\n${day}`;
    last = day;
    return show;
  });
}
