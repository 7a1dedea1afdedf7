// What each node did and when, on a canvas. The table of attempts says the same in words.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Run, Schemas } from "../api/types";
import { clock, plural, span } from "../lib/format";
import { go, link } from "../lib/router";
import { colour, painted } from "../lib/theme";

type Bar = Schemas["Bar"];
type Lane = Schemas["Lane"];

const phases = [["queue", "--fate-silent"], ["start", "--chart-2"], ["read", "--chart-1"], ["score", "--good"], ["write", "--chart-4"], ["other", "--edge"]] as const;
const high = 22, foot = 22;

export function Gantt({ of: p, run }: { of: Schemas["RunPhases"]; run: Run }) {
  const at = useRef<HTMLCanvasElement>(null);
  const [wide, setWide] = useState(600);
  const [under, setUnder] = useState<Bar>();
  const lanes = p.lanes, all = lanes.flatMap((l) => l.attempts);
  const began = Math.min(...all.map((a) => Date.parse(a.queued ?? a.started ?? run.created)));
  const ended = Math.max(began + 1, ...all.map((a) => (a.finished ? Date.parse(a.finished) : a.started ? Date.now() : began)));
  const left = Math.min(150, wide * 0.3), tall = lanes.length * high + foot;
  const x = (t: number) => left + ((t - began) / (ended - began)) * (wide - left - 8);
  useEffect(() => {
    const host = at.current?.parentElement;
    if (!host) return;
    const watch = new ResizeObserver(() => setWide(host.clientWidth));
    watch.observe(host);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const canvas = at.current, pen = canvas?.getContext("2d");
    if (!canvas || !pen) return;
    const dots = devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(wide * dots), height: Math.round(tall * dots) });
    Object.assign(canvas.style, { width: `${wide}px`, height: `${tall}px` });
    pen.scale(dots, dots);
    pen.font = `11px ${colour("--mono")}`;
    const tones = Object.fromEntries(phases.map(([name, tone]) => [name, colour(tone)])) as Record<(typeof phases)[number][0], string>;
    const ticks = wide < 500 ? 2 : 4;
    for (let i = 0; i <= ticks; i++) {
      const t = began + ((ended - began) * i) / ticks;
      pen.fillStyle = colour("--chart-grid");
      pen.fillRect(x(t), 0, 1, tall - foot);
      pen.fillStyle = colour("--dim");
      pen.textAlign = i === ticks ? "right" : i === 0 ? "left" : "center";
      pen.fillText(span((t - began) / 1000), x(t), tall - 6);
    }
    pen.textAlign = "left";
    lanes.forEach((l, i) => {
      pen.fillStyle = colour("--dim");
      pen.fillText(tail(pen, l.node ?? "waiting", left - 10), 0, i * high + 15);
      for (const a of l.attempts) bar(pen, a, i * high + 5, tones);
    });
    function bar(pen: CanvasRenderingContext2D, a: Bar, y: number, tones: Record<string, string>) {
      const start = a.started ? Date.parse(a.started) : undefined, end = a.finished ? Date.parse(a.finished) : ended;
      if (a.queued) { pen.fillStyle = tones.queue!; pen.fillRect(x(Date.parse(a.queued)), y + 4, Math.max(1, x(start ?? end) - x(Date.parse(a.queued))), 4); }
      if (start === undefined) return;
      const s = a.seconds, sum = s.start + s.read + s.score + s.write + s.other;
      let from = start;
      for (const [name] of phases.slice(1)) {
        const length = sum > 0 ? (s[name] / sum) * (end - start) : name === "other" ? end - start : 0;
        if (length <= 0) continue;
        pen.fillStyle = tones[name]!;
        pen.fillRect(x(from), y, Math.max(1, x(from + length) - x(from)), 12);
        from += length;
      }
      if (a.straggler) { pen.strokeStyle = colour("--warm"); pen.lineWidth = 2; pen.strokeRect(x(start), y - 1, Math.max(3, x(end) - x(start)), 14); }
      if (a.state === "failed" || a.state === "lost" || a.state === "timed_out") {
        pen.strokeStyle = colour("--bad");
        pen.lineWidth = 2;
        pen.strokeRect(x(start), y - 1, Math.max(3, x(end) - x(start)), 14);
        pen.beginPath();
        pen.moveTo(x(end) - 5, y + 1); pen.lineTo(x(end) + 5, y + 11); pen.moveTo(x(end) + 5, y + 1); pen.lineTo(x(end) - 5, y + 11);
        pen.stroke();
      }
    }
  });
  const find = (e: MouseEvent): Bar | undefined => {
    const box = at.current!.getBoundingClientRect(), lane = lanes[Math.floor((e.clientY - box.top) / high)], px = e.clientX - box.left;
    return lane?.attempts.findLast((a) => a.started && px >= x(Date.parse(a.queued ?? a.started)) - 2 && px <= Math.max(x(Date.parse(a.started)) + 4, x(a.finished ? Date.parse(a.finished) : ended)));
  };
  const about = `${plural(all.length, "attempt")} on ${plural(lanes.filter((l: Lane) => l.node).length, "node")} in ${span((ended - began) / 1000)}; the table below has each`;
  return <div class="stack" data-painted={painted.value}>
    <div class="gantt" tabIndex={0} role="region" aria-label="Attempts, drawn"><div><canvas ref={at} role="img" aria-label={about} onMouseMove={(e) => setUnder(find(e))} onMouseLeave={() => setUnder(undefined)}
      onClick={(e) => { const a = find(e); if (a) go(link("/logs", { run: run.id, task: a.task, attempt: a.attempt })); }} /></div></div>
    <p class="small dim tab">{under ? told(under) : `Since ${clock(began)}. ${phases.map(([name]) => `${name} ${span(p.seconds[name])}`).join(", ")}, all attempts together; half took less than ${span(p.median_seconds)}.`}{p.cut && " Only the first 5,000 attempts are drawn."}</p>
    <ul class="legend">{phases.map(([name, tone]) => <li key={name}><svg width="12" height="12" aria-hidden="true"><rect width="12" height={name === "queue" ? 4 : 12} y={name === "queue" ? 4 : 0} fill={`var(${tone})`} /></svg>{name}</li>)}
      <li><svg width="12" height="12" aria-hidden="true"><rect x="1" y="1" width="10" height="10" fill="none" stroke="var(--warm)" stroke-width="2" /></svg>straggler</li><li><svg width="12" height="12" aria-hidden="true"><path d="M1 1 11 11M11 1 1 11" stroke="var(--bad)" stroke-width="2" /></svg>failed or lost</li></ul>
  </div>;
}

function told(a: Bar): string {
  const spent = phases.map(([name]) => `${name} ${span(a.seconds[name])}`).join(", ");
  return `Task ${a.task}, attempt ${a.attempt}, ${a.state}${a.straggler ? `, a straggler: it was expected to take ${span(a.expected_seconds)}` : ""}: ${spent}; ${plural(a.sensors, "sensor")}, ${a.failed} failed.${a.detail ? ` ${a.detail}` : ""}`;
}

/** tail keeps the end of a name, in which nodes differ. */
function tail(pen: CanvasRenderingContext2D, text: string, wide: number): string {
  if (pen.measureText(text).width <= wide) return text;
  let n = text.length - 1;
  while (n > 3 && pen.measureText(`…${text.slice(-n)}`).width > wide) n--;
  return `…${text.slice(-n)}`;
}
