// A button that changes something: it says what it will do, how to do it elsewhere, and
// what came of it.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { change, Failure } from "../api/client";
import type { Role } from "../api/types";
import { lacks, may, session, signing } from "../lib/session";
import { Dialog } from "./dialog";
import { How } from "./how";

type Props = {
  label: string;
  about: ComponentChildren;
  cli?: string;
  method?: "POST" | "DELETE";
  url: string;
  body?: unknown;
  needs?: Role;
  look?: string;
  children?: ComponentChildren;
  disabled?: boolean;
  /** done is given the answer; what it gives is shown. */
  done?: (answer: unknown) => ComponentChildren | void;
};

export function Action(p: Props) {
  const [open, set] = useState(false);
  const why = lacks(p.needs ?? "operator");
  return <>
    <button type="button" class={`btn ${p.look ?? ""}`} disabled={p.disabled || why !== ""} title={why || undefined} onClick={() => set(true)}>{p.label}{why && <span class="small">{` · ${why}`}</span>}</button>
    {open && <Ask {...p} close={() => set(false)} />}
  </>;
}

function Ask({ label, about, cli, method = "POST", url, body, needs = "operator", look, children, done, close }: Props & { close: () => void }) {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<ComponentChildren>();
  const [failure, setFailure] = useState<Failure>();
  const allowed = may(needs);
  const act = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const answer: unknown = await (await change(method, url, body)).json().catch(() => undefined);
      const text = done?.(answer);
      if (text) setResult(text);
      else close();
    } catch (error) {
      setFailure(error instanceof Failure ? error : new Failure(0, "", String(error)));
    } finally {
      setBusy(false);
    }
  };
  return <Dialog title={label} close={close}>
    <div>{about}</div>
    {children}
    <How {...(cli ? { cli } : {})} api={`${method} ${url}`} body={body} open />
    {!allowed && <p class="small warm">This needs a token of the role {needs}{session.value.name ? `; ${session.value.name} is a ${session.value.role}` : ""}.</p>}
    {failure && <div class="note bad" role="alert"><div><p>{failure.message}</p>{failure.hint && <p class="small dim">{failure.hint}</p>}</div></div>}
    {result && <div class="note good" role="status"><p>{result}</p></div>}
    <div class="row end">
      <button type="button" class="btn" onClick={close}>{result ? "Close" : "Not now"}</button>
      {!result && (allowed
        ? <button type="button" class={`btn ${look || "primary"}`} disabled={busy} onClick={() => void act()}>{busy ? "…" : label}</button>
        : <button type="button" class="btn primary" onClick={() => { close(); signing.value = true; }}>Sign in</button>)}
    </div>
  </Dialog>;
}
