import { describe, expect, test } from "vitest";

import { compare } from "../format/decimal";
import { boundsOf, figureAt, scaleAround, stepOf, withLikely } from "./sliders";

const NONE = { least: null, most: null };

describe("a slider", () => {
  test.each([
    ["20000", "money"],
    ["0.0125", "other"],
    ["-8", "percent"],
    ["10", "percent"],
    ["0", "money"],
    ["-300.5", "money"],
    ["123456789012.34", "money"],
  ] as const)("reaches around %s", (value, unit) => {
    const scale = scaleAround(value, unit, NONE);
    const [least, most] = [figureAt(scale, 0), figureAt(scale, scale.steps)];
    expect(compare(least, value)).toBeLessThanOrEqual(0);
    expect(compare(value, most)).toBeLessThanOrEqual(0);
    const at = figureAt(scale, stepOf(scale, value));
    expect(compare(at, value), "the step below or at it").toBeLessThanOrEqual(0);
    expect(compare(figureAt(scale, stepOf(scale, value) + 1), value), "the next lies above").toBe(1);
  });

  test("keeps within its bounds", () => {
    const scale = scaleAround("90", "percent", { least: "0", most: "100" });
    expect(figureAt(scale, 0)).toBe("0");
    expect(figureAt(scale, scale.steps)).toBe("100");
    expect(stepOf(scale, "500")).toBe(scale.steps);
    expect(stepOf(scale, "-5")).toBe(0);
  });

  test("has plain figures at its steps, not those of a float", () => {
    const scale = scaleAround("0.3", "other", NONE);
    expect(figureAt(scale, 3)).toBe("0.015");
    expect(scale.step).toBe("0.005");
  });
});

test("a likely figure that is moved pushes the others, and never passes them", () => {
  expect(withLikely({ low: "5", high: "20" }, "10")).toEqual({ low: "5", likely: "10", high: "20" });
  expect(withLikely({ low: "5", high: "20" }, "100")).toEqual({ low: "5", likely: "100", high: "100" });
  expect(withLikely({ low: "5", high: "20" }, "-1")).toEqual({ low: "-1", likely: "-1", high: "20" });
  expect(withLikely({ low: "", high: "" }, "7"), "blank ones follow").toEqual({
    low: "",
    likely: "7",
    high: "",
  });
});

test("figures have the bounds beyond which they make no sense", () => {
  expect(boundsOf("scale", "change")).toEqual({ least: "-100", most: null });
  expect(boundsOf("one_off", "amount").least, "a credit is an amount below zero").toBeNull();
  expect(boundsOf("cap", "amount").least).toBe("0");
});
