/** What came of a scenario, as rows, bars and sentences. */
import type { Formatter } from "../format/format";
import { compare, divide, geometry, magnitude, sign, subtract, sum } from "../format/decimal";
import { messages } from "../messages";
import type { Bar } from "../change/bridge";
import type { DataTable } from "../table/table";
import type { ScenarioComparison, ScenarioContribution, ScenarioRun } from "./wire";

const words = messages.scenarios;

/** The scenario against the baseline: how much more, and in part of the baseline. */
export function differenceOf(run: ScenarioRun): { amount: string; ratio: string | null } {
  const amount = subtract(run.total.likely, run.total.baseline) ?? "0";
  return { amount, ratio: sign(run.total.baseline) > 0 ? divide(amount, run.total.baseline, 6) : null };
}

/**
 * A quick answer with what it does not work out as the last full one had it: cases, effects and what is worth looking at stay until
 * they are known anew.
 */
export function overlaid(quick: ScenarioRun, last: ScenarioRun | null): ScenarioRun {
  if (!last) return quick;
  const known = new Map(last.operations.map((one) => [one.id, one]));
  return {
    ...quick,
    total: {
      ...quick.total,
      best: quick.total.best ?? last.total.best,
      worst: quick.total.worst ?? last.total.worst,
    },
    operations: quick.operations.map((one) =>
      one.effect === null ? { ...one, effect: known.get(one.id)?.effect ?? null } : one,
    ),
    diagnostics: last.diagnostics,
    split: quick.split.length > 0 ? quick.split : last.split,
    notes: quick.notes.length > 0 ? quick.notes : last.notes,
  };
}

/** What the chart of months says to someone who cannot see it. */
export function outcomeAlt(run: ScenarioRun, name: string, format: Formatter): string {
  const at = (index: number) =>
    words.outcome.altMonth(
      format.month(`${run.months[index] ?? ""}-01`),
      format.moneyWithCode(run.likely[index] ?? null, run.currency),
    );
  return words.outcome.alt(
    name,
    at(0),
    at(run.months.length - 1),
    format.moneyWithCode(run.total.likely, run.currency),
    format.moneyWithCode(run.total.baseline, run.currency),
  );
}

/** The months as a table that leaves the page. */
export function monthTable(run: ScenarioRun, title: string): DataTable {
  const { outcome } = words;
  return {
    title,
    about: [run.evidence.scope, `${messages.evidence.id} ${run.evidence.id}`],
    columns: [
      { name: outcome.month, figure: false },
      ...[
        outcome.baseline,
        outcome.likely,
        outcome.difference,
        outcome.low80,
        outcome.high80,
        outcome.low95,
        outcome.high95,
      ].map((name) => ({ name: `${name}, ${run.currency}`, figure: true })),
    ],
    rows: run.months.map((month, index) => {
      const band = run.band[index];
      return [
        month,
        run.baseline_totals[index] ?? null,
        run.likely[index] ?? null,
        subtract(run.likely[index] ?? null, run.baseline_totals[index] ?? null),
        band?.low_80 ?? null,
        band?.high_80 ?? null,
        band?.low_95 ?? null,
        band?.high_95 ?? null,
      ];
    }),
  };
}

/** A bar of a list: where it begins and how long it is, in parts of the whole width. */
export interface Span {
  readonly from: number;
  readonly width: number;
}

/** Bars around one common zero: each from `low` to `high`. */
export function spans(values: readonly (readonly [string, string])[]): { bars: Span[]; zero: number } {
  const ends = values.flatMap(([low, high]) => [geometry(low), geometry(high)]);
  const least = Math.min(0, ...ends);
  const most = Math.max(0, ...ends);
  const size = most - least || 1;
  const place = (value: number) => (value - least) / size;
  return {
    bars: values.map(([first, second]) => {
      const [low, high] = [geometry(first), geometry(second)].sort((left, right) => left - right);
      return { from: place(low ?? 0), width: ((high ?? 0) - (low ?? 0)) / size };
    }),
    zero: place(0),
  };
}

/** The bars of a comparison: the one cost, each contribution, the other cost. What moves nothing has none. */
export function comparisonBars(comparison: ScenarioComparison, names: { from: string; to: string }): Bar[] {
  const start = sum(comparison.from_totals);
  const end = sum(comparison.to_totals);
  const bars: Bar[] = [{ kind: "end", id: "from", name: names.from, amount: start, from: "0", to: start }];
  let level = start;
  for (const [index, contribution] of comparison.contributions.entries()) {
    const { total } = contribution;
    if (sign(total) === 0) continue;
    const to = sum([level, total]);
    const name = shortName(contribution);
    bars.push({ kind: "effect", id: String(index), name, amount: total, from: level, to });
    level = to;
  }
  bars.push({ kind: "end", id: "to", name: names.to, amount: end, from: "0", to: end });
  return bars;
}

/** What one operation adds when it comes last: with its likely figures, and with its low and its high ones. */
export interface Swing {
  readonly operation: string;
  readonly words: string;
  readonly low: string;
  readonly likely: string;
  readonly high: string;
}

/** What each operation adds, those that reach furthest first. The engine tells the totals of its low and high case. */
export function swings(comparison: ScenarioComparison): Swing[] {
  const total = sum(comparison.to_totals);
  const added = (alone: string, other: string) => sum([alone, subtract(other, total)]);
  return byReach(
    comparison.tornado.map(({ operation, words: name, alone, low, high }) => ({
      operation,
      words: name,
      low: added(alone, low),
      likely: alone,
      high: added(alone, high),
    })),
    (one) => [one.low, one.likely, one.high],
  );
}

/** What a contribution is called where room is short: the operation's name. */
const shortName = ({ operation, words: name }: ScenarioContribution): string => operation ?? name;

/** Those that move most first; equal ones in the order given. */
export function byReach<Item>(items: readonly Item[], ends: (item: Item) => readonly string[]): Item[] {
  const reach = (item: Item) =>
    ends(item)
      .map(magnitude)
      .reduce((most, value) => (compare(value, most) > 0 ? value : most), "0");
  return items.toSorted((left, right) => compare(reach(right), reach(left)));
}

/** The contributions as a table that leaves the page. */
export function contributionTable(comparison: ScenarioComparison, title: string): DataTable {
  return {
    title,
    about: [comparison.evidence.scope, `${messages.evidence.id} ${comparison.evidence.id}`],
    columns: [
      { name: words.outcome.operation, figure: false },
      { name: words.compare.contribution, figure: false },
      { name: words.compare.kind, figure: false },
      { name: `${words.outcome.amount}, ${comparison.currency}`, figure: true },
      ...comparison.months.map((month) => ({ name: month, figure: true })),
    ],
    rows: [
      ...comparison.contributions.map((one) => [
        one.operation,
        one.words,
        words.compare.kinds[one.kind],
        one.total,
        ...one.monthly,
      ]),
      [words.compare.difference, null, null, comparison.difference, ...comparison.monthly],
    ],
  };
}

/** A probability between nought and one as a whole percentage; certainty is said only where it is certain. */
export function oddsText(probability: string, format: Formatter): string {
  if (compare(probability, "0") > 0 && compare(probability, "0.01") < 0) return words.odds.under;
  if (compare(probability, "1") < 0 && compare(probability, "0.99") > 0) return words.odds.over;
  return `${format.fixed(percentOf(probability), 0)}%`;
}

/** A ratio in percent, as decimal text. */
function percentOf(ratio: string): string {
  return divide(ratio, "0.01", 6) ?? "0";
}
