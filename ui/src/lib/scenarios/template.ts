/** What the columns are called in a spreadsheet, and rows to begin from there. */
import { messages } from "../messages";
import {
  type Cells,
  type Column,
  COLUMNS,
  mainFigure,
  mainFigures,
  newCells,
  settingFields,
  type Tongue,
} from "./columns";
import { withTexts } from "./draft";
import { writeBlock } from "./paste";
import type { ScenarioField, ScenarioKind } from "./wire";

const words = messages.scenarios.cells;
/** Other headings that a column is known by. */
const ALSO: Readonly<Record<string, Column>> = {
  enabled: "on",
  id: "id",
  operation: "id",
  type: "kind",
  where: "where",
  lines: "where",
  at: "at",
  into: "at",
  change: "likely",
  amount: "likely",
  start: "from",
  end: "to",
  slip: "slip",
  probability: "confidence",
  comment: "note",
};

/** The column of a heading; null where it is none. */
export function columnNamed(text: string): Column | null {
  const wanted = text.trim().toLowerCase();
  return (
    COLUMNS.find((column) => column === wanted || words.columns[column].toLowerCase() === wanted) ??
    ALSO[wanted] ??
    null
  );
}

export const headings = (): string[] => COLUMNS.map((column) => words.columns[column]);

/** A table's headings with an example of each kind, for a spreadsheet. */
export function template(tongue: Tongue, dimensions: readonly string[], from: string): string {
  return writeBlock([
    headings(),
    ...tongue.kinds.map((kind) => {
      const cells = example(kind, tongue, dimensions[0] ?? "service", from);
      return COLUMNS.map((column) => cells[column]);
    }),
  ]);
}

/** A row of a kind, switched off, with a figure of the right unit in each cell that needs one. */
export function example(kind: ScenarioKind, tongue: Tongue, dimension: string, from: string): Cells {
  const figure = mainFigures(kind)[0] ?? null;
  const place = `${tongue.label(dimension)} = …`;
  const has = (input: ScenarioField["input"]) => kind.fields.some((field) => field.input === input);
  const settings = settingFields(kind, mainFigure(kind, ""))
    .filter((field) => field.required)
    .map((field) => `${field.label} = ${settingExample(field)}`)
    .join("; ");
  return withTexts(
    newCells(kind, kind.kind.replaceAll("_", "-"), from),
    {
      on: words.no,
      where: has("where") ? words.everything : "",
      at: has("at") ? place : "",
      likely: figure?.input === "estimate" ? (figure.unit === "percent" ? "10%" : "1000") : "",
      settings,
      note: kind.what.replace(/\.$/, ""),
    },
    tongue,
  );
}

function settingExample(field: ScenarioField): string {
  if (field.input === "count") return "12";
  if (field.input === "amount" || field.input === "estimate")
    return field.unit === "percent" ? "10%" : "1000";
  if (field.input === "choice") return field.choices[0]?.label ?? "…";
  return "…";
}
