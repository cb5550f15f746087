/** What is pinned to a pack. */
export const pins = {
  pin: "Pin to a pack…",
  title: "Pin to a pack",
  lead: "It becomes a section of the pack and is asked anew whenever the pack is built",
  pack: "Pack",
  heading: "Heading",
  text: "What to say of it",
  follows: "Of the pack's period, not of the days that are looked at",
  button: "Pin",
  pinned: (heading: string, pack: string) => `Pinned to ${pack}: ${heading}`,
  none: "The engagement has no packs",
  list: "Pinned",
  kinds: { figures: "figures", sql: "SQL", change: "change" } as Record<string, string>,
  remove: "Remove",
  removeOf: (heading: string) => `Remove the pinned section ${heading}`,
  removeHint: "Only the section goes",
  removed: (heading: string) => `Removed from the pack: ${heading}`,
} as const;
