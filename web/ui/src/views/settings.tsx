// Who is let in, who is told of what, and who changed what.
import { useState } from "preact/hooks";
import { get } from "../api/client";
import { useData, useGet } from "../lib/data";
import { ago, clock, count, quote } from "../lib/format";
import { now } from "../lib/now";
import { Action } from "../parts/action";
import { Card, Facts, Head, Show } from "../parts/card";
import { How } from "../parts/how";
import { usePages } from "../parts/more";
import { State } from "../parts/state";
import { Long, Table } from "../parts/table";

export function Settings() {
  const status = useGet("/api/v1/status");
  return <>
    <Head title="Settings"><Action label="Apply the settings" needs="admin" url="/api/v1/config/apply" cli="fleetscore config apply" about={<p>Read <code>fleetscore.yaml</code> again, and do as it says.</p>} done={(a) => { const r = a as Record<string, string[] | undefined>; return ["added", "changed", "removed", "restart", "warnings"].filter((k) => r[k]?.length).map((k) => `${k}: ${r[k]!.join(", ")}`).join("; ") || "Nothing had changed."; }} /></Head>
    <Tokens />
    <Receivers />
    <Mutes />
    <Audit />
    <Card title="This service"><Show data={status}>{(s) => <Facts of={[["Version", s.version], ["Started", <span class="tab">{clock(s.started)}</span>], ["Data", <code>{s.store}</code>], ["API", <a data-plain href="/openapi.json">/openapi.json</a>], ["Metrics", <a data-plain href="/metrics">/metrics</a>], ["Ready", <a data-plain href="/readyz">/readyz</a>]]} />}</Show></Card>
  </>;
}

function Tokens() {
  const tokens = useGet("/api/v1/tokens", {}, { needs: "admin" });
  return <Card title="Tokens and roles" side={<NewToken done={tokens.reload} />}>
    <Show data={tokens} isEmpty={(v) => v.tokens.length === 0} empty="There are none besides the one in the file token.">{(v) => <Table name="Tokens" rows={v.tokens} id={(t) => t.id} columns={[
      { name: "name", of: (t) => t.name }, { name: "role", of: (t) => `${t.role}${t.devices?.length ? ` of ${t.devices.join(", ")}` : ""}` }, { name: "state", of: (t) => (t.revoked ? <State of="canceled" text="revoked" /> : t.expires && Date.parse(t.expires) < now.value ? <State of="canceled" text="expired" /> : <State of="ok" text="let in" />) },
      { name: "made by", of: (t) => t.maker || "–" }, { name: "used", of: (t) => ago(t.used, now.value) }, { name: "until", of: (t) => <span class="tab">{t.expires ? clock(t.expires) : "for good"}</span> },
      { name: "do", of: (t) => !t.revoked && <Action label="Revoke" look="danger" needs="admin" url={`/api/v1/tokens/${encodeURIComponent(t.id)}/revoke`} cli={`fleetscore token revoke ${quote(t.name)}`} about={<p>Let {t.name} in no more. What it has opened ends, sessions of browsers too.</p>} done={() => { tokens.reload(); }} /> },
    ]} />}</Show>
    <How cli="fleetscore token list" api="GET /api/v1/tokens" />
  </Card>;
}

