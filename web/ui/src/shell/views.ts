// The views, in the order of the navigation.
import type { Picture } from "../parts/icon";

export type View = { path: string; name: string; icon: Picture; key: string };

export const views: View[] = [
  { path: "/", name: "Overview", icon: "overview", key: "o" },
  { path: "/fleet", name: "Fleet", icon: "fleet", key: "f" },
  { path: "/jobs", name: "Jobs", icon: "jobs", key: "j" },
  { path: "/runs", name: "Runs", icon: "runs", key: "r" },
  { path: "/nodes", name: "Nodes and pool", icon: "nodes", key: "n" },
  { path: "/logs", name: "Logs", icon: "logs", key: "l" },
  { path: "/ingest", name: "Ingest", icon: "ingest", key: "i" },
  { path: "/models", name: "Models", icon: "models", key: "m" },
  { path: "/store", name: "Store", icon: "store", key: "s" },
  { path: "/settings", name: "Settings", icon: "settings", key: "t" },
];
