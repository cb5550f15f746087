/** Rules that merge spellings of tags, changed one at a time. The rules are what the engagement keeps; nothing is merged beside them. */
import type { TagRulesText, TagSuggestion } from "../backend/commands";

/** Rules without what holds nothing. */
function tidy(rules: TagRulesText): TagRulesText {
  const keys = Object.fromEntries(
    Object.entries(rules.keys)
      .map(([key, from]): [string, string[]] => [key, [...new Set(from ?? [])]])
      .filter(([key, from]) => from.some((one) => one !== key)),
  );
  const values = Object.fromEntries(
    Object.entries(rules.values)
      .map(
        ([key, canonical]) =>
          [
            key,
            Object.fromEntries(
              Object.entries(canonical ?? {})
                .map(([value, from]): [string, string[]] => [value, [...new Set(from ?? [])]])
                .filter(([value, from]) => from.some((one) => one !== value)),
            ),
          ] as const,
      )
      .filter(([, canonical]) => Object.keys(canonical).length > 0),
  );
  return { keys, values };
}

/** The rules with a key as billed counted as another; null lets it count as itself. */
export function withKey(rules: TagRulesText, key: string, countsAs: string | null): TagRulesText {
  const keys = Object.fromEntries(
    Object.entries(rules.keys).map(([name, from]) => [name, (from ?? []).filter((one) => one !== key)]),
  );
  if (countsAs !== null && countsAs !== key) {
    // What gathered keys before and is gathered now brings them along: a spelling counts as one thing.
    const brought = keys[key] ?? [];
    delete keys[key];
    keys[countsAs] = [...(keys[countsAs] ?? []), key, ...brought].filter((one) => one !== countsAs);
    const { [key]: moved, ...values } = rules.values;
    return tidy({
      keys,
      values: moved ? { ...values, [countsAs]: { ...moved, ...values[countsAs] } } : values,
    });
  }
  return tidy({ keys, values: rules.values });
}

/** The rules with a value of a key (as the rules name it) counted as another; null lets it count as itself. */
export function withValue(
  rules: TagRulesText,
  key: string,
  value: string,
  countsAs: string | null,
): TagRulesText {
  const canonical = Object.fromEntries(
    Object.entries(rules.values[key] ?? {}).map(([name, from]) => [
      name,
      (from ?? []).filter((one) => one !== value),
    ]),
  );
  if (countsAs !== null && countsAs !== value) {
    const brought = canonical[value] ?? [];
    delete canonical[value];
    canonical[countsAs] = [...(canonical[countsAs] ?? []), value, ...brought].filter(
      (one) => one !== countsAs,
    );
  }
  return tidy({ keys: rules.keys, values: { ...rules.values, [key]: canonical } });
}

/** The rules with a suggestion taken up. */
export function accept(rules: TagRulesText, suggestion: TagSuggestion): TagRulesText {
  const { key, counts_as: countsAs, spellings } = suggestion;
  return spellings.reduce(
    (changed, spelling) =>
      spelling === countsAs
        ? changed
        : key === null
          ? withKey(changed, spelling, countsAs)
          : withValue(changed, key, spelling, countsAs),
    rules,
  );
}

/** The suggestions taken up one after the other; those for keys first, since values are named by the key that gathers them. */
export function acceptAll(rules: TagRulesText, suggestions: readonly TagSuggestion[]): TagRulesText {
  const ordered = [...suggestions].sort(
    (left, right) => Number(left.key !== null) - Number(right.key !== null),
  );
  return ordered.reduce(accept, rules);
}

/** How many spellings the rules merge into others. */
export function merged(rules: TagRulesText): number {
  const counts = (lists: Record<string, string[] | undefined>) =>
    Object.entries(lists).reduce(
      (sum, [name, from]) => sum + (from ?? []).filter((one) => one !== name).length,
      0,
    );
  return (
    counts(rules.keys) + Object.values(rules.values).reduce((sum, lists) => sum + counts(lists ?? {}), 0)
  );
}
