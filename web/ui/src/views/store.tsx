// What is in the store: folders, objects, what is in an object, and taking one away.
import { get, urlOf } from "../api/client";
import { useGet } from "../lib/data";
import { whole, type Misread } from "../lib/asked";
import { bytes, clock, count } from "../lib/format";
import { link, put, query } from "../lib/router";
import { Card, Facts, Head, NotUnderstood, Show } from "../parts/card";
import { How } from "../parts/how";
import { usePages } from "../parts/more";
import { Table } from "../parts/table";

export function Store() {
  const prefix = query.value.get("prefix") ?? "", key = query.value.get("key") ?? "";
  const list = useGet("/api/v1/store", { query: { prefix, limit: 200 } });
  const { rows, button } = usePages(list.value && { rows: list.value.objects, ...(list.value.next ? { next: list.value.next } : {}) }, async (cursor) => {
    const page = await get("/api/v1/store", { query: { prefix, limit: 200, cursor } });
    return { rows: page.objects, ...(page.next ? { next: page.next } : {}) };
  }, prefix);
  const folders = list.value?.folders ?? [];
  return <>
    <Head title="Store" about="Everything that fleetscore knows is a file there; other programs read the same." />
    <nav aria-label="Folder" class="row mono wrap"><a href="/store">store</a>{trail(prefix).map(([name, at]) => <><span class="dim">/</span><a href={link("/store", { prefix: at })}>{name}</a></>)}</nav>
    {key && <Inside key={key} of={key} />}
    <Card title={prefix || "The whole store"} side={list.value && `${count(folders.length)} folders, ${count(rows.length)} objects${list.value.next ? " so far" : ""}`}>
      <Show data={list} isEmpty={() => folders.length + rows.length === 0} empty="There is nothing in it.">{() => <div class="stack">
        {folders.length > 0 && <ul class="folders">{folders.map((f) => <li key={f}><a class="mono" href={link("/store", { prefix: f })}>{f.slice(prefix.length)}</a></li>)}</ul>}
        {rows.length > 0 && <Table name="Objects" rows={rows} id={(o) => o.key} columns={[
          { name: "object", of: (o) => <a class="mono" href={link("/store", { prefix, key: o.key })}>{o.key.slice(prefix.length)}</a> },
          { name: "size", num: true, of: (o) => bytes(o.size) }, { name: "modified", of: (o) => <span class="tab">{clock(o.modified)}</span> },
          { name: "take", of: (o) => <a data-plain download href={urlOf("/api/v1/store/object", { query: { key: o.key } })}>download</a> },
        ]} />}
        {button}
        {list.value?.cut && <p class="small dim">There are too many objects to look through; go into a folder.</p>}
      </div>}</Show>
    </Card>
    <How api={`GET ${urlOf("/api/v1/store", { query: { prefix } })}`} />
  </>;
}

function trail(prefix: string): [string, string][] {
  const parts = prefix.split("/").filter(Boolean);
  return parts.map((p, i) => [p, `${parts.slice(0, i + 1).join("/")}/`]);
}

const rowsAtOnce = 100;

function Inside({ of: key }: { of: string }) {
  const misread: Misread = [], skip = whole("skip", misread) ?? 0;
  const data = useGet("/api/v1/store/preview", { query: { key, rows: rowsAtOnce, ...(skip ? { skip } : {}) } });
  return <Card title={<span class="mono wrap">{key}</span>} side={<button type="button" class="btn" onClick={() => put({ key: undefined, skip: undefined })}>Close</button>}>
    <NotUnderstood of={misread} />
    <Show data={data}>{(p) => <div class="stack">
      <Facts of={[["Kind", p.kind], ["Size", bytes(p.size)], ["Modified", <span class="tab">{clock(p.modified)}</span>], ["Rows", p.total_rows === undefined ? undefined : count(p.total_rows)]]} />
      {p.columns && p.rows && p.columns.length > 0 && <div class="scroll log" tabIndex={0} role="region" aria-label="Rows of the object"><table class="table small"><caption class="hidden">Rows of {key}</caption>
        <thead><tr>{p.columns.map((c) => <th key={c.name} scope="col">{c.name} <span class="dim">{c.type}</span></th>)}</tr></thead>
        <tbody>{p.rows.map((row, i) => <tr key={i}>{row?.map((v, k) => <td key={k} class={/^-?[\d.]+(e[-+]?\d+)?$/i.test(v) ? "num" : ""}>{v}</td>)}</tr>)}</tbody></table></div>}
      {p.text !== undefined && p.text !== "" && <pre class="log" tabIndex={0} role="region" aria-label="Text of the object">{p.text}</pre>}
      {!p.columns?.length && !p.text && <p class="dim">There is nothing of it to read; it can be downloaded.</p>}
      <div class="row"><a class="btn" data-plain download href={urlOf("/api/v1/store/object", { query: { key } })}>Download</a>
        {p.kind === "model" && <a class="btn" href={link("/models", { key })}>Inspect the model</a>}
        {skip > 0 && <button type="button" class="btn" onClick={() => put({ skip: Math.max(0, skip - rowsAtOnce) || undefined })}>Rows before</button>}
        {(p.cut || (p.total_rows ?? 0) > skip + rowsAtOnce) && p.rows && <button type="button" class="btn" onClick={() => put({ skip: skip + rowsAtOnce })}>Rows after</button>}
        {p.cut && !p.rows && <span class="small dim">It is longer than what is shown.</span>}</div>
    </div>}</Show>
    <How api={`GET ${urlOf("/api/v1/store/preview", { query: { key } })}`} cli={`curl -fO ${urlOf("/api/v1/store/object", { query: { key } })}`} />
  </Card>;
}
