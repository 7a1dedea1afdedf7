// How numbers and times are written: times in UTC, as everywhere in fleetscore. What belongs
// together has a space at which no line ends.
const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const few = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });

export const none = "–";

export function count(n: number | undefined | null): string {
  return n === undefined || n === null ? none : whole.format(n);
}

/** short is a number of three digits: 12.3k. */
export function short(n: number | undefined | null): string {
  if (n === undefined || n === null || !Number.isFinite(n)) return none;
  const size = Math.abs(n);
  for (const [unit, from] of [["G", 1e9], ["M", 1e6], ["k", 1e4]] as const) {
    if (size >= from) return few.format(n / (unit === "k" ? 1e3 : from)) + unit;
  }
  return size >= 1000 ? whole.format(n) : few.format(n);
}

export function share(part: number, all: number): string {
  if (!all) return none;
  const p = (100 * part) / all;
  return p > 0 && p < 0.1 ? "<0.1 %" : `${few.format(p)} %`;
}

export function bytes(n: number | undefined): string {
  if (n === undefined) return none;
  let i = 0;
  while (n >= 1024 && i < 4) { n /= 1024; i++; }
  return `${few.format(n)} ${["B", "KiB", "MiB", "GiB", "TiB"][i]}`;
}

const pad = (n: number) => String(n).padStart(2, "0");

/** clock is a time to the second. */
export function clock(time: string | number | undefined): string {
  if (!time) return none;
  const d = new Date(time);
  return Number.isNaN(+d) ? none : `${day(time)}\u00a0${hour(time)}`;
}

export function day(time: string | number): string {
  const d = new Date(time);
  return `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`;
}

export function hour(time: string | number): string {
  const d = new Date(time);
  return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`;
}

/** span is a length of time, of seconds. */
export function span(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return none;
  if (seconds < 0) return `-${span(-seconds)}`;
  if (seconds < 0.001) return seconds === 0 ? "0\u00a0s" : "<1\u00a0ms";
  if (seconds < 1) return `${Math.round(seconds * 1000)}\u00a0ms`;
  if (seconds < 60) return `${few.format(seconds)}\u00a0s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}\u00a0min\u00a0${Math.round(seconds % 60)}\u00a0s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}\u00a0h\u00a0${Math.floor((seconds % 3600) / 60)}\u00a0min`;
  return `${Math.floor(seconds / 86400)}\u00a0d\u00a0${Math.floor((seconds % 86400) / 3600)}\u00a0h`;
}

export function between(from: string | undefined, to: string | undefined): number | undefined {
  return from && to ? (Date.parse(to) - Date.parse(from)) / 1000 : undefined;
}

export function ago(time: string | undefined, now = Date.now()): string {
  return time ? `${span(Math.max(0, Math.round((now - Date.parse(time)) / 1000)))} ago` : none;
}

/** interval is a time from and to, without saying the day twice. */
export function interval(i: { from: string; to: string }): string {
  return `${clock(i.from)} – ${day(i.from) === day(i.to) ? hour(i.to) : clock(i.to)}`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** sensorName is a sensor in words; of a device that is scored whole it is the device. */
export function sensorName(s: { device: string; tag?: string }): string {
  return s.tag ? `${visible(s.device)} / ${visible(s.tag)}` : visible(s.device);
}

/** visible is a name in which spaces at the ends, and characters that turn the direction of text or have no width, are seen. */
export function visible(name: string): string {
  return name.replace(/^ +| +$/g, (spaces) => "␣".repeat(spaces.length))
    .replace(/[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, (c) => `‹U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

/** quote makes an argument of a shell's command line. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
