/** What a line of a scorecard is called: by its own name where it has one, else by what tells it from its whole. */
import type { BudgetLine } from "../bindings/BudgetLine";
import type { Filter } from "../bindings/Filter";
import { messages } from "../messages";

const words = messages.budgets.table;

interface Naming {
  /** What a dimension is called. */
  label: (dimension: string) => string;
  /** What a value of it is called. */
  value: (dimension: string, value: string) => string;
}

/**
 * A line by its own name, or in the words of the page; a part says only what its whole does not, and not the dimension that it stands
 * `under` already.
 */
export function lineName(
  line: BudgetLine,
  lines: readonly BudgetLine[],
  naming: Naming,
  under: string | null = null,
): string {
  const parent = lines.find((other) => other.name === line.parent);
  if (line.remainder) {
    const [dimension] = own(line, parent).map((filter) => filter.dimension);
    if (under !== null && line.breakdown === under) return words.rest(null);
    return words.rest(dimension === undefined ? line.breakdown : naming.label(dimension));
  }
  // A name of its own is not what the engine makes of the scope.
  if (line.name !== line.scope || line.filters === null) return line.name;
  const conditions = own(line, parent);
  if (conditions.length === 0) return line.name;
  const [only] = conditions;
  if (only && conditions.length === 1 && under !== null && line.breakdown === under)
    return conditionValues(only, naming);
  return conditions
    .map((filter) => `${naming.label(filter.dimension)} ${conditionValues(filter, naming)}`)
    .join(", ");
}

/** What a breakdown is by: the dimension of its parts by its label, else in the engine's words. */
export function breakdownName(line: BudgetLine, lines: readonly BudgetLine[], naming: Naming): string {
  const parent = lines.find((other) => other.name === line.parent);
  const [only, ...more] = own(line, parent);
  return only && more.length === 0 ? naming.label(only.dimension) : (line.breakdown ?? "");
}

function own(line: BudgetLine, parent: BudgetLine | undefined): Filter[] {
  const known = new Set((parent?.filters ?? []).map((filter) => JSON.stringify(filter)));
  return (line.filters ?? []).filter((filter) => !known.has(JSON.stringify(filter)));
}

function conditionValues(filter: Filter, naming: Naming): string {
  if (filter.operator === "missing") return messages.missing;
  return filter.values.map((value) => naming.value(filter.dimension, value)).join(` ${messages.filter.or} `);
}
