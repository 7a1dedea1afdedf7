// Who has signed in. The token goes to the service once; the browser keeps a cookie that
// no script can read. A session may end at any time, so the service is asked again whenever
// there is a sign of it, and the other pages of the browser are told.
import { signal } from "@preact/signals";
import { change, send, whenRefused } from "../api/client";
import type { Role } from "../api/types";
import { connect } from "./live";

export type Session = { name?: string; role: Role };
/** session is who has signed in; known is whether it is known yet. */
export const session = signal<Session>({ role: "viewer" });
export const known = signal(false);
/** ended is whether a session has ended that nobody has ended here. */
export const ended = signal(false);
/** signing is whether the dialog to sign in is open. */
export const signing = signal(false);

const order: Role[] = ["nobody", "viewer", "operator", "admin"];
export function may(needed: Role): boolean {
  return order.indexOf(session.value.role) >= order.indexOf(needed) && (needed === "viewer" || session.value.name !== undefined);
}

/** lacks says of whoever has signed in which role an action would need; who has not may still sign in. */
export function lacks(needed: Role): string {
  return session.value.name !== undefined && !may(needed) ? `needs ${needed}` : "";
}

const others = new BroadcastChannel("fleetscore-session");
others.onmessage = () => void whoAmI().catch(() => undefined);
const again = () => void whoAmI().then((changed) => { if (changed) others.postMessage(""); }, () => undefined);
whenRefused(() => { if (known.value) again(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && known.value) again(); });

let asking: Promise<boolean> | undefined;
let changes = 0; // an answer from before somebody has signed in or out counts no more

/** whoAmI asks who has signed in, and says whether that has changed. */
export function whoAmI(): Promise<boolean> {
  const before = changes;
  asking ??= send("/api/v1/session").then(async (a) => (await a.json()) as Session).then((now) => {
    if (before !== changes) return false;
    const over = session.value.name !== undefined && now.name === undefined;
    return take(now, over);
  }).finally(() => { asking = undefined; });
  return asking;
}

function take(now: Session, over: boolean): boolean {
  const old = session.value, first = !known.value;
  const changed = old.name !== now.name || old.role !== now.role;
  if (changed) session.value = now;
  if (over || now.name !== undefined) ended.value = over;
  known.value = true;
  if (changed && !first) listen();
  return changed;
}

/** listen has the stream of events opened, once it is known that one may read. */
export function listen(): void {
  connect(async () => { await whoAmI(); return may("viewer"); });
}

export async function signIn(token: string): Promise<void> {
  await act(change("POST", "/api/v1/session", { token }));
}

export async function signOut(): Promise<void> {
  await act(change("DELETE", "/api/v1/session"));
}

async function act(asked: Promise<Response>): Promise<void> {
  const now = (await (await asked).json()) as Session;
  changes++;
  asking = undefined;
  ended.value = false;
  take(now, false);
  others.postMessage("");
}
