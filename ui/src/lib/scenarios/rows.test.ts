import { describe, expect, test } from "vitest";

import {
  type Cells,
  type Column,
  columnOfKey,
  COLUMNS,
  EMPTY_CELLS,
  isVoid,
  kindOf,
  settingFields,
} from "./columns";
import { withTexts } from "./draft";
import { KINDS, OPERATIONS, TONGUE } from "./fixture";
import { cellsOf, readRow, settingText, withSetting } from "./rows";

const row = (texts: Partial<Cells>): Cells => withTexts({ ...EMPTY_CELLS, on: "yes" }, texts, TONGUE);
const scale = (texts: Partial<Cells> = {}) =>
  row({ id: "a", kind: "Scale", where: "everything", likely: "10", from: "2027-01", ...texts });

describe("a row and its operation", () => {
  test.each(OPERATIONS.map((operation) => [operation.id, operation] as const))(
    "%s is written and read again the same",
    (_, operation) => {
      const cells = cellsOf(operation, TONGUE);
      expect(readRow(cells, TONGUE)).toEqual({ operation, problems: [] });
    },
  );

  test("every kind has an operation among them", () => {
    expect(new Set(OPERATIONS.map(({ kind }) => kind)).size).toBe(KINDS.length);
  });

  test("texts that stand are in their one spelling: settling them again changes nothing", () => {
    for (const operation of OPERATIONS) {
      const cells = cellsOf(operation, TONGUE);
      expect(withTexts(cells, cells, TONGUE), operation.id).toEqual(cells);
    }
  });
});

describe("cells that are typed", () => {
  test("common spellings become the one that the engine takes", () => {
    const cells = scale({
      kind: "price change",
      likely: "12.5",
      from: "Oct 2026",
      where: "service=Compute",
      confidence: "80",
    });
    expect(cells).toMatchObject({
      kind: "Price change",
      likely: "12.5%",
      from: "2026-10",
      where: "Service = Compute",
      confidence: "80%",
    });
  });

  test("what cannot be read stays as it was typed, and its cell says why", () => {
    const cells = scale({ likely: "about ten", from: "spring", where: "Servce = Compute" });
    expect(cells).toMatchObject({ likely: "about ten", from: "spring", where: "Servce = Compute" });
    const { operation, problems } = readRow(cells, TONGUE);
    expect(operation).toBeNull();
    expect(problems.map(({ column }) => column).sort()).toEqual(["from", "likely", "where"]);
    expect(problems.find(({ column }) => column === "where")?.message).toContain("Servce");
  });

  test("figures are read by the kind, also when that is chosen afterwards", () => {
    const early = row({ likely: "12,5 %", id: "x" });
    expect(early.likely).toBe("12,5 %");
    expect(withTexts(early, { kind: "scale" }, TONGUE).likely).toBe("12.5%");
  });

  test("a blank low or high is the likely figure", () => {
    const { operation } = readRow(scale({ high: "20%" }), TONGUE);
    expect(operation?.figures).toEqual({ change: { low: "10", likely: "10", high: "20" } });
  });

  test.each([
    [{ low: "11" }, "low"],
    [{ high: "9" }, "high"],
    [{ confidence: "120%" }, "confidence"],
    [{ slip: "3 / 1 / 0" }, "slip"],
    [{ to: "2026-12" }, "to"],
    [{ at: "Service = A" }, "at"],
    [{ where: "" }, "where"],
    [{ id: "" }, "id"],
    [{ settings: "Speed = 3" }, "settings"],
    [{ settings: "Over months = 0" }, "settings"],
    [{ on: "perhaps" }, "on"],
    [{ kind: "Grow" }, "kind"],
  ] as const)("%j is refused at %s", (texts, column) => {
    const { operation, problems } = readRow(scale(texts), TONGUE);
    expect(operation).toBeNull();
    expect(problems.map((problem) => problem.column)).toContain(column);
  });

  test("a plateau is in money or in units, and units need a price", () => {
    const launch = { id: "l", kind: "Launch", at: "Service = New; new", from: "2027-01" };
    expect(readRow(row({ ...launch, likely: "500" }), TONGUE).operation?.figures).toHaveProperty("plateau");
    const units = row({ ...launch, figure: "plateau in units", likely: "500" });
    expect(readRow(units, TONGUE).problems.map(({ message }) => message)).toEqual([
      "Unit price is missing; write Unit price = …",
    ]);
    const priced = withTexts(units, { settings: "unit price = 0.5 / 0.6 / 0.7" }, TONGUE);
    expect(readRow(priced, TONGUE).operation?.figures).toEqual({
      plateau_units: { low: "500", likely: "500", high: "500" },
      unit_price: { low: "0.5", likely: "0.6", high: "0.7" },
    });
  });
});

describe("settings", () => {
  const kind = KINDS[0] ?? null;
  const fields = kind ? settingFields(kind, null) : [];

  test("one of them is written and taken out, the others stay", () => {
    const cells = scale({ settings: "Compound = yes" });
    const settings = withSetting(cells, fields, "over_months", "6");
    expect(settings).toBe("Compound = yes; Over months = 6");
    expect(settingText({ ...cells, settings }, fields, "over_months")).toBe("6");
    expect(withSetting({ ...cells, settings }, fields, "compound", "")).toBe("Over months = 6");
  });

  test("what cannot be read is not overwritten", () => {
    const broken = { ...scale(), settings: 'Over months = "6' };
    expect(withSetting(broken, fields, "compound", "yes")).toBe(broken.settings);
  });
});

test("what is said not to be so is not written", () => {
  const [first] = OPERATIONS;
  if (!first) throw new Error("no operation");
  const cells = cellsOf({ ...first, settings: { compound: "false" } }, TONGUE);
  expect(cells.settings).toBe("");
});

test("a kind has nothing in some columns", () => {
  const empty = (kind: string, column: Column) => isVoid(TONGUE, row({ kind }), column);
  expect(empty("Launch", "where")).toBe(true);
  expect(empty("Launch", "at")).toBe(false);
  expect(empty("Retire", "likely")).toBe(true);
  expect(empty("Shift", "to")).toBe(true);
  expect(empty("", "where"), "without a kind nothing is known").toBe(false);
});

test("the engine's keys lead to their columns", () => {
  const cells = scale();
  const kind = kindOf(TONGUE, "scale");
  expect(columnOfKey("change", kind, cells)).toBe("likely");
  expect(columnOfKey("over_months", kind, cells)).toBe("settings");
  expect(columnOfKey("into", kind, cells)).toBe("at");
  expect(columnOfKey("slip_months", kind, cells)).toBe("slip");
  expect(columnOfKey(null, kind, cells)).toBe("id");
  for (const column of COLUMNS) expect(columnOfKey(column, kind, cells)).toBe(column);
});
