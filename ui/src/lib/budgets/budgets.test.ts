import { describe, expect, test } from "vitest";

import type { BudgetCell } from "../bindings/BudgetCell";
import type { BudgetFile } from "../bindings/BudgetFile";
import type { BudgetLine } from "../bindings/BudgetLine";
import type { BudgetReply } from "../bindings/BudgetReply";
import type { FrozenStep } from "../bindings/FrozenStep";
import { createFormatter } from "../format/format";
import {
  bandStrip,
  budgetByMonth,
  chosenFile,
  hasParts,
  lineFor,
  lineQuestion,
  overBy,
  scorecardRows,
  scorecardTable,
  standingOf,
  templateOf,
  varianceText,
  visibleLines,
} from "./budgets";
import { inside, offBy } from "./frozen";
import { breakdownName, lineName } from "./names";

const format = createFormatter("en-US");

function cell(parts: Partial<BudgetCell> = {}): BudgetCell {
  return {
    actual: null,
    forecast: null,
    budget: "100.00",
    cost: "110.00",
    variance: "-10.00",
    share: "-0.1",
    verdict: "unfavourable",
    words: "10.00 over",
    expected: "forecast",
    ...parts,
  };
}

function line(name: string, parent: string | null, parts: Partial<BudgetLine> = {}): BudgetLine {
  return {
    name,
    parent,
    depth: parent === null ? 0 : 1,
    breakdown: null,
    scope: name,
    filters: [{ dimension: "provider", operator: "is", values: [name] }],
    net_new: false,
    cells: [cell(), cell({ budget: null, variance: null, verdict: "not_comparable" })],
    total: cell(),
    to_date: cell(),
    month_end: null,
    remainder: false,
    findings: [],
    ...parts,
  };
}

function reply(lines: BudgetLine[]): BudgetReply {
  return {
    currency: "USD",
    measure: { name: "effective_cost", label: "Effective cost", kind: "currency", unit: null },
    year: 2026,
    as_of: "2026-09-30",
    file: "plan",
    periods: [
      { label: "2026-01", from: "2026-01-01", to: "2026-02-01", state: "over" },
      { label: "2026-02", from: "2026-02-01", to: "2026-03-01", state: "ahead" },
    ],
    lines,
    whole: line("everything", null, { filters: [] }),
    month_end: null,
    scorecard: null,
    frozen: null,
    notes: [],
    evidence: null,
  };
}

describe("the lines of a scorecard", () => {
  const lines = [line("AWS", null), line("EC2", "AWS"), line("S3", "AWS"), line("Azure", null)];

  test("close with their parents, and a ring of parents hides nothing for ever", () => {
    expect(visibleLines(lines, new Set()).map((one) => one.name)).toEqual(["AWS", "EC2", "S3", "Azure"]);
    expect(visibleLines(lines, new Set(["AWS"])).map((one) => one.name)).toEqual(["AWS", "Azure"]);
    expect(hasParts(lines, lines[0] as BudgetLine)).toBe(true);
    expect(hasParts(lines, lines[3] as BudgetLine)).toBe(false);
    const ring = [line("a", "b"), line("b", "a")];
    expect(visibleLines(ring, new Set())).toHaveLength(2);
  });

  test("are found by their filters, whatever order the values have", () => {
    const both = line("two", null, {
      filters: [{ dimension: "provider", operator: "is", values: ["x", "y"] }],
    });
    const shown = reply([...lines, both, line("rest", null, { filters: null })]);
    expect(lineFor(shown, [{ dimension: "provider", operator: "is", values: ["y", "x"] }])?.name).toBe("two");
    expect(lineFor(shown, [])?.name, "no filter is everything").toBe("everything");
    expect(lineFor(shown, [{ dimension: "region", operator: "is", values: ["AWS"] }])).toBeNull();
  });

  test("give the months that have a budget, and no weeks", () => {
    const shown = reply(lines);
    expect([...budgetByMonth(shown, shown.whole)]).toEqual([["2026-01", "100.00"]]);
    const weeks = { ...shown, periods: shown.periods.map((period) => ({ ...period, from: "2026-01-04" })) };
    expect(budgetByMonth(weeks, shown.whole).size).toBe(0);
  });

  test("have evidence where filters say what they are", () => {
    const shown = reply(lines);
    const period = { from: "2026-01-01", to: "2026-02-01" };
    expect(lineQuestion(shown, lines[0] as BudgetLine, period)).toMatchObject({
      measures: ["effective_cost"],
      period,
      filters: [{ values: ["AWS"] }],
      currency: "USD",
    });
    expect(lineQuestion(shown, line("rest", null, { filters: null }), period)).toBeNull();
  });

  test("leave the page as figures, a row for each period, the year and to date", () => {
    const table = scorecardTable(reply(lines));
    expect(table.rows).toHaveLength(5 * 4);
    expect(table.rows[0]?.slice(3, 9)).toEqual(["2026-01", null, null, "100.00", "-10.00", "-0.1"]);
  });
});

