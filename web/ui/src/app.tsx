// Which view an address shows.
import { useEffect } from "preact/hooks";
import { path } from "./lib/router";
import { known, session } from "./lib/session";
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
  const [, view = "", name = ""] = path.value.split("/");
  const shown = pick(view, decodeURIComponent(name));
  useEffect(() => { document.title = `${[decodeURIComponent(name), view || "overview"].filter(Boolean).join(" · ")} · fleetscore`; }, [path.value]);
  if (!known.value) return <Shell><Bones /></Shell>;
  if (session.value.role === "nobody") return <Shell><Head title="Sign in" /><div class="card"><Form /></div></Shell>;
  return <Shell>{shown}</Shell>;
}

function pick(view: string, name: string) {
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
  return <Head title="There is nothing here" about={<a href="/">To the overview</a>} />;
}
