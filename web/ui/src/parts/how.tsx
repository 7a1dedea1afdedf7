// How to do from a shell what the dashboard does, and what it asks the API.
import { useState } from "preact/hooks";

export type Recipe = { cli?: string; api: string; body?: unknown };

export function How({ cli, api, body, open = false }: Recipe & { open?: boolean }) {
  const request = body === undefined ? api : `${api}\n${JSON.stringify(body, null, 1)}`;
  return <details class="how" open={open}><summary>From the shell, and by API</summary>
    {cli && <Line name="CLI" text={cli} />}
    <Line name="API" text={request} />
  </details>;
}

function Line({ name, text }: { name: string; text: string }) {
  const [copied, set] = useState(false);
  const copy = () => { void navigator.clipboard?.writeText(text).then(() => { set(true); setTimeout(() => set(false), 1500); }); };
  return <div class="line"><span>{name}</span><pre>{text}</pre><button type="button" class="btn quiet" aria-label={`copy the ${name} form`} onClick={copy}>{copied ? "copied" : "copy"}</button></div>;
}
