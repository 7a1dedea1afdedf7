// What is normal to a model of two features: its decision function over the plane, on a
// canvas, and the values that were scored.
import { useEffect, useRef } from "preact/hooks";
import type { Schemas } from "../api/types";
import { plural, short } from "../lib/format";
import { colour, painted } from "../lib/theme";

const left = 48, foot = 32, room = 8;

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
    const w = (wide - left - room) / (n - 1), h = (tall - foot - room) / (m - 1);
    const most = Math.max(1e-12, ...b.decision.map((d) => Math.abs((d ?? b.threshold) - b.threshold)));
    const good = colour("--good"), bad = colour("--bad"), normal = (i: number, j: number) => (b.decision[j * n + i] ?? -Infinity) > b.threshold;
    pen.save();
    pen.beginPath();
    pen.rect(left, room, wide - left - room, tall - foot - room);
    pen.clip();
    for (let j = 0; j < m; j++) for (let i = 0; i < n; i++) {
      const d = b.decision[j * n + i];
      if (d === null || d === undefined) continue;
      pen.globalAlpha = 0.08 + 0.42 * Math.sqrt(Math.abs(d - b.threshold) / most);
      pen.fillStyle = d > b.threshold ? good : bad;
      pen.fillRect(x(b.x[i]!) - w / 2, y(y0[j]!) - h / 2, w + 0.5, h + 0.5);
    }
    pen.globalAlpha = 1;
    pen.strokeStyle = colour("--ink");
    pen.lineWidth = 1.5;
    pen.beginPath(); // the border, along the cells: it does not need the colours
    for (let j = 0; j < m; j++) for (let i = 0; i < n; i++) {
      if (i + 1 < n && normal(i, j) !== normal(i + 1, j)) { const at = x(b.x[i]!) + w / 2; pen.moveTo(at, y(y0[j]!) - h / 2); pen.lineTo(at, y(y0[j]!) + h / 2); }
      if (j + 1 < m && normal(i, j) !== normal(i, j + 1)) { const at = y(y0[j]!) - h / 2; pen.moveTo(x(b.x[i]!) - w / 2, at); pen.lineTo(x(b.x[i]!) + w / 2, at); }
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
    for (let k = 0; k <= 4; k++) {
      const u = xa + ((xb - xa) * k) / 4, v = ya + ((yb - ya) * k) / 4;
      pen.textAlign = k === 4 ? "right" : "center";
      pen.fillText(short(u), x(u), tall - 18);
      pen.textAlign = "right";
      pen.fillText(short(v), left - 6, Math.min(tall - foot, Math.max(room + 8, y(v) + 4)));
    }
    pen.textAlign = "right";
    pen.fillText(first, wide - room, tall - 4);
    pen.textAlign = "left";
    pen.fillText(second, 0, tall - 4);
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
  return <div class="stack" data-painted={painted.value}>
    <div><canvas ref={at} role="img" aria-label={`The decision function over ${first} and ${second}: ${Math.round(share * 100)} % of what is drawn is normal; ${plural(xs.length, "value")} scored, ${scores?.anomalies.length ?? 0} anomalous`} /></div>
    <ul class="legend"><li><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="var(--good)" opacity=".45" /></svg>normal</li><li><svg width="12" height="12" aria-hidden="true"><path d="M0 6H12" stroke="var(--ink)" stroke-width="2" /></svg>the border</li><li><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="var(--bad)" opacity=".45" /></svg>anomalous</li><li><svg width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="3" fill="var(--chart-1)" /></svg>scored</li><li><svg width="12" height="12" aria-hidden="true"><path d="M6 0 12 6 6 12 0 6z" fill="var(--odd)" /></svg>scored, anomalous</li></ul>
  </div>;
}
