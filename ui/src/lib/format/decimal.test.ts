import { describe, expect, test } from "vitest";

import { compare, fromScaled, magnitude, normalise, sameValue, sign, subtract, sum } from "./decimal";

describe("decimal text", () => {
  test("padding does not change a value", () => {
    expect(sameValue("1.500000000", "1.5")).toBe(true);
    expect(sameValue("-0.00", "0")).toBe(true);
    expect(sameValue("1.5", "1.51")).toBe(false);
    expect(sameValue(null, "0"), "no value is not zero").toBe(false);
    expect(normalise("007.10")).toBe("7.1");
  });

  test("sign looks at every digit", () => {
    expect(sign("-0.000000001")).toBe(-1);
    expect(sign("0.000")).toBe(0);
    expect(sign("12")).toBe(1);
  });

  test("a scaled integer keeps all of its digits", () => {
    expect(fromScaled(12345n, 2)).toBe("123.45");
    expect(fromScaled(-5n, 9)).toBe("-0.000000005");
    expect(fromScaled(99999999999999999999999999999999999999n, 18)).toBe(
      "99999999999999999999.999999999999999999",
    );
    expect(fromScaled(7n, 0)).toBe("7");
  });

  test("a difference is exact", () => {
    expect(subtract("0.3", "0.1")).toBe("0.2");
    expect(subtract("1", "1.000000001")).toBe("-0.000000001");
    expect(subtract(null, "5.50"), "a missing figure counts as zero").toBe("-5.5");
    expect(subtract(null, null)).toBeNull();
    expect(subtract("12345678901234567890.1", "0.01")).toBe("12345678901234567890.09");
  });

  test("a sum is exact, and missing figures add nothing", () => {
    expect(sum(["0.1", null, "0.2"])).toBe("0.3");
    expect(sum(["-5", "5.000000001"])).toBe("0.000000001");
    expect(sum([])).toBe("0");
  });

  test("decimals are compared by value, not by digits", () => {
    expect(compare("9.5", "10")).toBe(-1);
    expect(compare("1.50", "1.5")).toBe(0);
    expect(compare("-1", "-2")).toBe(1);
    expect(magnitude("-0.50")).toBe("0.5");
  });
});
