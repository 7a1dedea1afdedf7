// Dark or light: as the system says, unless somebody has chosen.
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const chosen = document.documentElement.dataset.theme;
export const theme = signal<Theme>(chosen === "dark" || chosen === "light" ? chosen : "system");
/** painted changes whenever colours do, for what is drawn on a canvas. */
export const painted = signal(0);

export function choose(next: Theme): void {
  theme.value = next;
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    if (next === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
  } catch { /* it lasts until the page is closed */ }
  painted.value++;
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { painted.value++; });

/** colour is a colour of the design system, as it is now. */
export function colour(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}
