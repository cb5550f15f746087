import { describe, expect, test } from "vitest";

import { createFormatter } from "./format";
import { measureText, measureUnit } from "./measure";

describe("a divided figure", () => {
  const format = createFormatter("en-US");
  const shown = (value: string) => format.unitCost(value, "USD");

  test("has the currency's decimals at least and digits that say something", () => {
    expect(["0.000000412345", "0.1", "5", "1234.5678", "-0.00123", "0", "123456789.125"].map(shown)).toEqual([
      "0.00000041234",
      "0.10",
      "5.00",
      "1,234.57",
      "(0.00123)",
      "0.00",
      "123,456,789.12",
    ]);
    expect(format.unitCostChange("-0.00123", "USD")).toBe("\u22120.00123");
    expect(format.unitCost(null, "USD")).toBe("–");
  });

  test("is shown as its kind", () => {
    expect(measureText("0.25", { kind: "percent" }, "USD")).toBe("25.0%");
    expect(measureText("0.25", { kind: "ratio" }, "USD")).toBe("0.25");
    expect(measureText(null, { kind: "percent" }, "USD")).toBe("–");
    expect(measureUnit({ kind: "unit_cost", unit: "Hours" }, "USD")).toBe("USD per Hours");
    expect(measureUnit({ kind: "unit_cost", unit: null }, "USD")).toBe("USD");
  });
});
