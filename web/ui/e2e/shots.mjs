// Takes pictures of every view, dark, light and on a phone: node e2e/shots.mjs FOLDER [VIEW…]
import { mkdir } from "node:fs/promises";
import { launch, open, settled } from "./browser.mjs";
import { startDemo } from "./demo.mjs";
import { views } from "./views.mjs";

const [folder = "shots", ...only] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const demo = process.env.DEMO ? JSON.parse(process.env.DEMO) : await startDemo();
const browser = await launch();
const looks = { light: {}, dark: { scheme: "dark" }, phone: { width: 390, height: 844, scheme: "dark" } };
try {
  if (!process.env.DEMO) await new Promise((resolve) => setTimeout(resolve, 45000)); // for there to be something to see
  for (const [look, options] of Object.entries(looks)) {
    const { page, context, complaints } = await open(browser, demo, options);
    for (const [name, path] of Object.entries(views(demo))) {
      if (only.length && !only.includes(name)) continue;
      await page.goto(path);
      await settled(page).catch((e) => console.log(`${name}: ${e.message}`));
      await page.waitForTimeout(name === "overview" || name === "ingest" ? 7000 : 500);
      await page.screenshot({ path: `${folder}/${name}-${look}.png`, fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log(`${name} ${look}: ${wide}px too wide`);
    }
    if (complaints.length) console.log(look, [...new Set(complaints)].slice(0, 10));
    await context.close();
  }
} finally {
  await browser.close();
  if (!process.env.DEMO) await demo.stop();
}
