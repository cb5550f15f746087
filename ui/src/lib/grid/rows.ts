/** Rows that a grid shows, wherever they come from. */
import { decimals } from "../format/decimal";
import type { ChargeColumn } from "./arrow";

export interface GridRows {
  readonly columns: readonly ChargeColumn[];
  /** The most digits that a figure of each column has behind its point. */
  readonly decimals: readonly number[];
  /** How many windows are on their way. */
  readonly waiting: number;
  /** Rises with each result, so that another one begins at its top. */
  readonly opened: number;
  /** Asks for rows that are about to be shown. */
  want(first: number, count: number): void;
  /** A cell as plain text; null where there is no value, undefined where it is on its way. */
  cell(column: number, row: number): string | null | undefined;
  /** Rows as text for copying. */
  rows(first: number, count: number): Promise<(string | null)[][]>;
}

/** Rows that are all at hand. */
export function rowsAtHand(
  columns: readonly ChargeColumn[],
  rows: readonly (readonly (string | null)[])[],
): GridRows {
  return {
    columns,
    decimals: columns.map((column, at) =>
      column.kind === "decimal" ? rows.reduce((most, row) => Math.max(most, decimals(row[at] ?? "")), 0) : 0,
    ),
    waiting: 0,
    opened: 1,
    want: () => undefined,
    cell: (column, row) => rows[row]?.[column],
    rows: async (first, count) => rows.slice(first, first + count).map((row) => [...row]),
  };
}
