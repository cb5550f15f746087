import type { MeasureColumn } from "../bindings/MeasureColumn";
import { format } from "./index";

/** A measure's figure as its kind is shown: money with its currency's decimals, quantities and counts as they are. */
export function measureText(
  value: string | null,
  measure: Pick<MeasureColumn, "kind">,
  currency: string,
): string {
  return measure.kind === "currency" ? format.money(value, currency) : format.quantity(value);
}

export function measureChange(
  value: string | null,
  measure: Pick<MeasureColumn, "kind">,
  currency: string,
): string {
  return measure.kind === "currency" ? format.moneyChange(value, currency) : format.quantity(value);
}
