/** The hours of a month as a grid of cells: what of each is covered, and what costs the full price. */
import { ApiError } from "../backend";
import type { CommitmentHour } from "../bindings/CommitmentHour";
import type { CommitmentHours } from "../bindings/CommitmentHours";
import type { Period } from "../bindings/Period";
import { compare, divide, geometry, sign, subtract } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import type { DataTable } from "../table/table";
import { addDays, bucketPeriod, days, intersection, startOfMonth } from "../view/period";
import type { CommitShade } from "../view/view";

const words = messages.commit.coverage;
/** The engine's word where a commitment could cover nothing. */
export const NO_USAGE = "no_eligible_usage";
const HOURS_OF_DAY = 24;
const DAYS_OF_WEEK = 7;
/** The engine gives steps of so many days at once. */
const DAYS_MAX = 62;
const SHARE_DECIMALS = 6;

export interface HourCell {
  /** `2026-07-01T14`, or `2026-07-01` where steps are days. */
  readonly time: string;
  /** Null where no usage is loaded. */
  readonly onDemand: string | null;
  readonly covered: string | null;
  /** What is not covered. */
  readonly open: string | null;
  /** The part that is covered; null where there is nothing to cover. */
  readonly share: string | null;
}

export interface HourGrid {
  /** Hours below each other and days beside each other; where steps are days, weekdays below and weeks beside each other. */
  readonly rows: readonly (readonly (HourCell | null)[])[];
  /** What stands before the rows and above the columns; empty where nothing is said. */
  readonly rowNames: readonly string[];
  readonly columnNames: readonly string[];
}

/**
 * Usage in the step that is wanted. Where none is: in hours, and where nothing has hours in days. What is billed by the day is told
 * by the answer as left out of the hours.
 */
export async function inStep(
  step: "hour" | "day" | null,
  ask: (step: "hour" | "day") => Promise<CommitmentHours>,
): Promise<CommitmentHours> {
  if (step !== null) return ask(step);
  try {
    return await ask("hour");
  } catch (thrown) {
    if (ApiError.from(thrown).code !== NO_USAGE) throw thrown;
    return ask("day");
  }
}

/** The months of a period, the latest first: `2026-09`. */
export function monthsOf(period: Period): string[] {
  const months: string[] = [];
  for (let day = startOfMonth(period.from); day < period.to; day = startOfMonth(day, 1))
    months.push(day.slice(0, 7));
  return months.reverse();
}

/** The days whose hours are shown: those of the chosen month, else all of a short period, else its last month. */
export function shownPeriod(period: Period, month: string | null): Period {
  const months = monthsOf(period);
  const chosen = month !== null && months.includes(month) ? month : null;
  if (chosen === null && days(period) <= DAYS_MAX) return period;
  return intersection(period, bucketPeriod(chosen ?? months[0] ?? "", "month")) ?? period;
}

function cellOf({ time, on_demand: onDemand, covered }: CommitmentHour): HourCell {
  const something = onDemand !== null && sign(onDemand) > 0;
  return {
    time,
    onDemand,
    covered,
    open: onDemand === null ? null : subtract(onDemand, covered),
    share: something ? divide(covered, onDemand, SHARE_DECIMALS) : null,
  };
}

export function cellsOf(reply: Pick<CommitmentHours, "series">): HourCell[] {
  return reply.series.map(cellOf);
}

