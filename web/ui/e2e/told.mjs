// What views say of how else to do it: every line for the shell and every GET is tried.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { dirname, join } from "node:path";

const run = promisify(execFile);

/** told are the lines of a page, by what they are for. */
export async function told(page) {
  return page.evaluate(() => [...document.querySelectorAll("main .how .line")].map((l) => ({ kind: l.querySelector("span").textContent, text: l.querySelector("pre").textContent })));
}

/** shell does a line as somebody who has pasted it into a shell would. */
export async function shell(demo, line) {
  const env = { ...process.env, FLEETSCORE_URL: demo.url, FLEETSCORE_TOKEN: demo.token, PATH: `${dirname(demo.cli)}:${process.env.PATH}` };
  return run("sh", ["-c", line], { cwd: join(demo.dir, "data"), env, timeout: 30000, maxBuffer: 64 << 20 });
}
