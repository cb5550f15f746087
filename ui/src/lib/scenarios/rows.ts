/**
 * A row of texts as an operation, and back. A row is its texts: what cannot be read stays as it was typed, with the reason beside it.
 */
import { compare } from "../format/decimal";
import { messages } from "../messages";
import {
  monthTexts,
  type Read,
  readAt,
  readFigure,
  readMonths,
  readSetting,
  readSlip,
  readWhere,
  writeAt,
  writeFigure,
  writeSetting,
  writeWhere,
} from "./cells";
import { type Clause, readClauses, writeClauses } from "./clauses";
import {
  type Cells,
  type Column,
  EMPTY_CELLS,
  fieldOf,
  kindOf,
  mainFigure,
  mainFigures,
  monthField,
  namedField,
  partnersOf,
  settingFields,
  type Tongue,
} from "./columns";
import { readBoolean, readMonth, readPercent, readThree, rises, writeThree } from "./spelling";
import type { ScenarioField, ScenarioKind, ScenarioOperation } from "./wire";

const words = messages.scenarios.cells;
const FULL = "100";

export interface Problem {
  readonly column: Column;
  readonly message: string;
}

export interface ReadRow {
  /** The operation; null where a cell cannot be read or one that there must be is empty. */
  readonly operation: ScenarioOperation | null;
  readonly problems: readonly Problem[];
}

/** A row's texts as an operation, or what keeps it from being one. */
export function readRow(cells: Cells, tongue: Tongue): ReadRow {
  const problems: Problem[] = [];
  const refuse = (column: Column, message: string) => void problems.push({ column, message });
  const kind = kindOf(tongue, cells.kind);
  if (cells.id.trim() === "") refuse("id", words.noId);
  const enabled = readBoolean(cells.on);
  if (enabled === null) refuse("on", words.noBoolean(words.columns.on));
  const confidence = cells.confidence === "" ? FULL : readPercent(cells.confidence, tongue.mark);
  if (confidence === null) refuse("confidence", words.noPercent(cells.confidence));
  else if (compare(confidence, "0") < 0 || compare(confidence, FULL) > 0)
    refuse("confidence", words.noProbability);
  const slip = cells.slip === "" ? { low: "0", likely: "0", high: "0" } : readSlip(cells.slip);
  if (slip === null || !rises(slip)) refuse("slip", words.noSlip);
  if (!kind) {
    refuse("kind", cells.kind === "" ? words.chooseKind : words.noKind(cells.kind));
    return { operation: null, problems };
  }
  const operation: ScenarioOperation = {
    id: cells.id.trim(),
    kind: kind.kind,
    enabled: enabled ?? false,
    owner: cells.owner,
    note: cells.note,
    confidence: confidence ?? FULL,
    slip_months: {
      low: Number(slip?.low ?? 0),
      likely: Number(slip?.likely ?? 0),
      high: Number(slip?.high ?? 0),
    },
    where: null,
    at: null,
    figures: {},
    from: null,
    to: null,
    settings: {},
    values: null,
  };
  const take = <Value>(column: Column, read: Read<Value>, put: (value: Value) => void) =>
    "value" in read ? put(read.value) : refuse(column, read.problem);
  if (fieldOf(kind, "where"))
    take("where", readWhere(cells.where, tongue), (where) => (operation.where = where));
  else if (cells.where !== "") refuse("where", words.notOfKind(kind.label));
  if (fieldOf(kind, "at")) take("at", readAt(cells.at, tongue), (at) => (operation.at = at));
  else if (cells.at !== "") refuse("at", words.notOfKind(kind.label));
  for (const column of ["from", "to"] as const) {
    const field = monthField(kind, column);
    if (cells[column] === "") {
      if (field?.required) refuse(column, words.needed(field.label));
    } else if (!field) refuse(column, words.notOfKind(kind.label));
    else {
      const month = readMonth(cells[column], tongue.locale);
      if (month === null) refuse(column, words.noMonth(cells[column]));
      operation[column] = month;
    }
  }
  if (operation.from !== null && operation.to !== null && operation.to < operation.from)
    refuse("to", words.endsBefore);
  const figure = mainFigure(kind, cells.figure);
  if (!figure && cells.figure !== "")
    refuse(
      "figure",
      words.noFigure(
        mainFigures(kind)
          .map(({ label }) => label)
          .join(", "),
      ),
    );
  readFigures(cells, kind, figure, tongue, operation, refuse);
  readSettings(cells, kind, figure, tongue, operation, refuse);
  return { operation: problems.length === 0 ? operation : null, problems };
}

type Refuse = (column: Column, message: string) => void;

function readFigures(
  cells: Cells,
  kind: ScenarioKind,
  figure: ScenarioField | null,
  tongue: Tongue,
  operation: ScenarioOperation,
  refuse: Refuse,
): void {
  const given = (["low", "likely", "high"] as const).filter((column) => cells[column] !== "");
  if (figure?.input !== "estimate") {
    for (const column of given) refuse(column, words.notOfKind(kind.label));
    return;
  }
  if (given.length === 0) {
    if (figure.required || mainFigures(kind).length > 1) refuse("likely", words.needed(figure.label));
    return;
  }
  if (cells.likely === "") {
    refuse("likely", words.needed(words.columns.likely));
    return;
  }
  const read = readFigure(figure, tongue);
  const values: Partial<Record<"low" | "likely" | "high", string>> = {};
  for (const column of given) {
    const value = read(cells[column]);
    if (value === null)
      refuse(
        column,
        figure.unit === "percent" ? words.noPercent(cells[column]) : words.noAmount(cells[column]),
      );
    else values[column] = value;
  }
  const { likely } = values;
  if (likely === undefined) return;
  const three = { low: values.low ?? likely, likely, high: values.high ?? likely };
  if (compare(three.low, likely) > 0) refuse("low", words.lowAbove);
  if (compare(likely, three.high) > 0) refuse("high", words.highBelow);
  operation.figures[figure.key] = three;
}

