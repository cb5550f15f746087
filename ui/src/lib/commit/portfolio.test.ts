import { describe, expect, test } from "vitest";

import type { CommitmentFrontierPoint } from "../bindings/CommitmentFrontierPoint";
import type { Palette } from "../chart/palette";
import { createFormatter } from "../format/format";
import { withDecisions } from "./basket";
import { offer } from "./fixture";
import {
  instrumentProblems,
  instrumentsOf,
  ladderOf,
  pastedInstruments,
  proposed,
  withInstrument,
} from "./instruments";
import { pathProblems, pathsOf, withPath } from "./paths";
import {
  basketMark,
  EMPTY_PORTFOLIO,
  fieldProblem,
  frontierOption,
  frontierTable,
  portfolioRequest,
  todayMark,
} from "./portfolio";

const PLAN = "aws-compute-savings-plan";
const EC2 = "aws-ec2-instance-savings-plan";
const CHOICES = {
  programs: [
    { program: PLAN, label: "Compute" },
    { program: EC2, label: "EC2 Instance" },
  ],
  families: ["c6i", "m6i"],
  regions: [],
};
const GROUND = {
  question: {} as Parameters<typeof portfolioRequest>[1]["question"],
  step: "hour" as const,
  horizon_months: 12,
  demand: [],
};

describe("what may be bought", () => {
  test("months of a ladder are read as people write them, and none lies beyond what is looked at", () => {
    expect(ladderOf("0, 3;6 3", 12)).toEqual([0, 3, 6]);
    expect(ladderOf("", 12)).toEqual([]);
    expect([ladderOf("12", 12), ladderOf("soon", 12), ladderOf("-1", 12)]).toEqual([null, null, null]);
  });

  test("a programme of one family asks for it; wrong cells are told by their place", () => {
    const rows = withInstrument(withInstrument([], { program: EC2, term: "soon" }), {
      program: PLAN,
      discount: "100",
      months: "0, 40",
    });
    expect([...instrumentProblems(rows, 12).keys()]).toEqual([
      "0 family",
      "0 term",
      "1 discount",
      "1 months",
    ]);
  });

  test("a row without months of its own is bought in those of the ladder; per cent become fractions", () => {
    const rows = withInstrument(withInstrument([], { program: PLAN, discount: "27.5" }), {
      program: PLAN,
      term: "3 years",
      months: "1",
    });
    expect(instrumentsOf(rows, [0, 6], 12)).toMatchObject([
      { program: PLAN, family: null, term_months: 12, discount: "0.275", months: [0, 6] },
      { term_months: 36, discount: null, months: [1] },
    ]);
    expect(instrumentsOf(rows, [], 12)[0]?.months, "the first month").toBeNull();
  });

  test("what the rates allow: each programme that usage has, once for each of its terms, one for each family where it needs one", () => {
    const rows = proposed(
      [
        offer({ program: EC2, family: "m6i" }),
        offer({ program: EC2, family: "z9x" }),
        offer({ program: EC2, family: null }),
        offer({ program: PLAN, family: "m6i", term_months: 36 }),
        offer({ program: PLAN }),
        offer({ program: PLAN, sku: "another" }),
        offer({ program: "gcp-spend-commitment" }),
      ],
      CHOICES,
    );
    expect(rows.map(({ cells }) => [cells.program, cells.family, cells.term])).toEqual([
      [PLAN, "", "12"],
      [PLAN, "", "36"],
      [EC2, "m6i", "12"],
    ]);
  });

  test("a block from a spreadsheet goes where its header says", () => {
    const made = pastedInstruments([], `Programme\tMonths\tPayment\n${PLAN}\t3 years\tall upfront`, {
      row: 0,
      column: "program",
    });
    expect(made.rows[0]?.cells).toMatchObject({ program: PLAN, term: "36", payment: "all_upfront" });
  });
});

describe("ways that demand may go", () => {
  test("per cent a month become factors, exactly", () => {
    const rows = withPath(withPath([], { weight: "3", change: "0, -10 %, \u221230" }), { change: "+12.5" });
    expect(pathsOf(rows)).toEqual([
      { weight: 3, factors: ["1", "0.9", "0.7"] },
      { weight: 1, factors: ["1.125"] },
    ]);
  });

  test("a weight of nothing and a fall of more than all are told", () => {
    const rows = withPath(withPath([], { weight: "0" }), { change: "-101" });
    expect([...pathProblems(rows).keys()]).toEqual(["0 weight", "1 change"]);
  });
});

