// Measures the dashboard in the browser, at a service that `go run ./bench/dashboard -browser` has started over what it
// has generated: from the click on a view until it is drawn, and frames while the fleet's matrix is scrolled.
import { launch, open, settled } from "./browser.mjs";

const { url, token, job, device, tag, from, to } = JSON.parse(process.env.SCENE);
const times = 5;
const browser = await launch();
const ms = (list) => { const s = [...list].sort((a, b) => a - b); return `${s[0].toFixed(0)} | ${s[s.length >> 1].toFixed(0)} | ${s.at(-1).toFixed(0)}`; };

/** opened is how long it takes from a click on a link to what is drawn on a canvas. */
async function opened(page, path, canvas) {
  await page.goto("/settings");
  await settled(page);
  return page.evaluate(async ([path, canvas]) => {
    const anchor = Object.assign(document.createElement("a"), { href: path });
    document.body.append(anchor);
    const began = performance.now();
    anchor.click();
    const drawn = () => {
      const c = document.querySelector(canvas);
      if (!c?.width || c.height < 100) return false;
      const d = c.getContext("2d").getImageData(c.width >> 1, 40, 40, c.height - 80).data;
      const colours = new Set();
      for (let i = 0; i < d.length; i += 4) if (d[i + 3]) colours.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
      return colours.size > 1;
    };
    while (!drawn()) {
      if (performance.now() - began > 20000) throw new Error(`${path} is not drawn: ${document.querySelector("main").innerText.slice(0, 500)}`);
      await new Promise(requestAnimationFrame);
    }
    const took = performance.now() - began;
    anchor.remove();
    return took;
  }, [path, canvas]);
}

/** scrolled is how many frames a second there are, and how long the slow ones take. */
function scrolled(page, step, frames) {
  return page.evaluate(async ([step, frames]) => {
    const box = document.querySelector(".matrix"), took = [];
    for (let i = 0, last = performance.now(); i < frames; i++) {
      box.scrollTop += step;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      took.push(now - last);
      last = now;
    }
    took.sort((a, b) => a - b);
    return { perSecond: 1000 / (took.reduce((a, b) => a + b, 0) / took.length), p95: took[Math.floor(took.length * 0.95)] };
  }, [step, frames]);
}

try {
  const { page, complaints } = await open(browser, { url, token });
  const sensor = `/sensor?${new URLSearchParams({ device, tag, job, from, to })}`;
  console.log("| in the browser, from the click until it is drawn | best ms | p50 ms | worst ms |\n|-|-|-|-|");
  for (const [what, path, canvas] of [["the fleet's matrix", `/fleet?job=${job}`, ".matrix canvas"], ["the same by device", `/fleet?job=${job}&group=device`, ".matrix canvas"], ["a sensor, 30 days of 1-minute windows", sensor, ".chart canvas"], ["the overview's anomalies over time", "/", ".chart canvas"]]) {
    const took = [];
    for (let i = 0; i < times; i++) took.push(await opened(page, path, canvas));
    console.log(`| ${what} | ${ms(took)} |`);
  }
  await opened(page, `/fleet?job=${job}`, ".matrix canvas");
  await page.evaluate(() => document.querySelector(".matrix").scrollIntoView({ block: "center" }));
  for (const [what, step] of [["10 rows a frame", 180], ["300 rows a frame", 5400]]) {
    const s = await scrolled(page, step, 300);
    console.log(`scrolling the matrix ${what}: ${s.perSecond.toFixed(1)} frames/s, 95 % of them within ${s.p95.toFixed(1)} ms`);
  }
  const wrong = complaints.filter((c) => !c.includes("getImageData")); // which is ours
  if (wrong.length) throw new Error(wrong.join("\n"));
} finally {
  await browser.close();
}
