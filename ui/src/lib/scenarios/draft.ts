/** A scenario while it is edited: rows that are replaced, never changed, so that every step can be taken back. */
import { settled } from "./cells";
import { type Cells, type Column, COLUMNS, EMPTY_CELLS, newCells, type Tongue } from "./columns";
import { cellsOf, type ReadRow, readRow } from "./rows";
import type { ScenarioDraft, ScenarioKind, ScenarioOperation, ScenarioReply } from "./wire";

export interface DraftRow {
  /** Its identity on the page, whatever it is called. */
  readonly key: number;
  readonly cells: Cells;
  /** The row as the scenario that this one is based on has it; null for a row of its own. */
  readonly inherited: Cells | null;
  /** Whether an inherited row does not count here. */
  readonly removed: boolean;
}

export interface Draft {
  readonly baseline: string | null;
  readonly basedOn: string | null;
  readonly note: string;
  readonly rows: readonly DraftRow[];
  /** The key of the next new row. */
  readonly next: number;
}

export const NO_DRAFT: Draft = Object.freeze({ baseline: null, basedOn: null, note: "", rows: [], next: 0 });

/** A scenario as it is kept, to be edited: inherited operations first, in their order, then its own. */
export function draftOf(reply: ScenarioReply, tongue: Tongue): Draft {
  const own = new Map(reply.operations.map((operation) => [operation.id, operation]));
  const removed = new Set(reply.removed);
  let next = 0;
  const row = (cells: Cells, inherited: Cells | null, gone: boolean): DraftRow => ({
    key: next++,
    cells,
    inherited,
    removed: gone,
  });
  const rows = reply.inherited.map((operation) => {
    const inherited = cellsOf(operation, tongue);
    const over = own.get(operation.id);
    own.delete(operation.id);
    return row(over ? cellsOf(over, tongue) : inherited, inherited, !over && removed.has(operation.id));
  });
  for (const operation of reply.operations)
    if (own.has(operation.id)) rows.push(row(cellsOf(operation, tongue), null, false));
  return {
    baseline: reply.own_baseline,
    basedOn: reply.based_on,
    note: reply.note,
    rows,
    next,
  };
}

const sameCells = (left: Cells, right: Cells) =>
  left === right || COLUMNS.every((column) => left[column] === right[column]);

/** Whether an inherited row is written anew here. */
export function isOverride(row: DraftRow): boolean {
  return row.inherited !== null && !row.removed && !sameCells(row.cells, row.inherited);
}

/** Whether a row is as the other scenario has it. */
export function isInherited(row: DraftRow): boolean {
  return row.inherited !== null && !isOverride(row);
}

const readings = new WeakMap<Cells, { tongue: Tongue; read: ReadRow }>();

/** A row's operation or its problems; worked out once for a row as it stands. */
export function readingOf(cells: Cells, tongue: Tongue): ReadRow {
  const known = readings.get(cells);
  if (known?.tongue === tongue) return known.read;
  const read = readRow(cells, tongue);
  readings.set(cells, { tongue, read });
  return read;
}

export interface RowProblem {
  readonly row: number;
  readonly column: Column;
  readonly message: string;
}

/** What is wrong in the rows, as far as the page can tell. */
export function problemsOf(draft: Draft, tongue: Tongue, twice: (id: string) => string): RowProblem[] {
  const seen = new Set<string>();
  return draft.rows.flatMap(({ key, cells, removed }) => {
    if (removed) return [];
    const found: RowProblem[] = readingOf(cells, tongue).problems.map((problem) => ({
      row: key,
      ...problem,
    }));
    const id = cells.id.trim();
    if (id !== "" && seen.has(id)) found.push({ row: key, column: "id", message: twice(id) });
    seen.add(id);
    return found;
  });
}

/** What is sent: rows that cannot be read are left out, and `left` tells how many. */
export function wireOf(draft: Draft, tongue: Tongue): { scenario: ScenarioDraft; left: number } {
  const operations: ScenarioOperation[] = [];
  const removed: string[] = [];
  const ids = new Set<string>();
  let left = 0;
  for (const row of draft.rows) {
    const id = row.inherited?.id ?? row.cells.id.trim();
    const first = !ids.has(id);
    ids.add(id);
    if (row.removed) removed.push(id);
    if (isInherited(row)) continue;
    const { operation } = readingOf(row.cells, tongue);
    if (operation && first) operations.push(operation);
    else left += 1;
  }
  const { baseline, basedOn, note } = draft;
  return { scenario: { baseline, based_on: basedOn, note, removed, operations }, left };
}

function withRow(draft: Draft, key: number, change: (row: DraftRow) => DraftRow): Draft {
  return { ...draft, rows: draft.rows.map((row) => (row.key === key ? change(row) : row)) };
}

/** Texts put into cells of a row: what can be read is written in its one spelling, the rest stays as it is. */
export function withTexts(cells: Cells, texts: Partial<Record<Column, string>>, tongue: Tongue): Cells {
  let changed: Cells = { ...cells, ...texts };
  // Kind and figure decide how the others are read.
  const again = "kind" in texts || "figure" in texts;
  for (const column of ["kind", "figure", ...COLUMNS] as const) {
    if (column in texts || (again && changed[column] !== ""))
      changed = { ...changed, [column]: settled(changed, column, changed[column], tongue) };
  }
  return changed;
}

/** A draft with texts put into cells of one row. The name of an inherited row is how it is known, and stays. */
export function withCells(
  draft: Draft,
  key: number,
  texts: Partial<Record<Column, string>>,
  tongue: Tongue,
): Draft {
  return withRow(draft, key, (row) => {
    const cells = withTexts(row.cells, texts, tongue);
    return {
      ...row,
      cells: row.inherited ? { ...cells, id: row.inherited.id } : cells,
      removed: false,
    };
  });
}

