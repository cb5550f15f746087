/** The columns of the table of operations, and which of them a kind of operation has. */
import { messages } from "../messages";
import { type DecimalMark, isMonth } from "./spelling";
import type { ScenarioField, ScenarioKind } from "./wire";

/** The columns in the order in which rows are shown, copied and pasted. */
export const COLUMNS = [
  "on",
  "id",
  "kind",
  "where",
  "at",
  "figure",
  "low",
  "likely",
  "high",
  "from",
  "to",
  "settings",
  "confidence",
  "slip",
  "owner",
  "note",
] as const;
export type Column = (typeof COLUMNS)[number];
export type Cells = Readonly<Record<Column, string>>;

export const EMPTY_CELLS: Cells = Object.freeze(
  Object.fromEntries(COLUMNS.map((column) => [column, ""])) as Record<Column, string>,
);

/** Columns whose texts are figures: they stand at the right. */
export const FIGURE_COLUMNS: ReadonlySet<Column> = new Set(["low", "likely", "high", "confidence", "slip"]);

/** What reading and writing needs to know. */
export interface Tongue {
  readonly kinds: readonly ScenarioKind[];
  readonly mark: DecimalMark;
  readonly locale: string;
  /** What a person calls a dimension; each dimension has a label of its own. */
  readonly label: (dimension: string) => string;
  /** The dimension of a label or name; null where there is none. */
  readonly dimension: (text: string) => string | null;
  /** What the baseline has, by the key of a setting: its drivers, commitments, currencies. */
  readonly known?: Readonly<Record<string, readonly string[]>>;
}

/** Figures that take each other's place: one list is given, not both. */
const ALTERNATIVES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  launch: [["plateau"], ["plateau_units", "unit_price"]],
  currency: [["change"], ["rate"]],
  driver_override: [["change"], ["values"]],
};

export function kindOf(tongue: Pick<Tongue, "kinds">, text: string): ScenarioKind | null {
  const wanted = text.trim().toLowerCase();
  const plain = wanted.replace(/[\s-]+/g, "_");
  return tongue.kinds.find(({ kind, label }) => kind === plain || label.toLowerCase() === wanted) ?? null;
}

export const fieldOf = (kind: ScenarioKind, input: ScenarioField["input"]): ScenarioField | null =>
  kind.fields.find((field) => field.input === input) ?? null;

/** The figures one of which stands in the columns low, likely and high. */
export function mainFigures(kind: ScenarioKind): readonly ScenarioField[] {
  const estimates = kind.fields.filter((field) => field.input === "estimate");
  const alternatives = ALTERNATIVES[kind.kind];
  if (!alternatives) return estimates.slice(0, 1);
  return alternatives.flatMap(([first = ""]) => kind.fields.filter((field) => field.key === first));
}

/** The figure that a row gives. */
export function mainFigure(kind: ScenarioKind, text: string): ScenarioField | null {
  const offered = mainFigures(kind);
  const wanted = text.trim().toLowerCase();
  return (
    offered.find(({ key, label }) => key === wanted || label.toLowerCase() === wanted) ??
    (wanted === "" ? (offered[0] ?? null) : null)
  );
}

/** The fields that the column of settings holds beside this figure. */
export function settingFields(kind: ScenarioKind, figure: ScenarioField | null): readonly ScenarioField[] {
  const others = (ALTERNATIVES[kind.kind] ?? []).filter(([first]) => first !== figure?.key).flat();
  return kind.fields.filter(
    ({ key, input }) =>
      input !== "where" &&
      input !== "at" &&
      input !== "month" &&
      (key !== figure?.key || input !== "estimate") &&
      !others.includes(key),
  );
}

/** The keys that belong to a figure: given together, or not at all. */
export function partnersOf(kind: ScenarioKind, figure: ScenarioField | null): readonly string[] {
  return (ALTERNATIVES[kind.kind] ?? []).find(([first]) => first === figure?.key) ?? [];
}

/** Whether a row of this kind has anything in a column. */
export function hasColumn(kind: ScenarioKind, figure: ScenarioField | null, column: Column): boolean {
  switch (column) {
    case "where":
      return fieldOf(kind, "where") !== null;
    case "at":
      return fieldOf(kind, "at") !== null;
    case "figure":
      return mainFigures(kind).length > 0;
    case "low":
    case "likely":
    case "high":
      return figure?.input === "estimate";
    case "from":
    case "to":
      return monthField(kind, column) !== null;
    case "settings":
      return settingFields(kind, figure).length > 0;
    default:
      return true;
  }
}

/** Whether a row's kind has nothing in a column. */
export function isVoid(tongue: Pick<Tongue, "kinds">, cells: Cells, column: Column): boolean {
  const kind = kindOf(tongue, cells.kind);
  if (!kind) return false;
  return !hasColumn(kind, mainFigure(kind, cells.figure) ?? mainFigures(kind)[0] ?? null, column);
}

/** The month of a column: a single month of its own name stands in the first. */
export function monthField(kind: ScenarioKind, column: "from" | "to"): ScenarioField | null {
  const months = kind.fields.filter((field) => field.input === "month");
  return column === "to"
    ? (months.find((field) => field.key === "to") ?? null)
    : (months.find((field) => field.key !== "to") ?? null);
}

/** The field that a clause names, by its key or label. */
export function namedField(fields: readonly ScenarioField[], name: string): ScenarioField | null {
  const wanted = name.trim().toLowerCase();
  const plain = wanted.replace(/[\s-]+/g, "_");
  return fields.find(({ key, label }) => key === plain || label.toLowerCase() === wanted) ?? null;
}

/** The column in which the engine's key of an operation stands. */
export function columnOfKey(key: string | null, kind: ScenarioKind | null, cells: Cells): Column {
  if (key === null) return "id";
  if ((COLUMNS as readonly string[]).includes(key)) return key as Column;
  const known: Readonly<Record<string, Column>> = {
    enabled: "on",
    into: "at",
    new: "at",
    month: "from",
    slip_months: "slip",
  };
  const found = known[key];
  if (found) return found;
  const figure = kind && mainFigure(kind, cells.figure);
  if (figure?.key === key) return figure.input === "estimate" ? "likely" : "settings";
  return kind?.fields.some((field) => field.key === key) ? "settings" : "id";
}

/** A row of a kind as it begins, with what a spreadsheet's new row has. */
export function newCells(kind: ScenarioKind | null, id: string, from: string | null): Cells {
  return {
    ...EMPTY_CELLS,
    on: messages.scenarios.cells.yes,
    id,
    kind: kind?.label ?? "",
    from: kind && monthField(kind, "from") && from && isMonth(from) ? from : "",
  };
}