/** The cells as a grid. Hours that the series does not have are holes. */
export function gridOf(
  cells: readonly HourCell[],
  step: CommitmentHours["step"],
  format: Formatter,
): HourGrid {
  const shown = [...new Set(cells.map((cell) => cell.time.slice(0, 10)))].sort();
  const byTime = new Map(cells.map((cell) => [cell.time, cell]));
  if (step === "hour") {
    const hours = Array.from({ length: HOURS_OF_DAY }, (_, hour) => String(hour).padStart(2, "0"));
    return {
      rows: hours.map((hour) => shown.map((day) => byTime.get(`${day}T${hour}`) ?? null)),
      rowNames: hours.map((hour, index) => (index % 3 === 0 ? `${hour}:00` : "")),
      columnNames: shown.map((day, index) =>
        index === 0 || (index < shown.length - 1 && Number(day.slice(8)) % 5 === 0)
          ? format.bucket(day, "day")
          : "",
      ),
    };
  }
  const first = shown[0];
  if (first === undefined) return { rows: [], rowNames: [], columnNames: [] };
  const begin = addDays(first, -weekday(first));
  const last = shown.at(-1) ?? first;
  const weeks = Math.ceil((days({ from: begin, to: last }) + 1) / DAYS_OF_WEEK);
  const name = new Intl.DateTimeFormat(format.locale, { timeZone: "UTC", weekday: "short" });
  return {
    rows: Array.from({ length: DAYS_OF_WEEK }, (_, row) =>
      Array.from(
        { length: weeks },
        (_, week) => byTime.get(addDays(begin, week * DAYS_OF_WEEK + row)) ?? null,
      ),
    ),
    rowNames: Array.from({ length: DAYS_OF_WEEK }, (_, row) =>
      name.format(new Date(`${addDays(begin, row)}T00:00:00Z`)),
    ),
    columnNames: Array.from({ length: weeks }, (_, week) =>
      format.bucket(addDays(begin, week * DAYS_OF_WEEK), "day"),
    ),
  };
}

/** Days since Monday. */
function weekday(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + DAYS_OF_WEEK - 1) % DAYS_OF_WEEK;
}

/** How dark a cell is, 0 to 1; null where there is nothing to shade. The dearest open hour is darkest. */
export function shadeOf(cell: HourCell | null, shade: CommitShade, most: string): number | null {
  if (cell === null || cell.onDemand === null) return null;
  if (shade === "coverage") return cell.share === null ? null : Math.min(geometry(cell.share), 1);
  if (sign(most) <= 0) return 0;
  return Math.min(Math.max(geometry(divide(cell.open, most, SHARE_DECIMALS)), 0), 1);
}

/** The largest cost of a step that is not covered. */
export function mostOpen(cells: readonly HourCell[]): string {
  return cells.reduce((most, { open }) => (open !== null && compare(open, most) > 0 ? open : most), "0");
}

/** The best and the worst covered step, the first of equal ones; null where nothing could be covered. */
export function extremes(cells: readonly HourCell[]): { best: HourCell; worst: HourCell } | null {
  const [first, ...others] = cells.filter((cell) => cell.share !== null);
  if (first === undefined) return null;
  let [best, worst] = [first, first];
  for (const cell of others) {
    if (compare(cell.share ?? "0", best.share ?? "0") > 0) best = cell;
    if (compare(cell.share ?? "0", worst.share ?? "0") < 0) worst = cell;
  }
  return { best, worst };
}

/** The cell that an arrow key leads to; the same where there is none. */
export function moved(
  at: { row: number; column: number },
  key: string,
  size: { rows: number; columns: number },
): { row: number; column: number } | null {
  const to = {
    ArrowUp: { row: at.row - 1, column: at.column },
    ArrowDown: { row: at.row + 1, column: at.column },
    ArrowLeft: { row: at.row, column: at.column - 1 },
    ArrowRight: { row: at.row, column: at.column + 1 },
    Home: { row: at.row, column: 0 },
    End: { row: at.row, column: size.columns - 1 },
    PageUp: { row: 0, column: at.column },
    PageDown: { row: size.rows - 1, column: at.column },
  }[key];
  if (to === undefined) return null;
  return {
    row: Math.min(Math.max(to.row, 0), size.rows - 1),
    column: Math.min(Math.max(to.column, 0), size.columns - 1),
  };
}

/** A cell in words. */
export function cellWords(cell: HourCell, when: string, currency: string, format: Formatter): string {
  if (cell.onDemand === null) return words.cellMissing(when);
  if (cell.share === null) return words.cellEmpty(when);
  return words.cell(when, format.percent(cell.share), format.moneyWithCode(cell.open, currency));
}

/** The steps as figures. */
export function hoursTable(reply: CommitmentHours, cells: readonly HourCell[]): DataTable {
  const money = (name: string) => ({ name: `${name}, ${reply.currency}`, figure: true });
  return {
    title: reply.step === "hour" ? words.title : words.titleDays,
    about: [reply.evidence.scope],
    columns: [
      { name: reply.step === "hour" ? words.hour : words.day, figure: false },
      money(words.onDemand),
      money(words.covered),
      money(words.open),
      { name: words.part, figure: true },
    ],
    rows: cells.map((cell) => [cell.time, cell.onDemand, cell.covered, cell.open, cell.share]),
  };
}
