// How each partition of the stream stands: the readings of its devices, and their windows.
import { useState } from "preact/hooks";
import type { Schemas } from "../api/types";
import { useGet } from "../lib/data";
import { ago, bytes, count, plural, span } from "../lib/format";
import { now } from "../lib/now";
import { put, query } from "../lib/router";
import { Card, Show } from "../parts/card";
import { How } from "../parts/how";
import { Shape, State } from "../parts/state";
import { Table } from "../parts/table";

type One = { partition: Schemas["Partition"]; of: Schemas["PartitionWindow"] };

const shapes = { working: "ring", waiting: "bars", failed: "cross" } as const;
const tones = { working: "good", waiting: "warm", failed: "bad" } as const;
const few = 8, slow = 10; // partitions that are shown at first; seconds behind that are remarkable
const causes = ["late", "early", "duplicate", "conflict", "revised"] as const;

export function Partitions() {
  const data = useGet("/api/v1/stream/partitions", {}, { every: 5000 });
  const [all, setAll] = useState(false);
  const list: One[] = data.value?.partitions.flatMap((partition) => partition.windows.map((of) => ({ partition, of }))) ?? [];
  const chosen = query.value.get("partition");
  const worst = [...list].sort((a, b) => rank(b.of) - rank(a.of) || a.partition.partition - b.partition.partition);
  const rows = chosen ? list.filter((o) => String(o.partition.partition) === chosen) : all ? list : worst.slice(0, few);
  const none = chosen !== null && data.value !== undefined && rows.length === 0;
  return <Card title="By partition" side={data.value && plural(data.value.partitions.length, "partition")}><Show data={data} isEmpty={() => list.length === 0} empty="Nothing was read of the stream yet.">{() => <div class="stack">
    <ul class="heat large" aria-label="Partitions">{list.map(({ partition: p, of: w }) => <li key={`${p.partition} ${w.window}`} class={tone(w)}><button type="button" aria-pressed={chosen === String(p.partition)} title={`${p.partition}, ${w.window}: ${w.state}, ${span(w.lag_seconds)} behind`} onClick={() => put({ partition: chosen === String(p.partition) ? undefined : p.partition })}><Shape of={w.state === "working" && w.lag_seconds > slow ? "half" : shapes[w.state]} /><span class="hidden">partition {p.partition}, window {w.window}: {w.state}</span></button></li>)}</ul>
    {none ? <p class="empty" role="status">There is no partition {chosen}.</p> : <Table name="Partitions" rows={rows} id={(o) => `${o.partition.partition} ${o.of.window}`} columns={[
      { name: "partition", of: (o) => `${o.partition.partition}, ${o.of.window}` }, { name: "state", of: ({ of: w }) => <State of={w.state === "working" ? w.lag_seconds > slow ? "late" : "ok" : w.state} text={w.failed || w.trouble || (w.lag_seconds > slow ? "behind" : w.state)} /> },
      { name: "behind", num: true, of: ({ of: w }) => span(w.lag_seconds) }, { name: "watermark's delay", num: true, of: ({ of: w }) => span(w.delay_seconds) }, { name: "last reading", of: ({ partition: p }) => ago(p.last, now.value) },
      { name: "counted", num: true, of: ({ of: w }) => count(w.readings.counted ?? 0) }, ...causes.map((c) => ({ name: c, num: true, of: ({ of: w }: One) => count(w.readings[c] ?? 0) })),
      { name: "open windows", num: true, of: ({ of: w }) => count(w.open) }, { name: "held", num: true, of: ({ of: w }) => bytes(w.held_bytes) },
    ]} />}
    <div class="row">{chosen ? <button type="button" class="btn" onClick={() => put({ partition: undefined })}>All partitions</button> : list.length > few && <><button type="button" class="btn" onClick={() => setAll(!all)}>{all ? "Only the slowest" : `All ${list.length}`}</button>{!all && <span class="small dim">These are the furthest behind.</span>}</>}</div>
  </div>}</Show><How api="GET /api/v1/stream/partitions" /></Card>;
}

function tone(w: Schemas["PartitionWindow"]): string {
  return w.state === "working" && w.lag_seconds > slow ? "warm" : tones[w.state];
}

function rank(w: Schemas["PartitionWindow"]): number {
  return (w.state === "failed" ? 1e9 : w.state === "waiting" ? 1e6 : 0) + w.lag_seconds;
}
