// Jobs that score files, by hand: names that were not chosen with care, failures by the
// thousand, nothing to score, no input, and no node to do it.
import assert from "node:assert/strict";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { check, launch, settled } from "./browser.mjs";
import { api, until } from "./demo.mjs";
import { startService } from "./service.mjs";
import { visit } from "./visit.mjs";

const model = new URL("../../../examples/pumps/models/pump-1/temperature.pkl", import.meta.url).pathname;
const names = ["<img src=x onerror=alert(1)>", "a%2Fb", "a/b", "x".repeat(200), "\u202eevil\u202c", "جهاز-١", "🔥pump🔥", '"quoted"', "it's; rm -rf /", "pump*", "zero\u200bwidth", "../../etc/passwd", "..", "%", "&amp;", "{device}", "#a?b=1&c=2"];
const tag = "t/%2F<b>", hour = { from: "2026-11-23T12:00:00Z", to: "2026-11-23T13:00:00Z" };
const sensor = (device, job = "fixed") => `/sensor?${new URLSearchParams({ device, tag, job, ...hour })}`;
const runs = {};
let service, browser;
before(async () => {
  [service, browser] = await Promise.all([startService(`jobs:
  fixed: {interval: 1h, input: {file: hostile.csv}, models: "models/shared.pkl"}
  many: {interval: 1h, input: {file: many.csv}}
  nothing: {interval: 1h, input: {file: empty.csv}, models: "none/{device}.pkl"}
  gone: {interval: 1h, input: {file: gone.csv}, models: "models/{device}.pkl"}
`), launch()]);
  const data = join(service.dir, "data"), head = "time,device,tag,value\n";
  await mkdir(join(data, "models"), { recursive: true });
  await cp(model, join(data, "models/shared.pkl"));
  const quoted = (name) => `"${name.replaceAll('"', '""')}"`;
  await writeFile(join(data, "hostile.csv"), head + names.flatMap((name) => [0, 20, 40].map((minute) => `2026-11-23T12:${String(minute).padStart(2, "0")}:00Z,${quoted(name)},${tag},${50 + minute / 5}`)).join("\n"));
  await writeFile(join(data, "many.csv"), head + Array.from({ length: 3000 }, (_, i) => `2026-11-23T12:00:00Z,device-${i},t,${i % 3 ? 1 : "nan"}`).join("\n"));
  await writeFile(join(data, "empty.csv"), head);
  for (const job of ["fixed", "many", "nothing", "gone"]) {
    runs[job] = (await api(service, "POST", `/jobs/${job}/runs`, { interval: hour })).id;
    await until(async () => ["succeeded", "failed"].includes((await api(service, "GET", `/runs/${runs[job]}`)).state), `the run of ${job}`);
  }
});
after(async () => { await browser?.close(); await service?.stop(); });

test("names are text, and lead to what they name", () => visit(browser, service, {}, async (page) => {
  page.on("dialog", (dialog) => assert.fail(`a name has opened a dialog: ${dialog.message()}`));
  await page.goto("/fleet?job=fixed&fate=anomalous");
  const links = page.getByRole("table").last().locator("tbody th a");
  await links.nth(names.length - 1).waitFor();
  const all = await links.evaluateAll((list) => list.map((a) => [a.textContent, a.getAttribute("href")]));
  assert.equal(all.length, names.length);
  for (const [text, href] of all) {
    await page.goto(href);
    await settled(page);
    assert.equal(await page.locator("h1").textContent(), text);
    assert.ok((await page.title()).startsWith(text.replace(/\s+/g, " ")), await page.title());
    assert.ok(names.includes(new URL(page.url()).searchParams.get("device")), page.url());
  }
  await page.goto(sensor("zero\u200bwidth"));
  await page.getByRole("heading", { level: 1, name: "zero‹U+200B›width / " }).waitFor();
}));

