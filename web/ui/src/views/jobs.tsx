// Jobs: what is scored, when, and how it went.
import type { Job } from "../api/types";
import { useGet } from "../lib/data";
import { clock, count, span } from "../lib/format";
import { now } from "../lib/now";
import { Card, Head, Show } from "../parts/card";
import { Fates } from "../parts/fates";
import { How } from "../parts/how";
import { State } from "../parts/state";
import { Table } from "../parts/table";
import { definition, JobActions } from "./job";
import { NoJobs } from "./overview";

export function Jobs() {
  const jobs = useGet("/api/v1/jobs", {}, { on: ["job", "run"] });
  const overview = useGet("/api/v1/overview", { query: { hours: 1 } }, { on: ["run"] });
  const over = (job: Job) => overview.value?.jobs.find((j) => j.name === job.name)?.last; // the last run that has ended
  return <>
    <Head title="Jobs" about="A job is a definition: which windows, which models, and when." />
    <Card title="Jobs"><Show data={jobs} isEmpty={(v) => v.jobs.length === 0} empty={<NoJobs />}>{(v) => <Table name="Jobs" rows={v.jobs} id={(j) => j.name} columns={[
      { name: "job", of: (j) => <a href={`/jobs/${encodeURIComponent(j.name)}`}>{j.name}</a> },
      { name: "schedule", of: (j) => <code>{definition(j).schedule ?? "by hand"}</code> },
      { name: "next", of: (j) => (j.removed ? <State of="canceled" text="removed" /> : j.paused ? <State of="paused" /> : j.next[0] ? <span class="tab" title={clock(j.next[0].at)}>in {span(Math.max(0, Math.round((Date.parse(j.next[0].at) - now.value) / 1000)))}</span> : "–") },
      { name: "last run", of: (j) => (j.runs[0] ? <a href={`/runs/${j.runs[0].id}`}><State of={j.runs[0].state} /></a> : "never ran") },
      { name: "fates", of: (j) => { const r = over(j); return r ? <Fates of={r} /> : ""; } },
      { name: "anomalies", num: true, of: (j) => count(over(j)?.anomalies) },
      { name: "do", of: (j) => <div class="row"><JobActions job={j} /></div> },
    ]} />}</Show></Card>
    <How cli="fleetscore job list" api="GET /api/v1/jobs" />
  </>;
}
