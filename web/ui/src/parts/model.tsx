// What is inside a model: its steps, parameters and arrays, and what it would call.
import type { Schemas } from "../api/types";
import { bytes, clock, plural } from "../lib/format";
import { Facts } from "./card";
import { State } from "./state";
import { Table } from "./table";

export function Inspection({ of: m, brief = false }: { of: Schemas["Model"]; brief?: boolean }) {
  const bad = m.globals?.filter((g) => !g.allowed) ?? [];
  return <div class="stack">
    <Facts of={[
      ["Scored", m.native ? <State of="ok" text="natively, without Python" /> : <State of="failed" text={m.error || m.reason || "not natively"} />], ["Key", <code>{m.key}</code>], ["Digest, SHA-256", m.sha256 && <code>{m.sha256}</code>], ["scikit-learn", m.sklearn_version], ["Features", m.features],
      ["File", [m.format, m.compression && m.compression !== "none" && m.compression, m.protocol !== undefined && `protocol ${m.protocol}`, bytes(m.size)].filter(Boolean).join(", ")], ["Uploaded", <span class="tab">{clock(m.modified)}</span>],
    ]} />
    {brief && m.steps ? <details class="how"><summary>{plural(m.steps.length, "step")}: {m.steps.map((s) => s.class.split(".").at(-1)).join(", ")}</summary><Steps of={m.steps} /></details> : <Steps of={m.steps ?? []} />}
    {bad.length > 0 && <Table name="What it would call and may not" rows={bad} id={(g) => g.name + g.offset} columns={[{ name: "would call", of: (g) => <code>{g.name}</code> }, { name: "at byte", num: true, of: (g) => g.offset }, { name: "runs code", of: (g) => (g.runs_code ? <State of="failed" text="yes" /> : "no") }]} />}
  </div>;
}

function Steps({ of: steps }: { of: Schemas["Step"][] }) {
  return <div class="stack">
    {steps.map((s, i) => <section key={i} class="stack" aria-label={`Step ${i + 1}, ${s.class}`}>
      <h3>{s.name ? `${s.name}: ` : ""}<span class="mono">{s.class}</span> {!s.native && <State of="failed" text="not native" />}</h3>
      {s.params && s.params.length > 0 && <dl class="facts small">{s.params.map((p) => <><dt><code>{p.name}</code></dt><dd class="mono">{p.value}</dd></>)}</dl>}
      {s.arrays && s.arrays.length > 0 && <p class="small dim">Arrays: {s.arrays.map((a) => `${a.name} ${a.dtype} ${(a.shape ?? []).join("×")}`).join(", ")}{s.omitted ? `, and ${s.omitted} more` : ""}</p>}
    </section>)}
  </div>;
}
