/** A table as it leaves the page: copied as text, or written to a file. Its figures are exact, however they are shown. */

import type { ExportFormat } from "../bindings/ExportFormat";
import type { ExportTableRequest } from "../bindings/ExportTableRequest";

export interface TableColumn {
  readonly name: string;
  /** Whether its values are figures, as plain decimals. */
  readonly figure: boolean;
}

export interface DataTable {
  readonly title: string;
  /** Where its figures come from, a line each. */
  readonly about: readonly string[];
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const FORMULA = /^[=+\-@\t\r]/;

/** Tab-separated text for a spreadsheet. Text from a bill never becomes a formula. */
export function tabSeparated({ columns, rows }: Pick<DataTable, "columns" | "rows">): string {
  const cell = (text: string | null, figure: boolean): string => {
    if (text === null) return "";
    const flat = text.replace(/[\t\r\n]+/g, " ");
    return !figure && FORMULA.test(text) ? `'${flat}` : flat;
  };
  const line = (cells: readonly (string | null)[]) =>
    columns.map((column, index) => cell(cells[index] ?? null, column.figure)).join("\t");
  const head = columns.map((column) => cell(column.name, false)).join("\t");
  return [head, ...rows.map(line)].join("\n");
}

/** Comma-separated text, as a file has it. Text from a bill never becomes a formula. */
export function csv({ columns, rows }: Pick<DataTable, "columns" | "rows">): string {
  const cell = (text: string | null, figure: boolean): string => {
    const safe = !figure && text !== null && FORMULA.test(text) ? `'${text}` : (text ?? "");
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [
    columns.map((column) => cell(column.name, false)),
    ...rows.map((row) => columns.map((column, index) => cell(row[index] ?? null, column.figure))),
  ];
  return lines.map((line) => `${line.join(",")}\n`).join("");
}

/** A Markdown table, figures to the right. Text from a bill stays text: what would be markup is escaped. */
export function markdown({ columns, rows }: Pick<DataTable, "columns" | "rows">): string {
  const cell = (text: string | null): string =>
    (text ?? "")
      .replace(/[\t\r\n]+/g, " ")
      .replace(/[\\|<>`*[\]&]/g, (mark) => (mark === "&" ? "&amp;" : `\\${mark}`));
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map((column) => cell(column.name))),
    line(columns.map((column) => (column.figure ? "---:" : "---"))),
    ...rows.map((row) => line(columns.map((_, index) => cell(row[index] ?? null)))),
  ].join("\n");
}

/** What the engine is asked to write. */
export function tableRequest(table: DataTable, format: ExportFormat): ExportTableRequest {
  return {
    title: table.title,
    about: [...table.about],
    columns: table.columns.map(({ name, figure }) => ({ name, figure })),
    rows: table.rows.map((row) => [...row]),
    target: { format, name: table.title },
  };
}
