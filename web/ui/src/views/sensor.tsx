// A sensor: its windows, scores and anomalies over time, what is normal to its model, what
// became of it, and its log lines.
import { useState } from "preact/hooks";
import type { Job, Schemas } from "../api/types";
import { useGet } from "../lib/data";
import { oneOf, time, type Misread } from "../lib/asked";
import { clock, interval, quote, sensorName } from "../lib/format";
import { link, put, query } from "../lib/router";
import { Action } from "../parts/action";
import { Card, Head, NoJob, NotUnderstood, Show } from "../parts/card";
import { How } from "../parts/how";
import { Inspection } from "../parts/model";
import { State } from "../parts/state";
import { Table } from "../parts/table";
import { definition } from "./job";
import { ScoreCard, useScores } from "./scores";
import { WindowCard } from "./windows";

const spans: Record<string, number> = { "15m": 900, "1h": 3600, "6h": 21600, "1d": 86400, "7d": 604800, "30d": 2592000 };

/** spanOf is how much of the past says something of a job: some tens of its intervals. */
function spanOf(job: Job | undefined): string {
  const one = job?.runs[0]?.interval ?? job?.next[0]?.interval;
  const seconds = one ? (Date.parse(one.to) - Date.parse(one.from)) / 1000 : 60;
  return Object.keys(spans).find((s) => spans[s]! >= 24 * seconds) ?? "30d";
}

/** Stretch is some time: one that was chosen, or up to now whenever it is read. */
export type Stretch = { key: string; live: boolean; range: () => { from: string; to: string } };

export function SensorView() {
  const q = query.value, device = q.get("device") ?? "", tag = q.get("tag") ?? "";
  const misread: Misread = [], at = time("at", misread), asked = oneOf("last", Object.keys(spans), misread), zoomed = time("from", misread) !== "" && time("to", misread) !== "";
  const jobs = useGet("/api/v1/jobs");
  const view = useGet("/api/v1/sensor", { query: { device, tag } }, { off: !device, on: ["run"] });
  const stream = useGet("/api/v1/stream", {}, { off: !!q.get("window") });
  if (!device) return <Head title="Sensor" about={<>Choose one in the <a href="/fleet">fleet</a>.</>} />;
  const job = q.get("job") ?? view.value?.jobs[0]?.job ?? jobs.value?.jobs[0]?.name ?? "";
  const found = jobs.value?.jobs.find((j) => j.name === job);
  const gone = jobs.value !== undefined && job !== "" && !found;
  const input = found && (definition(found).input as { window?: string } | undefined);
  const window = q.get("window") ?? (found ? input?.window : stream.value?.windows[0]?.window) ?? ""; // none: it scores files
  const last = asked || (jobs.value ? spanOf(found) : "");
  const name = sensorName({ device, tag });
  return <>
    <Head title={name} about={<a href={link("/fleet", { device, job })}>device {sensorName({ device })} in the fleet</a>}><div class="tools">
      <label class="field">Job<select value={job} onChange={(e) => put({ job: e.currentTarget.value })}>{jobs.value?.jobs.map((j) => <option key={j.name}>{j.name}</option>)}</select></label>
      <label class="field">Time<select value={zoomed ? "" : last} onChange={(e) => put({ last: e.currentTarget.value, from: undefined, to: undefined })}>{zoomed && <option value="">as zoomed</option>}{Object.keys(spans).map((s) => <option key={s} value={s}>last {s}</option>)}</select></label>
      <Mute device={device} tag={tag} name={name} />
    </div></Head>
    <NotUnderstood of={misread} />
    {gone && <NoJob name={job} />}
    {at && !gone && <At job={job} device={device} tag={tag} at={at} />}
    {last && !gone && <Charts job={job} window={window} device={device} tag={tag} last={last} model={of(view, job)?.model} />}
    <Model job={job} view={view} />
    <div class="grid even"><History job={job} view={view} /><Lines job={job} device={device} tag={tag} view={view} /></div>
    <How api={`GET /api/v1/sensor?${new URLSearchParams({ device, tag })}`} />
  </>;
}

/** Charts are of one stretch of time; zooming in one sets both. */
function Charts({ job, window, device, tag, last, model }: { job: string; window: string; device: string; tag: string; last: string; model: Schemas["Model"] | undefined }) {
  const from = time("from", []), to = time("to", []);
  const live = !(from && to);
  const range = () => live ? { from: new Date(Math.floor(Date.now() / 1000 - spans[last]!) * 1000).toISOString(), to: new Date(Math.ceil(Date.now() / 1000) * 1000).toISOString() } : { from, to };
  const stretch: Stretch = { key: live ? last : `${from} ${to}`, live, range };
  const scores = useScores(job, device, tag, stretch);
  return <>
    <WindowCard job={job} window={window} device={device} tag={tag} stretch={stretch} last={last} scores={scores.series} model={model} />
    <ScoreCard job={job} device={device} tag={tag} stretch={stretch} scores={scores} />
  </>;
}

const lengths = { 1: "1 hour", 2: "2 hours", 8: "8 hours", 24: "a day", 168: "a week", 720: "30 days" };

