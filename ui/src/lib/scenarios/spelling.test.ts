import { describe, expect, test } from "vitest";

import {
  monthAfter,
  readAmount,
  readBoolean,
  readCount,
  readMonth,
  readPercent,
  readThree,
  rises,
} from "./spelling";

describe("amounts", () => {
  test.each([
    ["1234.5", "1234.5"],
    ["1,234.50", "1234.5"],
    ["1.234,50", "1234.5"],
    ["1 234,50", "1234.5"],
    ["1\u00a0234\u202f567", "1234567"],
    ["1'234.50", "1234.5"],
    ["1,234", "1234"],
    ["1,23", "1.23"],
    ["1.234", "1.234"],
    ["1,234,567", "1234567"],
    ["1.234.567", "1234567"],
    ["0,125", "0.125"],
    [".5", "0.5"],
    ["(1,200)", "-1200"],
    ["−1200", "-1200"],
    ["1200-", "-1200"],
    ["USD 1,200.00", "1200"],
    ["1,200 EUR", "1200"],
    ["-$5", "-5"],
    ["$-5", "-5"],
    ["€12k", "12000"],
    ["1.25m", "1250000"],
    ["2bn", "2000000000"],
    ["-0", "0"],
    ["123456789012345678901.25", "123456789012345678901.25"],
  ])("%s is %s", (text, value) => expect(readAmount(text, ".")).toBe(value));

  test("where a comma parts decimals, a lone one does, and a lone point groups", () => {
    expect(readAmount("1,234", ",")).toBe("1.234");
    expect(readAmount("1.234", ",")).toBe("1234");
    expect(readAmount("1.23", ","), "two digits are decimals anywhere").toBe("1.23");
  });

  test.each(["", "abc", "1,2,3", "1.2.3", "12,34.5,6", "1-2", "5%", "1e5", "NaN", "--", "1,23,456"])(
    "%s is no amount, and is not guessed at",
    (text) => expect(readAmount(text, ".")).toBeNull(),
  );
});

describe("percentages, counts, yes and no", () => {
  test("the sign may stand or not, the figure is in percent either way", () => {
    expect(readPercent("12.5 %", ".")).toBe("12.5");
    expect(readPercent("-8%", ".")).toBe("-8");
    expect(readPercent("(8%)", ".")).toBe("-8");
    expect(readPercent("8", ".")).toBe("8");
    expect(readPercent("eight", ".")).toBeNull();
  });
  test("months are whole and not too few", () => {
    expect(readCount("6 months", 1)).toBe("6");
    expect(readCount("6.0", 1)).toBe("6");
    expect(readCount("0", 1)).toBeNull();
    expect(readCount("1.5", 1)).toBeNull();
  });
  test("a cell may say yes in a spreadsheet's ways", () => {
    expect(readBoolean("TRUE")).toBe(true);
    expect(readBoolean("x")).toBe(true);
    expect(readBoolean("")).toBe(false);
    expect(readBoolean("perhaps")).toBeNull();
  });
});

describe("months", () => {
  test.each([
    ["2026-10", "2026-10"],
    ["2026-10-01", "2026-10"],
    ["2026/10", "2026-10"],
    ["10/2026", "2026-10"],
    ["10.2026", "2026-10"],
    ["Oct 2026", "2026-10"],
    ["October 2026", "2026-10"],
    ["oct-26", "2026-10"],
    ["Sept. 2026", "2026-09"],
    ["2026 Oct", "2026-10"],
    ["10/1/2026", "2026-10"],
    ["01/10/2026", "2026-10"],
    ["31.10.2026", "2026-10"],
    ["10/31/2026", "2026-10"],
  ])("%s is %s", (text, month) => expect(readMonth(text)).toBe(month));

  test("in the reader's language, too", () => {
    expect(readMonth("Okt 2026", "de")).toBe("2026-10");
    expect(readMonth("März 2026", "de")).toBe("2026-03");
    expect(readMonth("Mar 2026", "de"), "English stays known").toBe("2026-03");
  });

  test.each(["05/06/2026", "2026-13", "13/2026", "Octember 2026", "2026", "", "soon"])(
    "%s is no month, and is not guessed at",
    (text) => expect(readMonth(text)).toBeNull(),
  );

  test("months are counted over years", () => {
    expect(monthAfter("2026-11", 3)).toBe("2027-02");
    expect(monthAfter("2026-01", -1)).toBe("2025-12");
  });
});

test("three figures rise or do not", () => {
  const read = (text: string) => readAmount(text, ".");
  expect(readThree("70 / 85 / 120", read)).toEqual({ low: "70", likely: "85", high: "120" });
  expect(readThree("70", read)).toEqual({ low: "70", likely: "70", high: "70" });
  expect(readThree("70 / 85", read)).toBeNull();
  expect(rises({ low: "9", likely: "10", high: "100" }), "as figures, not as text").toBe(true);
  expect(rises({ low: "2", likely: "1", high: "3" })).toBe(false);
});
