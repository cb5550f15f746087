/** The text of one cell as what it says, and back: lines, places, figures, months, settings. */
import { messages } from "../messages";
import { type Clause, readClauses, writeClauses } from "./clauses";
import {
  type Cells,
  type Column,
  kindOf,
  mainFigure,
  namedField,
  settingFields,
  type Tongue,
} from "./columns";
import {
  readAmount,
  readBoolean,
  readCount,
  readMonth,
  readPercent,
  readThree,
  type Three,
  writeThree,
} from "./spelling";
import type { ScenarioField, ScenarioKind } from "./wire";

const words = messages.scenarios.cells;

export const readFigure =
  (field: ScenarioField, { mark }: Pick<Tongue, "mark">) =>
  (text: string) =>
    field.unit === "percent" ? readPercent(text, mark) : text.includes("%") ? null : readAmount(text, mark);

export const writeFigure = (field: ScenarioField) => (value: string) =>
  field.unit === "percent" ? `${value}%` : value;

/** What reading one cell gave: the value, or why there is none. */
export type Read<Value> = { value: Value } | { problem: string };
const refused = (problem: string): { problem: string } => ({ problem });

export function readWhere(text: string, tongue: Tongue): Read<Record<string, string[]>> {
  if (text.trim().toLowerCase() === words.everything || text.trim() === "*") return { value: {} };
  const clauses = readClauses(text);
  if (!clauses) return refused(words.noClauses);
  if (clauses.length === 0) return refused(words.noWhere);
  const where: Record<string, string[]> = {};
  for (const { name, values } of clauses) {
    const dimension = tongue.dimension(name);
    if (dimension === null) return refused(words.noDimension(name));
    if (values.length === 0) return refused(words.noValue(name));
    where[dimension] = [...new Set([...(where[dimension] ?? []), ...values])].sort();
  }
  return { value: where };
}

export function writeWhere(where: Readonly<Record<string, readonly string[]>>, tongue: Tongue): string {
  const clauses = Object.entries(where).map(([dimension, values]) => ({
    name: tongue.label(dimension),
    values,
  }));
  return clauses.length === 0 ? words.everything : writeClauses(clauses);
}

export function readAt(text: string, tongue: Tongue): Read<{ values: Record<string, string>; new: boolean }> {
  const clauses = readClauses(text);
  if (!clauses) return refused(words.noClauses);
  const values: Record<string, string> = {};
  let fresh = false;
  for (const { name, values: given } of clauses) {
    if (given.length === 0 && name.toLowerCase() === words.new) {
      fresh = true;
      continue;
    }
    const dimension = tongue.dimension(name);
    if (dimension === null) return refused(words.noDimension(name));
    const [value, second] = given;
    if (value === undefined) return refused(words.noValue(name));
    if (second !== undefined) return refused(words.oneValue(name));
    values[dimension] = value;
  }
  if (Object.keys(values).length === 0) return refused(words.noPlace);
  return { value: { values, new: fresh } };
}

export function writeAt(
  at: { values: Readonly<Record<string, string>>; new: boolean },
  tongue: Tongue,
): string {
  const clauses: Clause[] = Object.entries(at.values).map(([dimension, value]) => ({
    name: tongue.label(dimension),
    values: [value],
  }));
  return writeClauses(at.new ? [...clauses, { name: words.new, values: [] }] : clauses);
}

/** One setting as it is written on the wire. */
export function readSetting(field: ScenarioField, values: readonly string[], tongue: Tongue): Read<string> {
  const [text, ...more] = values;
  if (text === undefined) {
    return field.input === "boolean" ? { value: "true" } : refused(words.noValue(field.label));
  }
  if (more.length > 0) return refused(words.oneValue(field.label));
  switch (field.input) {
    case "boolean": {
      const value = readBoolean(text);
      return value === null ? refused(words.noBoolean(field.label)) : { value: String(value) };
    }
    case "count": {
      const value = readCount(text, field.default === "0" ? 0 : 1);
      return value === null ? refused(words.noCount(field.label)) : { value };
    }
    case "amount": {
      const value = readFigure(field, tongue)(text);
      return value === null ? refused(words.noAmount(text)) : { value };
    }
    case "choice": {
      const wanted = text.trim().toLowerCase();
      const chosen = field.choices.find(
        ({ value, label }) => value.toLowerCase() === wanted || label.toLowerCase() === wanted,
      );
      return chosen
        ? { value: chosen.value }
        : refused(words.noChoice(field.label, field.choices.map(({ label }) => label).join(", ")));
    }
    default:
      return { value: text };
  }
}

