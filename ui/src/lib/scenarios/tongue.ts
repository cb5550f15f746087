/** How the cells of an engagement are read and written. */
import type { DimensionInfo } from "../backend/commands";
import type { Tongue } from "./columns";
import { decimalMark } from "./spelling";
import type { ScenarioKind } from "./wire";

const DIMENSION = /^(tag|extra):\S/;

/**
 * Dimensions go by labels that name but one. A label or name is found as it is written, and in another case where that
 * leaves no doubt: tag keys may differ by case alone.
 */
export function tongueOf(
  kinds: readonly ScenarioKind[],
  dimensions: readonly DimensionInfo[],
  locale: string,
): Tongue {
  const times = counted(dimensions.map(({ label }) => label));
  const labels = new Map(
    dimensions.map(({ name, label }) => [name, times.get(label) === 1 ? label : name] as const),
  );
  const exact = new Map<string, string>();
  for (const [name, label] of labels) exact.set(label, name).set(name, name);
  const folded = new Map<string, Set<string>>();
  for (const [text, name] of exact) {
    const key = text.toLowerCase();
    folded.set(key, (folded.get(key) ?? new Set()).add(name));
  }
  return {
    kinds,
    mark: decimalMark(locale),
    locale,
    label: (dimension) => labels.get(dimension) ?? dimension,
    dimension: (text) => {
      const wanted = text.trim();
      const found = folded.get(wanted.toLowerCase());
      const only = found?.size === 1 ? [...found][0] : undefined;
      // A tag that no bill has is the engine's to refuse.
      return exact.get(wanted) ?? only ?? (DIMENSION.test(wanted) ? wanted : null);
    },
  };
}

function counted(texts: readonly string[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return times;
}
