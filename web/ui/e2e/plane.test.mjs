// A real model of two features, made by scikit-learn (testdata/plane/generate.py), and
// where the sensor's page draws that it finds values normal.
import assert from "node:assert/strict";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { check, launch, settled } from "./browser.mjs";
import { api, until } from "./demo.mjs";
import { startService } from "./service.mjs";
import { visit } from "./visit.mjs";

const files = new URL("testdata/plane/", import.meta.url).pathname;
const address = "/sensor?device=pump-1&job=plane&from=2026-11-23T12:00:00Z&to=2026-11-23T13:00:00Z";
let service, browser, scores;
before(async () => {
  [service, browser] = await Promise.all([startService(`jobs:
  plane:
    interval: 1h
    input: {file: readings.csv, entity: device, features: [temperature, flow]}
`), launch()]);
  const data = join(service.dir, "data");
  await mkdir(join(data, "models"), { recursive: true });
  await cp(join(files, "pump-1.pkl"), join(data, "models/pump-1.pkl"));
  await cp(join(files, "readings.csv"), join(data, "readings.csv"));
  const { id } = await api(service, "POST", "/jobs/plane/runs", { interval: { from: "2026-11-23T12:00:00Z", to: "2026-11-23T13:00:00Z" } });
  await until(async () => (await api(service, "GET", `/runs/${id}`)).state === "succeeded", "the run");
  scores = await api(service, "GET", "/jobs/plane/series?device=pump-1&from=2026-11-23T12:00:00Z&to=2026-11-23T13:00:00Z");
});
after(async () => { await browser?.close(); await service?.stop(); });

/** colours are those of places on the plane, by their values, when it has been drawn. */
async function colours(canvas, places) {
  const [, x0, x1, y0, y1] = /drawn are temperature ([-\d.,]+) to ([-\d.,]+), flow ([-\d.,]+) to ([-\d.,]+)/.exec(await canvas.getAttribute("aria-label")).map((v) => Number(v.replaceAll(",", "")));
  return canvas.evaluate(async (c, shares) => {
    for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const dots = devicePixelRatio, [left, foot, room] = [68, 36, 8], all = c.getContext("2d").getImageData(0, 0, c.width, c.height);
    return shares.map(([u, v]) => {
      const x = left + u * (c.clientWidth - left - room), y = room + (1 - v) * (c.clientHeight - foot - room), at = 4 * (Math.round(y * dots) * c.width + Math.round(x * dots));
      return [...all.data.subarray(at, at + 4)];
    });
  }, places.map(([temperature, flow]) => [(temperature - x0) / (x1 - x0), (flow - y0) / (y1 - y0)]));
}

for (const [scheme, width] of [["light", 1280], ["dark", 1280], ["dark", 390]]) {
  test(`what is normal to a model of two features is drawn, ${scheme}, ${width} wide`, () => visit(browser, service, { scheme, width }, async (at) => {
    await at.goto(address);
    const canvas = at.getByRole("img", { name: /^The decision function over temperature and flow/ });
    await canvas.waitFor();
    await settled(at);
    const [, normal, all, odd] = /: (\d+) % .* normal; (\d+) values scored, (\d+) anomalous/.exec(await canvas.getAttribute("aria-label")).map(Number);
    assert.equal(all, scores.time.length);
    assert.equal(odd, scores.anomalies.length);
    assert.ok(odd >= 9 && odd < 20 && normal > 10 && normal < 60, `${odd} of ${all} are anomalous, and ${normal} % normal`);
    const [inside, outside] = await colours(canvas, [[56, 130], [50, 420]]);
    assert.ok(inside[1] > inside[0] && outside[0] > outside[1], `what is normal is ${inside}, what is not ${outside}`);
    await at.getByRole("region", { name: "What is normal to its model" }).getByText("The same as a table").click();
    assert.equal(await at.getByRole("region", { name: "temperature and flow, as a table" }).getByRole("cell", { name: "anomalous" }).count(), odd);
    await check(at, `the plane, ${scheme}, ${width}`);
  }));
}
