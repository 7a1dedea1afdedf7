// What a view is set to, of its address. Anybody can write one: what is not understood is
// left out, as if it had not been asked for, and told of.
import { query } from "./router";

/** Misread are the parameters that were not understood. */
export type Misread = string[];

/** time is a time of the query, as it stands there; empty: there is none. */
export function time(name: string, misread: Misread): string {
  return read(name, misread, (text) => !Number.isNaN(Date.parse(text)));
}

/** oneOf is one of some words. */
export function oneOf<T extends string>(name: string, words: readonly T[], misread: Misread): T | "" {
  return read(name, misread, (text) => (words as readonly string[]).includes(text)) as T | "";
}

/** whole is a number from 0 up. */
export function whole(name: string, misread: Misread): number | undefined {
  const text = read(name, misread, (t) => /^\d{1,15}$/.test(t));
  return text === "" ? undefined : Number(text);
}

function read(name: string, misread: Misread, good: (text: string) => boolean): string {
  const text = query.value.get(name) ?? "";
  if (text === "" || good(text)) return text;
  misread.push(`${name}=${text}`);
  return "";
}
