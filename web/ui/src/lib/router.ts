// Addresses: every view has one that can be shared, and what it is set to is in its query.
import { computed, signal } from "@preact/signals";

export const address = signal(new URL(location.href));
export const path = computed(() => address.value.pathname.replace(/\/+$/, "") || "/");
/** query is what a view is set to. */
export const query = computed(() => address.value.searchParams);

export function go(to: string, replace = false): void {
  const next = new URL(to, location.href);
  if (next.href === address.value.href) return;
  const view = next.pathname !== address.value.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", next);
  address.value = next;
  if (view) scrollTo(0, 0);
}

/** link makes an address of a view. */
export function link(view: string, set: Record<string, string | number | undefined> = {}): string {
  const values = new URLSearchParams();
  for (const [key, value] of Object.entries(set)) if (value !== undefined && value !== "") values.set(key, String(value));
  const text = values.toString();
  return text ? `${view}?${text}` : view;
}

/** put changes some of what the view is set to, and keeps the rest. */
export function put(set: Record<string, string | number | undefined>, replace = true): void {
  const next = new URL(address.value);
  for (const [key, value] of Object.entries(set)) {
    if (value === undefined || value === "") next.searchParams.delete(key);
    else next.searchParams.set(key, String(value));
  }
  go(next.href, replace);
}

addEventListener("popstate", () => { address.value = new URL(location.href); });
document.addEventListener("click", (event) => {
  const anchor = (event.target as Element | null)?.closest?.("a");
  if (!anchor || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (anchor.origin !== location.origin || anchor.target || anchor.hasAttribute("download") || anchor.dataset.plain !== undefined) return;
  event.preventDefault();
  if (anchor.hash && anchor.pathname === location.pathname) document.getElementById(anchor.hash.slice(1))?.focus();
  else go(anchor.href);
});
