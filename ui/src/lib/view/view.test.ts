import { describe, expect, test } from "vitest";

import { fromAddress, fromLink, toAddress, toLink } from "./address";
import { climbTo, conditionsOn, drillInto, nextDimension, pointAt, stepFilter } from "./drill";
import { addFilter, standing, toggleAlso, toggleExclude, toggleOnly } from "./filters";
import { canRedo, canUndo, current, move, push, replace, startTrail } from "./trail";
import { DEFAULT_VIEW, sameView, type ViewParams, withParts } from "./view";

const HOSTILE = `a" ..&=#?%|~'<b>\u0000é,[]`;

const FULL: ViewParams = {
  screen: "packs",
  measure: "effective_cost",
  period: { from: "2018-10-01", to: "2018-11-01" },
  on: "billing",
  filters: [
    { dimension: "service", operator: "is", values: ["AmazonEC2", HOSTILE] },
    { dimension: "tag:team & co", operator: "missing", values: [] },
  ],
  compare: { period: { from: "2017-10-01", to: "2017-11-01" } },
  grain: "day",
  currency: "EUR",
  convert: { to: "USD", table: "ecb 2026", dated: "billing_month", age_days_max: 4 },
  drill: [
    { dimension: "provider", value: HOSTILE },
    { dimension: "billing_account", value: null },
  ],
  leaderboards: ["service", "tag:team"],
  top: 20,
  split: "service",
  trendAs: "table",
  cumulative: true,
  perDay: true,
  below: "pivot",
  pivot: {
    rows: ["service", HOSTILE],
    column: "tag:team",
    measures: ["charges"],
    share: "row",
    cumulative: true,
  },
  change: {
    convention: "midpoint",
    by: "tag:team",
    effect: "list_price",
    mover: { value: null },
    as: "table",
  },
  units: {
    metric: "orders",
    grain: "day",
    by: "tag:team",
    focus: { value: HOSTILE },
    order: "midpoint",
    as: "table",
  },
  forecast: {
    part: "budgets",
    grain: "day",
    horizon: 30,
    wide: true,
    by: "tag:team",
    then: "sub_account",
    holds: [
      { value: HOSTILE, amount: "-12.50" },
      { value: null, amount: "7" },
    ],
    holdTotal: "2000000",
    driver: { metric: "orders", growth: "0.02" },
    overlay: HOSTILE,
    as: "table",
    scenario: "Base",
    against: "",
    budget: "plan 2027",
    year: 2027,
    frozen: "Lock Q4",
  },
  commit: {
    part: "plan",
    open: HOSTILE,
    by: null,
    month: "2026-07",
    shade: "open",
    step: "day",
    program: "aws-compute-savings-plan",
    family: "m5",
    region: HOSTILE,
    term: 36,
    payment: "all_upfront",
    basis: null,
    basket: "Renewal",
    against: HOSTILE,
    as: "table",
  },
  treemaps: ["service"],
  columns: ["billed_cost", "sku_id"],
  order: { column: "billed_cost", descending: true },
  superseded: true,
  part: "mappings",
  opened: "/bills/a & b.csv",
};

describe("a view's address", () => {
  test("restores every part, hostile text included", () => {
    expect(fromAddress(toAddress(FULL))).toEqual(FULL);
    expect(fromAddress(toAddress(DEFAULT_VIEW))).toEqual(DEFAULT_VIEW);
  });

  test("travels as a link, and other texts are none", () => {
    expect(toLink(DEFAULT_VIEW)).toBe("quarterdeck://view/explore");
    expect(fromLink(`  ${toLink(FULL)}\n`)).toEqual(FULL);
    expect(fromLink(toAddress(FULL)), "an address of the page is a link, too").toEqual(FULL);
    for (const text of [
      "",
      "explore",
      "https://example.com/explore",
      "quarterdeck://view",
      "quarterdeck://view/cellar",
      "quarterdeck://open/explore",
    ])
      expect(fromLink(text), text).toBeNull();
  });

  test("leaves out what is usual", () => {
    expect(toAddress(DEFAULT_VIEW)).toBe("#/explore");
  });

  test("reads nonsense as the usual view", () => {
    const nonsense =
      "#/nowhere?cost=gold&period=2018-13-01..x&where=%5B&where=%5B1%5D&drill=7&top=-3&compare=..&lists={}&part=cellar&convert=[%22USD%22,%22x%22,%22never%22,1]&pivot=[[],null,[],%22row%22,1]&areas=7&below=x";
    expect(fromAddress(nonsense)).toEqual(DEFAULT_VIEW);
    expect(fromAddress("")).toEqual(DEFAULT_VIEW);
    expect(
      fromAddress("#/explore?period=2018-11-01..2018-10-01").period,
      "a period that runs backwards",
    ).toBeNull();
  });

  test("equal views have equal text, so that nothing is pushed twice", () => {
    expect(sameView(fromAddress(toAddress(FULL)), FULL)).toBe(true);
  });
});

