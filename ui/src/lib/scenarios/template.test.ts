import { expect, test } from "vitest";

import { COLUMNS } from "./columns";
import { NO_DRAFT, problemsOf, wireOf } from "./draft";
import { KINDS, TONGUE } from "./fixture";
import { pasteBlock, readBlock } from "./paste";
import { columnNamed, headings, template } from "./template";

test("every heading is known, in any case", () => {
  expect(headings().map(columnNamed)).toEqual([...COLUMNS]);
  expect(columnNamed(" confidence ")).toBe("confidence");
  expect(columnNamed("Speed")).toBeNull();
});

test("the template, pasted back, is a row of each kind with every cell read", () => {
  const block = readBlock(template(TONGUE, ["service"], "2026-10"));
  const { draft, rows } = pasteBlock(
    NO_DRAFT,
    block,
    { row: 0, column: 0, rows: 1, columns: 1 },
    TONGUE,
    columnNamed,
  );
  expect(rows).toBe(KINDS.length);
  const { scenario, left } = wireOf(draft, TONGUE);
  expect(problemsOf(draft, TONGUE, String)).toEqual([]);
  expect(left).toBe(0);
  expect(scenario.operations.map(({ kind }) => kind)).toEqual(KINDS.map(({ kind }) => kind));
  expect(
    scenario.operations.some(({ enabled }) => enabled),
    "an example counts once it is switched on",
  ).toBe(false);
});