export function readMonths(values: readonly string[], tongue: Tongue): Read<Record<string, string>> {
  const months: Record<string, string> = {};
  for (const value of values) {
    const [month = "", amount = ""] = value.split(":");
    const at = readMonth(month, tongue.locale);
    const figure = readAmount(amount, tongue.mark);
    if (at === null) return refused(words.noMonth(month.trim()));
    if (figure === null) return refused(words.noAmount(amount.trim()));
    months[at] = figure;
  }
  return { value: months };
}

export function writeSetting(field: ScenarioField, value: string): string {
  if (field.input === "boolean") return value === "true" ? words.yes : words.no;
  if (field.input === "choice") return field.choices.find((choice) => choice.value === value)?.label ?? value;
  if (field.input === "amount") return writeFigure(field)(value);
  return value;
}

/** A cell's text in the one spelling; text that cannot be read stays. */
export function settled(cells: Cells, column: Column, text: string, tongue: Tongue): string {
  const trimmed = text.replace(/[\t\r\n]+/g, " ").trim();
  if (trimmed === "") return column === "on" ? words.no : "";
  const kind = kindOf(tongue, column === "kind" ? trimmed : cells.kind);
  const figure = kind && mainFigure(kind, cells.figure);
  switch (column) {
    case "on": {
      const on = readBoolean(trimmed);
      return on === null ? trimmed : on ? words.yes : words.no;
    }
    case "kind":
      return kind?.label ?? trimmed;
    case "where": {
      const where = readWhere(trimmed, tongue);
      return "value" in where ? writeWhere(where.value, tongue) : trimmed;
    }
    case "at": {
      const at = readAt(trimmed, tongue);
      return "value" in at ? writeAt(at.value, tongue) : trimmed;
    }
    case "figure":
      return (kind && mainFigure(kind, trimmed)?.label) ?? trimmed;
    case "low":
    case "likely":
    case "high": {
      if (!figure) return trimmed;
      const value = readFigure(figure, tongue)(trimmed);
      return value === null ? trimmed : writeFigure(figure)(value);
    }
    case "from":
    case "to":
      return readMonth(trimmed, tongue.locale) ?? trimmed;
    case "settings":
      return kind ? settledSettings(kind, figure, trimmed, tongue) : trimmed;
    case "confidence": {
      const value = readPercent(trimmed, tongue.mark);
      return value === null ? trimmed : `${value}%`;
    }
    case "slip": {
      const slip = readSlip(trimmed);
      return slip === null ? trimmed : writeThree(slip, String);
    }
    default:
      return trimmed;
  }
}

function settledSettings(
  kind: ScenarioKind,
  figure: ScenarioField | null,
  text: string,
  tongue: Tongue,
): string {
  const clauses = readClauses(text);
  if (!clauses) return text;
  const fields = settingFields(kind, figure);
  return writeClauses(
    clauses.map(({ name, values }) => {
      const field = namedField(fields, name);
      if (!field) return { name, values };
      if (field.input === "estimate") {
        const three = values.length === 1 ? readThree(values[0] ?? "", readFigure(field, tongue)) : null;
        return { name: field.label, values: three ? [writeThree(three, writeFigure(field))] : values };
      }
      if (field.input === "months") {
        const months = readMonths(values, tongue);
        return { name: field.label, values: "value" in months ? monthTexts(months.value) : values };
      }
      const value = readSetting(field, values, tongue);
      return { name: field.label, values: "value" in value ? [writeSetting(field, value.value)] : values };
    }),
  );
}

export function monthTexts(months: Readonly<Record<string, string>>): string[] {
  return Object.keys(months)
    .sort()
    .map((month) => `${month}: ${months[month] ?? ""}`);
}

export const readSlip = (text: string): Three | null =>
  readThree(text, (part) => (part.trim() === "" ? null : readCount(part, -120)));
