/**
 * Figures per day, so that periods of unequal length can be set side by side. This is the one place where a figure is divided
 * by days: by those of its period that are loaded, exactly, and rounded half to even in the ninth decimal.
 */
import type { ExploreReply } from "../backend/commands";
import type { Answer } from "../bindings/Answer";
import type { Cell } from "../bindings/Cell";
import type { Grain } from "../bindings/Grain";
import type { Period } from "../bindings/Period";
import { divide, magnitude, subtract } from "../format/decimal";
import { bucketPeriod, days, intersection } from "../view/period";
import { addsUp } from "./measures";

const DECIMALS = 9;
const RATIO_DECIMALS = 6;

/** How many days of a period are loaded. */
export function loadedDays(period: Period | null, loaded: Period | null): number {
  const there = period && loaded ? intersection(period, loaded) : period;
  return there ? days(there) : 0;
}

export function perDay(value: string | null, length: number): string | null {
  return divide(value, String(length), DECIMALS);
}

function cellPerDay(cell: Cell, length: number, before: number): Cell {
  const value = perDay(cell.value, length);
  const previous = perDay(cell.previous, before);
  const change = cell.change === null ? null : subtract(value, previous);
  return {
    value,
    previous,
    change,
    change_ratio: previous === null ? null : divide(change, magnitude(previous), RATIO_DECIMALS),
    share: cell.share,
  };
}

/** An answer with each figure per day: of its step where it has steps of time, else of the whole period. */
export function answerPerDay(
  answer: Answer,
  loaded: Period | null,
  label: (measure: string) => string,
): Answer {
  const grain = answer.question.grain ?? null;
  const whole = loadedDays(answer.period, loaded);
  const before = loadedDays(answer.compared_with, loaded);
  const length = (key: string | null): number => {
    if (grain === null || grain === "hour" || key === null) return whole;
    return loadedDays(intersection(bucketPeriod(key, grain satisfies Grain), answer.period), loaded);
  };
  const steps = grain === "month" || grain === "day";
  // What is divided already is no more of a longer period.
  const of = (cell: Cell, place: number, own: number): Cell =>
    addsUp(answer.measures[place]) ? cellPerDay(cell, own, before) : cell;
  return {
    ...answer,
    measures: answer.measures.map((measure) =>
      addsUp(measure) ? { ...measure, label: label(measure.label) } : measure,
    ),
    rows: answer.rows.map((row) => ({
      ...row,
      cells: row.cells.map((cell, place) => of(cell, place, steps ? length(row.keys[0] ?? null) : whole)),
    })),
    total: answer.total.map((cell, place) => of(cell, place, whole)),
  };
}

/** All that Explore shows, per day. */
export function explorePerDay(
  reply: ExploreReply,
  loaded: Period | null,
  label: (measure: string) => string,
): ExploreReply {
  const header = answerPerDay(reply.header, loaded, label);
  return {
    ...reply,
    header,
    total: header.total,
    trend: answerPerDay(reply.trend, loaded, label),
    previous_trend: reply.previous_trend && answerPerDay(reply.previous_trend, loaded, label),
    leaderboards: reply.leaderboards.map(({ dimension, answer }) => ({
      dimension,
      answer: answerPerDay(answer, loaded, label),
    })),
  };
}

/** Whether the periods that are compared have different numbers of loaded days. */
export function unequalLengths(period: Period | null, before: Period | null, loaded: Period | null): boolean {
  return before !== null && loadedDays(period, loaded) !== loadedDays(before, loaded);
}
