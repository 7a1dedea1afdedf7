// A service with nothing to do, of which a test chooses the settings.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { api, until } from "./demo.mjs";

const binary = process.env.FLEETSCORE ?? new URL("../../../bin/fleetscore", import.meta.url).pathname;

/** freePort is one that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** startService gives the address and the token, and how to begin anew and to end it. */
export async function startService(settings = "") {
  const dir = await mkdtemp(join(tmpdir(), "fleetscore-e2e-")), port = await freePort();
  await writeFile(join(dir, "fleetscore.yaml"), `store: ./data\nlisten: 127.0.0.1:${port}\ningest: {mqtt: "off"}\n${settings}`);
  const service = { url: `http://127.0.0.1:${port}`, dir, cli: binary, token: "" };
  let child, over;
  service.start = async () => {
    let said = "", ended = false;
    child = spawn(binary, ["up"], { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (chunk) => { said += chunk; });
    over = new Promise((resolve) => child.once("exit", () => { ended = true; resolve(undefined); }));
    await until(async () => {
      if (ended) throw new Error(`the service has ended: ${said}`);
      return fetch(`${service.url}/readyz`).then((a) => a.ok, () => false);
    }, "the service");
    service.token = (await readFile(join(dir, "data/.fleetscore/token"), "utf8")).trim();
  };
  service.end = async () => { child.kill("SIGTERM"); await over; };
  service.stop = async () => { await service.end(); await rm(dir, { recursive: true, force: true }); };
  service.makeToken = async (name, role) => (await api(service, "POST", "/tokens", { name, role })).secret;
  await service.start();
  return service;
}
