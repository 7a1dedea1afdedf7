// The log of a run or of one attempt, as it is written; and a search of all of them.
import { useEffect, useRef, useState } from "preact/hooks";
import { Failure, get, send, urlOf } from "../api/client";
import type { Schemas } from "../api/types";
import { useGet } from "../lib/data";
import { oneOf, whole, type Misread } from "../lib/asked";
import { bytes, count, interval, plural, quote } from "../lib/format";
import { isOver } from "../lib/live";
import { link, put, query } from "../lib/router";
import { Card, Head, NotUnderstood, Show, Trouble } from "../parts/card";
import { How } from "../parts/how";
import { usePages } from "../parts/more";
import { State } from "../parts/state";

export function Logs() {
  const asked = query.value.get("run") ?? "";
  const runs = useGet("/api/v1/runs", { query: { limit: 30 } }, { on: asked ? [] : ["run"] });
  const id = asked || runs.value?.runs[0]?.id;
  return <>
    <Head title="Logs" about="Kept in the store after the nodes are gone." />
    {!id ? <Card title="Log"><Show data={runs} isEmpty={() => true} empty="There is no run yet, and no log.">{() => null}</Show></Card> : <Log key={id} run={id} runs={runs.value?.runs.map((r) => ({ id: r.id, name: `${r.job} ${interval(r.interval)} ${r.state}` })) ?? []} />}
  </>;
}

function Log({ run, runs }: { run: string; runs: { id: string; name: string }[] }) {
  const q = query.value, task = q.get("task") ?? "", attempt = q.get("attempt") ?? "", find = q.get("find") ?? "", misread: Misread = [], level = oneOf("level", ["warn", "error"], misread), from = whole("from", misread);
  const one = useGet("/api/v1/runs/{run}", { path: { run } }, { on: ["run"] });
  const tasks = useGet("/api/v1/runs/{run}/tasks", { path: { run }, query: { limit: 500 } }, { on: ["run"] });
  const live = one.value !== undefined && !isOver(one.value.state);
  const options = runs.some((r) => r.id === run) ? runs : [{ id: run, name: one.value ? `${one.value.job} ${interval(one.value.interval)}` : run }, ...runs];
  const of: Of = { run, task, attempt, live, find, level };
  return <>
    <div class="tools">
      <label class="field">Run<select value={run} onChange={(e) => put({ run: e.currentTarget.value, task: undefined, attempt: undefined, from: undefined }, false)}>{options.map((r) => <option key={r.id} value={r.id}>{r.name}</option>)}</select></label>
      <label class="field">Attempt<select value={task ? `${task} ${attempt}` : ""} onChange={(e) => { const [t, a] = e.currentTarget.value.split(" "); put({ task: t, attempt: a, from: undefined }); }}><option value="">all</option>{tasks.value?.attempts.map((a) => <option key={`${a.task} ${a.attempt}`} value={`${a.task} ${a.attempt}`}>{a.task}, attempt {a.attempt}, {a.state}</option>)}</select></label>
      <label class="field">Level<select value={level} onChange={(e) => put({ level: e.currentTarget.value, from: undefined })}><option value="">any</option><option value="warn">warnings and errors</option><option value="error">errors</option></select></label>
      <label class="field grow">Search<input type="search" value={find} placeholder="text of a line, in any of the run's logs" onInput={(e) => put({ find: e.currentTarget.value, from: undefined })} /></label>
      <a class="btn" data-plain download={`${run}.log`} href={urlOf("/api/v1/runs/{run}/log", { path: { run }, query: { task, attempt } })}>Download</a>
    </div>
    <NotUnderstood of={misread} />
    {one.error && !one.value ? <Card title="Log"><Trouble data={one} /></Card> : (find || level) && from === undefined ? <Search of={of} /> : <Tail key={`${task} ${attempt} ${from}`} of={of} from={from ?? 0} state={one.value?.state} ready={one.value !== undefined} />}
  </>;
}

type Of = { run: string; task: string; attempt: string; live: boolean; find: string; level: "" | "warn" | "error" };

/** Search has the service look through the logs of all attempts. */
function Search({ of: o }: { of: Of }) {
  const settled = useSettled(o.find);
  const ask = { path: { run: o.run }, query: { limit: 200, ...(settled ? { text: settled } : {}), ...(o.level ? { level: o.level } : {}), ...(o.task ? { task: o.task } : {}) } };
  const data = useGet("/api/v1/runs/{run}/log/search", ask, o.live ? { every: 3000 } : {});
  const { rows, button } = usePages(data.value && page(data.value), async (cursor) => page(await get("/api/v1/runs/{run}/log/search", { ...ask, query: { ...ask.query, cursor } })), JSON.stringify(ask));
  return <Card title={<a class="mono" href={`/runs/${o.run}`}>{o.run}</a>} side={<span role="status">{data.value && `${plural(rows.length, "line")}${data.value.next ? " so far" : ""}, of ${bytes(data.value.searched_bytes)} searched`}</span>}>
    <Show data={data} isEmpty={(v) => rows.length === 0 && !v.next} empty="No line has that.">{() => <div class="stack">
      <div class="log" tabIndex={0} role="log" aria-label="Lines of the log" aria-live="off">{rows.map((l) => <div key={`${l.task} ${l.attempt} ${l.offset}`} class="hit"><a href={link("/logs", { run: o.run, task: l.task, attempt: l.attempt, from: l.offset, find: o.find, level: o.level })} aria-label={`Task ${l.task}, attempt ${l.attempt}: from this line on`}>{l.task}{l.attempt > 1 && `·${l.attempt}`}</a><Line text={l.text} find={settled} /></div>)}</div>
      {button}
    </div>}</Show>
    <How cli={`fleetscore run logs ${o.run}${o.task ? ` --task ${o.task}` : ""}${settled ? ` | grep -i ${quote(settled)}` : ""}`} api={`GET ${urlOf("/api/v1/runs/{run}/log/search", ask)}`} />
  </Card>;
}

