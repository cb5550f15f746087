import { describe, expect, test } from "vitest";

import { found } from "./found";

const labels = { go: "Go to", views: "Views", lists: "Lists" };
const items = [
  { id: "go explore", group: "go", label: "Explore" },
  { id: "go packs", group: "go", label: "Packs" },
  { id: "save", group: "views", label: "Save this view…" },
  { id: "south", group: "views", label: "View: South" },
  { id: "region", group: "lists", label: "Add a list: Region, as the view has it" },
];
const ids = (search: string) => found(items, labels, search).map((group) => group.items.map(({ id }) => id));

describe("what the palette finds", () => {
  test("without words: everything, group by group in their order", () => {
    expect(ids("  ")).toEqual([["go explore", "go packs"], ["save", "south"], ["region"]]);
  });

  test("every word must occur, in the label or the group's heading, in any order and case", () => {
    expect(ids("SOUTH view")).toEqual([["south"]]);
    expect(ids("go pack")).toEqual([["go packs"]]);
    expect(ids("south north")).toEqual([]);
  });

  test("what begins with the words comes first, with its group; then whole words; equals keep their order", () => {
    expect(ids("view")).toEqual([["south", "save"], ["region"]]);
    expect(ids("a list")).toEqual([["region"]]);
  });

  test("signs of a pattern are signs", () => {
    expect(ids("(.*")).toEqual([]);
    expect(ids("view:")).toEqual([["south"]]);
  });
});
