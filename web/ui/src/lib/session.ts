// Who has signed in. The token goes to the service once; the browser keeps a cookie that
// no script can read.
import { signal } from "@preact/signals";
import { change, send } from "../api/client";
import type { Role } from "../api/types";
import { connect } from "./live";

export type Session = { name?: string; role: Role };
/** session is who has signed in; known is whether it is known yet. */
export const session = signal<Session>({ role: "viewer" });
export const known = signal(false);
/** signing is whether the dialog to sign in is open. */
export const signing = signal(false);

const order: Role[] = ["nobody", "viewer", "operator", "admin"];
export function may(needed: Role): boolean {
  return order.indexOf(session.value.role) >= order.indexOf(needed) && (needed === "viewer" || session.value.name !== undefined);
}

export async function whoAmI(): Promise<void> {
  session.value = (await (await send("/api/v1/session")).json()) as Session;
  known.value = true;
}

export async function signIn(token: string): Promise<void> {
  session.value = (await (await change("POST", "/api/v1/session", { token })).json()) as Session;
  connect();
}

export async function signOut(): Promise<void> {
  session.value = (await (await change("DELETE", "/api/v1/session")).json()) as Session;
  connect();
}