function readSettings(
  cells: Cells,
  kind: ScenarioKind,
  figure: ScenarioField | null,
  tongue: Tongue,
  operation: ScenarioOperation,
  refuse: Refuse,
): void {
  const fields = settingFields(kind, figure);
  const clauses = cells.settings === "" ? [] : readClauses(cells.settings);
  if (!clauses) {
    refuse("settings", words.noClauses);
    return;
  }
  const given = new Set<string>();
  for (const { name, values } of clauses) {
    const field = namedField(fields, name);
    if (!field) {
      refuse("settings", words.noSetting(name, fields.map(({ label }) => label).join(", ")));
      continue;
    }
    given.add(field.key);
    if (field.input === "estimate") {
      const three = values.length === 1 ? readThree(values[0] ?? "", readFigure(field, tongue)) : null;
      if (!three) refuse("settings", words.noThree(field.label));
      else if (!rises(three)) refuse("settings", words.notRising(field.label));
      else operation.figures[field.key] = three;
    } else if (field.input === "months") {
      const months = readMonths(values, tongue);
      if ("problem" in months) refuse("settings", months.problem);
      else if (Object.keys(months.value).length === 0) refuse("settings", words.noValue(field.label));
      else operation.values = months.value;
    } else {
      const value = readSetting(field, values, tongue);
      if ("problem" in value) refuse("settings", value.problem);
      else if (field.input !== "boolean" || value.value !== "false")
        operation.settings[field.key] = value.value;
    }
  }
  const partners = partnersOf(kind, figure);
  for (const field of fields)
    if (!given.has(field.key) && (field.required || partners.includes(field.key)))
      refuse("settings", words.neededSetting(field.label));
}

/** An operation as the texts of its row. */
export function cellsOf(operation: ScenarioOperation, tongue: Tongue): Cells {
  const kind = kindOf(tongue, operation.kind);
  const cells: Record<Column, string> = {
    ...EMPTY_CELLS,
    on: operation.enabled ? words.yes : words.no,
    id: operation.id,
    kind: kind?.label ?? operation.kind,
    where: operation.where ? writeWhere(operation.where, tongue) : "",
    at: operation.at ? writeAt(operation.at, tongue) : "",
    from: operation.from ?? "",
    to: operation.to ?? "",
    confidence: compare(operation.confidence, FULL) === 0 ? "" : `${operation.confidence}%`,
    slip: slipText(operation.slip_months),
    owner: operation.owner,
    note: operation.note,
  };
  if (!kind) return cells;
  const offered = mainFigures(kind);
  const figure =
    offered.find(({ key, input }) =>
      input === "months" ? operation.values !== null : key in operation.figures,
    ) ??
    offered[0] ??
    null;
  if (figure) cells.figure = offered.length > 1 || figure.input !== "estimate" ? figure.label : "";
  const three = figure ? operation.figures[figure.key] : undefined;
  if (figure && three) {
    const write = writeFigure(figure);
    cells.likely = write(three.likely);
    if (compare(three.low, three.likely) !== 0) cells.low = write(three.low);
    if (compare(three.high, three.likely) !== 0) cells.high = write(three.high);
  }
  const clauses: Clause[] = settingFields(kind, figure).flatMap((field) => {
    const own = operation.figures[field.key];
    const setting = operation.settings[field.key];
    if (field.input === "estimate")
      return own ? [{ name: field.label, values: [writeThree(own, writeFigure(field))] }] : [];
    if (field.input === "months")
      return operation.values ? [{ name: field.label, values: monthTexts(operation.values) }] : [];
    if (field.input === "boolean" && setting === "false") return [];
    return setting === undefined ? [] : [{ name: field.label, values: [writeSetting(field, setting)] }];
  });
  cells.settings = writeClauses(clauses);
  return cells;
}

function slipText({ low, likely, high }: ScenarioOperation["slip_months"]): string {
  if (low === 0 && likely === 0 && high === 0) return "";
  return writeThree({ low: String(low), likely: String(likely), high: String(high) }, String);
}

/** The text of the settings with one of them written; an empty text takes it out. What cannot be read stays as it is. */
export function withSetting(
  cells: Cells,
  fields: readonly ScenarioField[],
  key: string,
  text: string,
): string {
  const clauses = cells.settings === "" ? [] : readClauses(cells.settings);
  if (!clauses) return cells.settings;
  const at = clauses.findIndex(({ name }) => namedField(fields, name)?.key === key);
  const label = fields.find((field) => field.key === key)?.label ?? key;
  const values = text.trim() === "" ? [] : [text.trim()];
  if (values.length === 0) return writeClauses(clauses.filter((_, index) => index !== at));
  if (at < 0) return writeClauses([...clauses, { name: label, values }]);
  return writeClauses(clauses.map((clause, index) => (index === at ? { name: label, values } : clause)));
}

/** The text of one setting; empty where it is not given. */
export function settingText(cells: Cells, fields: readonly ScenarioField[], key: string): string {
  const clause = (readClauses(cells.settings) ?? []).find(
    ({ name }) => namedField(fields, name)?.key === key,
  );
  return clause ? clause.values.join(" | ") : "";
}
