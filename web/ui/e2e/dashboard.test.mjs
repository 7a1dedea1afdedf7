// Every view and action, in a browser, on what a real service shows.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check, launch, settled } from "./browser.mjs";
import { api, startDemo, until } from "./demo.mjs";
import { shell, told } from "./told.mjs";
import { views } from "./views.mjs";
import { forgive, visit as visitOf } from "./visit.mjs";

let demo, browser;
before(async () => { [demo, browser] = await Promise.all([startDemo(), launch()]); });
after(async () => { await browser?.close(); await demo?.stop(); });

/** visit opens a page of the demo. */
const visit = (options, does) => visitOf(browser, demo, options, does);

/** act opens an action by its button, sees how it is done elsewhere, and does it. */
async function act(page, name, cli) {
  await page.getByRole("button", { name, exact: true }).first().click();
  const dialog = page.getByRole("dialog", { name });
  await dialog.getByText(cli).waitFor();
  await dialog.getByText(/^(POST|DELETE) \/api\/v1\//).waitFor();
  await dialog.getByRole("button", { name, exact: true }).click();
  return dialog;
}

for (const [look, options] of Object.entries({ light: {}, dark: { scheme: "dark" }, phone: { width: 360, height: 740 } })) {
  test(`every view, ${look}: no barriers, nothing on the console, no more than a screen wide`, () => visit(options, async (page) => {
    for (const [name, path] of Object.entries(views(demo))) {
      await page.goto(path);
      await settled(page);
      await check(page, `${name}, ${look}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${name} is wider than the screen`);
    }
  }));
}

test("the overview tells what is wrong first, and leads to why", () => visit({}, async (page) => {
  await page.goto("/");
  await page.getByRole("region", { name: "What needs attention" }).getByRole("link", { name: "Look at it" }).first().click();
  await page.waitForURL(/\/runs\//);
  await page.getByText(/failures = 2 causes/).waitFor();
  await page.getByRole("button", { name: /no.model/ }).click();
  await page.waitForURL(/group=\w+/);
  await page.getByRole("link", { name: "pump-01 / temperature" }).waitFor();
  await page.getByRole("table", { name: "Sensors that failed" }).getByRole("link", { name: "log" }).first().click();
  await page.getByRole("log").getByText("no model broken/pump-01").first().waitFor();
}));

test("who was not scored, and why", () => visit({}, async (page) => {
  await page.goto("/fleet?job=broken");
  await page.getByRole("table", { name: "Sensors" }).getByText("pump-02 / temperature").waitFor();
  await page.getByRole("table", { name: "Sensors" }).getByText("bad model").waitFor();
}));

test("the matrix obeys the keyboard, and tells its cell", () => visit({}, async (page) => {
  await page.goto("/fleet?job=broken");
  const matrix = page.getByRole("application");
  await matrix.focus();
  await page.keyboard.press("Home");
  await page.locator("#matrix-cell").getByText(/pump-01 \/ current, .*: failed/).waitFor();
  for (let i = 0; i < 6; i++) await page.keyboard.press("ArrowDown");
  await page.locator("#matrix-cell").getByText(/pump-02 \/ flow, .*: (scored|anomalous)/).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/sensor\?/);
  await page.getByRole("heading", { level: 1, name: "pump-02 / flow" }).waitFor();
  await page.goBack();
  await page.waitForURL(/\/fleet\?/);
}));

test("a sensor shows its windows, scores and model", () => visit({}, async (page) => {
  await page.goto("/sensor?device=pump-03&tag=temperature&job=demo");
  await page.getByRole("img", { name: /windows? of 5s/ }).waitFor();
  await page.getByRole("img", { name: /scores?, the last/ }).waitFor();
  await page.getByText(/^[0-9a-f]{64}$/).first().waitFor();
  await page.getByText(/normal to its model: \d/).waitFor();
  await page.getByRole("table", { name: "Last runs of this sensor" }).getByText(/scored|anomalous/).first().waitFor();
  await page.goto("/sensor?device=pump-01&tag=flow&job=broken");
  await page.getByRole("region", { name: "Log lines of this sensor" }).getByText("no model broken/pump-01/flow.pkl").waitFor();
  await page.getByText("Job broken finds no model for it.").waitFor();
}));

test("what is normal to a sensor is told by its model, and time is zoomed into", () => visit({}, async (page) => {
  const { normal } = await api(demo, "GET", "/jobs/demo/band?device=pump-03&tag=temperature&from=0&to=200&points=2048");
  await page.goto("/sensor?device=pump-03&tag=temperature&job=demo");
  const text = await page.getByText(/normal to its model: \d/).textContent();
  const [from, to] = /model: ([\d.]+) to ([\d.]+)/.exec(text).slice(1).map(Number);
  assert.ok(Math.abs(from - normal[0].from) < 1 && Math.abs(to - normal[0].to) < 1, `${text} and ${JSON.stringify(normal)}`);
  const chart = page.getByRole("img", { name: /windows? of 5s/ });
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 80, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=.*&to=/);
  await page.getByRole("button", { name: /back to the last/ }).click();
  await page.waitForURL((u) => !u.searchParams.has("from"));
}));

