import { describe, expect, test } from "vitest";

import {
  compare,
  divide,
  fromScaled,
  longestOf,
  magnitude,
  normalise,
  sameValue,
  share,
  sign,
  subtract,
  sum,
} from "./decimal";

describe("decimal text", () => {
  test("padding does not change a value", () => {
    expect(sameValue("1.500000000", "1.5")).toBe(true);
    expect(sameValue("-0.00", "0")).toBe(true);
    expect(sameValue("1.5", "1.51")).toBe(false);
    expect(sameValue(null, "0"), "no value is not zero").toBe(false);
    expect(normalise("007.10")).toBe("7.1");
  });

  test("the longest of some figures says how many decimals all are shown with", () => {
    expect(longestOf(["1.250", null, "3"])).toBe(2);
    expect(longestOf([])).toBe(0);
  });

  test("a division rounds half to even, and never gives a number that is none", () => {
    expect(divide("1", "8", 2), "0.125").toBe("0.12");
    expect(divide("3", "8", 2), "0.375").toBe("0.38");
    expect(divide("-1", "3", 6)).toBe("-0.333333");
    expect(divide("1", "-0.0003", 2)).toBe("-3333.33");
    expect(divide("12345678901234567890.000000001", "1", 9), "beyond a float").toBe(
      "12345678901234567890.000000001",
    );
    for (const zero of ["0", "0.000", "-0"]) expect(divide("1", zero, 6)).toBeNull();
    expect(divide(null, "1", 6)).toBeNull();
  });

  test("only a whole above zero has shares", () => {
    expect(share("1", "4")).toBe("0.250000");
    expect(share("-1", "4"), "a credit's share of a cost").toBe("-0.250000");
    expect(share("-1", "-4"), "of credits alone").toBeNull();
    expect(share("0", "0")).toBeNull();
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
