/** What of the palette's actions has the typed words, the closest first. */
export interface Findable {
  readonly id: string;
  readonly group: string;
  readonly label: string;
}

export interface FoundGroup<Item extends Findable> {
  readonly group: string;
  readonly label: string;
  readonly items: readonly Item[];
}

/** Every typed word must occur; what begins with them comes before what holds them as words, and that before what merely holds them. */
function closeness(label: string, heading: string, typed: string): number {
  const own = label.toLowerCase();
  const text = `${heading} ${label}`.toLowerCase();
  if (!typed.split(/\s+/).every((word) => text.includes(word))) return 0;
  if (own.startsWith(typed)) return 3;
  return ` ${own}`.includes(` ${typed}`) ? 2 : 1;
}

/** The items by group, in the order of `labels`; where something is searched for, the group of the closest comes first. */
export function found<Item extends Findable>(
  items: readonly Item[],
  labels: Readonly<Record<string, string>>,
  search: string,
): FoundGroup<Item>[] {
  const typed = search.trim().toLowerCase();
  const groups = Object.entries(labels).map(([group, label]) => {
    const ranked = items
      .filter((item) => item.group === group)
      .map((item) => ({ item, rank: closeness(item.label, label, typed) }))
      .filter(({ rank }) => rank > 0);
    if (typed !== "") ranked.sort((a, b) => b.rank - a.rank);
    return { group, label, best: ranked[0]?.rank ?? 0, items: ranked.map(({ item }) => item) };
  });
  const filled = groups.filter((group) => group.items.length > 0);
  if (typed !== "") filled.sort((a, b) => b.best - a.best);
  return filled.map(({ group, label, items: kept }) => ({ group, label, items: kept }));
}
