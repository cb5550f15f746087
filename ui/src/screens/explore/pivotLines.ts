/** What the pivot's table is made of: its lines as they are opened, and the places across. */
import type { MeasureColumn } from "$lib/bindings/MeasureColumn";
import type { PivotColumn, PivotRow } from "$lib/pivot/pivot";
import {
  type LoadedLevel,
  pathText,
  type PivotBranch,
  type PivotRoot,
  type PivotTree,
} from "$lib/state/pivot.svelte";
import type { DrillStep } from "$lib/view/view";

/** A line of the table: a row with its place in the tree. */
export interface PivotLine {
  path: DrillStep[];
  above: DrillStep[];
  row: PivotRow;
  level: LoadedLevel;
  depth: number;
  opens: boolean;
  open: boolean;
  branch: PivotBranch | null;
}

/** A figure's place in a line: a column with a measure, or the total with one. */
export interface PivotPlace {
  column: PivotColumn | null;
  /** The column's place; below zero the total. */
  at: number;
  measure: MeasureColumn;
  place: number;
}

/** Each column with each measure, then the total with each. */
export function placesOf(columns: readonly PivotColumn[], measures: readonly MeasureColumn[]): PivotPlace[] {
  return [
    ...columns.flatMap((column, at) => measures.map((measure, place) => ({ column, at, measure, place }))),
    ...measures.map((measure, place) => ({ column: null, at: -1, measure, place })),
  ];
}

/** The lines of a level and of those that are open below it. */
export function linesOf(
  root: PivotRoot,
  tree: PivotTree,
  level: LoadedLevel = root.level,
  above: DrillStep[] = [],
): PivotLine[] {
  const depth = above.length;
  const dimension = root.pivot.rows[depth] ?? "";
  return level.rows.flatMap((row) => {
    const path = [...above, { dimension, value: row.key }];
    const opens = row.role === "group" && root.pivot.rows[depth + 1] !== undefined;
    const open = opens && tree.open.has(pathText(path));
    const branch = open ? (tree.branches.get(pathText(path)) ?? null) : null;
    const line: PivotLine = { path, above, row, level, depth, opens, open, branch };
    return [line, ...(branch?.level ? linesOf(root, tree, branch.level, path) : [])];
  });
}

export function valueOf(row: PivotRow, at: number, place: number): string | null {
  return (at < 0 ? row.total[place] : row.cells[at]?.[place]) ?? null;
}
