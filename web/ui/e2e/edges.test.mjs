// Addresses that nobody has made with care, and names that are as long as they may be.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { check, launch, settled } from "./browser.mjs";
import { api, startDemo, until } from "./demo.mjs";
import { forgive, visit } from "./visit.mjs";

const job = "j".repeat(60), device = "d".repeat(200);
let demo, browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(4), launch()]);
  await appendFile(join(demo.dir, "fleetscore.yaml"), `
  ${job}:
    schedule: "@every 5s"
    delay: 1s
    input: {window: 5s, wait: 5s}
    models: "models/{device}/{tag}.pkl"
`);
  await api(demo, "POST", "/config/apply");
  await until(async () => (await api(demo, "GET", `/runs?job=${job}&state=succeeded&limit=1`)).runs.length > 0, "a run of the job with the long name");
});
after(async () => { await browser?.close(); await demo?.stop(); });

test("what an address asks for and is not understood is said, and left out", () => visit(browser, demo, {}, async (page) => {
  for (const [path, what] of [["/fleet?interval=xx&job=demo", "interval=xx"], ["/fleet?fate=xx&job=demo", "fate=xx"], ["/sensor?device=pump-01&tag=flow&job=demo&last=99999d", "last=99999d"],
    ["/sensor?device=pump-01&tag=flow&job=demo&from=a&to=b&at=c", "at=c, from=a"], ["/runs?state=xx", "state=xx"], [`/logs?run=${demo.broken}&from=-1&level=x`, "level=x, from=-1"], ["/store?key=models/pump-01/flow.pkl&skip=x", "skip=x"]]) {
    await page.goto(path);
    await page.getByText(/^Not understood, and left out/).getByText(what).waitFor();
    await settled(page);
  }
}));

test("an address that there is none of shows a page that says so", () => visit(browser, demo, {}, async (page, { complaints }) => {
  for (const path of ["/nowhere", "/runs/a/b", "/fleet/x", "/jobs/%ff", "/jobs/%zz"]) {
    const answer = await page.goto(path);
    await page.getByRole("heading", { level: 1, name: "No such page" }).waitFor();
    assert.equal(answer.status(), { "/jobs/%ff": 200, "/jobs/%zz": 400 }[path] ?? 404, path);
  }
  await check(page, "no such page");
  await page.getByRole("link", { name: "To the overview" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await page.evaluate(() => { const a = Object.assign(document.createElement("a"), { href: "/jobs/%zz" }); document.body.append(a); a.click(); a.remove(); });
  await page.getByRole("heading", { level: 1, name: "No such page" }).waitFor();
  forgive(complaints, /404|400/);
}));

test("a view that breaks says so, and is gone from", () => visit(browser, demo, {}, async (page, { context }) => {
  await context.route("**/api/v1/jobs/demo", (route) => route.fulfill({ json: { name: "demo" } }));
  await page.goto("/jobs/demo");
  await page.getByRole("heading", { level: 1, name: "This view broke" }).waitFor();
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Runs" }).click();
  await page.getByRole("table", { name: "Runs" }).waitFor();
}));

for (const width of [390, 1280]) {
  test(`names that are long do not break the layout, ${width} wide`, () => visit(browser, demo, { width }, async (page) => {
    const run = (await api(demo, "GET", `/runs?job=${job}&state=succeeded&limit=1`)).runs[0].id;
    for (const path of ["/", "/models", "/jobs", `/jobs/${job}`, "/runs", `/runs/${run}`, `/fleet?job=${job}`, `/sensor?device=${device}&tag=${"t".repeat(200)}&job=demo`, `/logs?run=${run}`]) {
      await page.goto(path);
      await settled(page);
      const wide = await page.evaluate(() => [...document.querySelectorAll("main, .tile, .card > header, .page-head")].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 60)}`));
      assert.deepEqual(wide, [], path);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${path} is wider than the screen`);
    }
  }));
  test(`runs and what was not delivered have no barriers, ${width} wide`, () => visit(browser, demo, { width }, async (page, { context }) => {
    await context.route("**/api/v1/notify/messages?*", (route) => route.fulfill({ json: { messages: [{ seq: 1, id: "m1", event: "run.failed", subject: "demo/20261127T000000000-abcde", receiver: "ops-of-the-plant", state: "dead", attempts: 12, error: "connecting to https://127.0.0.1:9/hook/of/the/plant: connection refused", created: new Date().toISOString() }] } }));
    const done = (await api(demo, "GET", "/runs?job=demo&state=succeeded&limit=1")).runs[0].id;
    for (const path of ["/settings", `/runs/${demo.broken}`, `/runs/${done}`]) {
      await page.goto(path);
      await settled(page);
      await check(page, `${path}, ${width}`);
    }
  }));
}

test("a sensor is gone to by a part of its name, and none that there is not", () => visit(browser, demo, {}, async (page) => {
  await page.goto("/");
  await settled(page);
  await page.keyboard.press("/");
  await page.getByRole("combobox", { name: /^Go to/ }).fill("02/TEMP");
  await page.getByRole("option", { name: "Sensor pump-02 / temperature" }).click();
  await page.waitForURL(/\/sensor\?device=pump-02&tag=temperature/);
  await page.keyboard.press("/");
  await page.getByRole("combobox", { name: /^Go to/ }).fill("p-03");
  await page.getByRole("option", { name: "Device pump-03" }).waitFor();
  await page.getByRole("combobox", { name: /^Go to/ }).fill("pump-99");
  await page.getByText("There is nothing of that name.").waitFor();
  assert.equal(await page.getByRole("listbox", { name: "Where to go" }).getByRole("option").count(), 0);
}));

test("what there is not yet writes nothing to the console", () => visit(browser, demo, {}, async (page) => {
  await page.goto("/ingest?partition=999");
  await page.getByText("There is no partition 999.").waitFor();
  await page.goto(`/sensor?${new URLSearchParams({ device: " a\u202eb", tag: "c", job: "demo" })}`);
  await page.getByRole("heading", { level: 1, name: "␣a‹U+202E›b / c" }).waitFor();
  await page.goto("/sensor?device=never&tag=scored&job=demo");
  await page.getByText("No job has scored this sensor lately.").first().waitFor();
  await settled(page);
  for (const path of ["/fleet?job=gone", "/sensor?device=pump-01&tag=flow&job=gone", "/jobs/gone"]) {
    await page.goto(path);
    await page.getByText("There is no job gone").first().waitFor();
    await settled(page);
  }
}));
