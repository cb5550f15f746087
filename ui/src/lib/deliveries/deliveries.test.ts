import { describe, expect, test } from "vitest";

import type { DiffLine, LoadSummary } from "../backend/commands";
import { addsUp, bills, changed, pairFrom, pairText } from "./deliveries";

const load = (id: number, superseded_by: number | null): LoadSummary => ({
  id,
  provider: "AWS",
  report: "aws-cur",
  billing_period: "2018-10-01",
  currency: "USD",
  format: "aws-cur",
  format_version: "legacy",
  files: [],
  rows: 1,
  rejected: 0,
  billed: null,
  effective: null,
  contracted: null,
  list: null,
  totals: [],
  rounded: [],
  excluded: [],
  charge_from: null,
  charge_to: null,
  loaded_at: "2026-01-01T00:00:00",
  state: superseded_by === null ? "current" : "superseded",
  superseded_by,
  manifests: [],
  settings: [],
});

const cost = (difference: string | null) => ({ before: null, after: null, difference });
const line = (service: string, difference: string | null, before = 1, after = 1): DiffLine => ({
  service,
  account: null,
  account_name: null,
  category: null,
  class: null,
  charges_before: before,
  charges_after: after,
  billed: cost(difference),
  effective: cost("0"),
  contracted: cost(null),
  list: cost(null),
});

describe("deliveries", () => {
  test("a bill has the load that counts and all that it replaced, the latest first", () => {
    const found = bills([load(7, null), load(1, 4), load(4, 7), load(2, null)]);
    expect(found.map((bill) => [bill.load.id, bill.earlier.map(({ id }) => id)])).toEqual([
      [7, [4, 1]],
      [2, []],
    ]);
  });

  test("links that lead in a circle end", () => {
    const circle = [load(7, null), { ...load(3, 7) }, { ...load(5, 3) }, { ...load(3, 5) }];
    expect(bills(circle).length).toBe(1);
  });

  test("a pair is restored from an address, nonsense is none", () => {
    expect(pairFrom(pairText({ before: 3, after: 12 }))).toEqual({ before: 3, after: 12 });
    expect(pairFrom("3-")).toBeNull();
    expect(pairFrom("3-9999999999999999999")).toBeNull();
    expect(pairFrom(null)).toBeNull();
  });

  test("what changed comes largest first, whatever its sign; a charge more is a change at the same cost", () => {
    const lines = [line("a", "0.000000000"), line("b", "2.5"), line("c", "-10.01"), line("d", "0", 1, 2)];
    const found = changed(lines, "billed");
    expect(found.changed.map(({ service }) => service)).toEqual(["c", "b", "d"]);
    expect(found.same.map(({ service }) => service)).toEqual(["a"]);
  });

  test("the lines add up to the whole to the last digit, or they do not", () => {
    const lines = [line("a", "0.1"), line("b", "0.2"), line("c", null)];
    expect(addsUp(lines, cost("0.3"), "billed")).toBe(true);
    expect(addsUp(lines, cost("0.300000001"), "billed")).toBe(false);
  });
});
