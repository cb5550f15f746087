/** Calendar arithmetic on half-open periods of UTC days (`from` is in, `to` is not), as `YYYY-MM-DD` text. */
import type { Grain } from "../bindings/Grain";
import type { Period } from "../bindings/Period";

const DAY_MS = 86_400_000;

function at(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

function text(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return text(at(day) + days * DAY_MS);
}

/** The first of the month that lies `months` after the month of `day`. */
export function startOfMonth(day: string, months = 0): string {
  const date = new Date(at(day));
  return text(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
}

export function startOfQuarter(day: string, quarters = 0): string {
  const month = new Date(at(day)).getUTCMonth();
  return startOfMonth(day, quarters * 3 - (month % 3));
}

export function days(period: Period): number {
  return Math.round((at(period.to) - at(period.from)) / DAY_MS);
}

export function isDay(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(at(value)) && text(at(value)) === value;
}

export function isWholeMonths(period: Period): boolean {
  return period.from.endsWith("-01") && period.to.endsWith("-01") && period.from < period.to;
}

export function isWholeYear(period: Period): boolean {
  return (
    isWholeMonths(period) &&
    period.from.slice(5) === "01-01" &&
    period.to === `${Number(period.from.slice(0, 4)) + 1}-01-01`
  );
}

export function samePeriod(left: Period | null | undefined, right: Period | null | undefined): boolean {
  if (!left || !right) return !left && !right;
  return left.from === right.from && left.to === right.to;
}

export function intersection(left: Period, right: Period): Period | null {
  const from = left.from > right.from ? left.from : right.from;
  const to = left.to < right.to ? left.to : right.to;
  return from < to ? { from, to } : null;
}

/** The days a bucket of a time axis stands for. An hour stands for its day: filters know no hours. */
export function bucketPeriod(key: string, grain: Grain): Period {
  if (grain === "month") {
    const from = `${key.slice(0, 7)}-01`;
    return { from, to: startOfMonth(from, 1) };
  }
  const from = key.slice(0, 10);
  return { from, to: addDays(from, 1) };
}

/** How much of a bucket is there: `null` when all of it is, else the days that are and how many it would have. */
export function partialBucket(
  key: string,
  grain: Grain,
  available: Period,
): { first: number; last: number; of: number } | null {
  if (grain !== "month") return null;
  const whole = bucketPeriod(key, grain);
  const there = intersection(whole, available);
  if (!there || samePeriod(there, whole)) return null;
  return {
    first: days({ from: whole.from, to: there.from }) + 1,
    last: days({ from: whole.from, to: there.to }),
    of: days(whole),
  };
}

/** The step that gives a readable number of columns: hours for up to two days, days for up to about a quarter, else months. */
export function readableGrain(period: Period): Grain {
  const length = days(period);
  if (length <= 2) return "hour";
  return length <= 92 ? "day" : "month";
}

export type PresetName =
  | "last_month"
  | "last_3_months"
  | "last_quarter"
  | "this_quarter"
  | "year_to_date"
  | "last_12_months"
  | "all";

/**
 * The usual periods, counted back from the end of what is loaded rather than from today: an engagement opened next year
 * shows the same.
 */
export function presets(loaded: Period): { name: PresetName; period: Period | null }[] {
  const lastDay = addDays(loaded.to, -1);
  const month = startOfMonth(lastDay);
  const next = startOfMonth(lastDay, 1);
  const quarter = startOfQuarter(lastDay);
  return [
    { name: "last_month", period: { from: month, to: next } },
    { name: "last_3_months", period: { from: startOfMonth(lastDay, -2), to: next } },
    { name: "this_quarter", period: { from: quarter, to: startOfQuarter(lastDay, 1) } },
    { name: "last_quarter", period: { from: startOfQuarter(lastDay, -1), to: quarter } },
    { name: "year_to_date", period: { from: `${lastDay.slice(0, 4)}-01-01`, to: next } },
    { name: "last_12_months", period: { from: startOfMonth(lastDay, -11), to: next } },
    { name: "all", period: null },
  ];
}
