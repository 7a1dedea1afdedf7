// A table, whose rows fold into blocks on a narrow screen.
import type { ComponentChildren, Key } from "preact";

/** reachable lets the keyboard scroll what is wider than its place, as long as it is. */
function reachable(box: HTMLDivElement | null): (() => void) | undefined {
  if (!box) return undefined;
  const look = () => {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
    } else for (const name of ["tabindex", "role"]) box.removeAttribute(name);
  };
  const watch = new ResizeObserver(look);
  watch.observe(box);
  watch.observe(box.firstElementChild!);
  return () => watch.disconnect();
}

/** Long is text without spaces, which breaks where it has parts, and anywhere if that does not do. */
export function Long({ of: text }: { of: string }) {
  return <span class="wrap">{text.split(/(?<=[/_,])/).map((part) => <>{part}<wbr /></>)}</span>;
}

export type Column<T> = { name: string; of: (row: T) => ComponentChildren; num?: boolean };

export function Table<T>({ name, columns, rows, id, fold = true }: { name: string; columns: Column<T>[]; rows: T[]; id: (row: T) => Key; fold?: boolean }) {
  return <div class="scroll" ref={reachable} aria-label={name}><table class={`table ${fold ? "fold" : ""}`}>
    <caption class="hidden">{name}</caption>
    <thead><tr>{columns.map((c) => <th key={c.name} scope="col" class={c.num ? "num" : ""}>{c.name}</th>)}</tr></thead>
    <tbody>{rows.map((row) => <tr key={id(row)}>{columns.map((c, i) => i === 0
      ? <th key={c.name} scope="row">{c.of(row)}</th>
      : <td key={c.name} class={c.num ? "num" : ""} data-of={c.name}>{c.of(row)}</td>)}</tr>)}</tbody>
  </table></div>;
}
