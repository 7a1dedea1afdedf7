// A part of a view, and what it shows while there is nothing, not yet, or no more.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { stale, type Data } from "../lib/data";
import { connection } from "../lib/live";
import { hour } from "../lib/format";
import { session, signing } from "../lib/session";

export function Head({ title, about, children }: { title: ComponentChildren; about?: ComponentChildren; children?: ComponentChildren }) {
  return <div class="page-head"><div><h1>{title}</h1>{about && <p>{about}</p>}</div>{children}</div>;
}

/** NotUnderstood tells of what an address asks for and is not understood. */
export function NotUnderstood({ of }: { of: string[] }) {
  return of.length === 0 ? null : <div class="note warm" role="status"><p>Not understood, and left out: <code>{of.join(", ")}</code></p></div>;
}

/** NoJob is in the place of what a job shows that there is not. */
export function NoJob({ name }: { name: string }) {
  return <div class="note warm" role="alert"><p>There is no job {name}. <a href="/jobs">The jobs there are</a></p></div>;
}

export function Card({ title, side, children, class: more = "" }: { title: ComponentChildren; side?: ComponentChildren; children: ComponentChildren; class?: string }) {
  const id = useId();
  return <section class={`card ${more}`} aria-labelledby={id}><header><h2 id={id}>{title}</h2>{side && <div class="small dim">{side}</div>}</header>{children}</section>;
}

/** Show shows data: bones while it comes, why it does not, that there is none, that it is old. */
export function Show<T>({ data, empty, isEmpty, children }: { data: Data<T>; empty?: ComponentChildren; isEmpty?: (value: T) => boolean; children: (value: T) => ComponentChildren }) {
  const { value, error } = data;
  if (value === undefined) return error ? <Trouble data={data} /> : <Bones />;
  return <>
    {stale(data) && <p class="small warm" role="status">{error ? `It cannot be read anew: ${error.message}. ` : connection.value === "lost" ? "Not connected. " : ""}This is as of {hour(data.at)} UTC.</p>}
    {isEmpty?.(value) ? <div class="empty">{empty}</div> : children(value)}
  </>;
}

export function Bones() {
  return <div class="bones" role="status"><span class="hidden">loading</span><i /><i /><i /></div>;
}

export function Trouble({ data }: { data: Data<unknown> }) {
  const { error } = data;
  if (!error) return null;
  const closed = error.status === 401 || error.status === 403;
  return <div class={`note ${closed ? "warm" : "bad"}`} role="alert"><div class="grow">
    <p><strong>{error.message}</strong></p>
    {error.hint && <p class="small dim">{error.hint}</p>}
    {error.request && <p class="small dim">In the service's log it is request {error.request}.</p>}
  </div>{closed ? session.value.name === undefined && <button class="btn" onClick={() => { signing.value = true; }}>Sign in</button> : <button class="btn" onClick={data.reload}>Try again</button>}</div>;
}

export function Facts({ of }: { of: [string, ComponentChildren][] }) {
  return <dl class="facts">{of.filter(([, value]) => value !== undefined && value !== "").map(([name, value]) => <><dt>{name}</dt><dd>{value}</dd></>)}</dl>;
}

export function Tile({ name, value, about, href }: { name: string; value: ComponentChildren; about?: ComponentChildren; href?: string }) {
  const body = <><span>{name}</span><b>{value}</b>{about !== undefined && <span>{about}</span>}</>;
  return href ? <a class="tile" href={href}>{body}</a> : <div class="tile">{body}</div>;
}
