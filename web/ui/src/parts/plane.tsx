// What is normal to a model of two features: its decision function over the plane, on a
// canvas, and the values that were scored.
import { useEffect, useRef } from "preact/hooks";
import type { Schemas } from "../api/types";
import { clock, plural, short } from "../lib/format";
import { colour, painted } from "../lib/theme";

const most = 60; // rows of the table that are normal
const left = 68, foot = 36, room = 8;

/** round are round numbers from one to another, at most so many. */
function round(from: number, to: number, most: number): number[] {
  const least = (to - from) / Math.max(1, most), ten = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((n) => n * ten).find((n) => n >= least) ?? 10 * ten, first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
}

export function Plane({ of: b, scores }: { of: Schemas["Band"]; scores?: Schemas["ScoreSeries"] }) {
  const at = useRef<HTMLCanvasElement>(null);
  const [first = "", second = ""] = b.features;
  const xs = scores?.values[first] ?? [], ys = scores?.values[second] ?? [];
  const draw = () => {
    const canvas = at.current, pen = canvas?.getContext("2d"), host = canvas?.parentElement;
    if (!canvas || !pen || !host) return;
    const wide = host.clientWidth, tall = Math.min(360, Math.max(220, wide * 0.5)), dots = devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(wide * dots), height: Math.round(tall * dots) });
    Object.assign(canvas.style, { width: `${wide}px`, height: `${tall}px` });
    pen.scale(dots, dots);
    const y0 = b.y ?? [], n = b.x.length, m = y0.length, [xa, xb, ya, yb] = [b.x[0]!, b.x[n - 1]!, y0[0]!, y0[m - 1]!];
    const x = (v: number) => left + ((v - xa) / (xb - xa)) * (wide - left - room), y = (v: number) => room + (1 - (v - ya) / (yb - ya)) * (tall - foot - room);
    const far = Math.max(1e-12, ...b.decision.map((d) => Math.abs((d ?? b.threshold) - b.threshold)));
    const good = colour("--good"), bad = colour("--bad"), at2 = (i: number, j: number) => b.decision[j * n + i] ?? NaN;
    /** over is by how much it is normal between grid points, as straight lines would have it. */
    const over = (u: number, v: number) => {
      const i = Math.min(n - 2, Math.max(0, Math.floor(u))), j = Math.min(m - 2, Math.max(0, Math.floor(v))), s = u - i, t = v - j;
      return (1 - t) * ((1 - s) * at2(i, j) + s * at2(i + 1, j)) + t * ((1 - s) * at2(i, j + 1) + s * at2(i + 1, j + 1)) - b.threshold;
    };
    pen.save();
    pen.beginPath();
    pen.rect(left, room, wide - left - room, tall - foot - room);
    pen.clip();
    const dot = 2, gx = (px: number) => ((px - left) / (wide - left - room)) * (n - 1), gy = (py: number) => (1 - (py - room) / (tall - foot - room)) * (m - 1);
    for (let py = room; py < tall - foot; py += dot) for (let px = left; px < wide - room; px += dot) {
      const d = over(gx(px + dot / 2), gy(py + dot / 2));
      if (Number.isNaN(d)) continue;
      pen.globalAlpha = 0.08 + 0.42 * Math.sqrt(Math.min(1, Math.abs(d) / far));
      pen.fillStyle = d > 0 ? good : bad;
      pen.fillRect(px, py, dot, dot);
    }
    pen.globalAlpha = 1;
    pen.strokeStyle = colour("--ink");
    pen.lineWidth = 1.5;
    pen.beginPath(); // the border, a line through each cell: it does not need the colours
    for (let j = 0; j + 1 < m; j++) for (let i = 0; i + 1 < n; i++) {
      const corners: [number, number][] = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], cuts: [number, number][] = [];
      corners.forEach(([u, v], k) => {
        const [p, q] = corners[(k + 1) % 4]!, d = at2(u, v) - b.threshold, e = at2(p, q) - b.threshold;
        if (d > 0 !== e > 0 && !Number.isNaN(d + e)) cuts.push([u + (p - u) * d / (d - e), v + (q - v) * d / (d - e)]);
      });
      cuts.forEach(([u, v], k) => pen[k % 2 ? "lineTo" : "moveTo"](left + (u / (n - 1)) * (wide - left - room), room + (1 - v / (m - 1)) * (tall - foot - room)));
    }
    pen.stroke();
    const odd = new Set(scores?.anomalies);
    xs.forEach((v, i) => {
      const u = ys[i];
      if (v === null || u === null || u === undefined) return;
      pen.fillStyle = colour(odd.has(i) ? "--odd" : "--chart-1");
      pen.beginPath();
      if (odd.has(i)) { pen.moveTo(x(v), y(u) - 5); pen.lineTo(x(v) + 5, y(u)); pen.lineTo(x(v), y(u) + 5); pen.lineTo(x(v) - 5, y(u)); } else pen.arc(x(v), y(u), 2.2, 0, 2 * Math.PI);
      pen.fill();
    });
    pen.restore();
    pen.fillStyle = colour("--dim");
    pen.font = `11px ${colour("--sans")}`;
    pen.textAlign = "center";
    for (const u of round(xa, xb, (wide - left - room) / 70)) pen.fillText(short(u), Math.min(x(u), wide - 14), tall - 18);
    pen.textAlign = "right";
    for (const v of round(ya, yb, (tall - foot - room) / 40)) pen.fillText(short(v), left - 6, Math.min(tall - foot, Math.max(room + 8, y(v) + 4)));
    pen.textAlign = "center";
    pen.fillText(first, (left + wide - room) / 2, tall - 4);
    pen.translate(12, (room + tall - foot) / 2); // beside its axis
    pen.rotate(-Math.PI / 2);
    pen.fillText(second, 0, 0);
  };
  useEffect(draw);
  useEffect(() => {
    const host = at.current?.parentElement;
    if (!host) return;
    let wide = host.clientWidth;
    const watch = new ResizeObserver(() => { if (host.clientWidth !== wide) { wide = host.clientWidth; draw(); } });
    watch.observe(host);
    return () => watch.disconnect();
  }, []);
  const share = b.decision.filter((d) => d !== null && d > b.threshold).length / Math.max(1, b.decision.length);
  const odd = new Set(scores?.anomalies), rows = (scores?.time ?? []).map((t, i) => ({ t, i })).filter(({ i }) => odd.has(i) || i >= xs.length - most);
  const ys0 = b.y ?? [], reach = (list: number[]) => `${short(list[0])} to ${short(list.at(-1))}`;
  return <div class="stack" data-painted={painted.value}>
    <div><canvas ref={at} role="img" aria-label={`The decision function over ${first} and ${second}: ${Math.round(share * 100)} % of what is drawn is normal; ${plural(xs.length, "value")} scored, ${scores?.anomalies.length ?? 0} anomalous; drawn are ${first} ${reach(b.x)}, ${second} ${reach(ys0)}`} /></div>
    <ul class="legend"><li><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="var(--good)" opacity=".45" /></svg>normal</li><li><svg width="12" height="12" aria-hidden="true"><path d="M0 6H12" stroke="var(--ink)" stroke-width="2" /></svg>the border</li><li><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="var(--bad)" opacity=".45" /></svg>anomalous</li><li><svg width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="3" fill="var(--chart-1)" /></svg>scored</li><li><svg width="12" height="12" aria-hidden="true"><path d="M6 0 12 6 6 12 0 6z" fill="var(--odd)" /></svg>scored, anomalous</li></ul>
    <details class="how"><summary>The same as a table</summary><div class="scroll" tabIndex={0} role="region" aria-label={`${first} and ${second}, as a table`}><table class="table small">
      <caption class="hidden">What was scored: the last {most}, and all that is anomalous</caption>
      <thead><tr><th scope="col">UTC</th>{[first, second, "score"].map((name) => <th key={name} scope="col" class="num">{name}</th>)}<th scope="col">is</th></tr></thead>
      <tbody>{rows.map(({ t, i }) => <tr key={t}><th scope="row">{clock(t)}</th><td class="num">{short(xs[i])}</td><td class="num">{short(ys[i])}</td><td class="num">{short(scores?.score[i])}</td><td>{odd.has(i) ? "anomalous" : "normal"}</td></tr>)}</tbody>
    </table></div></details>
  </div>;
}
