import { expect, test } from "vitest";

import { OpenRows } from "./openRows.svelte";

test("rows open and close each on its own", () => {
  const rows = new OpenRows();
  rows.toggle("a");
  rows.toggle("b");
  expect([rows.has("a"), rows.has("b"), rows.has("c")]).toEqual([true, true, false]);
  rows.toggle("a");
  expect([rows.has("a"), rows.has("b")], "closing one leaves the other open").toEqual([false, true]);
});