describe("the rows of a scorecard", () => {
  const naming = {
    label: (dimension: string) => dimension.replace("tag:", ""),
    value: (_: string, value: string) => value,
  };
  const of = (dimension: string, value: string | null) => ({
    filters: [
      value === null
        ? { dimension, operator: "missing" as const, values: [] }
        : { dimension, operator: "is" as const, values: [value] },
    ],
    breakdown: dimension,
    depth: 1,
  });
  const whole = line("everything", null, { filters: [] });
  const lines = [
    whole,
    line("provider = AWS", "everything", of("provider", "AWS")),
    line("Platform", "everything", { ...of("tag:team", "p"), scope: "tag:team = p" }),
    line("tag:team = (none)", "everything", of("tag:team", null)),
    line("left", "everything", { filters: null, breakdown: "tag:team", remainder: true }),
  ];

  test("say what each breakdown is by, where there are several", () => {
    const rows = scorecardRows(reply(lines), new Set());
    expect(rows.map(({ line: one, breakdown }) => breakdown ?? one.name)).toEqual([
      "everything",
      "provider",
      "provider = AWS",
      "tag:team",
      "Platform",
      "tag:team = (none)",
      "left",
    ]);
    expect(scorecardRows(reply(lines.slice(0, 2)), new Set()).every((row) => row.breakdown === null)).toBe(
      true,
    );
  });

  test("begin with everything, whether the file has a budget for it or not", () => {
    expect(scorecardRows(reply([line("AWS", null)]), new Set())[0]?.line.name).toBe("everything");
    expect(scorecardRows(reply(lines), new Set(["everything"]))).toHaveLength(1);
  });

  test("are named by what tells them apart, or by their own names", () => {
    expect(lines.slice(1).map((one) => lineName(one, lines, naming))).toEqual([
      "provider AWS",
      "Platform",
      "team (missing)",
      "Rest by tag:team",
    ]);
    const under = (at: number) => {
      const one = lines[at] as BudgetLine;
      return lineName(one, lines, naming, one.breakdown);
    };
    expect([1, 2, 3, 4].map(under), "under a heading that says the dimension").toEqual([
      "AWS",
      "Platform",
      "(missing)",
      "Rest",
    ]);
    expect(breakdownName(lines[1] as BudgetLine, lines, naming)).toBe("provider");
    expect(breakdownName(lines[4] as BudgetLine, lines, naming), "no filters say it").toBe("tag:team");
  });
});

describe("a variance", () => {
  test("reads as what a cost is over or under its budget", () => {
    expect(overBy(cell())).toBe("0.100000");
    expect(standingOf(cell())).toBe("worse");
    expect(varianceText(cell(), "USD", format)).toBe("10.00 (10.0%) over budget");
    const under = cell({ variance: "5.00", verdict: "favourable" });
    expect(varianceText(under, "USD", format)).toBe("5.00 (5.0%) under budget");
    expect(varianceText(cell({ variance: "0.00", verdict: "on_budget" }), "USD", format)).toBe("on budget");
  });

  test("of no budget is none, and of a budget of zero has no percentage", () => {
    expect(varianceText(cell({ variance: null }), "USD", format)).toBe("nothing to compare");
    expect(overBy(cell({ budget: null }))).toBeNull();
    expect(overBy(cell({ budget: "0.00" }))).toBeNull();
    expect(overBy(cell({ budget: "-200" })), "nor has one below zero").toBeNull();
  });
});

test("the strip has every band, those without a scope too, and says where all together fall", () => {
  const score = {
    forecast: "1",
    actual: "1",
    variance: "0",
    share: "0.1",
    band: "within_12" as const,
    words: "",
  };
  const strip = bandStrip({
    top_line: score,
    with_net_new: score,
    weighted_error: null,
    scopes: [],
    bands: [
      { band: "within_5", words: "within 5 %", count: 3 },
      { band: "above_20", words: "more than 20 %", count: 1 },
    ],
    net_new: [],
    net_new_cost: "0",
    forecast_of: "the budget",
  });
  expect(strip.map((band) => [band.band, band.count, band.topLine])).toEqual([
    ["within_5", 3, false],
    ["within_12", 0, true],
    ["within_15", 0, false],
    ["within_20", 0, false],
    ["above_20", 1, false],
  ]);
});

test("the file that is shown is the one asked for, else the first that can be read", () => {
  const file = (name: string, problem: string | null) => ({ file: name, problem }) as BudgetFile;
  const files = [file("spoilt", "row 3"), file("plan", null)];
  expect(chosenFile(files, null)?.file).toBe("plan");
  expect(chosenFile(files, "spoilt")?.file, "it was asked for: its problem is told").toBe("spoilt");
  expect(chosenFile([], "gone")).toBeNull();
});

test("a template is the last year moved on by one, its names safe in a file of budgets", () => {
  const row = (month: string, value: string | null, amount: string) => ({
    keys: [month, value],
    role: "group" as const,
    cells: [{ value: amount, previous: null, change: null, change_ratio: null, share: null }],
  });
  const answer = {
    currency: "USD",
    rows: [row("2025-02", "AWS", "10.005"), row("2025-02", "A, B", "1"), row("2025-01", null, "2")],
  } as unknown as Parameters<typeof templateOf>[0];
  expect(templateOf(answer, "provider").rows).toEqual([
    ["2026-01", "total", "2.00", "USD"],
    ["2026-02", "total", "11.00", "USD"],
    ["2026-02", "provider=AWS", "10.00", "USD"],
  ]);
});

describe("a frozen forecast", () => {
  const step: FrozenStep = {
    time: "2026-07",
    amount: "100",
    low_80: "90",
    high_80: "110",
    low_95: "80",
    high_95: "120",
    actual: "110.00",
    provisional: false,
  };

  test("holds where what came lies within, its ends included", () => {
    expect(inside(step)).toBe(true);
    expect(inside({ ...step, actual: "110.01" })).toBe(false);
    expect(offBy(step)).toBe("0.100000");
  });

  test("is not judged by what has not come whole", () => {
    expect(inside({ ...step, actual: null })).toBeNull();
    expect(inside({ ...step, provisional: true })).toBeNull();
    expect(offBy({ ...step, provisional: true })).toBeNull();
  });
});
