/** Deliveries of one bill after one another: which load counts, which it replaced, and what the last one changed. */
import type { CostChange, DiffLine, LoadSummary } from "../backend/commands";
import { compare, magnitude, sign, sum } from "../format/decimal";

/** The load that counts, and those that it replaced, the latest first. */
export interface Bill {
  readonly load: LoadSummary;
  readonly earlier: readonly LoadSummary[];
}

/** The bills of a list of all loads, in the list's order. A load is counted to the one that replaced it, however many lie between. */
export function bills(loads: readonly LoadSummary[]): Bill[] {
  const replacedBy = new Map<number, LoadSummary[]>();
  for (const load of loads) {
    if (load.superseded_by === null) continue;
    replacedBy.set(load.superseded_by, [...(replacedBy.get(load.superseded_by) ?? []), load]);
  }
  const before = (id: number, seen: ReadonlySet<number>): LoadSummary[] =>
    (replacedBy.get(id) ?? [])
      .filter((load) => !seen.has(load.id))
      .flatMap((load) => [load, ...before(load.id, new Set([...seen, load.id]))]);
  return loads
    .filter((load) => load.state === "current")
    .map((load) => ({
      load,
      earlier: before(load.id, new Set([load.id])).sort((left, right) => right.id - left.id),
    }));
}

/** Two loads of a bill, as an address names them. */
export interface Pair {
  readonly before: number;
  readonly after: number;
}

const PAIR = /^(\d{1,15})-(\d{1,15})$/;

export const pairText = ({ before, after }: Pair) => `${before}-${after}`;

/** The pair that a text names; null when it names none. */
export function pairFrom(text: string | null): Pair | null {
  const match = PAIR.exec(text ?? "");
  return match ? { before: Number(match[1]), after: Number(match[2]) } : null;
}

export const COST_NAMES = ["billed", "effective", "contracted", "list"] as const;
export type CostName = (typeof COST_NAMES)[number];

/** The lines with a difference in this cost or in the number of charges, the largest difference first; and the others. */
export function changed(
  lines: readonly DiffLine[],
  cost: CostName,
): { changed: DiffLine[]; same: DiffLine[] } {
  const differs = (line: DiffLine) =>
    sign(line[cost].difference) !== 0 || line.charges_before !== line.charges_after;
  const most = (line: DiffLine) => magnitude(line[cost].difference ?? "0");
  return {
    changed: lines.filter(differs).sort((left, right) => compare(most(right), most(left))),
    same: lines.filter((line) => !differs(line)),
  };
}

/** Whether the differences of the lines come to the whole's, to the last digit. */
export function addsUp(lines: readonly DiffLine[], whole: CostChange, cost: CostName): boolean {
  const parts = sum(lines.map((line) => line[cost].difference));
  return compare(parts, whole.difference ?? "0") === 0;
}
