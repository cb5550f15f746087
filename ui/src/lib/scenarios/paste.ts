/** Blocks of cells as spreadsheets put them on the clipboard: into rows of operations, and out of them. */
import { type Cells, type Column, COLUMNS, EMPTY_CELLS, type Tongue } from "./columns";
import { type Draft, type DraftRow, freeId, insertRow, withCells, withTexts } from "./draft";
import type { Range } from "./grid";

/** Tab-separated text as cells. A cell in quotes may hold tabs, line ends and doubled quotes. */
export function readBlock(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let at = 0;
  const source = text.replace(/\r\n?/g, "\n");
  while (at < source.length) {
    const sign = source[at] ?? "";
    if (cell === "" && sign === '"') {
      const closing = closed(source, at);
      if (closing !== null) {
        cell = source.slice(at + 1, closing).replaceAll('""', '"');
        at = closing + 1;
        continue;
      }
    }
    at += 1;
    if (sign === "\t") {
      row.push(cell);
      cell = "";
    } else if (sign === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else cell += sign;
  }
  if (cell !== "" || row.length > 0) rows.push([...row, cell]);
  return rows;
}

/** Where a quoted cell ends; null where its quote is a sign like any other. */
function closed(text: string, open: number): number | null {
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] !== '"') continue;
    if (text[at + 1] === '"') at += 1;
    else return at + 1 >= text.length || /[\t\n]/.test(text[at + 1] ?? "") ? at : null;
  }
  return null;
}

const FORMULA = /^[=+\-@]/;
const NUMBER = /^[+-]?[\d.,\s]+%?$/;

/** Cells as tab-separated text. Text never becomes a formula of the spreadsheet that takes it; figures stay figures. */
export function writeBlock(rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => {
    const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
    return /[\t\n"]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(cell).join("\t")).join("\n");
}

/** What a copied text was before it was kept from being a formula. */
const plain = (text: string): string => (/^'[=+\-@]/.test(text) ? text.slice(1) : text);

/** The columns of a block's first row where it is a header: at least two of them are known, and all that are not empty. */
export function headerOf<Name>(
  row: readonly string[],
  name: (text: string) => Name | null,
): (Name | null)[] | null {
  const found = row.map((text) => (text.trim() === "" ? null : name(text)));
  const named = row.filter((text) => text.trim() !== "").length;
  const known = found.filter((column) => column !== null).length;
  return known >= 2 && known === named ? found : null;
}

export interface Pasted {
  readonly draft: Draft;
  readonly rows: number;
  readonly columns: number;
  /** Cells beyond the last column, which have no place. */
  readonly beyond: number;
}

/**
 * A block put into a draft at a cell. With a header its columns go where they belong; else they go on from the cell. Rows below the
 * last are new. One cell over several selected ones fills them all.
 */
export function pasteBlock(
  draft: Draft,
  block: readonly (readonly string[])[],
  to: { row: number; column: number; rows: number; columns: number },
  tongue: Tongue,
  name: (text: string) => Column | null,
): Pasted {
  const header = headerOf(block[0] ?? [], name);
  const given = header ? block.slice(1) : block;
  const single = given.length === 1 && given[0]?.length === 1 && !header;
  const source = single
    ? Array.from({ length: to.rows }, () => Array.from({ length: to.columns }, () => given[0]?.[0] ?? ""))
    : given;
  const width = Math.max(0, ...source.map((row) => row.length));
  const columns = header ?? Array.from({ length: width }, (_, index) => COLUMNS[to.column + index] ?? null);
  let changed = draft;
  let beyond = 0;
  for (const [index, row] of source.entries()) {
    const texts: Partial<Record<Column, string>> = {};
    for (const [cell, text] of row.entries()) {
      const column = columns[cell];
      if (column) texts[column] = plain(text);
      else if (text.trim() !== "") beyond += 1;
    }
    changed = put(changed, to.row + index, texts, tongue);
  }
  return { draft: changed, rows: source.length, columns: columns.filter(Boolean).length, beyond };
}

/** A spreadsheet's text put into a draft at what is selected. */
export function pasteAt(
  draft: Draft,
  text: string,
  { top, bottom, left, right }: Range,
  tongue: Tongue,
  name: (text: string) => Column | null,
): Pasted {
  const last = COLUMNS.length - 1;
  const column = Math.min(left, last);
  const columns = Math.min(right, last) - column + 1;
  return pasteBlock(
    draft,
    readBlock(text),
    { row: top, column, rows: bottom - top + 1, columns },
    tongue,
    name,
  );
}

function put(draft: Draft, at: number, texts: Partial<Record<Column, string>>, tongue: Tongue): Draft {
  const row = draft.rows[at];
  if (row) return withCells(draft, row.key, texts, tongue);
  if (Object.values(texts).every((text) => text.trim() === "")) return draft;
  return appended(draft, texts, tongue);
}

/** A new row of these texts: it counts unless they say otherwise, and has a name. */
export function appended(draft: Draft, texts: Partial<Record<Column, string>>, tongue: Tongue): Draft {
  const cells: Cells = withTexts({ ...EMPTY_CELLS }, { on: "yes", ...withoutEmpty(texts) }, tongue);
  const id = cells.id === "" ? freeId(draft, cells.kind) : cells.id;
  return insertRow(draft, draft.rows.length, { ...cells, id }).draft;
}

function withoutEmpty(texts: Partial<Record<Column, string>>): Partial<Record<Column, string>> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ""));
}

/** The texts of some rows and columns, to be copied. */
export function blockOf(rows: readonly DraftRow[], columns: readonly Column[]): string[][] {
  return rows.map((row) => columns.map((column) => row.cells[column]));
}
