// Every view there is, with an address that shows something.
export function views(demo) {
  return {
    overview: "/", fleet: "/fleet?job=demo", unscored: "/fleet?job=broken&fate=failed", sensor: "/sensor?device=pump-03&tag=temperature&job=demo", jobs: "/jobs", job: "/jobs/demo",
    runs: "/runs", run: `/runs/${demo.broken}?cause=no_model`, nodes: "/nodes", logs: `/logs?run=${demo.broken}`, ingest: "/ingest", models: "/models", store: "/store", settings: "/settings",
  };
}
