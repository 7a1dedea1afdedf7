// Signing in with a token, which the browser does not keep.
import { useState } from "preact/hooks";
import { Failure } from "../api/client";
import { signIn, signing } from "../lib/session";
import { Dialog } from "../parts/dialog";

export function SignIn() {
  return <Dialog title="Sign in" close={() => { signing.value = false; }}><Form done={() => { signing.value = false; }} /></Dialog>;
}

export function Form({ done }: { done?: () => void }) {
  const [token, set] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(token.trim());
      done?.();
    } catch (e) {
      setError(e instanceof Failure ? [e.message, e.hint].filter(Boolean).join("; ") : String(e));
    } finally {
      setBusy(false);
    }
  };
  return <form class="stack" onSubmit={(e) => void submit(e)}>
    <p class="dim">With a token of the service. <code>fleetscore up</code> writes one to the file <code>token</code> among its data; <code>fleetscore token create</code> makes others, of the role viewer, operator or admin.</p>
    <label class="field">Token<input type="password" name="token" autocomplete="current-password" required autofocus value={token} onInput={(e) => set(e.currentTarget.value)} /></label>
    {error && <p class="bad" role="alert">{error}</p>}
    <div class="row end"><button class="btn primary" disabled={busy}>{busy ? "…" : "Sign in"}</button></div>
    <p class="small dim">The browser keeps a cookie that no script can read, until you sign out, the token ends, or for 12 hours without use.</p>
  </form>;
}
