// What is around every view: navigation, who has signed in, whether it is live.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { hour } from "../lib/format";
import { connection, lastHeard } from "../lib/live";
import { path } from "../lib/router";
import { ended, session, signing, signOut } from "../lib/session";
import { choose, theme, type Theme } from "../lib/theme";
import { Icon } from "../parts/icon";
import { Shape } from "../parts/state";
import { open } from "./keys";
import { Keys, Palette } from "./palette";
import { SignIn } from "./signin";
import { views } from "./views";

export function Shell({ children }: { children: ComponentChildren }) {
  const [menu, setMenu] = useState(false);
  useEffect(() => setMenu(false), [path.value]);
  useEffect(() => {
    if (!menu) return;
    const escape = (e: KeyboardEvent) => { if (e.key === "Escape") setMenu(false); };
    addEventListener("keydown", escape);
    return () => removeEventListener("keydown", escape);
  }, [menu]);
  return <>
    <a class="skip" href="#main">Skip to the view</a>
    <div class="app">
      <header class="top">
        <button class="btn quiet" type="button" aria-label="Menu" aria-expanded={menu} onClick={() => setMenu(!menu)}><Icon2 of="menu" /></button>
        <a class="brand" href="/"><img src="/icon.svg" alt="" />fleetscore</a>
        <button class="btn quiet" type="button" aria-label="Go to" onClick={() => { open.value = "palette"; }}><Icon2 of="search" /></button>
      </header>
      {menu && <button class="scrim" type="button" aria-label="Close the menu" onClick={() => setMenu(false)} />}
      <aside class={`side ${menu ? "open" : ""}`} aria-label="fleetscore">
        <a class="brand" href="/"><img src="/icon.svg" alt="" />fleetscore</a>
        <button class="btn" type="button" onClick={() => { open.value = "palette"; }}><Icon2 of="search" /><span class="grow dim">Go to</span><kbd>/</kbd></button>
        <nav aria-label="Views">{views.map((v) => <a key={v.path} href={v.path} aria-current={isIn(v.path) ? "page" : undefined}><Icon of={v.icon} />{v.name}</a>)}</nav>
        <footer>
          <Live />
          <label class="field">Theme<select value={theme.value} onChange={(e) => choose(e.currentTarget.value as Theme)}><option value="system">as the system</option><option value="light">light</option><option value="dark">dark</option></select></label>
          {session.value.name
            ? <><span class="wrap">{session.value.name}, {session.value.role}</span><button class="btn" type="button" onClick={() => void signOut()}>Sign out</button></>
            : <button class="btn" type="button" onClick={() => { signing.value = true; }}>Sign in</button>}
          <span><button class="btn quiet" type="button" onClick={() => { open.value = "keys"; }}>Keys <kbd>?</kbd></button></span>
        </footer>
      </aside>
      <div class="body">
        {ended.value && <div class="banner row" role="status"><span class="grow">Signed out: the session has ended.</span>{session.value.role !== "nobody" && <><button class="btn" type="button" onClick={() => { signing.value = true; }}>Sign in</button><button class="btn quiet" type="button" onClick={() => { ended.value = false; }}>Close</button></>}</div>}
        {connection.value === "lost" && <div class="banner" role="status">Not connected to the service since {hour(lastHeard.value)} UTC. What is shown may have changed; this page tries again by itself.</div>}
        <main id="main" tabIndex={-1}>{children}</main>
      </div>
    </div>
    {open.value === "palette" && <Palette />}
    {open.value === "keys" && <Keys />}
    {signing.value && <SignIn />}
  </>;
}

function Icon2({ of }: { of: "menu" | "search" }) {
  return <span class="state"><Icon of={of} /></span>;
}

function Live() {
  const live = connection.value === "live";
  return <span class={`live ${live ? "good" : "warm"}`}><span class="state"><Shape of={live ? "tick" : "ring"} /></span>{live ? "live" : connection.value === "lost" ? "not connected" : connection.value === "out" ? "signed out" : "connecting"}</span>;
}

/** isIn says whether the view that is shown belongs to an entry of the navigation. */
function isIn(entry: string): boolean {
  if (entry === "/fleet" && path.value === "/sensor") return true;
  return entry === "/" ? path.value === "/" : path.value === entry || path.value.startsWith(`${entry}/`);
}
