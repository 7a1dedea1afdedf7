// A job: its definition, when it fires, what has counted, and running it over the past.
import type { Job } from "../api/types";
import { useGet } from "../lib/data";
import { clock, interval, span } from "../lib/format";
import { now } from "../lib/now";
import { link } from "../lib/router";
import { Action } from "../parts/action";
import { Bones, Card, Facts, Head, NoJob, Show } from "../parts/card";
import { How } from "../parts/how";
import { State } from "../parts/state";
import { Table } from "../parts/table";
import { Backfill } from "./backfill";
import { Made } from "./run";
import { RunTable } from "./runs";

export type Definition = { schedule?: string; timezone?: string; delay?: string; interval?: string; input?: Record<string, unknown>; models?: string; runtime?: Runs; fallback?: Runs; overlap?: string; catch_up?: string; max_failed?: string; missing_model?: string; timeout?: string };

/** What scores: a word, or settings below one. */
type Runs = string | Record<string, { script?: string; run?: string; image?: string }>;

function runs(runtime?: Runs, fallback?: Runs) {
  const said = (r: Runs) => typeof r === "string" ? r : Object.entries(r).map(([k, v]) => [k, v.script ?? v.run, v.image].filter(Boolean).join(" · ")).join(", ");
  return runtime && (fallback && fallback !== "none" ? `${said(runtime)}, else ${said(fallback)}` : said(runtime));
}

export function definition(job: Job): Definition {
  return (job.definition ?? {}) as Definition;
}

export function JobView({ name }: { name: string }) {
  const jobs = useGet("/api/v1/jobs"); // asked for one that there is not, a browser writes of an error
  if (jobs.value && !jobs.value.jobs.some((j) => j.name === name)) return <><Head title={name} /><NoJob name={name} /></>;
  return jobs.value || jobs.error ? <There name={name} /> : <><Head title={name} /><Bones /></>;
}

function There({ name }: { name: string }) {
  const job = useGet("/api/v1/jobs/{job}", { path: { job: name } }, { on: ["job", "run"] });
  return <>
    <Head title={name} about={job.value && <>{job.value.removed ? <State of="canceled" text="removed from the settings" /> : job.value.paused ? <State of="paused" /> : <State of={definition(job.value).schedule ? "ok" : "idle"} text={definition(job.value).schedule ? "runs by its schedule" : "has no schedule, and is run by hand"} />}</>}>
      <div class="row">{job.value && <JobActions job={job.value} whole />}</div>
    </Head>
    <Show data={job}>{(j) => <JobParts job={j} />}</Show>
    <How cli={`fleetscore job show ${name}`} api={`GET /api/v1/jobs/${name}`} />
  </>;
}

function JobParts({ job }: { job: Job }) {
  const d = definition(job);
  return <div class="stack">
    <div class="grid even">
      <Card title="Definition" side="from the settings"><Facts of={[
        ["Schedule", <code>{d.schedule ?? "by hand"}</code>], ["Time zone", d.timezone], ["Waits after an interval", d.delay], ["Input", d.input && <code>{Object.entries(d.input).map(([k, v]) => `${k} ${JSON.stringify(v)}`).join(", ")}</code>],
        ["Models", <code>{d.models}</code>], ["Runtime", runs(d.runtime, d.fallback)], ["Runs that overlap", d.overlap && `${d.overlap}: ${overlaps[d.overlap] ?? ""}`], ["Intervals missed", d.catch_up && `${d.catch_up}: ${catches[d.catch_up] ?? ""}`],
        ["May fail", d.max_failed], ["Without a model", d.missing_model], ["Time limit", d.timeout], ["Priority", job.priority],
      ]} /><details class="how"><summary>All of it</summary><pre class="log">{JSON.stringify(job.definition, null, 2)}</pre></details></Card>
      <Card title="Fires next">{job.paused ? <p class="empty">It is paused, and fires not at all.</p> : job.next.length === 0 ? <p class="empty">It has no schedule; it is run by hand.</p>
        : <Table name="Next fire times" rows={job.next} id={(f) => f.at} columns={[
          { name: "at", of: (f) => <span class="tab">{clock(f.at)}</span> }, { name: "in", num: true, of: (f) => span(Math.max(0, Math.round((Date.parse(f.at) - now.value) / 1000))) }, { name: "interval", of: (f) => <span class="tab small">{interval(f.interval)}</span> },
        ]} />}
        <p class="small dim">Fired so far up to {clock(job.cursor)}.</p>
      </Card>
    </div>
    <Card title="Runs" side={<a href={link("/runs", { job: job.name })}>all runs of it</a>}>{job.runs.length ? <RunTable runs={job.runs} of={false} /> : <p class="empty">It never ran.</p>}</Card>
  </div>;
}

const overlaps: Record<string, string> = { queue: "the next one waits", skip: "the next one is left out", allow: "they run at once", parallel: "they run at once", cancel: "the older one is cancelled" };
const catches: Record<string, string> = { latest: "only the last is made up for", all: "each is made up for", none: "they stay missing" };

export function JobActions({ job, whole = false }: { job: Job; whole?: boolean }) {
  const at = `/api/v1/jobs/${encodeURIComponent(job.name)}`;
  if (job.removed) return null;
  const scheduled = definition(job).schedule !== undefined; // what is run by hand has no intervals of its own
  return <>
    <Action label="Run now" url={`${at}/runs`} body={{}} cli={`fleetscore job run ${job.name}`} look={whole ? "primary" : ""} about={<p>Run {job.name} over its last whole interval.</p>} done={Made} />
    {job.paused
      ? <Action label="Resume" url={`${at}/resume`} cli={`fleetscore job resume ${job.name}`} about={<p>Let {job.name} run by its schedule again.</p>} />
      : scheduled && <Action label="Pause" url={`${at}/pause`} cli={`fleetscore job pause ${job.name}`} about={<p>Keep {job.name} from running by its schedule. What is under way goes on.</p>} />}
    {whole && scheduled && <Backfill job={job.name} cursor={job.cursor} />}
  </>;
}
