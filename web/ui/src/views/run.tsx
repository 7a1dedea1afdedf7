// A run: how far it is, who did what and when, what failed and why, and how it compares
// with the one before.
import type { Run } from "../api/types";
import { useGet } from "../lib/data";
import { between, clock, count, interval, share, span } from "../lib/format";
import { isOver, progress } from "../lib/live";
import { link } from "../lib/router";
import { Action } from "../parts/action";
import { Card, Facts, Head, Show, Tile } from "../parts/card";
import { Fates } from "../parts/fates";
import { How } from "../parts/how";
import { State } from "../parts/state";
import { Compared } from "./compared";
import { Failures } from "./failures";
import { Cost } from "./overview";
import { Tasks } from "./tasks";

export function RunView({ id }: { id: string }) {
  const run = useGet("/api/v1/runs/{run}", { path: { run: id } }, { on: ["run"] });
  return <>
    <Head title={<>Run of {run.value ? <a href={`/jobs/${encodeURIComponent(run.value.job)}`}>{run.value.job}</a> : "…"}</>} about={<><span class="mono">{id}</span>{run.value && <> · <span class="tab">{interval(run.value.interval)}</span></>}</>}>
      <div class="row">{run.value && <RunActions run={run.value} />}</div>
    </Head>
    <Show data={run}>{(r) => <Parts run={r} />}</Show>
    <How cli={`fleetscore run show ${id}`} api={`GET /api/v1/runs/${id}`} />
  </>;
}

function RunActions({ run: r }: { run: Run }) {
  const at = `/api/v1/runs/${r.id}`;
  return <>
    <a class="btn" href={link("/logs", { run: r.id })}>Log</a>
    {!isOver(r.state)
      ? <Action label="Cancel" look="danger" disabled={!!r.canceling} url={`${at}/cancel`} cli={`fleetscore run cancel ${r.id}`} about={<p>End this run. Nothing of it will count.</p>} />
      : <>
        {r.failed > 0 && <Action label="Retry what failed" look="primary" url={`${at}/retry`} body={{ failed: true }} cli={`fleetscore run retry ${r.id} --failed`} about={<p>Score the {count(r.failed)} sensors that failed again, as the next revision of the interval.</p>} done={Made} />}
        <Action label="Run again" url={`${at}/retry`} body={{ failed: false }} cli={`fleetscore run retry ${r.id}`} about={<p>Score all sensors of the interval again, as its next revision.</p>} done={Made} />
      </>}
  </>;
}

/** Made leads to a run that was made. */
export function Made(answer: unknown) {
  const { id } = answer as Partial<Run>;
  return id ? <>Run <a class="mono" href={`/runs/${id}`}>{id}</a> was made.</> : "A run was made.";
}

function Parts({ run: r }: { run: Run }) {
  const p = progress.value[r.id];
  const done = Math.max(r.tasks_done, p?.attempts.done ?? 0);
  return <div class="stack">
    {(r.error || r.note) && <div class={`note ${r.error ? "bad" : "warm"}`}><p>{r.error || r.note}</p></div>}
    <div class="tiles">
      <Tile name="State" value={<State of={r.state} />} about={r.canceling ? "it is being cancelled" : `${r.origin}, revision ${r.rev ?? 1}`} />
      <Tile name="Tasks" value={`${count(done)} of ${count(r.tasks)}`} about={isOver(r.state) ? `took ${span(between(r.started, r.finished))}` : p ? `${count(p.progress.rows)} rows so far` : `queued ${clock(r.created)}`} />
      <Tile name="Scored" value={count(isOver(r.state) ? r.scored : p?.progress.sensors ?? r.scored)} about={`of ${count(r.sensors)} sensors`} href={link("/fleet", { job: r.job, interval: r.interval.from })} />
      <Tile name="Anomalies" value={count(isOver(r.state) ? r.anomalies : p?.progress.anomalies ?? r.anomalies)} about={`${share(r.anomalies, r.predictions)} of predictions`} href={link("/fleet", { job: r.job, interval: r.interval.from, fate: "anomalous" })} />
      <Tile name="Failed" value={count(isOver(r.state) ? r.failed : p?.progress.failed ?? r.failed)} about="sensors" href="#failures" />
      <Tile name="Silent" value={count(r.silent)} about="sent nothing to score" href={link("/fleet", { job: r.job, interval: r.interval.from, fate: "silent" })} />
    </div>
    {!isOver(r.state) && <label class="field">Tasks done<progress max={Math.max(1, r.tasks)} value={done} aria-label={`${done} of ${r.tasks} tasks done`} /></label>}
    <Failures run={r} />
    <Tasks run={r} />
    <div class="grid even">
      <Compared run={r} />
      <div class="stack">{r.cost && <Card title="Cost"><Cost of={r.cost} /></Card>}
      <Card title="Facts"><Facts of={[
        ["Sensors", <Fates of={r} />], ["Created", <span class="tab">{clock(r.created)}</span>], ["Started", <span class="tab">{clock(r.started)}</span>], ["Finished", <span class="tab">{clock(r.finished)}</span>], ["Readings", count(r.readings)], ["Predictions", count(r.predictions)],
        ["Undecidable", r.undecidable ? `${count(r.undecidable)} scores lie within rounding of the border` : undefined], ["Models without a sensor", r.orphans ? count(r.orphans) : undefined], ["Retry of", r.retry_of && <a class="mono" href={`/runs/${r.retry_of}`}>{r.retry_of}</a>], ["Generation", r.generation || undefined],
        ["Scored by", r.scored_by && <ul class="plain">{r.scored_by.map((s) => <li>{s.runtime}: {count(s.sensors)} sensors{s.reason && <span class="dim"> as {s.reason}, such as {s.example}</span>}</li>)}</ul>],
      ]} /></Card></div>
    </div>
  </div>;
}
