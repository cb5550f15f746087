import { describe, expect, test } from "vitest";

import { cellText, isFigureColumn } from "./cells";

describe("a value of an unknown table", () => {
  test("is a figure where its whole column is, and no id", () => {
    expect(isFigureColumn("ContractCost", ["1.50", null, "-2"])).toBe(true);
    expect(isFigureColumn("ContractCost", ["1.50", "n/a"])).toBe(false);
    expect(isFigureColumn("sub_account_id", ["418200100100"]), "digits that are a name").toBe(false);
  });

  test("keeps every digit, and loses the midnight of a day", () => {
    expect(cellText("280460.123456789", 9).replaceAll(/[^\d]/g, "")).toBe("280460123456789");
    expect(cellText("418200100100", null)).toBe("418200100100");
    expect(cellText("2026-04-01T00:00:00Z", null)).toBe("2026-04-01");
    expect(cellText("2026-04-01T08:00:00Z", null)).toBe("2026-04-01T08:00:00Z");
    expect(cellText(null, 2)).toBe("");
    expect(cellText("1122.5", 2), "as long as the longest of its column").toBe("1,122.5\u2007");
  });
});
