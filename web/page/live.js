// Shows the page anew when something has changed, at most once a second.
"use strict";
const events = new EventSource("/api/v1/events");
let due = 0;
async function show() {
  due = 0;
  if (!getSelection().isCollapsed) return changed(); // somebody copies the name of a run
  const answer = await fetch("/", { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer || !answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["main", "live"]) document.getElementById(id).replaceWith(next.getElementById(id));
}
function changed() {
  if (!due) due = setTimeout(show, 1000);
}
for (const kind of ["run", "node", "job"]) events.addEventListener(kind, changed);
events.addEventListener("error", () => { document.getElementById("live").textContent = "not connected; trying again"; });
events.addEventListener("open", changed);
