/** Months and days as a forecast names them: `2026-03`, `2026-03-05`. */
import type { Period } from "../bindings/Period";
import { addDays, bucketPeriod, startOfMonth } from "../view/period";

export type Step = "month" | "day";

const MONTHS_OF_YEAR = 12;
/** Whole weeks, so that weekdays meet weekdays. */
const DAYS_OF_YEAR = 364;

/** The month or day that lies so many steps after another. */
export function stepAfter(time: string, grain: Step, steps: number): string {
  return grain === "month" ? startOfMonth(`${time}-01`, steps).slice(0, 7) : addDays(time, steps);
}

/** The same month a year before; of a day the same weekday. */
export function yearBefore(time: string, grain: Step): string {
  return grain === "month" ? stepAfter(time, grain, -MONTHS_OF_YEAR) : stepAfter(time, grain, -DAYS_OF_YEAR);
}

/** The days from the first to the last of some steps. */
export function spanOf(from: string, to: string, grain: Step): Period {
  return { from: bucketPeriod(from, grain).from, to: bucketPeriod(to, grain).to };
}

/** The fiscal year that a month is in, as its first and last month; `start` is the month that years begin with, from 1. */
export function fiscalYear(month: string, start: number): { from: string; to: string } {
  const own = Number(month.slice(5, 7));
  const since = (own - start + MONTHS_OF_YEAR) % MONTHS_OF_YEAR;
  const from = stepAfter(month, "month", -since);
  return { from, to: stepAfter(from, "month", MONTHS_OF_YEAR - 1) };
}

/** How many months lie from one to another, both counted. */
export function monthsFrom(from: string, to: string): number {
  const number = (month: string) => Number(month.slice(0, 4)) * MONTHS_OF_YEAR + Number(month.slice(5, 7));
  return number(to) - number(from) + 1;
}
