// The real thing for tests: `fleetscore demo`, and beside its job one that fails, for
// lack of some models and because others are damaged.
import { spawn } from "node:child_process";
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.FLEETSCORE ?? new URL("../../../bin/fleetscore", import.meta.url).pathname;

/** startDemo gives the address, the token, and how to end it. */
export async function startDemo(devices = 8) {
  const dir = await mkdtemp(join(tmpdir(), "fleetscore-e2e-"));
  const child = spawn(binary, ["demo", "--json", "--data", dir, "--devices", String(devices)], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "", url = "";
  const over = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve, reject) => {
    child.stderr.on("data", (chunk) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found && !url) { url = found[0]; resolve(undefined); }
    });
    void over.then((code) => reject(new Error(`the demo ended with ${code}: ${said}`)));
  });
  const token = (await readFile(join(dir, "data/.fleetscore/token"), "utf8")).trim();
  const demo = { url, token, dir, cli: binary, said: () => said, stop: async () => { child.kill("SIGINT"); await over; await rm(dir, { recursive: true, force: true }); } };
  try {
    await until(async () => (await api(demo, "GET", "/jobs/demo")).runs.some((r) => r.state === "succeeded"), "the first run");
    await addBroken(demo, devices);
  } catch (error) {
    await demo.stop();
    throw error;
  }
  return demo;
}

/** addBroken adds the job that fails, and waits until it has. */
async function addBroken(demo, devices) {
  const models = join(demo.dir, "data/models"), broken = join(demo.dir, "data/broken");
  await cp(models, broken, { recursive: true });
  const name = (n) => (devices < 10 ? `pump-0${n}` : `pump-${String(n).padStart(2, "0")}`);
  await rm(join(broken, name(1)), { recursive: true });
  await writeFile(join(broken, name(2), "temperature.pkl"), "this is no model");
  await appendFile(join(demo.dir, "fleetscore.yaml"), `
  broken:
    schedule: "@every 15s"
    delay: 1s
    input: {window: 5s, wait: 15s}
    models: "broken/{device}/{tag}.pkl"
`);
  await api(demo, "POST", "/config/apply");
  const failed = async () => (await api(demo, "GET", "/runs?job=broken&state=failed&limit=1")).runs[0];
  await until(failed, "the run that fails");
  demo.broken = (await failed()).id;
}

/** api asks as the command line would. */
export async function api(demo, method, path, body) {
  const answer = await fetch(`${demo.url}/api/v1${path}`, { method, headers: { Authorization: `Bearer ${demo.token}`, ...(body ? { "Content-Type": "application/json" } : {}) }, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** until asks again until it is so. */
export async function until(so, what, ms = 60000) {
  const end = Date.now() + ms;
  for (;;) {
    if (await so()) return;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
