/** A forecast as the page shows it: its steps in one row, what they come to, how they stand against the year before. */
import type { ForecastReply } from "../bindings/ForecastReply";
import type { ForecastRequest } from "../bindings/ForecastRequest";
import type { ForecastStep } from "../bindings/ForecastStep";
import type { Question } from "../bindings/Question";
import { divide, geometry, magnitude, subtract, sum } from "../format/decimal";
import { format } from "../format";
import { messages } from "../messages";
import { viewQuestion } from "../question/question";
import { bucketPeriod } from "../view/period";
import type { DataTable } from "../table/table";
import type { ViewParams } from "../view/view";
import type { FanMark, Overlay } from "./fanOption";
import { fiscalYear, monthsFrom, spanOf, type Step, yearBefore } from "./months";

const words = messages.forecast;
const RATIO_DECIMALS = 6;

/** How far ahead can be asked for; the first is the usual. */
export const HORIZONS: Record<Step, readonly number[]> = {
  month: [12, 3, 6, 18, 24, 36],
  day: [90, 14, 30, 60, 180, 365],
};

/** A month or a day: what was, what is expected, or both where more may still come. */
export interface ForecastPoint {
  readonly time: string;
  readonly actual: string | null;
  /** Whether more may still come of the actual figure. */
  readonly provisional: boolean;
  readonly step: ForecastStep | null;
  /** What it counted for, where that is less than it is. */
  readonly countedAs: string | null;
  /** The same step a year before, as it was or is expected to be. */
  readonly yearBefore: string | null;
}

/** What is asked of the engine for what is looked at. */
export function forecastRequest(view: ViewParams, own: string | null): ForecastRequest {
  const { grain, horizon, by, then, holds, holdTotal, driver } = view.forecast;
  return {
    question: viewQuestion({ ...view, compare: null }, own),
    grain,
    horizon,
    by,
    then: by === null || then === by ? null : then,
    locks: by === null || holds.length === 0 ? null : holds.map((hold) => ({ ...hold })),
    lock_total: by === null ? null : holdTotal,
    drivers: driver && [{ metric: driver.metric, growth: driver.growth }],
  };
}

/** Grains of a reply that are forecast: hours are not. */
export function stepOf(reply: Pick<ForecastReply, "grain">): Step {
  return reply.grain === "day" ? "day" : "month";
}

/** Every step from the first of the history to the last that is forecast, in order. */
export function pointsOf(
  reply: Pick<ForecastReply, "grain" | "history" | "steps" | "outliers">,
): ForecastPoint[] {
  const grain = stepOf(reply);
  const actuals = new Map(reply.history.map((actual) => [actual.time, actual]));
  const steps = new Map(reply.steps.map((step) => [step.time, step]));
  const outliers = new Map(reply.outliers.map((outlier) => [outlier.time, outlier.counted_as]));
  /** What a step comes to: as it was where it is whole, else as it is expected to be. */
  const figure = (time: string) => {
    const actual = actuals.get(time);
    return actual && !actual.provisional
      ? actual.amount
      : (steps.get(time)?.amount ?? actual?.amount ?? null);
  };
  const times = [...new Set([...actuals.keys(), ...steps.keys()])].sort();
  return times.map((time) => ({
    time,
    actual: actuals.get(time)?.amount ?? null,
    provisional: actuals.get(time)?.provisional ?? false,
    step: steps.get(time) ?? null,
    countedAs: outliers.get(time) ?? null,
    yearBefore: figure(yearBefore(time, grain)),
  }));
}

/** How the expected sum stands against the same steps a year before; null where they are not all known. */
export interface AgainstBefore {
  /** What the earlier steps came to. */
  readonly before: string;
  readonly change: string;
  readonly ratio: string | null;
  readonly from: string;
  readonly to: string;
}

