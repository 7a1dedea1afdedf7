// A state: a word, a colour, and a shape for those who do not see the colour.
type Look = { tone: "good" | "bad" | "busy" | "warm" | "odd" | "dim"; shape: keyof typeof shapes };

const shapes = {
  tick: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM7 11 3.900 7.900 5.100 6.700 7 8.600l4-4 1.200 1.200z",
  cross: "M8 .8 15.200 8 8 15.200.800 8zM5.700 4.700 4.700 5.700 7 8l-2.300 2.300 1 1L8 9l2.300 2.300 1-1L9 8l2.300-2.300-1-1L8 7z",
  half: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 1.800v10.400A5.200 5.200 0 0 1 8 2.800z",
  ring: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3z",
  bars: "M3 2h3.500v12H3zM9.500 2H13v12H9.500z",
  slash: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm3.500 2.900-7.600 7.600A5.200 5.200 0 0 1 11.500 3.900zm1 1.100a5.200 5.200 0 0 1-7.500 7.500z",
  star: "M8 .5 10 6l5.500 2L10 10l-2 5.500L6 10 .500 8 6 6z",
  dash: "M2 6.500h12v3H2z",
  square: "M2 2h12v12H2z",
};

const looks: Record<string, Look> = {
  succeeded: { tone: "good", shape: "tick" }, done: { tone: "good", shape: "tick" }, ok: { tone: "good", shape: "tick" }, scored: { tone: "good", shape: "square" }, delivered: { tone: "good", shape: "tick" }, ready: { tone: "good", shape: "tick" },
  idle: { tone: "good", shape: "ring" },
  failed: { tone: "bad", shape: "cross" }, lost: { tone: "bad", shape: "cross" }, timed_out: { tone: "bad", shape: "cross" }, failing: { tone: "bad", shape: "cross" }, dead: { tone: "bad", shape: "cross" }, rejected: { tone: "bad", shape: "cross" }, missing: { tone: "bad", shape: "cross" },
  running: { tone: "busy", shape: "half" }, planning: { tone: "busy", shape: "half" }, committing: { tone: "busy", shape: "half" }, busy: { tone: "busy", shape: "half" }, starting: { tone: "busy", shape: "ring" }, booting: { tone: "busy", shape: "ring" }, active: { tone: "busy", shape: "half" },
  queued: { tone: "warm", shape: "ring" }, waiting: { tone: "warm", shape: "ring" }, held: { tone: "warm", shape: "bars" }, paused: { tone: "warm", shape: "bars" }, draining: { tone: "warm", shape: "slash" }, late: { tone: "warm", shape: "dash" }, duplicate: { tone: "warm", shape: "dash" }, partial: { tone: "warm", shape: "half" },
  canceled: { tone: "warm", shape: "slash" }, overlapped: { tone: "warm", shape: "slash" },
  anomalous: { tone: "odd", shape: "star" },
};

export function State({ of, text }: { of: string; text?: string }) {
  const look = looks[of] ?? { tone: "dim", shape: "dash" };
  return <span class={`state ${look.tone}`}><Shape of={look.shape} />{text ?? of.replaceAll("_", " ")}</span>;
}

export function Shape({ of }: { of: keyof typeof shapes }) {
  return <svg viewBox="0 0 16 16" aria-hidden="true"><path d={shapes[of]} fill="currentColor" fill-rule="evenodd" /></svg>;
}
