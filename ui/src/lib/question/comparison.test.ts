import { describe, expect, test } from "vitest";

import { fromAddress, toAddress } from "../view/address";
import { DEFAULT_VIEW, withParts } from "../view/view";
import { comparable, comparedOf, plannedOf } from "./comparison";
import { viewQuestion } from "./question";

describe("a comparison", () => {
  const loaded = { from: "2025-03-01", to: "2025-05-01" };
  const beside = (from: string, to: string) => comparable({ from, to }, loaded);

  test("needs loaded days to compare with", () => {
    expect(beside("2025-03-01", "2025-04-01")).toBe(true);
    expect(beside("2025-02-01", "2025-03-02"), "one day is there").toBe(true);
    expect(beside("2025-01-01", "2025-03-01"), "it ends where the loaded days begin").toBe(false);
    expect(comparable(null, loaded)).toBe(false);
  });
});

test("what is set beside a figure is a period or a plan, and a link restores either", () => {
  const plans = [{ budget: "" }, { budget: "fy 2026: v2" }, { forecast: "lock" }] as const;
  for (const compare of plans) {
    expect(plannedOf(compare)).toEqual(compare);
    expect(comparedOf(compare)).toBeNull();
    expect(fromAddress(toAddress(withParts(DEFAULT_VIEW, { compare }))).compare).toEqual(compare);
  }
  for (const compare of [null, "previous", { period: { from: "2026-01-01", to: "2026-02-01" } }] as const) {
    expect(plannedOf(compare)).toBeNull();
    expect(comparedOf(compare)).toEqual(compare);
  }
});

test("a plan is asked for only where costs are held against one", () => {
  const view = withParts(DEFAULT_VIEW, { compare: { budget: "plan" } });
  expect(viewQuestion(view, null)).toMatchObject({ against: { budget: "plan" }, compare: null });
  expect(viewQuestion(withParts(view, { screen: "units" }), null).against).toBeUndefined();
});
