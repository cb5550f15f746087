/** A budget scorecard as the page shows it: its lines as a tree, its figures, the line that a chart draws. */
import type { Answer } from "../bindings/Answer";
import type { BudgetBand } from "../bindings/BudgetBand";
import type { BudgetCell } from "../bindings/BudgetCell";
import type { BudgetFile } from "../bindings/BudgetFile";
import type { BudgetLine } from "../bindings/BudgetLine";
import type { BudgetReply } from "../bindings/BudgetReply";
import type { BudgetScorecard } from "../bindings/BudgetScorecard";
import type { Filter } from "../bindings/Filter";
import type { Question } from "../bindings/Question";
import { stepAfter } from "../forecast/months";
import { divide, magnitude, sign, sum } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import { isMeasure } from "../question/measures";
import type { DataTable } from "../table/table";

const words = messages.budgets;
const RATIO_DECIMALS = 6;

/** The file that is shown: the one that is asked for, else the first that can be read. */
export function chosenFile(files: readonly BudgetFile[], wanted: string | null): BudgetFile | null {
  return files.find((file) => file.file === wanted) ?? files.find((file) => file.problem === null) ?? null;
}

/** Whether a line has parts. */
export function hasParts(lines: readonly BudgetLine[], line: BudgetLine): boolean {
  return lines.some((other) => other.parent === line.name);
}

/** The lines that are seen: those whose parents are all open. */
export function visibleLines(lines: readonly BudgetLine[], closed: ReadonlySet<string>): BudgetLine[] {
  const byName = new Map(lines.map((line) => [line.name, line]));
  const hidden = (line: BudgetLine): boolean => {
    // A file may name parents in a ring: each is looked at once.
    const seen = new Set<string>();
    for (let parent = line.parent; parent !== null && !seen.has(parent);) {
      if (closed.has(parent)) return true;
      seen.add(parent);
      parent = byName.get(parent)?.parent ?? null;
    }
    return false;
  };
  return lines.filter((line) => !hidden(line));
}

/** A row of the scorecard: a line, or above the first part of a breakdown what its parts are by. */
export interface ScorecardRow {
  readonly line: BudgetLine;
  readonly breakdown: string | null;
}

/** The rows that are seen, everything first. Where a whole is broken down in several ways each has a row of its own above it. */
export function scorecardRows(reply: BudgetReply, closed: ReadonlySet<string>): ScorecardRow[] {
  const { lines, whole } = reply;
  const seen = new Set<string>();
  const rows = visibleLines(lines, closed).flatMap((line): ScorecardRow[] => {
    const { parent, breakdown } = line;
    const row = { line, breakdown: null };
    if (parent === null || breakdown === null || breakdownsOf(lines, parent).length < 2) return [row];
    const key = JSON.stringify([parent, breakdown]);
    if (seen.has(key)) return [row];
    seen.add(key);
    return [{ line, breakdown }, row];
  });
  return lines.some((line) => line.filters?.length === 0)
    ? rows
    : [{ line: whole, breakdown: null }, ...rows];
}

/** What a whole is broken down by: parts of one breakdown add up to it, those of two do not add up to each other. */
function breakdownsOf(lines: readonly BudgetLine[], parent: string): string[] {
  const found = lines.filter((line) => line.parent === parent).map((line) => line.breakdown);
  return [...new Set(found.filter((breakdown) => breakdown !== null))];
}

export type Standing = "better" | "worse" | "even" | "unknown";

export function standingOf(cell: Pick<BudgetCell, "verdict">): Standing {
  switch (cell.verdict) {
    case "favourable":
      return "better";
    case "unfavourable":
      return "worse";
    case "on_budget":
      return "even";
    case "not_comparable":
      return "unknown";
  }
}

/**
 * By how much the cost is off its budget, above zero where it is more: the direction that a cost is read in. Of a budget that is not
 * above zero nothing is a share.
 */
export function overBy(cell: Pick<BudgetCell, "variance" | "budget">): string | null {
  if (cell.variance === null || cell.budget === null || sign(cell.budget) <= 0) return null;
  const ratio = divide(cell.variance, magnitude(cell.budget), RATIO_DECIMALS);
  return ratio === null ? null : negated(ratio);
}

function negated(text: string): string {
  if (sign(text) === 0) return "0";
  return text.startsWith("-") ? text.slice(1) : `-${text}`;
}

/** A variance in words: `1,234.00 (2.1%) over budget`. */
export function varianceText(cell: BudgetCell, currency: string, format: Formatter): string {
  const { headline } = words;
  if (cell.variance === null) return headline.none;
  const way = sign(cell.variance);
  if (way === 0) return headline.on;
  const amount = format.money(magnitude(cell.variance), currency);
  const share = format.percent(magnitude(overBy(cell) ?? "0"));
  return way > 0 ? headline.less(amount, share) : headline.more(amount, share);
}

/** The question behind what a line cost in a period; null for a remainder, which no filters say. */
export function lineQuestion(
  reply: Pick<BudgetReply, "measure" | "currency">,
  line: BudgetLine,
  period: { from: string; to: string },
): Question | null {
  const { name } = reply.measure;
  if (line.filters === null || !isMeasure(name)) return null;
  return {
    measures: [name],
    by: [],
    grain: null,
    period: { from: period.from, to: period.to },
    on: "charge",
    filters: line.filters,
    compare: null,
    top: null,
    currency: reply.currency,
  };
}