test("logs are searched by the service, and read on from what was found", () => visit({}, async (page) => {
  await page.goto(`/logs?run=${demo.broken}`);
  await page.getByRole("log").getByText(/level=/).first().waitFor();
  await page.getByLabel("Search").fill("PUMP-02");
  const found = page.getByRole("log").locator(".hit");
  await found.filter({ hasText: "bad_model" }).first().waitFor();
  assert.equal(await found.filter({ hasText: "pump-01" }).count(), 0);
  await found.getByRole("link").first().click();
  await page.waitForURL(/from=\d+/);
  await page.getByText("From a line that was found on.").waitFor();
  await check(page, "a log from a line on");
  await page.goto(`/logs?run=${demo.broken}&level=error`);
  await page.getByText("No line has that.").waitFor();
}));

test("a run shows what each node did", () => visit({}, async (page) => {
  await page.goto(`/runs/${demo.broken}`);
  await page.getByRole("img", { name: /attempts? on \d+ nodes? in/ }).waitFor();
  await page.getByText(/queue .*, start .*, read .*, score .*, write .*, all attempts together/).waitFor();
}));

test("partitions are told apart", () => visit({}, async (page) => {
  await page.goto("/ingest");
  await page.getByRole("list", { name: "Partitions" }).getByRole("button", { name: /partition 3, window 5s: working/ }).click();
  await page.waitForURL(/partition=3/);
  await page.getByRole("table", { name: "Partitions" }).getByRole("rowheader", { name: "3, 5s" }).waitFor();
  assert.equal(await page.getByRole("table", { name: "Partitions" }).getByRole("row").count(), 2);
}));

test("devices are grouped, and found by what is wrong with them", () => visit({}, async (page) => {
  await page.goto("/fleet?job=broken");
  await page.getByLabel("a row a device").check();
  await page.waitForURL(/group=device/);
  await page.getByText("8 devices over the last").waitFor();
  await page.getByLabel("Now").selectOption("failed");
  await page.getByText("2 devices over the last").waitFor();
}));

