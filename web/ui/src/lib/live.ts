// One stream of server-sent events for all pages of a browser, which has few connections to
// a host: the page that holds a lock listens, and tells the others. Views hear of what they show.
import { signal } from "@preact/signals";
import type { Schemas } from "../api/types";

export type Kind = "run" | "progress" | "node" | "job" | "pool";
/** connection is whether changes are heard of as they happen; who may not read is out. */
export const connection = signal<"connecting" | "live" | "lost" | "out">("connecting");
/** lastHeard is when something was last heard, in ms since 1970. */
export const lastHeard = signal(Date.now());
/** progress is how far the runs have come that are under way, by run. */
export const progress = signal<Record<string, Schemas["RunProgress"]>>({});

/** pulses are how readings came in lately, while this page has listened. */
export const pulses = signal<Schemas["Pulse"][]>([]);
const mostPulses = 450;

const listeners = new Set<(kind: Kind | "snapshot", data: unknown) => void>();
type Told = { told: string; data?: string };
const others = new BroadcastChannel("fleetscore");
let source: EventSource | undefined;
let again = 0;
let leads = false;
let asked = false;
let allowed: () => Promise<boolean> = () => Promise.resolve(false);
let turn = 0;

/** hear calls back with every event until the function that it gives is called. */
export function hear(listener: (kind: Kind | "snapshot", data: unknown) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** connect has the stream opened if that is allowed, anew after somebody has signed in or out. */
export function connect(ask: () => Promise<boolean>): void {
  allowed = ask;
  if (leads) return void open();
  if (asked) return; // the page that listens hears itself of who has signed in
  asked = true;
  others.postMessage({ told: "hello" } satisfies Told);
  const lead = () => { leads = true; void open(); };
  if (!navigator.locks) return lead(); // no page of a browser without them is told by another
  void navigator.locks.request("fleetscore-events", () => { lead(); return new Promise(() => undefined); });
}

others.onmessage = (event: MessageEvent<Told>) => {
  const { told, data } = event.data;
  if (told === "hello") { if (leads) others.postMessage({ told: connection.value } satisfies Told); }
  else if (!leads) take(told, data);
};

/** tell is for this page and the others. */
function tell(told: string, data?: string): void {
  others.postMessage({ told, ...(data === undefined ? {} : { data }) } satisfies Told);
  take(told, data);
}

/** open asks first whether one may: a stream that ends may have been ended with the session. */
async function open(): Promise<void> {
  const mine = ++turn;
  source?.close();
  clearTimeout(again);
  const may = await allowed().catch(() => undefined);
  if (mine !== turn) return;
  if (may === false) return tell("out");
  if (may === undefined) return lose(2000);
  source = new EventSource("/api/v1/events");
  let was = false;
  source.addEventListener("open", () => { was = true; tell("live"); });
  source.addEventListener("error", () => { if (mine === turn) lose(was ? 500 : 5000); });
  source.addEventListener("dropped", () => { if (mine === turn) lose(1000); });
  for (const kind of ["snapshot", "run", "progress", "node", "job", "pool", "pulse"]) source.addEventListener(kind, (event) => tell(kind, (event as MessageEvent<string>).data));
}

function lose(wait: number): void {
  source?.close();
  tell("lost");
  again = window.setTimeout(() => void open(), wait);
}

/** take does with an event what this page does. */
function take(told: string, text?: string): void {
  if (told === "live" || told === "lost" || told === "connecting" || told === "out") {
    connection.value = told;
    if (told === "live") lastHeard.value = Date.now();
    return;
  }
  lastHeard.value = Date.now();
  connection.value = "live";
  const data: unknown = JSON.parse(text!);
  if (told === "pulse") { pulses.value = [...pulses.value, data as Schemas["Pulse"]].slice(-mostPulses); return; }
  if (told === "progress") note(data as Schemas["RunProgress"]);
  if (told === "run") over(data as Schemas["Run"]);
  for (const listener of listeners) listener(told as Kind, data);
}

function note(one: Schemas["RunProgress"]): void {
  progress.value = { ...progress.value, [one.run]: one };
}

function over(run: Schemas["Run"]): void {
  if (!isOver(run.state) || !progress.value[run.id]) return;
  const { [run.id]: _, ...rest } = progress.value;
  progress.value = rest;
}

export function isOver(state: string): boolean {
  return state === "succeeded" || state === "failed" || state === "canceled";
}