function sameFilters(left: readonly Filter[], right: readonly Filter[]): boolean {
  const text = (filters: readonly Filter[]) =>
    JSON.stringify(
      filters
        .map(({ dimension, operator, values }) => JSON.stringify([dimension, operator, [...values].sort()]))
        .sort(),
    );
  return text(left) === text(right);
}

/** The line that is for just what some filters let through; null where the budget has none. */
export function lineFor(reply: BudgetReply, filters: readonly Filter[]): BudgetLine | null {
  if (filters.length === 0) return reply.whole;
  return reply.lines.find((line) => line.filters !== null && sameFilters(line.filters, filters)) ?? null;
}

const MONTH_START = /-01$/;

/** What a line may cost, by month; nothing of periods that are no months. */
export function budgetByMonth(reply: BudgetReply, line: BudgetLine): Map<string, string> {
  const months = new Map<string, string>();
  reply.periods.forEach((period, index) => {
    const budget = line.cells[index]?.budget ?? null;
    if (budget !== null && MONTH_START.test(period.from)) months.set(period.from.slice(0, 7), budget);
  });
  return months;
}

/** The bands from the best on; those without a measure last and only where there are some. */
const BANDS: readonly BudgetBand[] = [
  "within_5",
  "within_12",
  "within_15",
  "within_20",
  "above_20",
  "unmeasured",
];

export interface BandCount {
  readonly band: BudgetBand;
  readonly name: string;
  readonly said: string;
  readonly words: string;
  readonly count: number;
  /** Whether all scopes together fall into it. */
  readonly topLine: boolean;
}

export function bandStrip(scorecard: BudgetScorecard): BandCount[] {
  return BANDS.flatMap((band) => {
    const found = scorecard.bands.find((one) => one.band === band);
    const count = found?.count ?? 0;
    const topLine = scorecard.top_line.band === band;
    if (band === "unmeasured" && count === 0 && !topLine) return [];
    return [{ band, ...words.bands[band], words: found?.words ?? words.bands[band].said, count, topLine }];
  });
}

/** How good a band is, from 0 for the best to 4. */
export function bandRank(band: BudgetBand): number {
  return Math.min(BANDS.indexOf(band), 4);
}

/** The scorecard as its table shows it, its figures exact: a row for each line and period. */
export function scorecardTable(reply: BudgetReply): DataTable {
  const { table } = words;
  const row = (line: BudgetLine, period: string, cell: BudgetCell) => [
    line.name,
    line.parent,
    line.scope,
    period,
    cell.actual,
    cell.forecast,
    cell.budget,
    cell.variance,
    cell.share,
    cell.words,
  ];
  const lines = [reply.whole, ...reply.lines];
  return {
    title: `${words.title} ${reply.file} ${reply.year}`,
    about: [
      ...(reply.evidence ? [reply.evidence.scope, `${messages.evidence.id} ${reply.evidence.id}`] : []),
      ...reply.notes.map((note) => note.message),
    ],
    columns: [
      { name: table.scope, figure: false },
      { name: table.part, figure: false },
      { name: table.charges, figure: false },
      { name: table.period, figure: false },
      { name: `${table.actual}, ${reply.currency}`, figure: true },
      { name: `${table.forecast}, ${reply.currency}`, figure: true },
      { name: `${table.budget}, ${reply.currency}`, figure: true },
      { name: `${table.variance}, ${reply.currency}`, figure: true },
      { name: table.shareOf, figure: true },
      { name: table.said, figure: false },
    ],
    rows: lines.flatMap((line) => [
      ...reply.periods.map((period, index) => row(line, period.label, line.cells[index] ?? EMPTY)),
      row(line, table.toDate, line.to_date),
      row(line, table.year, line.total),
    ]),
  };
}

const EMPTY: BudgetCell = {
  actual: null,
  forecast: null,
  budget: null,
  cost: null,
  variance: null,
  share: null,
  verdict: "not_comparable",
  words: "",
  expected: "nothing",
};

const MONTHS_OF_YEAR = 12;
const CENTS = 2;

/**
 * A budget file to begin with: a year on, each month of what was charged, in total and by value of the dimension that the answer is
 * by. A value that would be read as more than one is left to the total.
 */
export function templateOf(answer: Answer, dimension: string): DataTable {
  const months = new Map<string, Map<string, string>>();
  for (const row of answer.rows) {
    const [month, value] = row.keys;
    const amount = row.cells[0]?.value ?? null;
    if (!month || amount === null) continue;
    const own = months.get(month) ?? new Map<string, string>();
    own.set(value ?? "", sum([own.get(value ?? "") ?? null, amount]));
    months.set(month, own);
  }
  const rows: (string | null)[][] = [];
  for (const [month, values] of [...months].sort().slice(-MONTHS_OF_YEAR)) {
    const ahead = stepAfter(month, "month", MONTHS_OF_YEAR);
    rows.push([ahead, "total", rounded(sum([...values.values()])), answer.currency]);
    for (const [value, amount] of [...values].sort())
      if (value !== "" && !/[,;="]/.test(value))
        rows.push([ahead, `${dimension}=${value}`, rounded(amount), answer.currency]);
  }
  return {
    title: words.empty.templateTitle,
    about: [],
    columns: [
      { name: "month", figure: false },
      { name: "scope", figure: false },
      { name: "amount", figure: true },
      { name: "currency", figure: false },
    ],
    rows,
  };
}

function rounded(amount: string): string {
  return divide(amount, "1", CENTS) ?? amount;
}
