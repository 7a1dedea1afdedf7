// How the sensors of a run have fared, as a bar and in words.
import type { Run } from "../api/types";
import { count } from "../lib/format";

type Counts = Pick<Run, "sensors" | "scored" | "failed" | "silent" | "skipped">;

export function Fates({ of: r }: { of: Counts }) {
  const all = Math.max(1, r.sensors);
  const text = `${count(r.scored)} of ${count(r.sensors)} sensors scored, ${count(r.failed)} failed, ${count(r.silent)} silent`;
  return <div class="fates" title={text}><div class="bar" role="img" aria-label={text}>
    <i class="scored" style={{ width: `${(100 * r.scored) / all}%` }} /><i class="failed" style={{ width: `${(100 * r.failed) / all}%` }} /><i class="silent" style={{ width: `${(100 * (r.silent + r.skipped)) / all}%` }} />
  </div><span class="small dim tab">{`${count(r.scored)}\u00a0of\u00a0${count(r.sensors)}`}</span></div>;
}
