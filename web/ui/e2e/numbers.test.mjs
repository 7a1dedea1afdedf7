// What the dashboard's numbers say is what the service says, and what was.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check, launch, settled } from "./browser.mjs";
import { api, startDemo, until } from "./demo.mjs";
import { visit as visitOf } from "./visit.mjs";

let demo, browser;
before(async () => { [demo, browser] = await Promise.all([startDemo(), launch()]); });
after(async () => { await browser?.close(); await demo?.stop(); });

/** visit opens a page of the demo. */
const visit = (does) => visitOf(browser, demo, {}, does);

test("nodes are drawn by when they were there", () => visit(async (page) => {
  const series = await api(demo, "GET", "/pool/nodes?since=2000-01-01"), cost = await api(demo, "GET", "/pool/cost?days=7");
  const ends = [...series.steps.slice(1).map((s) => s.time), series.to];
  const area = series.steps.reduce((sum, s, i) => sum + s.nodes * (Date.parse(ends[i]) - Date.parse(s.time)) / 1000, 0);
  assert.ok(Math.abs(area - cost.node_seconds) < 10, `the area is ${area} s, the node time ${cost.node_seconds} s`);
  await page.goto("/nodes");
  const card = page.getByRole("region", { name: "Target, nodes and waiting tasks over time" });
  await card.getByText("The same as a table").click();
  const nodes = card.getByRole("table").getByRole("row").last().getByRole("cell").nth(1);
  const there = async () => (await api(demo, "GET", "/nodes")).nodes.filter((n) => !n.ended).length;
  let told = [];
  await until(async () => {
    const before = await there(), text = await nodes.textContent();
    told = [before, text];
    return before === 0 && text === "0" && await there() === 0;
  }, "none to be drawn while there is none").catch((e) => assert.fail(`${e.message}: ${told}`));
}));

test("what is always on counts from the first that is known", () => visit(async (page) => {
  const { cost } = await api(demo, "GET", "/overview"), { started } = await api(demo, "GET", "/status");
  assert.ok(Math.abs(Date.parse(cost.since) - Date.parse(started)) < 20e3, `it counts since ${cost.since}, and the service is there since ${started}`);
  assert.ok(Math.abs(cost.always_on_seconds - cost.max * (Date.parse(cost.to) - Date.parse(cost.since)) / 1000) < 1);
  for (const path of ["/", "/nodes"]) {
    await page.goto(path);
    await page.getByText(/nodes?, since .*, the first that is known/).waitFor();
  }
}));

test("a formula is compared over one time, and one that leaves tasks is not saved by mistake", () => visit(async (page) => {
  const { started } = await api(demo, "GET", "/status");
  await page.goto("/nodes");
  const formula = page.getByRole("textbox", { name: /^Formula/ }), save = page.getByRole("button", { name: "Save", exact: true });
  await page.getByRole("spinbutton", { name: "At most" }).fill("3");
  await formula.fill("3");
  await page.getByRole("button", { name: "Try it" }).click();
  const table = page.getByRole("table", { name: "The past, as it is and as it would be" });
  const hours = Number(await table.getByRole("row", { name: /^node hours/ }).getByRole("cell").last().textContent());
  const age = (Date.now() - Date.parse(started)) / 3600e3;
  assert.ok(hours > 0 && hours <= 3.05 * age, `three nodes for ${age} h are not ${hours} h`);
  await page.getByText(/^Both from .* what was before is not known/).waitFor();
  assert.equal(await save.isEnabled(), true);
  await formula.fill("-5");
  await page.getByRole("button", { name: "Try it" }).click();
  const warning = page.getByRole("alert").filter({ hasText: "Work would never be done" });
  await warning.getByText(/would not be scored/).waitFor();
  assert.equal(await save.isEnabled(), false);
  await check(page, "a formula that leaves tasks");
  await warning.getByRole("checkbox").check();
  await save.click();
  await page.getByRole("dialog", { name: "Save" }).getByText(/would not have been done/).waitFor();
  await page.keyboard.press("Escape");
  await formula.fill("-6");
  await page.getByRole("button", { name: "Try it" }).click();
  await warning.waitFor();
  assert.equal(await warning.getByRole("checkbox").isChecked(), false);
}));

test("a plane of two features has all that was scored on it, and all that is normal", () => visit(async (page) => {
  const answer = (route, body) => route.fulfill({ json: body });
  // Its model has them in an order that is not the alphabet's; a ring about (50, 0) is normal.
  await page.route("**/api/v1/sensor?**", async (route) => {
    const real = await (await route.fetch()).json();
    for (const j of real.jobs) j.model.features = 2;
    await answer(route, real);
  });
  await page.route("**/api/v1/jobs/demo/series?**", async (route) => {
    const real = await (await route.fetch()).json(), n = real.time.length;
    await answer(route, { ...real, values: { alpha: real.time.map((_, i) => (i === n - 1 ? 900 : 50)), zeta: real.time.map((_, i) => (i === n - 1 ? -70 : 0)) }, anomalies: [n - 1] });
  });
  await page.route("**/api/v1/jobs/demo/band?**", (route) => {
    const q = new URL(route.request().url()).searchParams, n = Number(q.get("points")), grid = (a, b) => Array.from({ length: n }, (_, i) => Number(a) + (Number(b) - Number(a)) * i / (n - 1));
    const x = grid(q.get("from"), q.get("to")), y = grid(q.get("from2"), q.get("to2"));
    return answer(route, { features: ["zeta", "alpha"], threshold: 0, x, y, decision: y.flatMap((v) => x.map((u) => 500 - Math.hypot(u, v - 50))) });
  });
  await page.goto("/sensor?device=pump-03&tag=temperature&job=demo");
  const plane = page.getByRole("img", { name: /^The decision function over zeta and alpha/ });
  const [, a, b, c, d] = /zeta (\S+) to (\S+), alpha (\S+) to (\S+)/.exec((await plane.getAttribute("aria-label")).replaceAll(",", "").replace(/(\d) alpha/, "$1, alpha"));
  const num = (t) => Number(t.replace("k", "e3"));
  assert.ok(num(a) < -500 && num(b) > 500 && num(c) < -450 && num(d) > 900, [a, b, c, d].join());
  const card = page.getByRole("region", { name: "What is normal to its model" });
  await card.getByText("The same as a table").click();
  await card.getByRole("row", { name: /-70 900 .*anomalous/ }).waitFor();
}));