describe("the trail", () => {
  test("a view in the place of another is the same step", () => {
    const filtered = { ...DEFAULT_VIEW, top: 20 };
    const drilled = { ...DEFAULT_VIEW, top: 30 };
    const trail = replace(push(startTrail(DEFAULT_VIEW), filtered), drilled);
    expect(current(trail)).toBe(drilled);
    expect(current(move(trail, -1)), "one step back is where it began").toBe(DEFAULT_VIEW);
    expect(canRedo(trail), "nothing lies ahead").toBe(false);
  });

  const billing = withParts(DEFAULT_VIEW, { on: "billing" });
  const list = withParts(DEFAULT_VIEW, { measure: "list_cost" });

  test("undo and redo walk over the same views", () => {
    const trail = push(push(startTrail(DEFAULT_VIEW), billing), list);
    expect(current(move(trail, -2))).toBe(DEFAULT_VIEW);
    expect(current(move(move(trail, -2), 1))).toBe(billing);
    expect(canUndo(move(trail, -9)), "the first view has nothing before it").toBe(false);
    expect(canRedo(move(trail, -1))).toBe(true);
  });

  test("a new view after an undo drops what was undone", () => {
    const trail = push(move(push(startTrail(DEFAULT_VIEW), billing), -1), list);
    expect(trail.entries).toEqual([DEFAULT_VIEW, list]);
  });

  test("the same view again is no entry", () => {
    const trail = push(startTrail(DEFAULT_VIEW), billing);
    expect(push(trail, { ...billing })).toBe(trail);
  });

  test("is bounded", () => {
    let trail = startTrail(DEFAULT_VIEW);
    for (let top = 1; top <= 700; top += 1) trail = push(trail, withParts(DEFAULT_VIEW, { top }));
    expect(trail.entries.length).toBe(500);
    expect(current(trail).top).toBe(700);
  });
});

describe("filters by pointing", () => {
  test("pointing at a value keeps only it, pointing again lets go", () => {
    const once = toggleOnly([], "service", "S3");
    expect(once).toEqual([{ dimension: "service", operator: "is", values: ["S3"] }]);
    expect(toggleOnly(once, "service", "S3")).toEqual([]);
    expect(toggleOnly(once, "service", "EC2")).toEqual([
      { dimension: "service", operator: "is", values: ["EC2"] },
    ]);
    expect(toggleOnly(once, "region", "x")).toHaveLength(2);
  });

  test("several values of one dimension are one filter", () => {
    const two = toggleAlso(toggleOnly([], "service", "S3"), "service", "EC2");
    expect(two).toEqual([{ dimension: "service", operator: "is", values: ["S3", "EC2"] }]);
    expect(toggleAlso(toggleAlso(two, "service", "S3"), "service", "EC2")).toEqual([]);
  });

  test("excluding takes an inclusion of the dimension away", () => {
    const excluded = toggleExclude(toggleOnly([], "service", "S3"), "service", "S3");
    expect(excluded).toEqual([{ dimension: "service", operator: "is_not", values: ["S3"] }]);
    expect(standing(excluded, "service", "S3")).toBe("excluded");
    expect(toggleExclude(excluded, "service", "S3")).toEqual([]);
  });

  test("a missing value is a condition of its own", () => {
    expect(toggleOnly([], "tag:team", null)).toEqual([
      { dimension: "tag:team", operator: "missing", values: [] },
    ]);
    const present = toggleExclude(toggleOnly([], "tag:team", null), "tag:team", null);
    expect(present).toEqual([{ dimension: "tag:team", operator: "present", values: [] }]);
    expect(standing(present, "tag:team", null)).toBe("excluded");
    expect(toggleExclude(present, "tag:team", null)).toEqual([]);
  });

  test("the same condition twice is one", () => {
    const filter = { dimension: "service", operator: "contains" as const, values: ["EC"] };
    expect(addFilter(addFilter([], filter), { ...filter })).toHaveLength(1);
  });
});

describe("the drill path", () => {
  test("goes provider, billing account, ... and ends at the charges", () => {
    let view: ViewParams = DEFAULT_VIEW;
    const seen: string[] = [];
    for (let next = nextDimension(view.drill); next !== null; next = nextDimension(view.drill)) {
      seen.push(next);
      view = drillInto(view, next, "x");
    }
    expect(seen).toEqual(["provider", "billing_account", "sub_account", "service", "sku", "resource"]);
    expect(climbTo(view, 2).drill.map((step) => step.dimension)).toEqual(["provider", "billing_account"]);
  });

  test("a step from beside the path does not move the path", () => {
    expect(nextDimension([{ dimension: "region", value: "x" }])).toBe("provider");
    expect(
      nextDimension([
        { dimension: "service", value: "x" },
        { dimension: "region", value: "x" },
      ]),
    ).toBe("sku");
  });

  test("a step takes the place of a filter on its dimension", () => {
    const filtered = withParts(DEFAULT_VIEW, { filters: toggleOnly([], "provider", "AWS") });
    const down = drillInto(filtered, "provider", "AWS");
    expect(down.filters).toEqual([]);
    expect(down.drill.map(stepFilter)).toEqual([{ dimension: "provider", operator: "is", values: ["AWS"] }]);
    expect(stepFilter({ dimension: "resource", value: null }).operator).toBe("missing");
  });

  test("another value of a step goes on from that step", () => {
    const down = drillInto(drillInto(DEFAULT_VIEW, "provider", "AWS"), "service", "EC2");
    expect(drillInto(down, "provider", "Google Cloud").drill).toEqual([
      { dimension: "provider", value: "Google Cloud" },
    ]);
  });

  test("pointing within a drilled dimension never asks for two values at once", () => {
    const down = drillInto(drillInto(DEFAULT_VIEW, "provider", "AWS"), "service", "EC2");
    expect(conditionsOn(down, "service")).toEqual([
      { dimension: "service", operator: "is", values: ["EC2"] },
    ]);
    const sibling = pointAt(down, "service", "S3", toggleOnly);
    expect(sibling.drill).toEqual([{ dimension: "provider", value: "AWS" }]);
    expect(sibling.filters).toEqual([{ dimension: "service", operator: "is", values: ["S3"] }]);
    expect(
      pointAt(down, "service", "EC2", toggleOnly).filters,
      "pointing at the step itself lets go of it",
    ).toEqual([]);
    expect(pointAt(down, "service", "S3", toggleAlso).filters[0]?.values).toEqual(["EC2", "S3"]);
  });
});
