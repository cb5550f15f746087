/** Changing the list of filters by pointing at a value. Filters are joined by "and". */
import type { Filter } from "../bindings/Filter";

export type Standing = "included" | "excluded" | null;

function without(filters: readonly Filter[], dimension: string): Filter[] {
  return filters.filter((filter) => filter.dimension !== dimension);
}

/** How a value stands under the filters of its own dimension. */
export function standing(filters: readonly Filter[], dimension: string, value: string | null): Standing {
  for (const filter of filters) {
    if (filter.dimension !== dimension) continue;
    if (value === null) {
      if (filter.operator === "missing") return "included";
      if (filter.operator === "present") return "excluded";
      continue;
    }
    if (filter.operator === "is" && filter.values.includes(value)) return "included";
    if (filter.operator === "is_not" && filter.values.includes(value)) return "excluded";
  }
  return null;
}

/** Only this value; pointing at it a second time takes the filter away. */
export function toggleOnly(filters: readonly Filter[], dimension: string, value: string | null): Filter[] {
  const own = filters.filter((filter) => filter.dimension === dimension);
  const sole = own.length === 1 ? own[0] : undefined;
  const isSole =
    sole !== undefined &&
    (value === null
      ? sole.operator === "missing"
      : sole.operator === "is" && sole.values.length === 1 && sole.values[0] === value);
  if (isSole) return without(filters, dimension);
  return [
    ...without(filters, dimension),
    value === null
      ? { dimension, operator: "missing", values: [] }
      : { dimension, operator: "is", values: [value] },
  ];
}

/** This value too, or no longer this value. A missing value cannot be one of several, so it stands alone. */
export function toggleAlso(filters: readonly Filter[], dimension: string, value: string | null): Filter[] {
  const list = filters.find((filter) => filter.dimension === dimension && filter.operator === "is");
  if (value === null || !list) return toggleOnly(filters, dimension, value);
  const values = list.values.includes(value)
    ? list.values.filter((known) => known !== value)
    : [...list.values, value];
  if (values.length === 0) return without(filters, dimension);
  return filters.map((filter) => (filter === list ? { ...list, values } : filter));
}

/** All but this value; pointing at it a second time lets it in again. */
export function toggleExclude(filters: readonly Filter[], dimension: string, value: string | null): Filter[] {
  const rest = filters.filter((filter) => filter.dimension !== dimension || filter.operator !== "is");
  if (value === null) {
    const present = rest.find((filter) => filter.dimension === dimension && filter.operator === "present");
    return present
      ? rest.filter((filter) => filter !== present)
      : [
          ...rest.filter((filter) => filter.dimension !== dimension || filter.operator !== "missing"),
          { dimension, operator: "present", values: [] },
        ];
  }
  const list = rest.find((filter) => filter.dimension === dimension && filter.operator === "is_not");
  if (!list) return [...rest, { dimension, operator: "is_not", values: [value] }];
  const values = list.values.includes(value)
    ? list.values.filter((known) => known !== value)
    : [...list.values, value];
  return values.length === 0
    ? rest.filter((filter) => filter !== list)
    : rest.map((filter) => (filter === list ? { ...list, values } : filter));
}

/** The filters with one more; the same condition twice says nothing, so it is added once. */
export function addFilter(filters: readonly Filter[], filter: Filter): Filter[] {
  const text = JSON.stringify(filter);
  return filters.some((known) => JSON.stringify(known) === text) ? [...filters] : [...filters, filter];
}
