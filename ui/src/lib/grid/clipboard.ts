/** Rows as tab-separated text for a spreadsheet. Numbers keep every digit; text from a bill never becomes a formula. */
import type { ChargeColumn } from "./arrow";

const FORMULA = /^[=+\-@\t\r]/;

function cell(text: string | null, column: ChargeColumn): string {
  if (text === null) return "";
  const flat = text.replace(/[\t\r\n]+/g, " ");
  return column.kind === "text" && FORMULA.test(text) ? `'${flat}` : flat;
}

export function tabSeparated(columns: readonly ChargeColumn[], rows: readonly (string | null)[][]): string {
  const head = columns.map((column) => column.name).join("\t");
  const body = rows.map((row) => columns.map((column, index) => cell(row[index] ?? null, column)).join("\t"));
  return [head, ...body].join("\n");
}