export function againstYearBefore(
  reply: Pick<ForecastReply, "grain" | "total">,
  points: readonly ForecastPoint[],
): AgainstBefore | null {
  const { total } = reply;
  if (!total) return null;
  const grain = stepOf(reply);
  const within = points.filter((point) => point.time >= total.from && point.time <= total.to);
  if (within.length === 0 || within.some((point) => point.yearBefore === null)) return null;
  // Beyond a year the earlier steps would be forecasts themselves.
  if (yearBefore(total.to, grain) >= total.from) return null;
  const before = sum(within.map((point) => point.yearBefore));
  const change = subtract(total.amount, before) ?? "0";
  return {
    before,
    change,
    ratio: divide(change, magnitude(before), RATIO_DECIMALS),
    from: yearBefore(total.from, grain),
    to: yearBefore(total.to, grain),
  };
}

/** The fiscal year that is running: what it cost so far and what is expected of the rest. */
export interface FiscalYear {
  readonly from: string;
  readonly to: string;
  readonly actual: string;
  readonly expected: string;
  readonly total: string;
  /** Months that are whole. */
  readonly months: number;
}

/** Null where a month of it is neither known nor forecast, and where it is forecast from its first month on. */
export function fiscalYearOf(
  reply: Pick<ForecastReply, "grain">,
  points: readonly ForecastPoint[],
  start: number,
): FiscalYear | null {
  const first = points.find((point) => point.step !== null && (point.actual === null || point.provisional));
  if (stepOf(reply) !== "month" || !first) return null;
  const { from, to } = fiscalYear(first.time, start);
  const within = points.filter((point) => point.time >= from && point.time <= to);
  const past = within.filter((point) => point.time < first.time);
  const ahead = within.filter((point) => point.time >= first.time);
  const known = past.every((point) => point.actual !== null) && ahead.every((point) => point.step !== null);
  if (past.length === 0 || within.length !== monthsFrom(from, to) || !known) return null;
  const actual = sum(past.map((point) => point.actual));
  const expected = sum(ahead.map((point) => point.step?.amount ?? null));
  return { from, to, actual, expected, total: sum([actual, expected]), months: past.length };
}

/** How many steps reach to the end of the fiscal year that is running; null where it ends with the history. */
export function stepsToYearEnd(reply: Pick<ForecastReply, "grain" | "total">, start: number): number | null {
  if (stepOf(reply) !== "month" || !reply.total) return null;
  return monthsFrom(reply.total.from, fiscalYear(reply.total.from, start).to);
}

/** The question whose total is a step's figure of the past. */
export function pointQuestion(reply: Pick<ForecastReply, "grain" | "question">, time: string): Question {
  return {
    ...reply.question,
    by: [],
    grain: null,
    top: null,
    compare: null,
    period: bucketPeriod(time, reply.grain),
  };
}

/** The question whose total is the history that was learned from. */
export function historyQuestion(reply: Pick<ForecastReply, "period" | "question">): Question {
  return { ...reply.question, by: [], grain: null, top: null, compare: null, period: reply.period };
}

/** By how much a figure is off another, as a fraction of that. */
export function ratioTo(value: string, of: string): string | null {
  return divide(subtract(value, of), magnitude(of), RATIO_DECIMALS);
}

/** What a model by itself expects of the steps that are added up. */
export function modelTotals(
  reply: Pick<ForecastReply, "steps" | "models" | "total">,
): { name: string; total: string; ratio: string | null }[] {
  const { total } = reply;
  if (!total) return [];
  const first = reply.steps.findIndex((step) => step.time === total.from);
  return reply.models.map(({ name, amounts }) => {
    const own = sum(amounts.slice(first));
    return { name, total: own, ratio: ratioTo(own, total.amount) };
  });
}

/** Whether a forecast that was made anew is the same in every figure. */
export function sameForecast(left: ForecastReply, right: ForecastReply): boolean {
  const figures = ({ steps, total, models, record, parts }: ForecastReply) =>
    JSON.stringify([steps, total, models, record, parts]);
  return figures(left) === figures(right);
}

