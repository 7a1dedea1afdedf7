// Keys that work everywhere: g and a letter goes to a view, / or Ctrl-K searches.
import { signal } from "@preact/signals";
import { go } from "../lib/router";
import { views } from "./views";

/** open is what lies over the view. */
export const open = signal<"" | "palette" | "keys">("");
let waiting = 0;

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open.value = "palette";
    return;
  }
  const at = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || document.querySelector("dialog[open]")) return;
  if (event.key === "/" || event.key === "?") {
    event.preventDefault();
    open.value = event.key === "/" ? "palette" : "keys";
  } else if (event.key === "g") {
    waiting = Date.now();
  } else if (Date.now() - waiting < 1500) {
    waiting = 0;
    const view = views.find((v) => v.key === event.key);
    if (view) go(view.path);
  }
});