function NewToken({ done }: { done: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState("viewer");
  const [days, setDays] = useState("90");
  const expires = Number(days) > 0 ? new Date(Math.floor(Date.now() / 86400e3 + Number(days)) * 86400e3).toISOString() : undefined;
  return <Action label="Make a token" needs="admin" url="/api/v1/tokens" body={{ name, role, ...(expires ? { expires } : {}) }} cli={`fleetscore token create ${quote(name || "NAME")} --role ${role}${expires ? ` --expires ${days}d` : ""}`}
    about={<p>Its secret is shown this once; only its hash is kept.</p>} done={(a) => { done(); return `The secret of the token: ${(a as { secret: string }).secret}`; }}>
    <div class="tools">
      <label class="field">Name<input value={name} autocomplete="off" onInput={(e) => setName(e.currentTarget.value)} /></label>
      <label class="field">Role<select value={role} onChange={(e) => setRole(e.currentTarget.value)}><option>viewer</option><option>operator</option><option>admin</option></select></label>
      <label class="field">Days, 0 for good<input type="number" min={0} value={days} onInput={(e) => setDays(e.currentTarget.value)} /></label>
    </div>
  </Action>;
}

function Receivers() {
  const receivers = useGet("/api/v1/notify/receivers", {}, { every: 10000 });
  const messages = useGet("/api/v1/notify/messages", { query: { limit: 20 } }, { every: 10000 });
  return <Card title="Webhooks and other receivers" side="who is told of what happens">
    <Show data={receivers} isEmpty={(v) => v.receivers.length === 0} empty={<p>There are none. They are written in <code>fleetscore.yaml</code> under <code>notify:</code>.</p>}>{(v) => <Table name="Receivers" rows={v.receivers} id={(r) => r.name} columns={[
      { name: "receiver", of: (r) => r.name }, { name: "where", of: (r) => <code>{r.where}</code> }, { name: "state", of: (r) => (r.error ? <State of="failing" text={r.error} /> : <State of="ok" />) }, { name: "of", of: (r) => r.events.join(", ") || "all events" },
      { name: "delivered", num: true, of: (r) => count(r.delivered) }, { name: "waiting", num: true, of: (r) => count(r.waiting) }, { name: "given up", num: true, of: (r) => count(r.dead) },
      { name: "do", of: (r) => <div class="row"><Action label="Test" url={`/api/v1/notify/receivers/${encodeURIComponent(r.name)}/test`} cli={`fleetscore notify test ${r.name}`} about={<p>Send {r.name} one event, at once and once.</p>} done={(a) => { const t = a as { delivered: boolean; error?: string }; return t.delivered ? "It was delivered." : `It was not delivered: ${t.error}`; }} />
        {r.dead + r.waiting > 0 && <Action label="Send again" url={`/api/v1/notify/receivers/${encodeURIComponent(r.name)}/retry`} body={{}} cli={`fleetscore notify retry ${r.name}`} about={<p>Send at once what was given up, or waits for its next attempt.</p>} />}</div> },
    ]} />}</Show>
    {messages.value && messages.value.messages.length > 0 && <><h3>Not delivered</h3><Table name="Messages that have not been delivered" rows={messages.value.messages} id={(m) => m.seq} columns={[
      { name: "event", of: (m) => m.event }, { name: "of", of: (m) => <Long of={m.subject} /> }, { name: "to", of: (m) => m.receiver }, { name: "state", of: (m) => <State of={m.state} /> }, { name: "attempts", num: true, of: (m) => m.attempts }, { name: "why", of: (m) => <span class="small wrap">{m.error}</span> },
    ]} /></>}
    <How cli="fleetscore notify list" api="GET /api/v1/notify/receivers" />
  </Card>;
}

function Mutes() {
  const mutes = useGet("/api/v1/mutes");
  return <Card title="Muted and acknowledged sensors"><Show data={mutes} isEmpty={(v) => v.mutes.length === 0} empty="Nobody is kept from hearing of any.">{(v) => <Table name="Mutes" rows={v.mutes} id={(m) => m.id} columns={[
    { name: "sensors", of: (m) => <code>{m.sensors}</code> }, { name: "job", of: (m) => m.job ?? "all" }, { name: "until", of: (m) => <span class="tab">{m.acknowledge ? "they are well again" : clock(m.until)}</span> }, { name: "why", of: (m) => <span class="wrap">{m.reason}</span> }, { name: "by", of: (m) => m.who },
    { name: "do", of: (m) => <Action label="End" method="DELETE" url={`/api/v1/mutes/${m.id}`} cli={`fleetscore unmute ${m.id}`} about={<p>Tell of {m.sensors} again.</p>} done={() => { mutes.reload(); }} /> },
  ]} />}</Show><How cli="fleetscore mute list" api="GET /api/v1/mutes" /></Card>;
}

function Audit() {
  const data = useData("audit", (signal) => get("/api/v1/audit", { query: { limit: 30 } }, signal), { needs: "admin" });
  const { rows, button } = usePages(data.value && { rows: data.value.entries, ...(data.value.next ? { next: data.value.next } : {}) }, async (before) => {
    const page = await get("/api/v1/audit", { query: { limit: 100, before: Number(before) } });
    return { rows: page.entries, ...(page.next ? { next: page.next } : {}) };
  }, "audit");
  return <Card title="Audit trail" side="who changed what"><Show data={data} isEmpty={() => rows.length === 0} empty="Nobody has changed anything.">{() => <div class="stack"><Table name="Audit trail" rows={rows} id={(e) => e.id} columns={[
    { name: "at", of: (e) => <span class="tab">{clock(e.time)}</span> }, { name: "who", of: (e) => e.who }, { name: "from", of: (e) => <span class="tab">{e.from ?? "–"}</span> }, { name: "did", of: (e) => <code>{e.action}</code> }, { name: "to", of: (e) => <Long of={e.subject} /> }, { name: "detail", of: (e) => <span class="small wrap">{e.detail}</span> },
  ]} />{button}</div>}</Show><How api="GET /api/v1/audit" /></Card>;
}