/** How much of the daily history is drawn: months of days would be a smear. */
export const DAYS_DRAWN = 182;

/** The points that are drawn, and how many earlier ones are left to the table. */
export function drawn(
  points: readonly ForecastPoint[],
  grain: Step,
): { points: readonly ForecastPoint[]; left: number } {
  if (grain === "month") return { points, left: 0 };
  const first = points.findIndex((point) => point.step !== null);
  const from = Math.max(0, (first < 0 ? points.length : first) - DAYS_DRAWN);
  return { points: points.slice(from), left: from };
}

/** The foot of the value axis: zero, unless every figure lies so far above it that their differences would be flat. */
export function axisFoot(values: readonly (string | null)[]): number | null {
  const heights = values.filter((value) => value !== null).map((value) => geometry(value));
  const low = Math.min(...heights);
  const high = Math.max(...heights);
  const flat = 0.66;
  if (heights.length === 0 || low <= 0 || low < high * flat) return null;
  const unit = 10 ** Math.floor(Math.log10(high - low || high));
  return Math.max(0, Math.floor((low - (high - low) * 0.15) / unit) * unit) || null;
}

/** The days that the sum is over, for words. */
export function totalSpan(reply: Pick<ForecastReply, "grain" | "total">) {
  return reply.total && spanOf(reply.total.from, reply.total.to, stepOf(reply));
}

/** What happened: the analyst's remarks and the shift of the level that was found, numbered in order of time. */
export function marksOf(
  reply: Pick<ForecastReply, "events" | "level_shift" | "currency">,
  points: readonly Pick<ForecastPoint, "time">[],
): FanMark[] {
  const there = new Set(points.map((point) => point.time));
  const { level_shift: shift, currency } = reply;
  const found = [
    ...reply.events,
    ...(shift
      ? [{ time: shift.time, text: words.events.shiftSaid(format.moneyChange(shift.by, currency), currency) }]
      : []),
  ];
  return found
    .filter((event) => there.has(event.time))
    .sort((left, right) => (left.time < right.time ? -1 : left.time > right.time ? 1 : 0))
    .map((event, index) => ({ ...event, label: String(index + 1) }));
}

/** The forecast as its table shows it, its figures exact. */
export function pointTable(
  reply: ForecastReply,
  points: readonly ForecastPoint[],
  overlays: readonly Overlay[],
): DataTable {
  const { table } = words;
  const state = (point: ForecastPoint) =>
    point.actual === null ? table.ahead : point.provisional ? table.partial : table.whole;
  return {
    title: `${words.title}, ${reply.measure.label}`,
    about: [
      reply.evidence.scope,
      reply.method_in_words,
      reply.verdict,
      ...reply.notes.map((note) => note.message),
      `${messages.evidence.id} ${reply.evidence.id}`,
    ],
    columns: [
      { name: table.time, figure: false },
      { name: table.state, figure: false },
      { name: `${words.actual}, ${reply.currency}`, figure: true },
      { name: `${words.expected}, ${reply.currency}`, figure: true },
      ...["80", "95"].flatMap((level) => [
        { name: table.low(level), figure: true },
        { name: table.high(level), figure: true },
      ]),
      ...overlays.map((overlay) => ({ name: overlay.name, figure: true })),
      { name: words.yearBefore, figure: true },
      { name: table.remark, figure: false },
    ],
    rows: points.map((point) => [
      point.time,
      state(point),
      point.actual,
      point.step?.amount ?? null,
      point.step?.low_80 ?? null,
      point.step?.high_80 ?? null,
      point.step?.low_95 ?? null,
      point.step?.high_95 ?? null,
      ...overlays.map((overlay) => overlay.values.get(point.time) ?? null),
      point.yearBefore,
      point.step?.remark ?? null,
    ]),
  };
}
