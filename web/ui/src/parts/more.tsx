// A long list, a page of the server's at a time.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure } from "../api/client";

/** usePages reads further pages after a first one, each where the last one ended. */
export function usePages<T>(first: { rows: T[]; next?: string | number } | undefined, load: (cursor: string) => Promise<{ rows: T[]; next?: string | number }>, key: string) {
  const [more, set] = useState<{ key: string; rows: T[]; next?: string | number }>({ key, rows: [] });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  useEffect(() => { set({ key, rows: [] }); setError(""); }, [key]);
  const mine = more.key === key && more.rows.length > 0 ? more : undefined;
  const next = mine ? mine.next : first?.next;
  const read = async () => {
    if (next === undefined) return;
    setBusy(true);
    try {
      const page = await load(String(next));
      set({ key, rows: [...(mine?.rows ?? []), ...page.rows], ...(page.next === undefined ? {} : { next: page.next }) });
      setError("");
    } catch (e) {
      setError(e instanceof Failure ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  const button: ComponentChildren = next === undefined || next === "" ? null
    : <div class="row"><button type="button" class="btn" disabled={busy} onClick={() => void read()}>{busy ? "…" : "Show more"}</button>{error && <span class="bad small" role="alert">{error}</span>}</div>;
  return { rows: [...(first?.rows ?? []), ...(mine?.rows ?? [])], button };
}
