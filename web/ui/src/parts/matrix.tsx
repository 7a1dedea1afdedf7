// The fleet's matrix on a canvas: only the rows in sight are drawn. The keyboard moves a
// cursor, and the cell under it is told in words.
import { useEffect, useRef, useState } from "preact/hooks";
import { clock, day, hour, plural, sensorName } from "../lib/format";
import { states, type Matrix, type Row } from "../lib/matrix";
import { colour, painted } from "../lib/theme";

const high = 18, head = 24;

type Props = { of: Matrix; came: number; height?: number; open: (row: Row, column: number) => void };

/** MatrixView draws a matrix, anew when more of it came. */
export function MatrixView({ of: m, came, height = 460, open }: Props) {
  const columns = m.of.columns;
  const box = useRef<HTMLDivElement>(null), at = useRef<HTMLCanvasElement>(null);
  const [wide, setWide] = useState(600);
  const [cursor, setCursor] = useState({ row: 0, column: Math.max(0, columns.findLastIndex((c) => c.state === "done" || c.state === "incomplete")) });
  const left = Math.min(200, Math.max(126, wide * 0.28));
  const cell = Math.max(11, Math.min(30, (wide - left - 16) / Math.max(1, columns.length)));
  const most = Math.floor((wide - left - 16) / cell);
  const first = Math.max(0, columns.length - most); // the newest are on the right
  const row = Math.min(cursor.row, m.rows - 1), column = Math.max(first, Math.min(cursor.column, columns.length - 1));
  const tall = Math.min(height, head + m.rows * high + 2);
  const frame = useRef(0);
  const draw = useRef(() => undefined as void);
  draw.current = () => {
    frame.current = 0;
    const canvas = at.current, pen = canvas?.getContext("2d"), view = box.current;
    if (!canvas || !pen || !view) return;
    const dots = devicePixelRatio || 1;
    if (canvas.width !== Math.round(wide * dots) || canvas.height !== Math.round(tall * dots)) {
      canvas.width = Math.round(wide * dots);
      canvas.height = Math.round(tall * dots);
      canvas.style.width = `${wide}px`;
      canvas.style.height = `${tall}px`;
    }
    pen.setTransform(dots, 0, 0, dots, 0, 0);
    const c = paints();
    pen.fillStyle = c.surface;
    pen.fillRect(0, 0, wide, tall);
    const scroll = view.scrollTop, from = Math.floor(scroll / high), to = Math.min(m.rows, Math.ceil((scroll + tall - head) / high));
    pen.font = `12px ${c.sans}`;
    pen.textBaseline = "middle";
    m.need(Math.max(0, from - 200), to + 200);
    const name = left - 10;
    for (let r = from; r < to; r++) { // grounds first, neighbours of one colour at once; then what lies between cells
      const y = head + r * high - scroll;
      for (let k = first, begin = first; k < columns.length; k++) {
        const tone = ground(m.cell(r, k));
        if (k + 1 < columns.length && ground(m.cell(r, k + 1)) === tone) continue;
        if (tone) { pen.fillStyle = c[tone]; pen.fillRect(left + (begin - first) * cell, y + 1, (k + 1 - begin) * cell, high - 2); }
        begin = k + 1;
      }
    }
    pen.fillStyle = c.surface;
    for (let k = first + 1; k < columns.length; k++) pen.fillRect(left + (k - first) * cell - 0.5, head, 1, tall - head);
    for (let r = from; r < to; r++) {
      const s = m.row(r), y = head + r * high - scroll;
      const same = r > from && s?.tag && m.row(r - 1)?.device === s.device; // a device is named once
      pen.fillStyle = r === row ? c.ink : c.dim;
      if (s) pen.fillText(fit(pen, same ? s.tag! : nameOf(s), same ? name - 16 : name), same ? 18 : 2, y + high / 2);
      for (let k = first; k < columns.length; k++) sign(pen, c, m.cell(r, k), left + (k - first) * cell, y, cell);
    }
    if (document.activeElement === view) {
      pen.strokeStyle = c.ink;
      pen.lineWidth = 2;
      pen.strokeRect(left + (column - first) * cell, head + row * high - scroll, cell, high);
    }
    pen.fillStyle = c.surface;
    pen.fillRect(0, 0, wide, head);
    pen.fillStyle = c.dim;
    pen.font = `11px ${c.sans}`;
    const whole = columns.every((k) => k.interval.from.endsWith(":00Z"));
    const label = (k: number) => { const t = columns[k]!.interval.from, text = hour(t); return whole ? text === "00:00:00" ? day(t).slice(5) : text.slice(0, 5) : text; };
    const room = whole ? 40 : 58;
    for (let k = columns.length - 1, free = wide; k >= first; k--) {
      const x = left + (k - first) * cell;
      if (x + room > free) continue;
      pen.fillText(label(k), x, head / 2);
      free = x;
    }
  };
  const soon = () => { frame.current ||= requestAnimationFrame(() => draw.current()); };
  useEffect(() => {
    const view = box.current;
    if (!view) return;
    const watch = new ResizeObserver(() => setWide(view.clientWidth));
    watch.observe(view);
    return () => { watch.disconnect(); cancelAnimationFrame(frame.current); };
  }, []);
  useEffect(soon);
  const now = painted.value;
  useEffect(soon, [now, came]);
  const show = (r: number) => {
    const view = box.current!;
    if (r * high < view.scrollTop) view.scrollTop = r * high;
    if ((r + 1) * high > view.scrollTop + tall - head) view.scrollTop = (r + 1) * high - tall + head;
  };
  const move = (r: number, k: number) => {
    const next = { row: Math.max(0, Math.min(m.rows - 1, r)), column: Math.max(first, Math.min(columns.length - 1, k)) };
    setCursor(next);
    show(next.row);
  };
  const page = Math.max(1, Math.floor((tall - head) / high) - 1);
  const keys: Record<string, () => void> = {
    ArrowUp: () => move(row - 1, column), ArrowDown: () => move(row + 1, column), ArrowLeft: () => move(row, column - 1), ArrowRight: () => move(row, column + 1),
    PageUp: () => move(row - page, column), PageDown: () => move(row + page, column), Home: () => move(0, column), End: () => move(m.rows - 1, column), Enter: () => choose(row, column),
  };
  const choose = (r: number, k: number) => { const s = m.row(r); if (s) open(s, k); };
  const find = (e: MouseEvent) => {
    const rect = at.current!.getBoundingClientRect(), x = e.clientX - rect.left, y = e.clientY - rect.top;
    const r = Math.floor((y - head + box.current!.scrollTop) / high), k = first + Math.floor((x - left) / cell);
    return y < head || r < 0 || r >= m.rows ? undefined : { row: r, column: x < left || k >= columns.length ? -1 : k };
  };
  const at0 = m.row(row), there = columns[column];
  const said = at0 && there ? `${nameOf(at0)}, ${clock(there.interval.from)}: ${states[m.cell(row, column) ?? 15]}${there.note ? `. The run: ${there.note}` : ""}` : "";
  return <div class="stack">
    <div class="matrix" ref={box} style={{ height: `${tall}px` }} tabIndex={0} role="application" aria-roledescription="matrix" aria-describedby="matrix-cell"
      aria-label={`${plural(m.rows, "row")} over ${plural(columns.length, "interval")}${columns[0] ? ` since ${day(columns[0].interval.from)} ${hour(columns[0].interval.from)}` : ""}. Arrow keys move, Enter opens.`}
      onScroll={soon} onFocus={soon} onBlur={soon}
      onKeyDown={(e) => { const f = keys[e.key]; if (f) { e.preventDefault(); f(); } }}
      onMouseMove={(e) => { const hit = find(e); if (hit && hit.column >= 0 && (hit.row !== row || hit.column !== column)) setCursor(hit); }}
      onClick={(e) => { const hit = find(e); if (hit) choose(hit.row, hit.column); }}>
      <div style={{ height: `${head + m.rows * high}px` }}><canvas ref={at} aria-hidden="true" /></div>
    </div>
    <p id="matrix-cell" class="small tab" role="status">{said}</p>
  </div>;
}

