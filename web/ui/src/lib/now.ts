// A clock that views may show times against.
import { signal } from "@preact/signals";

export const now = signal(Date.now());
setInterval(() => { if (!document.hidden) now.value = Date.now(); }, 1000);
