/** From what is looked at to what is asked. */
import type { Answer } from "../bindings/Answer";
import type { Filter } from "../bindings/Filter";
import type { Grain } from "../bindings/Grain";
import type { Period } from "../bindings/Period";
import type { Question } from "../bindings/Question";
import type { Row } from "../bindings/Row";
import { stepFilter } from "../view/drill";
import { bucketPeriod, intersection, readableGrain } from "../view/period";
import type { ViewParams } from "../view/view";
import { comparedOf, HELD, plannedOf } from "./comparison";

const GRAINS: readonly string[] = ["month", "day", "hour"] satisfies Grain[];

/**
 * The view's question over everything it lets through: no breakdown, no time column. It names the currency that it is in where
 * charges in several are loaded (`own`, the engagement's): costs of several currencies are never added. A filter on the currency
 * says it as well.
 */
export function viewQuestion(view: ViewParams, own: string | null): Question {
  const planned = HELD.includes(view.screen) ? plannedOf(view.compare) : null;
  const filtered = view.filters.some((filter) => filter.dimension === "billing_currency");
  return {
    measures: [view.measure],
    by: [],
    grain: null,
    period: view.period,
    on: view.on,
    filters: [...view.drill.map(stepFilter), ...view.filters],
    compare: comparedOf(view.compare),
    ...(planned ? { against: planned } : {}),
    top: null,
    currency: view.convert ? null : (view.currency ?? (filtered ? null : own)),
    convert: view.convert,
  };
}

/** The step of the trend's time column. */
export function viewGrain(view: ViewParams, loaded: Period | null): Grain {
  const period = view.period ?? loaded;
  return view.grain ?? (period ? readableGrain(period) : "month");
}

/**
 * The question whose total is one row's figure: the answer's own question, narrowed to that row. "Other" is all that
 * the listed rows leave. An hour has no question of its own, since periods are whole days.
 */
export function rowQuestion(answer: Answer, row: Row): Question | null {
  const narrowed: Question = { ...answer.question, by: [], grain: null, top: null, period: answer.period };
  const filters: Filter[] = [...answer.question.filters];
  for (const [index, key] of answer.keys.entries()) {
    const value = row.keys[index] ?? null;
    if (index === 0 && GRAINS.includes(key.name)) {
      if (value === null || key.name === "hour") return null;
      narrowed.period = intersection(answer.period, bucketPeriod(value, key.name as Grain));
      if (!narrowed.period) return null;
    } else if (row.role === "group") {
      filters.push(stepFilter({ dimension: key.name, value }));
    } else {
      filters.push(...allBut(answer, index, key.name));
    }
  }
  return { ...narrowed, filters };
}

/** The conditions that leave out every group listed in a column. */
function allBut(answer: Answer, column: number, dimension: string): Filter[] {
  const listed = answer.rows.filter((row) => row.role === "group").map((row) => row.keys[column] ?? null);
  const values = [...new Set(listed.filter((value) => value !== null))];
  return [
    ...(values.length > 0 ? [{ dimension, operator: "is_not" as const, values }] : []),
    ...(listed.includes(null) ? [{ dimension, operator: "present" as const, values: [] }] : []),
  ];
}