const fitted = new Map<string, string>();

/** fit shortens a text in its middle, where names of a fleet are most alike. */
function fit(pen: CanvasRenderingContext2D, text: string, wide: number): string {
  const key = `${Math.round(wide)} ${text}`, known = fitted.get(key);
  if (known !== undefined) return known;
  let short = text;
  for (let n = text.length - 1; n > 4 && pen.measureText(short).width > wide; n--) short = `${text.slice(0, n >> 1)}…${text.slice(-((n + 1) >> 1))}`;
  if (fitted.size > 20000) fitted.clear();
  fitted.set(key, short);
  return short;
}

/** nameOf is a row in words: a sensor, or a device and how many it has. */
function nameOf(s: Row): string {
  return s.sensors === undefined ? sensorName(s) : `${s.device} (${s.sensors})`;
}

type Paints = Record<"surface" | "ink" | "dim" | "scored" | "silent" | "skipped" | "odd" | "oddSoft" | "bad" | "badSoft" | "edge" | "late" | "busy" | "sans", string>;
let mixed: { of: number; paints: Paints } | undefined;

function paints(): Paints {
  if (mixed?.of !== painted.value) {
    mixed = { of: painted.value, paints: { surface: colour("--surface"), ink: colour("--ink"), dim: colour("--dim"), scored: colour("--fate-scored"), silent: colour("--fate-silent"), skipped: colour("--fate-skipped"), odd: colour("--odd"), oddSoft: colour("--odd-soft"), bad: colour("--bad"), badSoft: colour("--bad-soft"), edge: colour("--edge"), late: colour("--fate-late"), busy: colour("--busy"), sans: colour("--sans") } };
  }
  return mixed.paints;
}

