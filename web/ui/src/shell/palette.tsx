// The palette: type where to go, with the keyboard alone.
import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../api/client";
import { sensorName } from "../lib/format";
import { go, link } from "../lib/router";
import { choose } from "../lib/theme";
import { Dialog } from "../parts/dialog";
import { open } from "./keys";
import { views } from "./views";

type Entry = { name: string; about: string; do: () => void };

const combobox = { role: "combobox", "aria-expanded": true } as object;

export function Palette() {
  const [text, set] = useState("");
  const [at, setAt] = useState(0);
  const [jobs, setJobs] = useState<string[]>([]);
  useEffect(() => { get("/api/v1/jobs").then((l) => setJobs(l.jobs.map((j) => j.name)), () => undefined); }, []);
  const close = () => { open.value = ""; };
  const typed = text.trim(), sensors = useSensors(typed);
  const all: Entry[] = [
    ...views.map((v) => ({ name: v.name, about: `g ${v.key}`, do: () => go(v.path) })),
    ...jobs.map((j) => ({ name: `Job ${j}`, about: "definition, next fires", do: () => go(`/jobs/${encodeURIComponent(j)}`) })),
    { name: "Theme: dark", about: "", do: () => choose("dark") }, { name: "Theme: light", about: "", do: () => choose("light") }, { name: "Theme: as the system", about: "", do: () => choose("system") },
  ];
  const found = all.filter((e) => e.name.toLowerCase().includes(typed.toLowerCase()));
  if (/^\d{8}t\d{9}-\w+$/.test(typed)) found.unshift({ name: `Run ${typed}`, about: "by its ID", do: () => go(`/runs/${typed}`) });
  for (const device of new Set(sensors.map((s) => s.device))) if (device.toLowerCase().includes(part(typed))) found.push({ name: `Device ${sensorName({ device })}`, about: "in the fleet", do: () => go(link("/fleet", { device })) });
  for (const s of sensors) found.push({ name: `Sensor ${sensorName(s)}`, about: "its windows and scores", do: () => go(link("/sensor", { device: s.device, tag: s.tag })) });
  const chosen = Math.max(0, Math.min(at, found.length - 1));
  const pick = (entry: Entry | undefined) => { close(); entry?.do(); };
  return <Dialog title="Go to" close={close} class="palette" bare>
    <input autofocus type="text" {...combobox} aria-controls="palette-list" aria-activedescendant={`palette-${chosen}`} aria-label="Go to a view, a job, a run by its ID, or device / tag" placeholder="A view, a job, a run's ID, or device / tag" value={text}
      onInput={(e) => { set(e.currentTarget.value); setAt(0); }}
      onKeyDown={(e) => {
        if (e.key === "ArrowDown") { e.preventDefault(); setAt(Math.min(found.length - 1, chosen + 1)); }
        if (e.key === "ArrowUp") { e.preventDefault(); setAt(Math.max(0, chosen - 1)); }
        if (e.key === "Enter") { e.preventDefault(); pick(found[chosen]); }
      }} />
    <ul id="palette-list" role="listbox" aria-label="Where to go">{found.map((e, i) => <li key={e.name} id={`palette-${i}`} role="option" aria-selected={i === chosen} onClick={() => pick(e)}><span>{e.name}</span><span class="dim small">{e.about}</span></li>)}</ul>
    {typed && found.length === 0 && <p class="empty" role="status">There is nothing of that name.</p>}
  </Dialog>;
}

/** part is what is looked for in the names of sensors, which have no spaces about the slash. */
function part(typed: string): string {
  return typed.toLowerCase().replace(/\s*\/\s*/g, "/");
}

const fewest = 2, most = 12; // letters before it is looked for; sensors that are offered

/** useSensors finds sensors by a part of their name, once nobody has typed for a moment. */
function useSensors(typed: string): { device: string; tag?: string }[] {
  const [found, set] = useState<{ device: string; tag?: string }[]>([]);
  const search = part(typed);
  const last = useRef("");
  last.current = search;
  useEffect(() => {
    if (search.length < fewest) return set([]);
    const timer = setTimeout(() => {
      get("/api/v1/sensors", { query: { search, limit: most } }).then((l) => { if (last.current === search) set(l.sensors); }, () => undefined);
    }, 120);
    return () => clearTimeout(timer);
  }, [search]);
  return found;
}

export function Keys() {
  return <Dialog title="Keys" close={() => { open.value = ""; }}>
    <dl class="facts">
      <dt><kbd>/</kbd> or <kbd>Ctrl</kbd> <kbd>K</kbd></dt><dd>go to a view, a job, a run, a sensor</dd>
      {views.map((v) => <><dt><kbd>g</kbd> <kbd>{v.key}</kbd></dt><dd>{v.name}</dd></>)}
      <dt>arrows, <kbd>Enter</kbd></dt><dd>in the fleet's matrix: move, and open a sensor</dd>
      <dt><kbd>?</kbd></dt><dd>this list</dd>
    </dl>
    <div class="row end"><button class="btn" type="button" onClick={() => { open.value = ""; }}>Close</button></div>
  </Dialog>;
}
