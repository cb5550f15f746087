import { describe, expect, test } from "vitest";

import { createFormatter } from "../format/format";
import { normalise, sum } from "../format/decimal";
import { byReach, comparisonBars, contributionTable, oddsText, overlaid, spans, swings } from "./outcome";
import type { ScenarioComparison, ScenarioRun } from "./wire";

const format = createFormatter("en-US");

const contribution = (words: string, total: string) => ({
  kind: "added" as const,
  operation: words,
  words,
  total,
  monthly: [total],
  lines: [],
});
const comparison = {
  from: null,
  to: "growth",
  currency: "USD",
  months: ["2026-10"],
  from_totals: ["100.1"],
  to_totals: ["120.3"],
  difference: "20.2",
  monthly: ["20.2"],
  contributions: [contribution("launch", "30"), contribution("nothing", "0"), contribution("price", "-9.8")],
  evidence: { scope: "all", id: "e1" },
} as unknown as ScenarioComparison;

describe("the bars of a comparison", () => {
  const bars = comparisonBars(comparison, { from: "Baseline", to: "growth" });
  test("lead from the one cost to the other, each from where the last ended", () => {
    expect(bars.map(({ name, from, to }) => [name, from, to])).toEqual([
      ["Baseline", "0", "100.1"],
      ["launch", "100.1", "130.1"],
      ["price", "130.1", "120.3"],
      ["growth", "0", "120.3"],
    ]);
  });
  test("what leaves the page adds up: contributions and the difference", () => {
    const { rows } = contributionTable(comparison, "t");
    const amounts = rows.map((row) => row[3] ?? null);
    expect(sum(amounts.slice(0, -1))).toBe(amounts.at(-1));
  });
});

test("bars lie around one zero", () => {
  const { bars, zero } = spans([
    ["0", "30"],
    ["-10", "0"],
  ]);
  expect(zero).toBeCloseTo(0.25);
  expect(bars[0]).toEqual({ from: 0.25, width: 0.75 });
  expect(bars[1]).toEqual({ from: 0, width: 0.25 });
  expect(spans([["0", "0"]]).bars[0]?.width, "nothing is no bar, and no division by nothing").toBe(0);
});

test("what reaches furthest either way comes first", () => {
  expect(byReach([["1"], ["-9", "2"], ["5"]], (ends) => ends)).toEqual([["-9", "2"], ["5"], ["1"]]);
});

test("odds are whole percentages, and nearly certain is not certain", () => {
  expect(oddsText("0.804", format)).toBe("80%");
  expect(oddsText("0.998", format)).toBe("over 99%");
  expect(oddsText("0.001", format)).toBe("under 1%");
  expect(oddsText("1", format)).toBe("100%");
  expect(oddsText("0", format)).toBe("0%");
});

test("a quick answer keeps what only the full one tells", () => {
  const run = (likely: string, best: string | null, effect: string | null) =>
    ({
      total: { likely, best, worst: best },
      operations: [{ id: "a", effect, touched: 1 }],
      diagnostics: effect === null ? [] : [{ message: "look" }],
      split: [],
      notes: [],
    }) as unknown as ScenarioRun;
  const shown = overlaid(run("110", null, null), run("100", "90", "5"));
  expect(shown.total).toEqual({ likely: "110", best: "90", worst: "90" });
  expect(shown.operations[0]?.effect).toBe("5");
  expect(shown.diagnostics).toHaveLength(1);
  const first = run("1", null, null);
  expect(overlaid(first, null)).toBe(first);
});

test("what an operation adds at its low and high case, those that reach furthest first", () => {
  const swing = (operation: string, alone: string, low: string, high: string) => ({
    operation,
    words: operation,
    alone,
    low,
    high,
  });
  const found = swings({
    ...comparison,
    tornado: [
      swing("a", "30", "110.3", "125.3"),
      swing("b", "-9.8", "120.3", "160.3"),
      swing("c", "50", "120.3", "120.3"),
    ],
  });
  expect(
    found.map(({ operation, ...figures }) => [
      operation,
      ...[figures.low, figures.likely, figures.high].map(normalise),
    ]),
  ).toEqual([
    ["c", "50", "50", "50"],
    ["a", "20", "30", "35"],
    ["b", "-9.8", "-9.8", "30.2"],
  ]);
});
