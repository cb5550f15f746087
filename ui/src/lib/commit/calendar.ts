/** When commitments end, as years of twelve months. */
import type { CommitmentExpiry } from "../bindings/CommitmentExpiry";
import type { CommitmentHeld } from "../bindings/CommitmentHeld";
import { sum } from "../format/decimal";
import { addDays } from "../view/period";
import type { DataTable } from "../table/table";
import { messages } from "../messages";

const words = messages.commit.calendar;
const YEARS_MAX = 8;

export interface CalendarMonth {
  /** `2026-07`. */
  readonly month: string;
  readonly expiry: CommitmentExpiry | null;
  /** Whether it lies before the day that counts. */
  readonly past: boolean;
}

export interface CalendarYear {
  readonly year: string;
  readonly months: readonly CalendarMonth[];
}

/** What ended before the day that counts, by the month of its last hour, as far as ends are known. */
export function endedBefore(commitments: readonly CommitmentHeld[]): CommitmentExpiry[] {
  const months = new Map<string, CommitmentHeld[]>();
  for (const held of commitments) {
    if (held.state !== "ended" || held.end === null) continue;
    const month = addDays(held.end.value.slice(0, 10), -1).slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), held]);
  }
  return [...months]
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([month, ended]) => ({
      month,
      ends: ended.map(({ id }) => id).sort(),
      hourly: sum(ended.map((held) => held.recurring?.value ?? null)),
      hourly_left: "0",
    }));
}

/** The years from the first in which something ends, or in which the day that counts lies, to the last. */
export function calendarYears(expiries: readonly CommitmentExpiry[], asOf: string): CalendarYear[] {
  if (expiries.length === 0) return [];
  const byMonth = new Map(expiries.map((expiry) => [expiry.month, expiry]));
  const years = [asOf, ...byMonth.keys()].map((month) => Number(month.slice(0, 4)));
  const first = Math.min(...years);
  const last = Math.min(Math.max(...years), first + YEARS_MAX - 1);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const year = String(first + index);
    return {
      year,
      months: Array.from({ length: 12 }, (_, place) => {
        const month = `${year}-${String(place + 1).padStart(2, "0")}`;
        return { month, expiry: byMonth.get(month) ?? null, past: month < asOf.slice(0, 7) };
      }),
    };
  });
}

/** The same as figures. */
export function calendarTable(expiries: readonly CommitmentExpiry[], currency: string): DataTable {
  return {
    title: words.title,
    about: [],
    columns: [
      { name: words.month, figure: false },
      { name: words.ends, figure: false },
      { name: `${words.hourly}, ${currency}`, figure: true },
      { name: `${words.left}, ${currency}`, figure: true },
    ],
    rows: expiries.map(({ month, ends, hourly, hourly_left: left }) => [
      month,
      ends.join("; "),
      hourly,
      left,
    ]),
  };
}
