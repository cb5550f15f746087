/** Ways that demand may go, as people write them: a weight, and per cent more or less by month. */
import type { CommitmentPath } from "../bindings/CommitmentPath";
import { compare, divide, isDecimal, normalise, sum } from "../format/decimal";
import { messages } from "../messages";
import { type EntryRow, type EntryRules, withBlock, withEntry } from "./entries";

const words = messages.commit.portfolio;
const WEIGHT_MAX = 1_000_000;
const FACTOR_DECIMALS = 6;

export const PATH_COLUMNS = ["weight", "change"] as const;
export type PathColumn = (typeof PATH_COLUMNS)[number];
export type PathRow = EntryRow<PathColumn>;

export function withPath(rows: readonly PathRow[], cells: Partial<Record<PathColumn, string>>): PathRow[] {
  const next = Math.max(0, ...rows.map((row) => Number(row.id))) + 1;
  return [...rows, { id: String(next), cells: { weight: "1", change: "0", ...cells } }];
}

/** A fall, what is likely, a rise: to be written over. */
export const FIRST_PATHS: readonly PathRow[] = [
  { id: "1", cells: { weight: "1", change: "-30" } },
  { id: "2", cells: { weight: "3", change: "0" } },
  { id: "3", cells: { weight: "1", change: "15" } },
];

const RULES: EntryRules<PathColumn, PathRow> = {
  columns: PATH_COLUMNS,
  names: words.pathColumns,
  understood: (_, text) => text.trim(),
  withRow: withPath,
};

export function withPathCell(
  rows: readonly PathRow[],
  place: number,
  column: PathColumn,
  text: string,
): PathRow[] {
  return withEntry(rows, place, column, text, RULES);
}

export function pastedPaths(
  rows: readonly PathRow[],
  text: string,
  to: { row: number; column: PathColumn },
): { rows: PathRow[]; count: number } {
  return withBlock(rows, text, to, RULES);
}

/** `0, -10, -30` as per cent a month; null where one of them is none. */
function changes(text: string): string[] | null {
  const parts = text
    .replace(/\u2212/g, "-")
    .split(/[\s,;]+/)
    .map((part) => part.replace(/%$/, "").replace(/^\+/, ""))
    .filter((part) => part !== "");
  const sound = parts.length > 0 && parts.every((part) => isDecimal(part) && compare(part, "-100") >= 0);
  return sound ? parts : null;
}

/** The cells that cannot be used, as `row column`. */
export function pathProblems(rows: readonly PathRow[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [index, { cells }] of rows.entries()) {
    const weight = /^\d{1,7}$/.test(cells.weight) ? Number(cells.weight) : 0;
    if (weight < 1 || weight > WEIGHT_MAX) found.set(`${index} weight`, words.wrong.weight);
    if (changes(cells.change) === null) found.set(`${index} change`, words.wrong.change);
  }
  return found;
}

export function pathsOf(rows: readonly PathRow[]): CommitmentPath[] {
  return rows.map(({ cells }) => ({
    weight: Number(cells.weight),
    factors: (changes(cells.change) ?? []).map((percent) =>
      normalise(divide(sum(["100", percent]), "100", FACTOR_DECIMALS) ?? "1"),
    ),
  }));
}
