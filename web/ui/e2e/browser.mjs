// Debian's Chromium, and pages that fail a test when anything is written to the console,
// or asked of another host.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** open makes a page in a theme and size; complaints gathers what is wrong with it. */
export async function open(browser, demo, { scheme = "light", width = 1280, height = 900, signedIn = true } = {}) {
  const context = await browser.newContext({ baseURL: demo.url, colorScheme: scheme, viewport: { width, height }, reducedMotion: "reduce" });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (m) => { if (["error", "warning"].includes(m.type())) complaints.push(`console: ${m.text()} ${m.location().url}`); });
  page.on("pageerror", (e) => complaints.push(`error: ${e.message}`));
  page.on("request", (r) => { if (!r.url().startsWith(demo.url) && !r.url().startsWith("blob:")) complaints.push(`it asks ${r.url()}`); });
  if (signedIn) {
    const answer = await context.request.post("/api/v1/session", { data: { token: demo.token }, headers: { "X-Fleetscore-Csrf": "1", Origin: demo.url } });
    assert.equal(answer.status(), 200, await answer.text());
  }
  return { page, context, complaints };
}

/** settled waits until a view shows what it has. */
export async function settled(page) {
  await page.locator("main h1").waitFor();
  await page.waitForFunction(() => !document.querySelector("main .bones"), null, { timeout: 20000 });
}

/** check has axe look for barriers, by WCAG 2.2 AA and what is good practice. */
export async function check(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  assert.deepEqual(found.violations.map((v) => `${what}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.any[0]?.message ?? ""}`).join(" | ")}`), []);
}
