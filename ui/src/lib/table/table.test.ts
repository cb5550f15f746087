import { describe, expect, test } from "vitest";

import { csv, markdown, tabSeparated } from "./table";

const table = {
  columns: [
    { name: "service", figure: false },
    { name: "billed_cost", figure: true },
  ],
  rows: [
    ["=cmd|' /C calc'!A0", "-1.50"],
    ["<img src=x> a|b\nc", null],
    [null, "12345678901234567890.000000001"],
  ],
};

describe("a table that is copied", () => {
  test("as tab-separated text keeps every digit, and no text becomes a formula", () => {
    expect(tabSeparated(table)).toBe(
      "service\tbilled_cost\n'=cmd|' /C calc'!A0\t-1.50\n<img src=x> a|b c\t\n\t12345678901234567890.000000001",
    );
  });

  test("as a file's text is parted by commas, quoted where it has to be", () => {
    expect(csv(table)).toBe(
      "service,billed_cost\n'=cmd|' /C calc'!A0,-1.50\n\"<img src=x> a|b\nc\",\n,12345678901234567890.000000001\n",
    );
    expect(csv({ columns: [{ name: 'a"b', figure: false }], rows: [["x,y"]] })).toBe('"a""b"\n"x,y"\n');
  });

  test("as Markdown stays text, in its own cells", () => {
    expect(markdown(table)).toBe(
      [
        "| service | billed_cost |",
        "| --- | ---: |",
        "| =cmd\\|' /C calc'!A0 | -1.50 |",
        "| \\<img src=x\\> a\\|b c |  |",
        "|  | 12345678901234567890.000000001 |",
      ].join("\n"),
    );
  });
});
