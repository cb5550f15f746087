/** Whether there is anything to compare with. */
import type { Comparison } from "../bindings/Comparison";
import type { Period } from "../bindings/Period";
import type { Planned } from "../bindings/Planned";
import { messages } from "../messages";
import { intersection } from "../view/period";
import type { Compared } from "../view/view";

/**
 * Whether the compared period holds loaded days. Where it holds none, a "change" would be the whole figure: that is a
 * bill not loaded, not a rise.
 */
export function comparable(compared: Period | null, loaded: Period | null): boolean {
  return compared !== null && loaded !== null && intersection(compared, loaded) !== null;
}

/** The rooms that hold costs against a plan. */
export const HELD: readonly string[] = ["explore", "change"];

/** The plan that figures are held against; null where they are compared with a period, or with nothing. */
export function plannedOf(compare: Compared | null): Planned | null {
  return compare !== null && typeof compare === "object" && !("period" in compare) ? compare : null;
}

/** The period that figures are compared with; null where they are held against a plan, or against nothing. */
export function comparedOf(compare: Compared | null): Comparison | null {
  return compare === null || typeof compare === "string" || "period" in compare ? compare : null;
}

/** What a plan is called. */
export function planName(plan: Planned): string {
  const words = messages.compare;
  if ("forecast" in plan) return words.forecast(plan.forecast);
  return plan.budget === "" ? words.firstBudget : words.budget(plan.budget);
}
