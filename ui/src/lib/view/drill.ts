/** The drill path: provider > billing account > sub account > service > SKU > resource > charges. */
import type { Filter } from "../bindings/Filter";
import { type DrillStep, type ViewParams, withParts } from "./view";

export const DRILL_PATH = [
  "provider",
  "billing_account",
  "sub_account",
  "service",
  "sku",
  "resource",
] as const;

/** The dimension that the next step down would be of; `null` at the bottom, where only the charges themselves are left. */
export function nextDimension(drill: readonly DrillStep[]): string | null {
  const path: readonly string[] = DRILL_PATH;
  const deepest = Math.max(-1, ...drill.map((step) => path.indexOf(step.dimension)));
  return path[deepest + 1] ?? null;
}

/**
 * One step down. A filter on the same dimension gives way: the step says it better. Another value of a step already taken
 * goes on from there, without what came below it.
 */
export function drillInto(view: ViewParams, dimension: string, value: string | null): ViewParams {
  const taken = view.drill.findIndex((step) => step.dimension === dimension);
  const above = taken < 0 ? view.drill : view.drill.slice(0, taken);
  return withParts(view, {
    drill: [...above, { dimension, value }],
    filters: view.filters.filter((filter) => filter.dimension !== dimension),
  });
}

/** The conditions on one dimension, a step of the drill path among them. */
export function conditionsOn(view: ViewParams, dimension: string): Filter[] {
  return [...view.drill.map(stepFilter), ...view.filters].filter((filter) => filter.dimension === dimension);
}

/**
 * The view after pointing at a value. Where the path holds a step on the dimension, pointing begins from that step and the
 * step becomes a filter: two conditions that no charge can meet together would show nothing.
 */
export function pointAt(
  view: ViewParams,
  dimension: string,
  value: string | null,
  change: (filters: readonly Filter[], dimension: string, value: string | null) => Filter[],
): ViewParams {
  const others = view.filters.filter((filter) => filter.dimension !== dimension);
  return withParts(view, {
    drill: view.drill.filter((step) => step.dimension !== dimension),
    filters: [...others, ...change(conditionsOn(view, dimension), dimension, value)],
  });
}

/** Back up the path so that `depth` steps are left. */
export function climbTo(view: ViewParams, depth: number): ViewParams {
  return withParts(view, { drill: view.drill.slice(0, depth) });
}

export function stepFilter(step: DrillStep): Filter {
  return step.value === null
    ? { dimension: step.dimension, operator: "missing", values: [] }
    : { dimension: step.dimension, operator: "is", values: [step.value] };
}
