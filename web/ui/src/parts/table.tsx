// A table, whose rows fold into blocks on a narrow screen.
import type { ComponentChildren, Key } from "preact";

export type Column<T> = { name: string; of: (row: T) => ComponentChildren; num?: boolean };

export function Table<T>({ name, columns, rows, id, fold = true }: { name: string; columns: Column<T>[]; rows: T[]; id: (row: T) => Key; fold?: boolean }) {
  return <div class="scroll" tabIndex={fold ? undefined : 0} role={fold ? undefined : "region"} aria-label={fold ? undefined : name}><table class={`table ${fold ? "fold" : ""}`}>
    <caption class="hidden">{name}</caption>
    <thead><tr>{columns.map((c) => <th key={c.name} scope="col" class={c.num ? "num" : ""}>{c.name}</th>)}</tr></thead>
    <tbody>{rows.map((row) => <tr key={id(row)}>{columns.map((c, i) => i === 0
      ? <th key={c.name} scope="row">{c.of(row)}</th>
      : <td key={c.name} class={c.num ? "num" : ""} data-of={c.name}>{c.of(row)}</td>)}</tr>)}</tbody>
  </table></div>;
}
