/** The trend as numbers: one bucket per step of time, with what was before and how it splits. */
import type { Answer } from "../bindings/Answer";
import type { Cell } from "../bindings/Cell";
import type { Grain } from "../bindings/Grain";
import type { Period } from "../bindings/Period";
import type { Row } from "../bindings/Row";
import { geometry, subtract, sum } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import { planName } from "../question/comparison";
import { addsUp } from "../question/measures";
import { addDays, intersection, partialBucket, startOfMonth } from "../view/period";

const BUCKETS_MAX = 2400;

export interface TrendBucket {
  key: string;
  label: string;
  row: Row | null;
  cell: Cell | null;
  /** The figure of the bucket in the same place of the compared period. */
  previous: string | null;
  previousLabel: string | null;
  change: string | null;
  partial: { first: number; last: number; of: number } | null;
}

export interface TrendSeries {
  /** null is the missing value. */
  name: string | null;
  role: "group" | "other";
  values: (string | null)[];
}

export interface TrendModel {
  grain: Grain;
  buckets: TrendBucket[];
  compared: boolean;
  /** What the line behind the columns is called; of what was planned its plan. */
  comparedAs: string;
  /** How the columns are split; empty when they are not. */
  series: TrendSeries[];
  /** Whether the parts add up to the column, and columns to a sum: else a split is lines beside each other. */
  addsUp: boolean;
}

/** Every step of a period, those without a charge too, so that time runs evenly along the axis. */
export function bucketKeys(period: Period, grain: Grain): string[] {
  const keys: string[] = [];
  let day = grain === "month" ? startOfMonth(period.from) : period.from;
  while (day < period.to && keys.length < BUCKETS_MAX) {
    if (grain === "month") {
      keys.push(day.slice(0, 7));
      day = startOfMonth(day, 1);
      continue;
    }
    if (grain === "day") keys.push(day);
    else for (let hour = 0; hour < 24; hour += 1) keys.push(`${day}T${String(hour).padStart(2, "0")}`);
    day = addDays(day, 1);
  }
  return keys;
}

export function trendModel(
  trend: Answer,
  before: Answer | null,
  split: Answer | null,
  loaded: Period | null,
  format: Formatter,
): TrendModel {
  const grain = trend.question.grain ?? "month";
  const additive = addsUp(trend.measures[0]);
  /** What is missing of a sum is nothing; what is missing of a quotient is unknown. */
  const changeOf = (value: string | null, previous: string | null) =>
    (!additive && (value === null || previous === null)) || (trend.against && previous === null)
      ? null
      : subtract(value, previous);
  const rows = new Map(trend.rows.map((row) => [row.keys[0] ?? "", row]));
  // A period may reach beyond what is loaded: the axis shows what there is, not years of nothing.
  const shown = (loaded && intersection(trend.period, loaded)) ?? trend.period;
  const whole =
    shown.from <= trend.period.from || !loaded ? trend.period : { ...trend.period, from: shown.from };
  const keys = bucketKeys({ from: whole.from, to: shown.to > whole.from ? shown.to : whole.to }, grain);
  const beforeKeys = before ? bucketKeys(before.period, grain) : [];
  const beforeRows = new Map(before?.rows.map((row) => [row.keys[0] ?? "", row]));
  return {
    grain,
    compared: before !== null,
    comparedAs: trend.against ? planName(trend.against.plan) : messages.explore.previousSeries,
    addsUp: additive,
    buckets: keys.map((key, index) => {
      const row = rows.get(key) ?? null;
      const beforeKey = beforeKeys[index];
      const previous = (beforeKey !== undefined && beforeRows.get(beforeKey)?.cells[0]?.value) || null;
      return {
        key,
        label: format.bucket(key, grain),
        row,
        cell: row?.cells[0] ?? null,
        previous,
        change: before ? changeOf(row?.cells[0]?.value ?? null, previous) : null,
        previousLabel:
          beforeKey === undefined
            ? null
            : trend.against
              ? planName(trend.against.plan)
              : format.bucket(beforeKey, grain),
        partial: partialBucket(key, grain, shown),
      };
    }),
    series: split ? splitSeries(split, keys) : [],
  };
}

/** The same with each bucket adding up all before it. */
export function running(model: TrendModel): TrendModel {
  const add = () => {
    let soFar: string | null = null;
    return (value: string | null): string | null => {
      if (value !== null) soFar = sum([soFar, value]);
      return soFar;
    };
  };
  const [now, before] = [add(), add()];
  return {
    ...model,
    buckets: model.buckets.map((bucket) => {
      const value = now(bucket.cell?.value ?? null);
      const previous = before(bucket.previous);
      const cell = bucket.cell ?? {
        value: null,
        previous: null,
        change: null,
        change_ratio: null,
        share: null,
      };
      return {
        ...bucket,
        cell: { ...cell, value },
        previous,
        change: model.compared ? subtract(value, previous) : null,
      };
    }),
    series: model.series.map((series) => ({ ...series, values: series.values.map(add()) })),
  };
}

export function splitSeries(split: Answer, keys: string[]): TrendSeries[] {
  const place = new Map(keys.map((key, index) => [key, index]));
  const series = new Map<string, TrendSeries>();
  for (const row of split.rows) {
    const name = row.role === "other" ? null : (row.keys[1] ?? null);
    const id = `${row.role} ${name === null ? "null" : `text ${name}`}`;
    let found = series.get(id);
    if (!found) {
      found = { name, role: row.role, values: keys.map(() => null) };
      series.set(id, found);
    }
    const index = place.get(row.keys[0] ?? "");
    if (index !== undefined) found.values[index] = row.cells[0]?.value ?? null;
  }
  // The largest lies at the bottom of the stack, where lengths compare best.
  const size = (one: TrendSeries) => one.values.reduce((sum, value) => sum + geometry(value), 0);
  const all = [...series.values()].sort((left, right) => size(right) - size(left));
  return [...all.filter((one) => one.role === "group"), ...all.filter((one) => one.role === "other")];
}

/** What a chart says to someone who cannot see it, made of its numbers. */
export function trendText(
  model: TrendModel,
  title: string,
  figureText: (value: string | null) => string,
  partialText: (first: number, last: number, of: number) => string,
): string {
  const said = model.buckets.filter(
    (bucket) => bucket.cell?.value !== null && bucket.cell?.value !== undefined,
  );
  if (said.length === 0) return `${title}: –`;
  const numbers = said.map((bucket) => ({ bucket, height: Number(bucket.cell?.value) }));
  const most = numbers.reduce((best, one) => (one.height > best.height ? one : best));
  const least = numbers.reduce((best, one) => (one.height < best.height ? one : best));
  const figure = (bucket: TrendBucket) =>
    `${bucket.label} ${figureText(bucket.cell?.value ?? null)}` +
    (bucket.partial ? ` (${partialText(bucket.partial.first, bucket.partial.last, bucket.partial.of)})` : "");
  const ends = [said[0], said.at(-1)].filter((bucket) => bucket !== undefined);
  return [
    title,
    ends.map(figure).join(" → "),
    `max ${figure(most.bucket)}`,
    `min ${figure(least.bucket)}`,
  ].join("; ");
}
