// Which view an address shows.
import { useEffect } from "preact/hooks";
import { sensorName } from "./lib/format";
import { address, path, query } from "./lib/router";
import { known, session } from "./lib/session";
import { Boundary } from "./parts/boundary";
import { Bones, Head } from "./parts/card";
import { Form } from "./shell/signin";
import { Shell } from "./shell/shell";
import { Fleet } from "./views/fleet";
import { Ingest } from "./views/ingest";
import { JobView } from "./views/job";
import { Jobs } from "./views/jobs";
import { Logs } from "./views/logs";
import { Models } from "./views/models";
import { Nodes } from "./views/nodes";
import { Overview } from "./views/overview";
import { RunView } from "./views/run";
import { Runs } from "./views/runs";
import { SensorView } from "./views/sensor";
import { Settings } from "./views/settings";
import { Store } from "./views/store";

export function App() {
  const [, view = "", raw = "", ...rest] = path.value.split("/");
  const name = decoded(raw), shown = rest.length > 0 || name === undefined ? undefined : pick(view, name);
  const sensor = shown && view === "sensor" && query.value.get("device");
  const title = [sensor ? sensorName({ device: sensor, tag: query.value.get("tag") ?? "" }) : name, shown ? view || "overview" : "no such page", "fleetscore"].filter(Boolean).join(" · ");
  useEffect(() => { document.title = title; }, [title]);
  if (!known.value) return <Shell><Bones /></Shell>;
  if (session.value.role === "nobody") return <Shell><Head title="Sign in" /><div class="card"><Form /></div></Shell>;
  return <Shell>{shown ? <Boundary key={view} at={address.value.href}>{shown}</Boundary> : <Nowhere />}</Shell>;
}

/** decoded is a part of a path; undefined: it cannot be one. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

const named = ["jobs", "runs"];

function pick(view: string, name: string) {
  if (name && !named.includes(view)) return undefined;
  switch (view) {
    case "": return <Overview />;
    case "fleet": return <Fleet />;
    case "sensor": return <SensorView />;
    case "jobs": return name ? <JobView key={name} name={name} /> : <Jobs />;
    case "runs": return name ? <RunView key={name} id={name} /> : <Runs />;
    case "nodes": return <Nodes />;
    case "logs": return <Logs />;
    case "ingest": return <Ingest />;
    case "models": return <Models />;
    case "store": return <Store />;
    case "settings": return <Settings />;
  }
  return undefined;
}

function Nowhere() {
  return <><Head title="No such page" about={<>There is nothing at <code>{address.value.pathname}</code>.</>} /><div class="row"><a class="btn primary" href="/">To the overview</a></div></>;
}
