// A dialog of the browser's own: it keeps the focus, and Escape closes it.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export function Dialog({ title, close, children, class: more = "", bare = false }: { title: string; close: () => void; children: ComponentChildren; class?: string; bare?: boolean }) {
  const at = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const from = document.activeElement;
    at.current?.showModal();
    return () => { if (from instanceof HTMLElement) from.focus(); };
  }, []);
  return <dialog ref={at} class={more} aria-labelledby={id} onClose={close} onClick={(e) => { if (e.target === at.current) at.current?.close(); }}>
    {bare ? <><h2 id={id} class="hidden">{title}</h2>{children}</> : <div class="stack"><h2 id={id}>{title}</h2>{children}</div>}
  </dialog>;
}
