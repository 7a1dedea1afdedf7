// The fleet over time, read as it comes into sight: names and cells in blocks of rows.
import { get, send, urlOf, type Answer } from "../api/client";

export type Head = Answer<"/api/v1/jobs/{job}/matrix">;
export type Row = { device: string; tag?: string; sensors?: number };
export type Ask = { last?: number; to?: string; search?: string; fate?: string; cause?: string; group?: "sensor" | "device" };

/** states are what a cell may be, by its number in a tile. */
export const states = ["missing", "scored", "anomalous", "partly", "failed", "silent", "skipped", "late", "active", "", "", "", "", "", "", "unknown"];
/** fates are those that can be asked for. */
export const fates = ["scored", "anomalous", "partly", "failed", "silent", "skipped", "late", "missing"] as const;

const block = 1024; // rows that are asked for at once
const head = 24; // bytes before the cells of a tile

type Block = { names?: Row[]; cells?: Uint8Array };

/** Matrix is what a view shows: its head, and the blocks that have come. */
export class Matrix {
  private readonly blocks = new Map<number, Block>();
  private readonly asked = new Set<number>();
  private readonly control = new AbortController();
  private readonly stride: number;

  /** came is called when more of it has come; gone, when it has changed since. */
  constructor(readonly job: string, readonly ask: Ask, readonly of: Head, private readonly came: () => void, private readonly gone: () => void) {
    this.stride = (of.columns.length + 1) >> 1;
  }

  get rows(): number { return this.of.rows; }

  row(r: number): Row | undefined {
    return this.blocks.get(Math.floor(r / block))?.names?.[r % block];
  }

  /** cell is the number of a state; undefined: it has not come yet. */
  cell(r: number, c: number): number | undefined {
    const byte = this.blocks.get(Math.floor(r / block))?.cells?.[head + (r % block) * this.stride + (c >> 1)];
    return byte === undefined ? undefined : c & 1 ? byte >> 4 : byte & 15;
  }

  /** need has rows come, from one to before another. */
  need(from: number, to: number): void {
    for (let b = Math.floor(from / block); b * block < Math.min(to, this.rows); b++) {
      if (this.asked.has(b)) continue;
      this.asked.add(b);
      void this.read(b).catch((error: { name?: string }) => {
        if (error.name !== "AbortError") setTimeout(() => { this.asked.delete(b); this.came(); }, 3000);
      });
    }
  }

  private async read(b: number): Promise<void> {
    const query = { ...this.ask, row: b * block };
    const path = { job: this.job }, { signal } = this.control;
    const one: Block = this.blocks.get(b) ?? {};
    this.blocks.set(b, one);
    const names = get("/api/v1/jobs/{job}/matrix/rows", { path, query: { ...query, limit: block } } as never, signal).then((v) => {
      const { rows, version } = v as { rows: Row[]; version: string };
      if (version !== this.of.version) return this.gone(); // a run has ended since
      one.names = rows;
      this.came();
    });
    const cells = send(urlOf("/api/v1/jobs/{job}/matrix/tile", { path, query: { ...query, rows: block, column: 0, columns: this.of.columns.length } }), { signal }).then((a) => a.arrayBuffer()).then((data) => { one.cells = new Uint8Array(data); this.came(); });
    await Promise.all([names, cells]);
  }

  close(): void { this.control.abort(); }
}