for (const [scheme, width] of [["light", 1280], ["dark", 640], ["dark", 390]]) {
  test(`what fails in several ways has no barriers, and fits, ${scheme}, ${width} wide`, () => visit(browser, service, { scheme, width }, async (page) => {
    for (const path of ["/", "/fleet?job=many&fate=failed", "/jobs", "/jobs/fixed", "/models", "/settings", sensor(names[0]), sensor(names[3]), ...Object.values(runs).map((id) => `/runs/${id}`)]) {
      await page.goto(path);
      await settled(page);
      await check(page, `${path}, ${width}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${path} is wider than ${width}`);
    }
  }));
}

test("a sensor of a job that scores files shows what was scored, and what is normal of it", () => visit(browser, service, {}, async (page) => {
  await page.goto(sensor("a/b"));
  const card = page.getByRole("region", { name: "What was scored" });
  await card.getByText(/^normal to its model: /).waitFor();
  assert.equal(await page.getByRole("region", { name: /^Windows of/ }).count(), 0);
  assert.equal(await page.getByText("It sent nothing in this time.").count(), 0);
}));

test("a job without a schedule is run by hand, and has nothing to pause", () => visit(browser, service, {}, async (page) => {
  await page.goto("/jobs/fixed");
  await page.getByText("has no schedule, and is run by hand").waitFor();
  await page.getByRole("button", { name: "Run now" }).waitFor();
  for (const name of ["Pause", "Backfill…"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
}));

test("the overview says of which job sensors failed", () => visit(browser, service, {}, async (page) => {
  await page.goto("/");
  await page.getByText(/the last run of many has failed: 3000 of 3000 sensors failed/).waitFor();
  await page.getByText("Nothing failed in intervals of the last three days.").waitFor();
}));

test("thousands of failures come a page at a time, and what is wrong with a page is said", () => visit(browser, service, {}, async (page, { context, complaints }) => {
  await page.goto(`/runs/${runs.many}?cause=no_model`);
  const rows = page.getByRole("table", { name: "Sensors that failed" }).locator("tbody tr"), more = page.getByRole("button", { name: "Show more" });
  await more.click();
  await rows.nth(199).waitFor();
  await context.route("**/failures?*cursor=*", (route) => route.fulfill({ status: 500, json: { status: 500, code: "internal", detail: "broken in the middle" } }));
  await more.click();
  await page.getByText("broken in the middle").waitFor();
  assert.equal(await rows.count(), 200);
  complaints.length = 0; // of the answer 500
}));

test("a model that many sensors share is listed, with its jobs", () => visit(browser, service, {}, async (page) => {
  await page.goto("/models?search=shared");
  const row = page.getByRole("table", { name: "Models", exact: true }).getByRole("row", { name: /models\/shared.pkl/ });
  await row.getByRole("link", { name: "fixed" }).waitFor();
  await row.getByRole("link", { name: "gone" }).waitFor();
  const jobs = page.getByRole("table", { name: "Models of each job" });
  assert.equal(await jobs.getByRole("row", { name: /^many/ }).getByRole("cell").nth(2).textContent(), "2,000");
}));

test("a name with a star is muted only after a warning", () => visit(browser, service, {}, async (page) => {
  await page.goto(sensor("pump*"));
  await page.getByRole("button", { name: "Mute" }).click();
  await page.getByRole("dialog").getByText(/stand for any text here/).waitFor();
}));

test("words of the audit trail are not broken", () => visit(browser, service, {}, async (page) => {
  await page.goto("/settings");
  const did = page.getByRole("table", { name: "Audit trail" }).locator("tbody code");
  await did.first().waitFor();
  assert.deepEqual(await did.evaluateAll((list) => list.filter((code) => code.getClientRects().length > 1).map((code) => code.textContent)), []);
}));

test("what no node has worked for is compared with nothing", () => visit(browser, service, {}, async (page) => {
  await page.goto(`/runs/${runs.nothing}`);
  await page.getByText("there were no sensors").waitFor();
  await api(service, "POST", "/pool", { formula: "0" });
  const { id } = await api(service, "POST", "/jobs/fixed/runs", { interval: hour });
  await until(async () => (await api(service, "GET", `/runs/${id}`)).cost, "its cost");
  await page.goto(`/runs/${id}`);
  await page.getByText("no node has worked for it").waitFor();
  assert.equal(await page.getByText("less; it would be").count(), 0);
  await api(service, "POST", `/runs/${id}/cancel`);
}));
