/** A driver as it is typed in and as it stands beside the forecast. */
import type { ForecastReply } from "../bindings/ForecastReply";
import { isDecimal, normalise, sum } from "../format/decimal";
import { ratioTo } from "./forecast";

/** A percentage as it is typed, as the fraction that is asked with: `2.5` becomes `0.025`. Null where it is no number. */
export function fractionOf(percent: string): string | null {
  const text = percent.trim().replace(/%$/, "").trim();
  if (!isDecimal(text)) return null;
  const negative = text.startsWith("-");
  const [whole = "0", fraction = ""] = text.replace(/^[+-]/, "").split(".");
  const digits = whole.padStart(3, "0");
  const shifted = `${digits.slice(0, -2)}.${digits.slice(-2)}${fraction}`;
  return normalise(negative ? `-${shifted}` : shifted);
}

/** The same back: `0.025` becomes `2.5`. */
export function percentOf(fraction: string): string {
  const negative = fraction.startsWith("-");
  const [whole = "0", digits = ""] = fraction.replace(/^[+-]/, "").split(".");
  const padded = digits.padEnd(2, "0");
  const shifted = `${whole}${padded.slice(0, 2)}.${padded.slice(2)}`;
  return normalise(negative ? `-${shifted}` : shifted);
}

/** What the driver expects of the steps that the forecast adds up, and by how much that is off. */
export function driverSum(
  reply: Pick<ForecastReply, "steps" | "total" | "driver_model">,
): { total: string; ratio: string | null } | null {
  const { total, driver_model: model } = reply;
  if (!total || !model) return null;
  const first = reply.steps.findIndex((step) => step.time === total.from);
  const own = sum(model.steps.slice(first).map((step) => step.amount));
  return { total: own, ratio: ratioTo(own, total.amount) };
}

/** The driver's own line over history and forecast. */
export function driverLine(
  reply: Pick<ForecastReply, "history" | "steps" | "driver_model">,
): Map<string, string> {
  const line = new Map<string, string>();
  reply.history.forEach((actual, index) => {
    const fitted = reply.driver_model?.fitted[index] ?? null;
    if (fitted !== null) line.set(actual.time, fitted);
  });
  reply.steps.forEach((step, index) => {
    const expected = reply.driver_model?.steps[index];
    if (expected) line.set(step.time, expected.amount);
  });
  return line;
}
