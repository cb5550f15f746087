/** What may be bought, as a table of cells that people type and paste, and as the engine takes it. */
import type { CommitmentInstrument } from "../bindings/CommitmentInstrument";
import type { CommitmentOffer } from "../bindings/CommitmentOffer";
import { compare, divide, isDecimal, normalise, sign } from "../format/decimal";
import { messages } from "../messages";
import { COMMIT_PAYMENTS } from "../view/view";
import { monthsFrom, understood as understoodInBasket } from "./basket";
import { type CurveChoices, needsFamily } from "./curve";
import { type EntryRow, type EntryRules, withBlock, withEntry } from "./entries";

const words = messages.commit.portfolio;
const { wrong } = messages.commit.basket;
const PERCENT_DECIMALS = 10;
/** So many are proposed at most; more can be typed. */
const PROPOSED_MAX = 20;

export const INSTRUMENT_COLUMNS = [
  "program",
  "family",
  "region",
  "term",
  "payment",
  "discount",
  "months",
] as const;
export type InstrumentColumn = (typeof INSTRUMENT_COLUMNS)[number];
export type InstrumentRow = EntryRow<InstrumentColumn>;

export const EMPTY_INSTRUMENT: Readonly<Record<InstrumentColumn, string>> = {
  program: "",
  family: "",
  region: "",
  term: "12",
  payment: "no_upfront",
  discount: "",
  months: "",
};

export function withInstrument(
  rows: readonly InstrumentRow[],
  cells: Partial<Record<InstrumentColumn, string>>,
): InstrumentRow[] {
  const next = Math.max(0, ...rows.map((row) => Number(row.id))) + 1;
  return [...rows, { id: String(next), cells: { ...EMPTY_INSTRUMENT, ...cells } }];
}

/** Months ahead, as `0, 3, 6`; null where it is no such list. Nothing is nothing said. */
export function ladderOf(text: string, horizon: number): number[] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== "");
  const months = parts.map((part) => (/^\d{1,2}$/.test(part) ? Number(part) : Number.NaN));
  return months.every((month) => month < horizon) ? [...new Set(months)].sort((a, b) => a - b) : null;
}

const RULES: EntryRules<InstrumentColumn, InstrumentRow> = {
  columns: INSTRUMENT_COLUMNS,
  names: words.columns,
  understood: (column, text) => (column === "months" ? text.trim() : understoodInBasket(column, text)),
  withRow: withInstrument,
};

export function withInstrumentCell(
  rows: readonly InstrumentRow[],
  place: number,
  column: InstrumentColumn,
  text: string,
): InstrumentRow[] {
  return withEntry(rows, place, column, text, RULES);
}

export function pastedInstruments(
  rows: readonly InstrumentRow[],
  text: string,
  to: { row: number; column: InstrumentColumn },
): { rows: InstrumentRow[]; count: number } {
  return withBlock(rows, text, to, RULES);
}

function problem({ cells }: InstrumentRow, column: InstrumentColumn, horizon: number): string | null {
  const text = cells[column];
  switch (column) {
    case "program":
      return text === "" ? wrong.program : null;
    case "family":
      return text === "" && needsFamily(cells.program) ? words.wrong.family : null;
    case "term":
      return monthsFrom(text) === null ? wrong.term : null;
    case "payment":
      return COMMIT_PAYMENTS.some((payment) => payment === text) ? null : wrong.payment;
    case "discount":
      return text === "" || (isDecimal(text) && sign(text) >= 0 && compare(text, "100") < 0)
        ? null
        : wrong.percent;
    case "months":
      return ladderOf(text, horizon) === null ? words.wrong.months(horizon - 1) : null;
    default:
      return null;
  }
}

/** The cells that cannot be used, as `row column`. */
export function instrumentProblems(rows: readonly InstrumentRow[], horizon: number): Map<string, string> {
  const found = new Map<string, string>();
  for (const [index, row] of rows.entries())
    for (const column of INSTRUMENT_COLUMNS) {
      const said = problem(row, column, horizon);
      if (said !== null) found.set(`${index} ${column}`, said);
    }
  return found;
}

/** The rows as the engine takes them; a row without months of its own is bought in those of the ladder. */
export function instrumentsOf(
  rows: readonly InstrumentRow[],
  ladder: readonly number[],
  horizon: number,
): CommitmentInstrument[] {
  return rows.map(({ cells }) => {
    const own = ladderOf(cells.months, horizon) ?? [];
    const months = own.length > 0 ? own : ladder;
    const discount = cells.discount === "" ? null : divide(cells.discount, "100", PERCENT_DECIMALS);
    return {
      program: cells.program,
      family: cells.family || null,
      region: cells.region || null,
      term_months: monthsFrom(cells.term),
      payment: cells.payment,
      discount: discount === null ? null : normalise(discount),
      months: months.length > 0 ? [...months] : null,
    };
  });
}

/** What the rates that are known and the usage that is there make possible: each programme on each of its terms, dearest usage first. */
export function proposed(
  rates: readonly Pick<CommitmentOffer, "program" | "family" | "term_months" | "payment">[],
  choices: CurveChoices,
): InstrumentRow[] {
  let rows: InstrumentRow[] = [];
  const place = (program: string) => choices.programs.findIndex((one) => one.program === program);
  const seen = new Set<string>();
  const wanted = rates
    .filter((rate) => place(rate.program) >= 0)
    .filter((rate) => !needsFamily(rate.program) || rate.family !== null)
    .map((rate) => ({ ...rate, family: needsFamily(rate.program) ? (rate.family ?? "") : "" }))
    .filter((rate) => rate.family === "" || choices.families.includes(rate.family))
    .sort(
      (left, right) =>
        place(left.program) - place(right.program) ||
        choices.families.indexOf(left.family) - choices.families.indexOf(right.family) ||
        left.term_months - right.term_months ||
        left.payment.localeCompare(right.payment),
    );
  for (const { program, family, term_months: term, payment } of wanted) {
    const key = [program, family, term, payment].join(" ");
    if (seen.has(key) || rows.length >= PROPOSED_MAX) continue;
    seen.add(key);
    rows = withInstrument(rows, { program, family, term: String(term), payment });
  }
  return rows;
}
