/** From a bridge to other views and questions: the charges behind an item, the months beside a mover. */
import type { ChangeItem } from "../bindings/ChangeItem";
import type { ChangeReply } from "../bindings/ChangeReply";
import type { Filter } from "../bindings/Filter";
import type { Period } from "../bindings/Period";
import type { Question } from "../bindings/Question";
import { DRILL_PATH, drillInto } from "../view/drill";
import { addFilter } from "../view/filters";
import { intersection, startOfMonth } from "../view/period";
import { type ViewParams, withParts } from "../view/view";

/** How many months a mover's line reaches back. */
const MONTHS = 13;

/**
 * The charges of an item in a period, as a view of Explore: what the drill path knows of the item's filters becomes its steps,
 * the rest stays filters.
 */
export function chargesView(view: ViewParams, item: Pick<ChangeItem, "filters">, period: Period): ViewParams {
  const path: readonly string[] = DRILL_PATH;
  let found = withParts(view, { screen: "explore", below: "lists", period, compare: null });
  for (const filter of item.filters) {
    const [value] = filter.values;
    const sole = filter.operator === "is" && filter.values.length === 1 && value !== undefined;
    if (sole && path.includes(filter.dimension)) {
      const known = found.drill.some((step) => step.dimension === filter.dimension && step.value === value);
      if (!known) found = drillInto(found, filter.dimension, value);
    } else {
      found = withParts(found, { filters: addFilter(found.filters, filter) });
    }
  }
  return found;
}

/** The cost of each loaded month, all else as the bridge asks it. */
export function monthsQuestion(question: Question): Question {
  return { ...question, by: [], grain: "month", period: null, compare: null, against: null, top: null };
}

/**
 * The movers over the months up to the period: those that have a value, and the one that has none. Null where fewer than two
 * months are there.
 */
export function moverQuestions(
  reply: Pick<ChangeReply, "question" | "period" | "by" | "movers">,
  loaded: Period | null,
): Question[] | null {
  const last = startOfMonth(reply.period.to, reply.period.to.endsWith("-01") ? -1 : 0);
  const wanted = { from: startOfMonth(last, 1 - MONTHS), to: reply.period.to };
  const period = loaded ? intersection(wanted, loaded) : wanted;
  if (!period || startOfMonth(period.from) >= last) return null;
  const values = reply.movers.map((mover) => mover.value).filter((value) => value !== null);
  const conditions: Filter[] = [
    ...(values.length > 0 ? [{ dimension: reply.by, operator: "is" as const, values }] : []),
    ...(reply.movers.some((mover) => mover.value === null)
      ? [{ dimension: reply.by, operator: "missing" as const, values: [] }]
      : []),
  ];
  return conditions.map((condition) => ({
    ...reply.question,
    by: [reply.by],
    grain: "month",
    top: null,
    period,
    compare: null,
    filters: [...reply.question.filters, condition],
  }));
}
