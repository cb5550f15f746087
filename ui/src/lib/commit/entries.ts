/** Rows of cells that people type and paste: what a block from a spreadsheet does to them. */
import { headerOf, readBlock } from "../scenarios/paste";

export interface EntryRow<Column extends string> {
  /** Tells rows apart while they are edited. */
  readonly id: string;
  readonly cells: Readonly<Record<Column, string>>;
}

export interface EntryColumn<Column extends string> {
  readonly key: Column;
  readonly name: string;
  readonly numeric?: boolean;
  /** Its width in pixels; without it its part of what is left. */
  readonly width?: number;
  /** What can be chosen; nothing else can then be typed. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  /** What is offered while it is typed. */
  readonly offered?: readonly { readonly value: string; readonly label: string }[];
}

export interface EntryRules<Column extends string, Row extends EntryRow<Column>> {
  readonly columns: readonly Column[];
  readonly names: Readonly<Record<Column, string>>;
  /** What is typed as it is kept. */
  readonly understood: (column: Column, text: string) => string;
  /** The rows with one more. */
  readonly withRow: (rows: readonly Row[], cells: Partial<Record<Column, string>>) => Row[];
}

/** The rows with a cell changed. */
export function withEntry<Column extends string, Row extends EntryRow<Column>>(
  rows: readonly Row[],
  place: number,
  column: Column,
  text: string,
  { understood }: Pick<EntryRules<Column, Row>, "understood">,
): Row[] {
  return rows.map((row, index) =>
    index === place ? { ...row, cells: { ...row.cells, [column]: understood(column, text) } } : row,
  );
}

/** A spreadsheet's block put into the rows from a cell on; with a header its columns go where they belong. */
export function withBlock<Column extends string, Row extends EntryRow<Column>>(
  rows: readonly Row[],
  text: string,
  to: { row: number; column: Column },
  { columns, names, understood, withRow }: EntryRules<Column, Row>,
): { rows: Row[]; count: number } {
  const block = readBlock(text);
  const named = (name: string) => {
    const wanted = name.trim().toLowerCase();
    return columns.find((column) => column === wanted || names[column].toLowerCase() === wanted) ?? null;
  };
  const header = headerOf(block[0] ?? [], named);
  const given = header ? block.slice(1) : block;
  const first = columns.indexOf(to.column);
  let changed = [...rows];
  for (const [index, cells] of given.entries()) {
    const place = to.row + index;
    const texts: Partial<Record<Column, string>> = {};
    for (const [cell, value] of cells.entries()) {
      const column = header ? header[cell] : columns[first + cell];
      if (column) texts[column] = understood(column, value);
    }
    const row = changed[place];
    if (row) changed[place] = { ...row, cells: { ...row.cells, ...texts } };
    else if (Object.values(texts).some((value) => value !== "")) changed = withRow(changed, texts);
  }
  return { rows: changed, count: given.length };
}