describe("what is asked", () => {
  const rows = withInstrument([], { program: PLAN });

  test("limits and risk as the engine takes them; ways are drawn, or written, or none", () => {
    const draft = {
      ...EMPTY_PORTFOLIO,
      rows,
      upfront: "5000",
      longest: "1 year",
      coverage: "60",
      capital: "8",
    };
    expect(portfolioRequest(draft, GROUND)).toMatchObject({
      upfront: "5000",
      longest_term_months: 12,
      coverage: "0.6",
      risk_weight: "0.5",
      risk_level: "0.95",
      capital_rate: "0.08",
      draw: { paths: 100, follow_forecast: false },
      paths: [],
    });
    expect(portfolioRequest({ ...draft, demand: "own" }, GROUND)?.paths).toHaveLength(3);
    expect(portfolioRequest({ ...draft, demand: "certain" }, GROUND)).toMatchObject({
      draw: null,
      paths: [],
    });
  });

  test("nothing is asked with nothing to buy, nor with a field that cannot be used", () => {
    expect(portfolioRequest(EMPTY_PORTFOLIO, GROUND)).toBeNull();
    for (const parts of [
      { level: "100" },
      { coverage: "120" },
      { upfront: "-1" },
      { ladder: "12" },
      { count: "0" },
    ])
      expect(
        portfolioRequest({ ...EMPTY_PORTFOLIO, rows, ...parts }, GROUND),
        JSON.stringify(parts),
      ).toBeNull();
    expect(
      fieldProblem({ ...EMPTY_PORTFOLIO, level: "" }, "level", 12),
      "a tail begins somewhere",
    ).not.toBeNull();
  });
});

describe("what comes of it", () => {
  test("its decisions go into the basket under names that are free", () => {
    const buy = { id: "x", kind: "buy" as const, at: "2026-10-01", program: PLAN, hourly: "4", account: "1" };
    const rows = withDecisions(withDecisions([], [buy]), [buy, buy]);
    expect(rows.map((row) => row.id)).toEqual(["buy-1", "buy-2", "buy-3"]);
    expect(rows[2]?.cells).toMatchObject({ program: PLAN, hourly: "4", at: "2026-10-01" });
    expect(rows[2]?.rest, "what has no column is kept").toEqual({ account: "1" });
  });

  const point = (
    weight: string,
    savings: string,
    tail: string,
    tailSavings: string,
  ): CommitmentFrontierPoint => ({
    risk_weight: weight,
    expected_cost: "0",
    expected_savings: savings,
    tail_cost: tail,
    tail_savings: tailSavings,
    objective: "0",
    bound: "0",
    gap: null,
    upfront: "0",
    coverage: "0.8",
    purchases: [],
  });
  const POINTS = [point("0", "900", "5000", "400"), point("1", "700", "4800", "600")];

  test("today saves nothing and has the tail that every mix is held against; a basket stands at the mean of its costs", () => {
    expect(POINTS.map((point) => todayMark(point).tail)).toEqual(["5400", "5400"]);
    expect(basketMark({ costs: ["90", "110", "130"], tail_cost: "130" }, "125")).toMatchObject({
      savings: "15",
      tail: "130",
    });
    expect(basketMark({ costs: [], tail_cost: "0" }, "125"), "nothing was drawn").toBeNull();
  });

  test("the frontier is drawn and leaves the page with the same figures", () => {
    const marks = POINTS.slice(0, 1).map(todayMark);
    const option = frontierOption({
      points: POINTS,
      marks,
      currency: "USD",
      palette: { series: [] } as unknown as Palette,
      format: createFormatter("en-GB"),
      alt: "",
    });
    const series = option["series"] as { data: { value: number[] }[] }[];
    expect(series[0]?.data.map(({ value }) => value)).toEqual([
      [5000, 900],
      [4800, 700],
    ]);
    expect(series[1]?.data[0]?.value).toEqual([5400, 0]);
    expect(frontierTable(POINTS, marks, "USD").rows.map((row) => row.slice(1, 3))).toEqual([
      ["900", "5000"],
      ["700", "4800"],
      ["0", "5400"],
    ]);
  });
});