function page(v: Schemas["LogLines"]) {
  return { rows: v.lines, ...(v.next ? { next: v.next } : {}) };
}

/** useSettled is a text once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, set] = useState(text);
  useEffect(() => { const timer = setTimeout(() => set(text), 250); return () => clearTimeout(timer); }, [text]);
  return settled;
}

const keep = 4 << 20; // characters
const most = 2000; // lines

/** Tail is a log as it is written. */
function Tail({ of: o, from, state, ready }: { of: Of; from: number; state: string | undefined; ready: boolean }) {
  const text = useText(o.run, o.task, o.attempt, from, ready);
  const box = useRef<HTMLDivElement>(null);
  const [stay, setStay] = useState(from === 0);
  const lines = text.text.split("\n"), shown = from ? lines.slice(0, most) : lines.slice(-most);
  useEffect(() => { if (stay && box.current) box.current.scrollTop = box.current.scrollHeight; });
  const ask = { task: o.task, attempt: o.attempt, offset: from || "", follow: o.live ? "true" : "" };
  return <Card title={<a class="mono" href={`/runs/${o.run}`}>{o.run}</a>} side={<span class="row">{o.live ? <State of="running" text="live" /> : state && <State of={state} />}<span role="status">{plural(lines.filter(Boolean).length, "line")}, {bytes(text.text.length)}</span><label class="check"><input type="checkbox" checked={stay} onChange={(e) => setStay(e.currentTarget.checked)} />stay at the end</label></span>}>
    {from > 0 && <p class="small">From a line that was found on. <a href={link("/logs", { run: o.run, find: o.find, level: o.level })}>Back to what was found</a>, or <a href={link("/logs", { run: o.run, task: o.task, attempt: o.attempt })}>the whole log of the attempt</a>.</p>}
    {text.error && <div class="note bad" role="alert"><p>{text.error}</p></div>}
    <div class="log" ref={box} tabIndex={0} role="log" aria-label="Lines of the log" aria-live="off">{text.text === "" ? <span class="dim">{text.busy ? o.live ? "Nothing was written yet." : "reading…" : "Nothing was written."}</span> : shown.map((l, i) => <Line key={from ? i : lines.length - shown.length + i} text={l} find={o.find} />)}</div>
    {lines.length > shown.length && <p class="small dim">The {from ? "first" : "last"} {count(shown.length)} lines are shown; the download has all, and the search looks through them.</p>}
    <How cli={`fleetscore run logs ${o.run}${o.task ? ` --task ${o.task}` : ""}${o.attempt ? ` --attempt ${o.attempt}` : ""}${o.live ? " --follow" : ""}`} api={`GET ${urlOf("/api/v1/runs/{run}/log", { path: { run: o.run }, query: ask })}`} />
  </Card>;
}

function Line({ text, find }: { text: string; find: string }) {
  const look = text.includes("level=ERROR") ? "error" : text.includes("level=WARN") ? "warn" : "";
  const at = find ? text.toLowerCase().indexOf(find.toLowerCase()) : -1;
  return <div class={look}>{at < 0 ? text : <>{text.slice(0, at)}<mark>{text.slice(at, at + find.length)}</mark>{text.slice(at + find.length)}</>}</div>;
}

/** useText reads a log as it is written, until nothing more will follow. */
function useText(run: string, task: string, attempt: string, offset: number, ready: boolean): { text: string; busy: boolean; error: string } {
  const [state, set] = useState({ text: "", busy: true, error: "" });
  useEffect(() => {
    if (!ready) return;
    const control = new AbortController();
    set({ text: "", busy: true, error: "" });
    const read = async () => {
      const answer = await send(urlOf("/api/v1/runs/{run}/log", { path: { run }, query: { task, attempt, follow: "true", offset: offset || "" } }), { signal: control.signal });
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      let waiting = "", frame = 0;
      const flush = () => { frame = 0; const more = waiting; waiting = ""; set((s) => ({ ...s, text: (s.text + more).slice(-keep) })); };
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        waiting += part.value;
        frame ||= window.setTimeout(flush, 60);
      }
      clearTimeout(frame);
      flush();
    };
    read().then(() => set((s) => ({ ...s, busy: false })), (e: unknown) => { if (!control.signal.aborted) set((s) => ({ ...s, busy: false, error: e instanceof Failure ? e.message : "the log broke off" })); });
    return () => control.abort();
  }, [run, task, attempt, offset, ready]);
  return state;
}
