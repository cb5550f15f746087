/** The SQL console's own matters: what was run before, which tables there are, where a statement is wrong. */
import type { SqlReply } from "../bindings/SqlReply";
import type { ColumnKind } from "../grid/arrow";

/** So many rows of a statement are shown; an export has them all. */
export const ROWS_SHOWN = 10_000;

const HISTORY_MAX = 50;
const STATEMENT_MAX = 20_000;
const TITLE_MAX = 80;

/** The tables that a statement may rest on, those that matter most first. Others are the engine's own and may change. */
export const DOCUMENTED_TABLES = [
  "charge",
  "cube_month",
  "cube_day",
  "cube_hour",
  "cube_service_day",
  "cube_resource_month",
  "allocation",
  "contract_commitment",
  "invoice_detail",
  "billing_period",
  "load",
  "load_total",
  "load_file",
  "source_file",
  "reject",
  "tag_column",
  "charge_superseded",
] as const;

/** The documented views: they stay as they are, whatever the tables behind them become. */
export const DOCUMENTED_VIEWS = ["charges", "daily", "loads", "allocated"] as const;

export const viewStatement = (view: string) => `FROM ${view} LIMIT 0`;

export const SCHEMA_STATEMENT =
  "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'main' ORDER BY table_name, ordinal_position";

export interface ConsoleTable {
  readonly name: string;
  readonly columns: readonly { name: string; type: string }[];
}

/** A view as a table, with the types as they are called in SQL rather than in Arrow. */
export function viewOf(name: string, reply: Pick<SqlReply, "columns">): ConsoleTable {
  const typeName = (type: string) => {
    const decimal = /^Decimal\d+(\(.*\))$/.exec(type)?.[1];
    if (decimal !== undefined) return `DECIMAL${decimal.replace(" ", "")}`;
    if (type.startsWith("Timestamp")) return "TIMESTAMP";
    return (
      { Utf8: "VARCHAR", Int64: "BIGINT", Int32: "INTEGER", UInt8: "UTINYINT", Date32: "DATE" }[type] ?? type
    );
  };
  return {
    name,
    columns: reply.columns.map((column) => ({ name: column.name, type: typeName(column.type) })),
  };
}

/** The documented tables that this engagement has, with their columns. */
export function tablesOf(reply: Pick<SqlReply, "rows">): ConsoleTable[] {
  const columns = new Map<string, { name: string; type: string }[]>();
  for (const [table, column, type] of reply.rows) {
    if (!table || !column) continue;
    const known = columns.get(table) ?? [];
    known.push({ name: column, type: type ?? "" });
    columns.set(table, known);
  }
  return DOCUMENTED_TABLES.filter((name) => columns.has(name)).map((name) => ({
    name,
    columns: columns.get(name) ?? [],
  }));
}

/** What kind of values a column of a statement has, by its Arrow type. */
export function columnKind(type: string): ColumnKind {
  if (type.startsWith("Decimal")) return "decimal";
  if (/^U?Int\d+$/.test(type)) return "integer";
  if (type.startsWith("Float")) return "float";
  return /^(Date|Timestamp)/.test(type) ? "moment" : "text";
}

/** A statement on top of those run before; the same one again moves up. */
export function withStatement(history: readonly string[], text: string): string[] {
  const statement = text.trim();
  if (statement === "" || statement.length > STATEMENT_MAX) return [...history];
  return [statement, ...history.filter((known) => known !== statement)].slice(0, HISTORY_MAX);
}

/** What was kept, or nothing where it cannot be read: it is text from outside. */
export function readHistory(text: string | null): string[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(found)) return [];
    return found
      .filter((one): one is string => typeof one === "string" && one.length <= STATEMENT_MAX)
      .slice(0, HISTORY_MAX);
  } catch {
    return [];
  }
}

/** A statement in one short line. */
export function statementTitle(statement: string): string {
  const flat = statement.replace(/\s+/g, " ").trim();
  return flat.length > TITLE_MAX ? `${flat.slice(0, TITLE_MAX - 1)}…` : flat;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where the engine says that a statement is wrong. */
export function placeOf(details: unknown): Place | null {
  if (typeof details !== "object" || details === null) return null;
  const { line, column } = details as Record<string, unknown>;
  return Number.isInteger(line) && Number.isInteger(column) && Number(line) > 0 && Number(column) > 0
    ? { line: Number(line), column: Number(column) }
    : null;
}
