import { describe, expect, test } from "vitest";

import { type Column, COLUMNS } from "./columns";
import { draftOf, NO_DRAFT, problemsOf, wireOf } from "./draft";
import { OPERATIONS, TONGUE } from "./fixture";
import { blockOf, headerOf, pasteBlock, readBlock, writeBlock } from "./paste";

const name = (text: string): Column | null =>
  COLUMNS.find((column) => column === text.trim().toLowerCase()) ?? null;
const cell = { row: 0, column: 0, rows: 1, columns: 1 };
const draft = draftOf(
  {
    name: "a",
    text: "",
    baseline: "b",
    own_baseline: "b",
    problems: [],
    based_on: null,
    note: "",
    removed: [],
    operations: OPERATIONS,
    inherited: [],
  },
  TONGUE,
);

describe("blocks", () => {
  test("rows, cells, quotes with tabs and line ends in them", () => {
    expect(readBlock('a\tb\r\n"c\td"\t"say ""x"""\r\n')).toEqual([
      ["a", "b"],
      ["c\td", 'say "x"'],
    ]);
    expect(readBlock('"one\ntwo"\tx')).toEqual([["one\ntwo", "x"]]);
    expect(readBlock('5" pipe\t"a" b'), "a quote in the middle is a sign like any other").toEqual([
      ['5" pipe', '"a" b'],
    ]);
    expect(readBlock("")).toEqual([]);
    expect(readBlock("a\t\n\tb")).toEqual([
      ["a", ""],
      ["", "b"],
    ]);
  });

  test("text that would be a formula is none in the spreadsheet, figures stay figures", () => {
    expect(writeBlock([["=HYPERLINK(1)", "-8%", "-1200", "+cmd", "@x", 'a "b"']])).toBe(
      `'=HYPERLINK(1)\t-8%\t-1200\t'+cmd\t'@x\t"a ""b"""`,
    );
  });
});

describe("pasting", () => {
  test("what was copied is pasted again the same, into rows of its own", () => {
    const copied = writeBlock(blockOf(draft.rows, COLUMNS));
    const pasted = pasteBlock(NO_DRAFT, readBlock(copied), cell, TONGUE, name);
    expect(pasted).toMatchObject({ rows: OPERATIONS.length, columns: COLUMNS.length, beyond: 0 });
    expect(wireOf(pasted.draft, TONGUE)).toMatchObject({ left: 0, scenario: { operations: OPERATIONS } });
  });

  test("headings put columns where they belong, in any order", () => {
    const block = readBlock(
      ["Kind\tFrom\tLikely\tWhere\tId", "Price change\tOct 2026\t-5%\tService = Compute\tcheaper"].join("\n"),
    );
    const { draft: made, rows } = pasteBlock(NO_DRAFT, block, { ...cell, column: 7 }, TONGUE, name);
    expect(rows).toBe(1);
    expect(wireOf(made, TONGUE).scenario.operations).toMatchObject([
      {
        id: "cheaper",
        kind: "price_change",
        from: "2026-10",
        enabled: true,
        figures: { change: { likely: "-5" } },
      },
    ]);
    expect(headerOf(["Kind", "Speed"], name), "a heading nobody knows is no header").toBeNull();
  });

  test("without headings it goes on from the cell, and rows below the last are new", () => {
    const likely = COLUMNS.indexOf("likely");
    const last = draft.rows.length - 1;
    const pasted = pasteBlock(draft, [["40%"], ["7"]], { ...cell, row: last, column: likely }, TONGUE, name);
    expect(pasted.draft.rows[last]?.cells.likely).toBe("40%");
    expect(pasted.draft.rows).toHaveLength(draft.rows.length + 1);
    expect(pasted.draft.rows.at(-1)?.cells).toMatchObject({ likely: "7", on: "yes" });
  });

  test("one cell fills all that are selected", () => {
    const owner = COLUMNS.indexOf("owner");
    const pasted = pasteBlock(draft, [["Kim"]], { row: 1, column: owner, rows: 2, columns: 1 }, TONGUE, name);
    expect(pasted.draft.rows.slice(0, 4).map((row) => row.cells.owner)).toEqual(["Shop", "Kim", "Kim", ""]);
  });

  test("nothing is lost: what cannot be read stays at its cell, what has no place is counted", () => {
    const block = [["yes", "x", "Scale", "everything", "", "", "", "plenty", "", "whenever"]];
    const { draft: made } = pasteBlock(NO_DRAFT, block, cell, TONGUE, name);
    expect(made.rows[0]?.cells).toMatchObject({ likely: "plenty", from: "whenever" });
    expect(problemsOf(made, TONGUE, String).map(({ column }) => column)).toEqual(["from", "likely"]);
    const beyond = pasteBlock(draft, [["n", "lost"]], { ...cell, column: COLUMNS.length - 1 }, TONGUE, name);
    expect(beyond.beyond).toBe(1);
  });
});
