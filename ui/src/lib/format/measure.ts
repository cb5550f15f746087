import type { MeasureColumn } from "../bindings/MeasureColumn";
import { messages } from "../messages";
import { format } from "./index";

type Kind = Pick<MeasureColumn, "kind">;

/**
 * A measure's figure as its kind is shown: money with its currency's decimals, what one of something costs with as many as say
 * something, shares in percent, quantities and counts as they are.
 */
export function measureText(value: string | null, measure: Kind, currency: string): string {
  if (measure.kind === "currency") return format.money(value, currency);
  if (measure.kind === "unit_cost") return format.unitCost(value, currency);
  return measure.kind === "percent" ? format.percent(value) : format.quantity(value);
}

export function measureChange(value: string | null, measure: Kind, currency: string): string {
  if (measure.kind === "currency") return format.moneyChange(value, currency);
  if (measure.kind === "unit_cost") return format.unitCostChange(value, currency);
  if (measure.kind === "percent") return value === null ? format.percent(null) : format.pointsChange(value);
  return format.quantity(value);
}

/** What the figures of a measure are in: a currency, a currency for one of something, a unit. */
export function measureUnit(measure: Pick<MeasureColumn, "kind" | "unit">, currency: string): string {
  if (measure.kind === "currency") return currency;
  if (measure.kind === "unit_cost")
    return measure.unit === null ? currency : messages.calculated.per(currency, measure.unit);
  return measure.kind === "percent" ? "%" : (measure.unit ?? "");
}
