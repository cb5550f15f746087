import type { CalculatedMeasure } from "../bindings/CalculatedMeasure";
import type { Measure } from "../bindings/Measure";
import type { MeasureColumn } from "../bindings/MeasureColumn";
import type { MeasureKind } from "../bindings/MeasureKind";
import { messages } from "../messages";

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

/** What is added up over charges; everything else is one of these divided by another, or by a business metric. */
export const ADDED_MEASURES = [...COST_TYPES, ...OTHER_MEASURES] as const;
export type AddedMeasure = (typeof ADDED_MEASURES)[number];

/** What a divisor that is a business metric begins with. */
export const METRIC = "metric:";

function isAdded(text: string): text is AddedMeasure {
  return (ADDED_MEASURES as readonly string[]).includes(text);
}

/** What is divided and what by; null for a measure that is added up. */
export function quotient(measure: string): { numerator: string; divisor: string } | null {
  const at = measure.indexOf("/");
  return at < 0 ? null : { numerator: measure.slice(0, at), divisor: measure.slice(at + 1) };
}

/** Whether a text, which may come from a link, names a measure. */
export function isMeasure(text: string): text is Measure {
  const divided = quotient(text);
  if (!divided) return isAdded(text);
  const { numerator, divisor } = divided;
  const by = divisor.startsWith(METRIC) ? divisor.slice(METRIC.length).trim() !== "" : isAdded(divisor);
  return isAdded(numerator) && by && numerator !== divisor;
}

/** Whether more of it is worse: cost and usage are, savings are not, and a count says nothing. A quotient goes with what is divided. */
export function unfavourableSign(measure: string): 1 | -1 | 0 {
  const of = quotient(measure)?.numerator ?? measure;
  if (of.endsWith("savings")) return -1;
  return of.endsWith("_cost") ? 1 : 0;
}

/** What kind of number a measure is, for a figure that comes without its column. */
export function measureKind(measure: Measure): MeasureKind {
  const divided = quotient(measure);
  const isMoney = (name: string) => isAdded(name) && measureKind(name) === "currency";
  if (divided) {
    if (!isMoney(divided.numerator)) return "ratio";
    return isMoney(divided.divisor) ? "percent" : "unit_cost";
  }
  if (measure === "charges") return "count";
  return measure.endsWith("quantity") ? "quantity" : "currency";
}

/** Whether figures of a measure add up to their total: those of a quotient do not, each is divided anew. */
export function addsUp(measure: Pick<MeasureColumn, "kind"> | undefined): boolean {
  return !["unit_cost", "ratio", "percent"].includes(measure?.kind ?? "");
}

/** What a measure is called: by the analyst where it has a name, else by what it is made of. */
export function measureName(measure: string, calculated: readonly CalculatedMeasure[]): string {
  if (isAdded(measure)) return messages.measures[measure];
  const named = calculated.find((one) => one.measure === measure);
  const divided = quotient(measure);
  if (named || !divided) return named?.name ?? measure;
  const { numerator, divisor } = divided;
  const by = divisor.startsWith(METRIC)
    ? divisor.slice(METRIC.length)
    : measureName(divisor, calculated).toLowerCase();
  return `${measureName(numerator, calculated)} / ${by}`;
}