/** The same texts put into cells of several rows. */
export function withCellsOf(
  draft: Draft,
  keys: readonly number[],
  texts: Partial<Record<Column, string>>,
  tongue: Tongue,
): Draft {
  return keys.reduce((changed, key) => withCells(changed, key, texts, tongue), draft);
}

/** Rows with the first one's texts in some columns; each keeps its name. */
export function filledDown(
  draft: Draft,
  keys: readonly number[],
  columns: readonly Column[],
  tongue: Tongue,
): Draft {
  const source = draft.rows.find((row) => row.key === keys[0])?.cells;
  if (!source) return draft;
  const texts = Object.fromEntries(
    columns.filter((column) => column !== "id").map((column) => [column, source[column]]),
  );
  return withCellsOf(draft, keys.slice(1), texts, tongue);
}

/** An id that no row has yet: `scale-2`. */
export function freeId(draft: Draft, stem: string): string {
  const taken = new Set(draft.rows.map((row) => row.cells.id.trim()));
  const plain =
    stem
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "") || "operation";
  if (!taken.has(plain)) return plain;
  for (let number = 2; ; number += 1) if (!taken.has(`${plain}-${number}`)) return `${plain}-${number}`;
}

/** A new row at a place: own rows stand behind inherited ones. Gives the row's key. */
export function insertRow(
  draft: Draft,
  at: number,
  cells: Cells = EMPTY_CELLS,
): { draft: Draft; key: number } {
  const first = draft.rows.filter((row) => row.inherited !== null).length;
  const place = Math.min(Math.max(at, first), draft.rows.length);
  const row: DraftRow = { key: draft.next, cells, inherited: null, removed: false };
  return {
    draft: { ...draft, rows: draft.rows.toSpliced(place, 0, row), next: draft.next + 1 },
    key: row.key,
  };
}

/** A new operation at the end of the table. */
export function addOperation(
  draft: Draft,
  kind: ScenarioKind | null,
  from: string | null,
  at = draft.rows.length,
): { draft: Draft; key: number } {
  return insertRow(draft, at, newCells(kind, freeId(draft, kind?.label ?? ""), from));
}

/** Copies of rows, each below the last of them, under names of their own. */
export function duplicateRows(draft: Draft, keys: readonly number[]): { draft: Draft; keys: number[] } {
  let changed = draft;
  let at = Math.max(...keys.map((key) => draft.rows.findIndex((row) => row.key === key))) + 1;
  const made: number[] = [];
  for (const row of draft.rows.filter(({ key }) => keys.includes(key))) {
    const stem = row.cells.id.replace(/-\d+$/, "");
    const next = insertRow(changed, at, { ...row.cells, id: freeId(changed, stem) });
    changed = next.draft;
    made.push(next.key);
    at = changed.rows.findIndex(({ key }) => key === next.key) + 1;
  }
  return { draft: changed, keys: made };
}

/** Own rows go; inherited ones stay and do not count. */
export function removeRows(draft: Draft, keys: readonly number[]): Draft {
  return {
    ...draft,
    rows: draft.rows.flatMap((row) => {
      if (!keys.includes(row.key)) return [row];
      return row.inherited ? [{ ...row, cells: row.inherited, removed: true }] : [];
    }),
  };
}

/** An inherited row as the other scenario has it again. */
export function restoreRow(draft: Draft, key: number): Draft {
  return withRow(draft, key, (row) =>
    row.inherited ? { ...row, cells: row.inherited, removed: false } : row,
  );
}

/** Own rows a place up or down; inherited ones keep their order, which is the other scenario's. */
export function moveRows(draft: Draft, keys: readonly number[], by: -1 | 1): Draft {
  const rows = [...draft.rows];
  const moved = rows.filter((row) => keys.includes(row.key) && row.inherited === null);
  for (const row of by < 0 ? moved : moved.toReversed()) {
    const at = rows.indexOf(row);
    const other = rows[at + by];
    if (!other || other.inherited !== null) return draft;
    rows[at] = other;
    rows[at + by] = row;
  }
  return { ...draft, rows };
}

/** Whether two drafts say the same. */
export function sameDraft(left: Draft, right: Draft): boolean {
  return (
    left === right ||
    (left.baseline === right.baseline &&
      left.basedOn === right.basedOn &&
      left.note === right.note &&
      left.rows.length === right.rows.length &&
      left.rows.every((row, index) => {
        const other = right.rows[index];
        return other !== undefined && row.removed === other.removed && sameCells(row.cells, other.cells);
      }))
  );
}

/** What was done to a draft, step by step. */
export interface Past {
  readonly before: readonly Draft[];
  readonly now: Draft;
  readonly after: readonly Draft[];
  /** What the last step belongs to: further steps of the same are one with it. */
  readonly tag: string | null;
}

const STEPS_MAX = 200;

export const begin = (draft: Draft): Past => ({ before: [], now: draft, after: [], tag: null });

/** A step. Steps with the same tag, as the drag of a slider makes them, are taken back together. */
export function step(past: Past, now: Draft, tag: string | null = null): Past {
  if (sameDraft(past.now, now)) return past;
  if (tag !== null && past.tag === tag) return { ...past, now, after: [] };
  return { before: [...past.before, past.now].slice(-STEPS_MAX), now, after: [], tag };
}

export function undo(past: Past): Past {
  const last = past.before.at(-1);
  if (!last) return past;
  return { before: past.before.slice(0, -1), now: last, after: [past.now, ...past.after], tag: null };
}

export function redo(past: Past): Past {
  const [next, ...rest] = past.after;
  if (!next) return past;
  return { before: [...past.before, past.now], now: next, after: rest, tag: null };
}