test("what views say to do from a shell, and to ask of the API, can be done", () => visit({}, async (page) => {
  const seen = new Set(), wrong = [];
  for (const [, path] of Object.entries(views(demo))) {
    await page.goto(path);
    await settled(page);
    for (const { kind, text } of await told(page)) {
      if (seen.has(text)) continue;
      seen.add(text);
      if (kind === "API" && text.startsWith("GET ")) await api(demo, "GET", text.slice("GET /api/v1".length)).catch((e) => e instanceof SyntaxError || wrong.push(e.message));
      if (kind === "CLI" && text.startsWith("fleetscore ")) await shell(demo, text).catch((e) => wrong.push(`${text}: ${e.stderr || e.message}`));
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(seen.size > 25, [...seen].join("\n"));
}));

test("views change by themselves when something happens", () => visit({}, async (page) => {
  await page.goto("/runs?job=demo");
  const first = page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1).getByRole("link").first();
  const old = await first.textContent();
  await page.waitForFunction((was) => document.querySelector("tbody tr a")?.textContent !== was, old);
}));

test("pages of one browser share one stream of events", () => visit({}, async (page, { context }) => {
  const streams = [];
  context.on("request", (r) => { if (r.url().endsWith("/api/v1/events")) streams.push(r); });
  await page.goto("/");
  const second = await context.newPage();
  await second.goto("/runs?job=demo");
  for (const one of [page, second]) await one.locator(".live.good").waitFor();
  assert.equal(streams.length, 1);
  await page.close(); // the other takes over
  await second.waitForFunction((was) => document.querySelector("tbody tr a")?.textContent !== was, await second.locator("tbody tr a").first().textContent());
  await second.locator(".live.good").waitFor();
  assert.equal(streams.length, 2);
}));

test("a job is paused, resumed, run and run over the past", () => visit({}, async (page) => {
  await page.goto("/jobs/broken");
  await act(page, "Pause", "fleetscore job pause broken");
  await until(async () => (await api(demo, "GET", "/jobs/broken")).paused, "the pause");
  await act(page, "Resume", "fleetscore job resume broken");
  await until(async () => !(await api(demo, "GET", "/jobs/broken")).paused, "the end of the pause");
  const ran = await act(page, "Run now", "fleetscore job run broken");
  await ran.getByText(/was made|overlap|already|conflict/i).first().waitFor();
  await page.keyboard.press("Escape");
  await page.goto("/jobs/demo");
  await page.getByRole("button", { name: "Backfill…" }).click();
  const dialog = page.getByRole("dialog", { name: "Backfill demo" });
  await dialog.getByText(/^There is data of it since/).waitFor();
  const { first } = await api(demo, "GET", "/jobs/demo/data"); // which is less than an hour ago
  assert.equal(Date.parse(`${await dialog.getByLabel("From, UTC").inputValue()}Z`), Date.parse(first.from));
  const begin = new Date(Date.now() - 600e3).toISOString().slice(0, 16);
  await dialog.getByLabel("From, UTC").fill(begin);
  await dialog.getByRole("button", { name: "Preview" }).click();
  await dialog.getByText(/missing|There is nothing to do/).first().waitFor();
  await page.route("**/backfill", async (route) => { await dialog.getByLabel("From, UTC").fill("2026-01-01T00:00"); await route.continue(); });
  const [answer] = await Promise.all([page.waitForResponse("**/backfill"), dialog.getByRole("button", { name: "Preview" }).click()]);
  await answer.finished();
  await page.waitForFunction(() => document.querySelector("dialog input").value.startsWith("2026-01-01"));
  assert.equal(await dialog.getByRole("button", { name: /^Run / }).count(), 0, "what was seen of other times can be run");
}));

test("what failed is retried, and a run compared with the one before", () => visit({}, async (page) => {
  await page.goto(`/runs/${demo.broken}`);
  const dialog = await act(page, "Retry what failed", `fleetscore run retry ${demo.broken} --failed`);
  await dialog.getByText(/Run .* was made|as things stand|counts? no more|revision/).first().waitFor();
  const done = (await api(demo, "GET", "/runs?job=demo&state=succeeded&limit=1")).runs[0];
  await page.goto(`/runs/${done.id}`);
  await page.getByRole("table", { name: "Compared with the run before" }).waitFor();
}));

test("a sensor is muted, and told of again", () => visit({}, async (page) => {
  await page.goto("/sensor?device=pump-04&tag=flow&job=demo");
  await page.getByRole("button", { name: "Mute" }).click();
  const dialog = page.getByRole("dialog", { name: "Mute" });
  await dialog.getByRole("combobox").selectOption("24");
  await dialog.getByRole("textbox", { name: "Reason" }).fill("it is at the workshop");
  await dialog.getByText("fleetscore mute pump-04/flow --for 24h --reason 'it is at the workshop'").waitFor();
  await dialog.getByRole("button", { name: "Mute" }).click();
  await dialog.getByText("It is muted.").waitFor();
  await page.goto("/settings");
  await page.getByRole("table", { name: "Mutes" }).getByText("pump-04/flow").waitFor();
  await page.getByRole("table", { name: "Mutes" }).getByText("it is at the workshop").waitFor();
  await act(page, "End", /fleetscore unmute \S+/);
  await page.getByText("Nobody is kept from hearing of any.").waitFor();
}));

test("intervals of the past are run, what has run is run again, and readings kept aside are replayed", () => visit({}, async (page) => {
  await page.goto("/jobs/broken");
  await page.getByRole("button", { name: "Backfill…" }).click();
  const plan = page.getByRole("dialog", { name: "Backfill broken" });
  const at = (ms) => new Date(Date.now() + ms).toISOString().slice(0, 16);
  await plan.getByLabel("From, UTC").fill(at(-600e3));
  await plan.getByLabel("To, UTC").fill(at(-60e3));
  await plan.getByRole("button", { name: "Preview" }).click();
  await plan.getByRole("table", { name: "Intervals" }).getByText("missing").first().waitFor();
  await plan.getByRole("button", { name: /^Run \d+ intervals?$/ }).click();
  const sure = page.getByRole("dialog", { name: /^Run \d+ intervals?$/ });
  await sure.getByText(/fleetscore backfill broken --from/).waitFor();
  await sure.getByRole("button", { name: /^Run \d+ intervals?$/ }).click();
  await sure.getByText(/runs? made\./).waitFor();
  const done = (await api(demo, "GET", "/runs?job=demo&state=succeeded&limit=1")).runs[0];
  await page.goto(`/runs/${done.id}`);
  const again = await act(page, "Run again", `fleetscore run retry ${done.id}`);
  await again.getByText(/Run .* was made/).getByRole("link").click();
  await page.waitForURL((u) => /^\/runs\//.test(u.pathname) && !u.pathname.endsWith(done.id));
  await page.goto("/ingest");
  const replay = await act(page, "Replay", "fleetscore window late replay --window 5s");
  await replay.getByText(/readings? went into the stream again/).waitFor();
}));

test("the settings are applied, and who did so is written down", () => visit({}, async (page) => {
  await page.goto("/settings");
  const dialog = await act(page, "Apply the settings", "fleetscore config apply");
  await dialog.getByText(/Nothing had changed|changed|restart/).first().waitFor();
  await page.reload();
  await page.getByRole("table", { name: "Audit trail" }).getByText("config.apply").first().waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).first().waitFor();
}));

test("a formula is tried before it is saved, and taken back", () => visit({}, async (page, { complaints }) => {
  await page.goto("/nodes");
  const formula = page.getByRole("textbox", { name: /^Formula/ });
  await formula.fill("nodes +");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("alert").waitFor();
  await formula.fill("pending_tasks > 0 ? 1 : 0");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText(/With it there would be/).waitFor();
  await act(page, "Save", /fleetscore pool set --formula/);
  await until(async () => (await api(demo, "GET", "/pool")).formula === "pending_tasks > 0 ? 1 : 0", "the formula");
  await act(page, "Back to the settings", "fleetscore pool set --reset");
  await until(async () => (await api(demo, "GET", "/pool")).default, "the default");
  forgive(complaints, /422.*\/api\/v1\/pool$/);
}));

test("a token is made and revoked, and a browser's session ends with it", () => visit({}, async (page) => {
  await page.goto("/settings");
  await page.getByRole("button", { name: "Make a token" }).click();
  const dialog = page.getByRole("dialog", { name: "Make a token" });
  await dialog.getByLabel("Name").fill("visitor");
  await dialog.getByRole("button", { name: "Make a token" }).click();
  const secret = /fsk_\w+/.exec(await dialog.getByText(/The secret of the token/).textContent())[0];
  await visit({ signedIn: false }, async (other) => {
    await other.goto("/jobs/demo");
    await other.getByRole("button", { name: "Pause" }).click();
    await other.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
    await other.getByLabel("Token").fill(secret);
    await other.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
    await other.getByText("visitor, viewer").waitFor();
    const cookies = await other.context().cookies();
    assert.deepEqual(cookies.map((c) => [c.httpOnly, c.sameSite]), [[true, "Strict"]]);
    assert.equal(await other.evaluate(() => document.cookie + JSON.stringify(localStorage)), "{}");
    assert.equal(await other.getByRole("button", { name: "Pause · needs operator" }).isDisabled(), true);
    await api(demo, "POST", "/tokens/visitor/revoke");
    await other.getByText("Signed out: the session has ended.").waitFor();
  });
  await page.keyboard.press("Escape");
  await page.reload();
  await page.getByText("session.begin").first().waitFor();
}));

test("the models are counted by kind, and one is looked into", () => visit({}, async (page) => {
  await page.goto("/models");
  await page.getByRole("table", { name: "Kinds of models" }).getByText("native").first().waitFor();
  await page.getByRole("table", { name: "Models", exact: true }).getByRole("link", { name: /\.pkl$/ }).first().click();
  await page.waitForURL(/key=/);
  await page.getByText("natively, without Python").waitFor();
  await page.getByText(/OneClassSVM/).first().waitFor();
  await check(page, "a model");
}));

test("the store is browsed, looked into, and taken from", () => visit({}, async (page, { context }) => {
  await page.goto("/store");
  for (const folder of ["predictions/", "job=demo/", /^date=/, /^hour=/]) await page.locator(".folders").getByRole("link", { name: folder }).first().click();
  await page.getByRole("table", { name: "Objects" }).getByRole("link", { name: /\.parquet$/ }).first().click();
  await page.getByRole("region", { name: "Rows of the object" }).getByText("pump-0").first().waitFor();
  await check(page, "an object");
  const address = await page.getByRole("link", { name: "Download", exact: true }).getAttribute("href");
  const answer = await context.request.get(address);
  assert.equal((await answer.body()).subarray(0, 4).toString(), "PAR1");
  assert.match(answer.headers()["content-disposition"], /^attachment/);
}));

test("the keyboard alone goes anywhere", () => visit({}, async (page) => {
  await page.goto("/");
  await settled(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the view");
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await page.waitForURL(/\/fleet/);
  await page.keyboard.press("/");
  await page.getByRole("combobox", { name: /^Go to/ }).waitFor();
  await page.keyboard.type("03 / Temp");
  await page.getByRole("option", { name: "Sensor pump-03 / temperature" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/sensor\?device=pump-03&tag=temperature/);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await check(page, "the list of keys");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Go to/ }).waitFor();
  await page.keyboard.type("dark");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
}));

test("a view is marked old when it cannot be read anew", () => visit({}, async (page, { context, complaints }) => {
  await page.goto("/jobs");
  await settled(page);
  await context.route("**/api/v1/jobs", (route) => route.abort());
  await page.getByText(/This is as of/).waitFor();
  await page.getByRole("table", { name: "Jobs" }).waitFor();
  await context.unroute("**/api/v1/jobs");
  await page.getByText(/This is as of/).waitFor({ state: "detached" });
  forgive(complaints, /ERR_FAILED/);
}));

test("what there is none of says so", () => visit({}, async (page, { complaints }) => {
  await page.goto("/runs/20200101t000000000-aaaaa");
  await page.getByRole("alert").getByText(/no run|is no/i).waitFor();
  await page.goto("/fleet?job=demo&device=no-such-device");
  await page.getByText("No sensor is like that.").waitFor();
  forgive(complaints, /404/);
}));

test("the page says that the service is gone", () => visit({}, async (page, { complaints }) => {
  await page.goto("/jobs");
  await settled(page);
  await demo.stop();
  await page.getByText(/Not connected to the service since/).waitFor();
  await page.getByRole("table", { name: "Jobs" }).waitFor();
  forgive(complaints, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
}));
