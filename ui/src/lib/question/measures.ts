import type { Measure } from "../bindings/Measure";
import type { MeasureKind } from "../bindings/MeasureKind";

/** The cost types, in the order an analyst thinks of them. */
export const COST_TYPES = [
  "billed_cost",
  "effective_cost",
  "contracted_cost",
  "list_cost",
] as const satisfies Measure[];

/** What else can be asked for. */
export const OTHER_MEASURES = [
  "savings",
  "negotiated_savings",
  "commitment_savings",
  "consumed_quantity",
  "pricing_quantity",
  "charges",
] as const satisfies Measure[];

/** Whether more of it is worse: cost and usage are, savings are not, and a count says nothing. */
export function unfavourableSign(measure: string): 1 | -1 | 0 {
  if (measure.endsWith("savings")) return -1;
  return measure.endsWith("_cost") ? 1 : 0;
}

/** What kind of number a measure is, for a figure that comes without its column. */
export function measureKind(measure: Measure): MeasureKind {
  if (measure === "charges") return "count";
  return measure.endsWith("quantity") ? "quantity" : "currency";
}
