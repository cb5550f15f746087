/** What drives a baseline, as its dialog has it, and back. */
import type { BaselineDriver } from "../bindings/BaselineDriver";
import { messages } from "../messages";
import { readWhere, writeWhere } from "./cells";
import type { Tongue } from "./columns";
import { readAmount, readPercent } from "./spelling";

/** One business metric that usage follows, as texts. */
export interface DriverRow {
  readonly metric: string;
  /** What operations call it; null for as the metric. */
  readonly name: string | null;
  readonly where: string;
  /** Empty: fitted to the history. */
  readonly unitCost: string;
  /** Percent a month; empty: forecast from its history. */
  readonly growth: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Units typed month by month in its file; they stay as they are. */
  readonly values: Readonly<Record<string, string>> | null;
}

const words = messages.scenarios.baselines;

export const NO_DRIVER: DriverRow = Object.freeze({
  metric: "",
  name: null,
  where: messages.scenarios.cells.everything,
  unitCost: "",
  growth: "",
  labels: {},
  values: null,
});

export function driverRow(driver: BaselineDriver, tongue: Tongue): DriverRow {
  const values = known(driver.values);
  return {
    metric: driver.metric,
    name: driver.name ?? null,
    where: writeWhere(known(driver.where), tongue),
    unitCost: driver.unit_cost ?? "",
    growth: driver.growth ?? "",
    labels: known(driver.labels),
    values: Object.keys(values).length > 0 ? values : null,
  };
}

/** Entries without a value are none. */
function known<Value>(
  record: Readonly<Record<string, Value | undefined>> | undefined,
): Record<string, Value> {
  const entries = Object.entries(record ?? {}).filter(
    (entry): entry is [string, Value] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

/** The drivers that rows say, or what is wrong with the first that cannot be read. */
export function driversOf(
  rows: readonly DriverRow[],
  tongue: Tongue,
): { drivers: BaselineDriver[]; problem: string | null } {
  const drivers: BaselineDriver[] = [];
  for (const row of rows) {
    const where = readWhere(
      row.where.trim() === "" ? messages.scenarios.cells.everything : row.where,
      tongue,
    );
    if ("problem" in where) return { drivers: [], problem: `${row.metric}: ${where.problem}` };
    const unitCost = row.unitCost.trim() === "" ? null : readAmount(row.unitCost, tongue.mark);
    if (row.unitCost.trim() !== "" && unitCost === null)
      return { drivers: [], problem: `${row.metric}: ${messages.scenarios.cells.noAmount(row.unitCost)}` };
    const growth = row.growth.trim() === "" ? null : readPercent(row.growth, tongue.mark);
    if (row.growth.trim() !== "" && growth === null)
      return { drivers: [], problem: `${row.metric}: ${messages.scenarios.cells.noPercent(row.growth)}` };
    if (row.metric === "") return { drivers: [], problem: words.noMetric };
    drivers.push({
      metric: row.metric,
      name: row.name,
      unit_cost: unitCost,
      growth: growth === null ? null : `${growth} %`,
      labels: { ...row.labels },
      where: where.value,
      values: { ...row.values },
    });
  }
  return { drivers, problem: null };
}
