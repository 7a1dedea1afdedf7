// What the views show: read when it is first shown, again when an event says that it has
// changed, kept while it is read again, and marked stale when it cannot be.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Failure, get, urlOf, type Answer, type Ask, type GetPath } from "../api/client";
import type { Role } from "../api/types";
import { connection, hear, type Kind } from "./live";
import { may, session } from "./session";

export type Data<T> = {
  value?: T;
  error?: Failure;
  loading: boolean;
  /** at is when value was read, in ms since 1970. */
  at: number;
  reload: () => void;
};

export type Options = {
  /** on are the events after which it is read again. */
  on?: Kind[];
  /** every is after how many ms it is read again in any case. */
  every?: number;
  /** off: it is not read now. */
  off?: boolean;
  /** needs is the role that may read it: who has another is told so, and nothing is asked. */
  needs?: Role;
};

const rest = 1500; // ms between two readings of the same, however much happens

/** useGet reads an operation of the API. */
export function useGet<P extends GetPath>(path: P, ask?: Ask<P>, options: Options = {}): Data<Answer<P>> {
  return useData(options.off ? null : urlOf(path, ask as never), (signal) => get(path, ask, signal), options);
}

/** useData reads anything, under a key that says what. */
export function useData<T>(wanted: string | null, load: (signal: AbortSignal) => Promise<T>, options: Options = {}): Data<T> {
  const closed = options.needs !== undefined && !may(options.needs);
  const key = closed ? null : wanted;
  const who = session.value.name ?? "";
  const [state, set] = useState<{ key: string | null; value?: T; error?: Failure; at: number; busy: boolean }>(() => before(key, who));
  const latest = useRef(load);
  latest.current = load;
  const kick = useRef<() => void>(() => undefined);
  const on = (options.on ?? []).join();
  useLayoutEffect(() => { // before it is painted: what it shows is on its way then
    if (key === null) return;
    let timer = 0, began = 0, stopped = false;
    let control: AbortController | undefined;
    const read = async () => {
      clearTimeout(timer);
      control?.abort();
      const mine = (control = new AbortController());
      began = Date.now();
      set((old) => ({ ...(old.key === key ? old : before<T>(key, who)), key, busy: true }));
      try {
        const value = await latest.current(mine.signal);
        if (mine.signal.aborted) return;
        set({ key, value, at: Date.now(), busy: false });
        remember(key, who, value);
      } catch (error) {
        if (mine.signal.aborted) return;
        const failure = error instanceof Failure ? error : new Failure(0, "broken", String(error));
        set((old) => ({ ...old, key, error: failure, busy: false }));
        if (failure.status === 0 || failure.status >= 500) plan(5000);
      }
      if (options.every && !mine.signal.aborted) plan(options.every);
    };
    const plan = (wait: number) => {
      if (stopped) return;
      clearTimeout(timer);
      timer = window.setTimeout(() => { if (document.hidden) plan(wait); else void read(); }, wait);
    };
    const kinds = new Set<string>(on ? [...on.split(","), "snapshot"] : []);
    const deaf = hear((kind) => {
      // The snapshot comes right after the view was opened; then there is nothing new.
      if (!kinds.has(kind) || Date.now() - began < (kind === "snapshot" ? 3000 : 0)) return;
      const wait = Math.max(100, began + rest - Date.now());
      if (!due) { due = true; window.setTimeout(() => { due = false; if (!stopped && !document.hidden) void read(); }, wait); }
    });
    let due = false;
    const seen = () => { if (!document.hidden && Date.now() - began > rest) void read(); };
    document.addEventListener("visibilitychange", seen);
    kick.current = () => void read();
    void read();
    return () => {
      stopped = true;
      clearTimeout(timer);
      control?.abort();
      deaf();
      document.removeEventListener("visibilitychange", seen);
    };
  }, [key, who, on, options.every]);
  if (closed) return { error: new Failure(session.value.name ? 403 : 401, "closed", `this needs a token of the role ${options.needs}${session.value.name ? `; ${session.value.name} is a ${session.value.role}` : ""}`), loading: false, at: 0, reload: () => undefined };
  const same = state.key === key;
  return {
    ...(same && state.value !== undefined ? { value: state.value } : {}),
    ...(same && state.error ? { error: state.error } : {}),
    loading: key !== null && (!same || state.busy), at: same ? state.at : 0, reload: () => kick.current(),
  };
}

// What was read last, for the next view that shows it until it is read again.
const kept = new Map<string, { value: unknown; at: number }>();
const mostKept = 40;

function remember(key: string, who: string, value: unknown): void {
  const at = `${who} ${key}`;
  kept.delete(at);
  kept.set(at, { value, at: Date.now() });
  if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
}

/** ahead reads what many views begin with, so that they need not wait for it. */
export async function ahead(path: GetPath): Promise<void> {
  if (may("viewer")) remember(urlOf(path), session.value.name ?? "", await get(path));
}

function before<T>(key: string | null, who: string): { key: string | null; value?: T; at: number; busy: boolean } {
  const old = key === null ? undefined : kept.get(`${who} ${key}`);
  return { key, ...(old ? { value: old.value as T } : {}), at: old?.at ?? 0, busy: false };
}

/** stale says whether what is shown may have changed since. */
export function stale(data: Data<unknown>): boolean {
  return data.value !== undefined && (data.error !== undefined || connection.value === "lost");
}