/** ground is the colour that a cell is filled with. */
function ground(state: number | undefined): "scored" | "oddSoft" | "badSoft" | undefined {
  switch (state) {
    case 1: case 3: return "scored";
    case 2: return "oddSoft";
    case 4: return "badSoft";
  }
  return undefined;
}

/** sign draws the shape of a state, which it has besides its colour. */
function sign(pen: CanvasRenderingContext2D, c: Paints, state: number | undefined, x: number, y: number, w: number): void {
  if (state === undefined || state === 1) return; // it has not come yet, or its ground says all
  const cx = x + w / 2, cy = y + high / 2, r = Math.min(w, high) / 2 - 2;
  switch (states[state]) {
    case "anomalous":
      pen.fillStyle = c.odd;
      pen.beginPath();
      pen.moveTo(cx, cy - r); pen.lineTo(cx + r, cy); pen.lineTo(cx, cy + r); pen.lineTo(cx - r, cy);
      pen.fill();
      break;
    case "failed":
      pen.strokeStyle = c.bad;
      pen.lineWidth = 1.8;
      pen.beginPath();
      pen.moveTo(cx - r + 1, cy - r + 1); pen.lineTo(cx + r - 1, cy + r - 1); pen.moveTo(cx + r - 1, cy - r + 1); pen.lineTo(cx - r + 1, cy + r - 1);
      pen.stroke();
      break;
    case "partly":
      pen.strokeStyle = c.bad;
      pen.lineWidth = 1.8;
      pen.beginPath();
      pen.moveTo(cx - r + 1, cy + r - 1); pen.lineTo(cx + r - 1, cy - r + 1);
      pen.stroke();
      break;
    case "late":
      pen.fillStyle = c.late;
      pen.beginPath();
      pen.moveTo(cx, cy - r); pen.lineTo(cx + r, cy + r); pen.lineTo(cx - r, cy + r);
      pen.fill();
      break;
    case "active":
      pen.strokeStyle = c.busy;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.arc(cx, cy, Math.max(1, r - 1), 0, 2 * Math.PI);
      pen.stroke();
      break;
    case "silent":
      pen.strokeStyle = c.edge;
      pen.lineWidth = 1;
      pen.strokeRect(x + 1.5, y + 2.5, w - 3, high - 5);
      break;
    case "skipped":
      pen.fillStyle = c.edge;
      pen.fillRect(cx - r + 1, cy - 1, 2 * r - 2, 2);
      break;
    default: // missing: a dot
      pen.fillStyle = c.edge;
      pen.fillRect(cx - 1, cy - 1, 2, 2);
  }
}

export function MatrixLegend() {
  const c = "var(--";
  return <ul class="legend" aria-label="What the signs mean">
    <li><svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" fill={`${c}fate-scored)`} /></svg>scored</li>
    <li><svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" fill={`${c}odd-soft)`} /><path d="M7 1 13 7 7 13 1 7z" fill={`${c}odd)`} /></svg>anomalous</li>
    <li><svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" fill={`${c}bad-soft)`} /><path d="M3 3 11 11M11 3 3 11" stroke={`${c}bad)`} stroke-width="2" /></svg>failed</li>
    <li><svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" fill={`${c}fate-scored)`} /><path d="M3 11 11 3" stroke={`${c}bad)`} stroke-width="2" /></svg>partly failed</li>
    <li><svg width="14" height="14" aria-hidden="true"><path d="M7 1 13 13H1z" fill={`${c}fate-late)`} /></svg>late</li>
    <li><svg width="14" height="14" aria-hidden="true"><circle cx="7" cy="7" r="5" fill="none" stroke={`${c}busy)`} stroke-width="1.500" /></svg>being run</li>
    <li><svg width="14" height="14" aria-hidden="true"><rect x="1.500" y="1.500" width="11" height="11" fill="none" stroke={`${c}edge)`} /></svg>silent</li>
    <li><svg width="14" height="14" aria-hidden="true"><rect x="2" y="6" width="10" height="2" fill={`${c}edge)`} /></svg>skipped</li>
    <li><svg width="14" height="14" aria-hidden="true"><rect x="6" y="6" width="2" height="2" fill={`${c}edge)`} /></svg>missing</li>
  </ul>;
}
