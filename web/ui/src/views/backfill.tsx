// Running a job over the past: first what would be run, then running it.
import { useState } from "preact/hooks";
import { Failure, post } from "../api/client";
import type { Schemas } from "../api/types";
import { useGet } from "../lib/data";
import { clock, interval, plural } from "../lib/format";
import { lacks, may, signing } from "../lib/session";
import { Action } from "../parts/action";
import { Dialog } from "../parts/dialog";
import { State } from "../parts/state";
import { Table } from "../parts/table";

export function Backfill({ job, cursor }: { job: string; cursor: string | undefined }) {
  const [open, set] = useState(false);
  const why = lacks("operator");
  return <><button type="button" class="btn" disabled={why !== ""} title={why || undefined} onClick={() => set(true)}>Backfill…{why && <span class="small">{` · ${why}`}</span>}</button>{open && <Plan job={job} cursor={cursor} close={() => set(false)} />}</>;
}

const shown = 100;

/** second is a time as a field for times has it, and whole what the API has for that: a field leaves out seconds that are 0. */
function second(at: Date): string {
  return at.toISOString().slice(0, 19);
}

function whole(text: string): string {
  return `${text.length === 16 ? `${text}:00` : text}Z`;
}

const backfilled = 3600e3; // before the end, unless somebody says otherwise

function Plan({ job, cursor, close }: { job: string; cursor: string | undefined; close: () => void }) {
  const end = cursor ? new Date(cursor) : new Date();
  const first = useGet("/api/v1/jobs/{job}/data", { path: { job } }).value?.first;
  const begin = Math.max(+end - backfilled, first ? Date.parse(first.from) : 0);
  const [chosen, setFrom] = useState<string>();
  const [to, setTo] = useState(second(end));
  const from = chosen ?? second(new Date(begin));
  const [only, setOnly] = useState({ missing: true, failed: true });
  const [seen, setSeen] = useState<Schemas["Backfill"] & { of: string }>();
  const [error, setError] = useState("");
  const kinds = (["missing", "failed"] as const).filter((k) => only[k]);
  const body = { from: whole(from), to: whole(to), ...(kinds.length ? { only: kinds } : {}) };
  const asked = JSON.stringify(body), plan = seen?.of === asked ? seen : undefined; // of other times it says nothing
  const look = async () => {
    setError("");
    try {
      setSeen({ ...await post("/api/v1/jobs/{job}/backfill", { path: { job } }, { ...body, dry_run: true } as never), of: asked });
    } catch (e) {
      setSeen(undefined);
      setError(e instanceof Failure ? [e.message, e.hint].filter(Boolean).join("; ") : String(e));
    }
  };
  return <Dialog title={`Backfill ${job}`} close={close}>
    {!may("operator") && <p class="small warm">This needs a token of the role operator.</p>}
    <p class="dim">Runs the job over intervals that begin within a time. Nothing runs before you have seen what would.</p>
    <div class="tools">
      <label class="field">From, UTC<input type="datetime-local" step={1} value={from} onInput={(e) => setFrom(e.currentTarget.value)} /></label>
      <label class="field">To, UTC<input type="datetime-local" step={1} value={to} onInput={(e) => setTo(e.currentTarget.value)} /></label>
    </div>
    {first && <p class="small dim">There is data of it since {clock(first.from)}.</p>}
    <fieldset class="plain"><legend class="small dim">Only intervals that are (neither: all)</legend>{(["missing", "failed"] as const).map((k) => <label key={k} class="check"><input type="checkbox" checked={only[k]} onChange={(e) => setOnly({ ...only, [k]: e.currentTarget.checked })} />{k === "missing" ? "missing: never committed" : "failed: too many sensors failed"}</label>)}</fieldset>
    {error && <p class="bad" role="alert">{error}</p>}
    {plan && (plan.intervals.length === 0 ? <p class="empty">There is nothing to do in that time.</p> : <div class="log" tabIndex={0} role="region" aria-label="What would be run"><Table name="Intervals" rows={plan.intervals.slice(0, shown)} id={(i) => i.interval.from} columns={[
      { name: "interval", of: (i) => <span class="tab">{interval(i.interval)}</span> }, { name: "is", of: (i) => <State of={i.state} /> }, { name: "failed", num: true, of: (i) => i.failed ?? "" },
    ]} />{plan.intervals.length > shown && <p>… and {plan.intervals.length - shown} more</p>}</div>)}
    <div class="row end">
      <button type="button" class="btn" onClick={close}>Close</button>
      {may("operator") ? <button type="button" class={`btn ${plan ? "" : "primary"}`} disabled={!from || !to} onClick={() => void look()}>Preview</button>
        : <button type="button" class="btn primary" onClick={() => { close(); signing.value = true; }}>Sign in</button>}
      {plan && plan.intervals.length > 0 && <Action label={`Run ${plural(plan.intervals.length, "interval")}`} look="primary" url={`/api/v1/jobs/${encodeURIComponent(job)}/backfill`} body={body}
        cli={`fleetscore backfill ${job} --from ${body.from} --to ${body.to}${kinds.length ? ` --only ${kinds.join()}` : ""}`} about={<p>Make {plural(plan.intervals.length, "run")} of {job}. They run with less priority than those by schedule.</p>}
        done={(a) => `${plural((a as Schemas["Backfill"]).intervals.filter((i) => i.made).length, "run")} made.`} />}
    </div>
  </Dialog>;
}
