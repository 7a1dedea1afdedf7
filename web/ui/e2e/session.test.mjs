// Who has signed in, and how a page learns that this has changed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check, launch, settled } from "./browser.mjs";
import { api } from "./demo.mjs";
import { startService } from "./service.mjs";
import { forgive, visit } from "./visit.mjs";

const jobs = `jobs:
  hourly:
    schedule: "@hourly"
    input: {window: 1m}
    models: "models/{device}/{tag}.pkl"
`;
let open, closed, browser; // to whom reading needs no token, and to whom all does
before(async () => { [open, closed, browser] = await Promise.all([startService(jobs), startService(`tls: {proxy: true}\n${jobs}`), launch()]); });
after(async () => { await browser?.close(); await open?.stop(); await closed?.stop(); });

async function signIn(page, token) {
  await page.getByLabel("Token").fill(token);
  await page.locator("form").getByRole("button", { name: "Sign in" }).click();
}

test("who has not signed in is asked to, and nothing else is asked for", () => visit(browser, closed, { signedIn: false }, async (page) => {
  const asked = [];
  page.on("request", (r) => asked.push(new URL(r.url()).pathname));
  await page.goto("/nodes");
  await page.getByLabel("Token").waitFor();
  await page.getByText("signed out", { exact: true }).waitFor();
  assert.equal(await page.locator(".banner").count(), 0);
  assert.deepEqual([...new Set(asked.filter((p) => p.startsWith("/api/")))], ["/api/v1/session"]);
  await signIn(page, closed.token);
  await page.getByRole("heading", { level: 1, name: "Nodes and pool" }).waitFor();
  await page.locator(".live.good").waitFor();
}));

test("a session that has ended is no outage, and the address is kept", () => visit(browser, closed, {}, async (page, { complaints }) => {
  await page.goto("/nodes?x=1");
  await page.locator(".live.good").waitFor();
  await closed.end();
  await page.getByText(/Not connected to the service since/).waitFor();
  await closed.start();
  await page.getByText("Signed out: the session has ended.").waitFor();
  await page.getByLabel("Token").waitFor();
  await page.getByText(/Not connected/).waitFor({ state: "detached" });
  await check(page, "signed out");
  await signIn(page, closed.token);
  await page.getByRole("heading", { level: 1, name: "Nodes and pool" }).waitFor();
  assert.equal(new URL(page.url()).search, "?x=1");
  await page.getByText("Signed out: the session has ended.").waitFor({ state: "detached" });
  await page.locator(".live.good").waitFor();
  forgive(complaints, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
}));

test("where all may read, a token that is revoked ends what stands there of it", () => visit(browser, open, {}, async (page, { context }) => {
  const secret = await open.makeToken("ada", "operator");
  const answer = await context.request.post("/api/v1/session", { data: { token: secret }, headers: { "X-Fleetscore-Csrf": "1", Origin: open.url } });
  assert.equal(answer.status(), 200);
  await page.goto("/jobs/hourly");
  await page.getByText("ada, operator").waitFor();
  await page.locator(".live.good").waitFor();
  await api(open, "POST", "/tokens/ada/revoke");
  await page.getByText("Signed out: the session has ended.").waitFor();
  await page.getByText("ada, operator").waitFor({ state: "detached" });
  await page.getByRole("heading", { level: 1, name: "hourly" }).waitFor();
}));

test("a change that is refused for want of a session offers to sign in", () => visit(browser, open, {}, async (page, { context, complaints }) => {
  await page.goto("/jobs/hourly");
  await page.locator(".live.good").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause" });
  await context.clearCookies(); // as one that is too old
  await dialog.getByRole("button", { name: "Pause" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await signIn(page, open.token);
  await page.locator("footer").getByText(/, admin$/).waitFor();
  forgive(complaints, /401.*\/pause$/);
}));

test("signing out in one page signs out the others", () => visit(browser, open, {}, async (page, { context }) => {
  await page.goto("/jobs");
  const second = await context.newPage();
  await second.goto("/settings");
  for (const one of [page, second]) await one.locator("footer").getByText(/, admin$/).waitFor();
  await second.getByRole("button", { name: "Sign out" }).click();
  await page.locator("footer").getByRole("button", { name: "Sign in" }).waitFor();
  await page.locator("footer").getByRole("button", { name: "Sign in" }).click();
  await signIn(page, open.token);
  await second.locator("footer").getByText(/, admin$/).waitFor();
}));

test("a page that comes into sight again asks who has signed in", () => visit(browser, open, {}, async (page, { context }) => {
  await page.goto("/jobs");
  await page.locator("footer").getByText(/, admin$/).waitFor();
  await page.locator(".live.good").waitFor();
  await context.clearCookies();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.getByText("Signed out: the session has ended.").waitFor();
}));

test("who may not do something is told what it needs", () => visit(browser, closed, { signedIn: false }, async (page) => {
  const secret = await closed.makeToken("vera", "viewer");
  await page.goto("/jobs/hourly");
  await signIn(page, secret);
  for (const name of [/^Pause · needs operator$/, /^Run now · needs operator$/, /^Backfill… · needs operator$/]) assert.equal(await page.getByRole("button", { name }).isDisabled(), true);
  await page.goto("/settings");
  await settled(page);
  await page.getByText("this needs a token of the role admin; vera is a viewer").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Sign in" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: "Apply the settings · needs admin" }).isDisabled(), true);
  await check(page, "the settings of a viewer");
}));