function Mute({ device, tag, name }: { device: string; tag: string; name: string }) {
  const sensors = tag ? `${device}/${tag}` : device;
  const [hours, setHours] = useState("2");
  const [reason, setReason] = useState("by the dashboard");
  const until = new Date(Math.ceil(Date.now() / 60e3 + Number(hours) * 60) * 60e3).toISOString();
  return <Action label="Mute" url="/api/v1/mutes" body={{ sensors, until, reason }} cli={`fleetscore mute ${quote(sensors)} --for ${hours}h --reason ${quote(reason || "-")}`} about={<p>Have nobody told of {name} for some time.</p>} done={() => "It is muted. Settings list what is."}>
    {/[*?]/.test(sensors) && <p class="small warm">Its name has * or ?, which stand for any text here: others that fit are muted too.</p>}
    <div class="tools">
      <label class="field">For<select value={hours} onChange={(e) => setHours(e.currentTarget.value)}>{Object.entries(lengths).map(([h, text]) => <option key={h} value={h}>{text}</option>)}</select></label>
      <label class="field grow">Reason<input value={reason} maxLength={1000} onInput={(e) => setReason(e.currentTarget.value)} /></label>
    </div>
  </Action>;
}

type View = ReturnType<typeof useGet<"/api/v1/sensor">>;

function of(view: View, job: string): Schemas["SensorJob"] | undefined {
  return view.value?.jobs.find((j) => j.job === job);
}

/** Model is what is inside the model that it has now. */
function Model({ job, view }: { job: string; view: View }) {
  const m = of(view, job)?.model;
  return <Card title="Model" side={m && <a href={link("/models", { key: m.key })}>among the models</a>}>{view.value?.jobs.length === 0 ? <p class="empty">No job has scored this sensor lately.</p> : <Show data={view} isEmpty={() => !m} empty={<>Job {job} finds no model for it.</>}>{() => <Inspection of={m!} brief />}</Show>}
    {m && <How cli={`fleetscore inspect ${quote(m.key)}`} api={`GET /api/v1/models/inspect?key=${encodeURIComponent(m.key)}`} />}</Card>;
}

/** History is what became of it in the last intervals. */
function History({ job, view }: { job: string; view: View }) {
  const all = of(view, job)?.history ?? [];
  const rows = [...all].reverse();
  return <Card title="Last runs" side={all.length > 0 && <a href={link("/runs", { job })}>all runs of {job}</a>}>{view.value?.jobs.length === 0 ? <p class="empty">No job has scored this sensor lately.</p> : <Show data={view} isEmpty={() => rows.length === 0} empty={`Job ${job} does not know it.`}>{() => <div class="log clear" tabIndex={0} role="region" aria-label="The last intervals"><Table name="Last runs of this sensor" fold={false} rows={rows} id={(s) => s.interval.from} columns={[
    { name: "interval", of: (s) => <span class="tab">{interval(s.interval)}</span> }, { name: "fate", of: (s) => <State of={s.state} /> }, { name: "rev", num: true, of: (s) => s.rev ?? "" }, { name: "run", of: (s) => s.run ? <a href={`/runs/${s.run}`}>run</a> : "–" },
  ]} /></div>}</Show>}</Card>;
}

/** Lines are what its last run has written of it. */
function Lines({ job, device, tag, view }: { job: string; device: string; tag: string; view: View }) {
  const at = time("at", []), history = of(view, job)?.history ?? [];
  const run = (at ? history.find((h) => Date.parse(h.interval.from) === Date.parse(at)) : undefined)?.run ?? history.findLast((h) => h.run && h.state !== "active")?.run ?? "";
  const data = useGet("/api/v1/runs/{run}/log/search", { path: { run }, query: { text: device, limit: 200 } }, { off: !run });
  const mine = data.value?.lines.filter((l) => !tag || l.text.includes(tag)) ?? [];
  return <Card title="Log lines" side={run && <a href={link("/logs", { run, find: device })}>in the log</a>}>{!run ? <p class="empty">No run has written of it.</p> : <Show data={data} isEmpty={() => mine.length === 0} empty={<>The run of <a href={`/runs/${run}`}>{run}</a> had nothing to say of it.</>}>{() => <div class="log" tabIndex={0} role="region" aria-label="Log lines of this sensor">{mine.map((l) => <div key={`${l.task} ${l.attempt} ${l.offset}`} class={l.text.includes("level=ERROR") ? "error" : l.text.includes("level=WARN") ? "warn" : ""}>{l.text}</div>)}</div>}</Show>}
    {run && <How cli={`fleetscore run logs ${run}`} api={`GET /api/v1/runs/${run}/log/search?text=${encodeURIComponent(device)}`} />}</Card>;
}

/** At is what became of it in the interval that led here. */
function At({ job, device, tag, at }: { job: string; device: string; tag: string; at: string }) {
  const data = useGet("/api/v1/jobs/{job}/sensors", { path: { job }, query: { interval: at, device, ...(tag ? { tag } : {}) } }, { off: !job });
  return <div class="note"><Show data={data} isEmpty={(v) => v.sensors.length === 0} empty={`The interval of ${clock(at)} does not know it.`}>{(v) => <div class="row"><span>In the interval of <span class="tab">{clock(at)}</span>:</span>{v.sensors.slice(0, 5).map((s) => <State key={sensorName(s)} of={s.fate} text={`${s.fate}${s.cause ? `: ${s.cause.replaceAll("_", " ")}` : ""}`} />)}<a href={`/runs/${v.run}`}>the run</a><a href={link("/logs", { run: v.run, find: device })}>its log lines</a></div>}</Show></div>;
}

