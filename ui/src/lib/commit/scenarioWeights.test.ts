import { expect, test } from "vitest";

import { withInstrument } from "./instruments";
import { EMPTY_PORTFOLIO, portfolioRequest } from "./portfolio";
import { counted, weightProblem, weightsOf } from "./scenarioWeights";

const GROUND = {
  question: {} as Parameters<typeof portfolioRequest>[1]["question"],
  step: "hour" as const,
  horizon_months: 12,
  demand: [],
};

test("what was typed stays when the list is read again, and what is gone is gone", () => {
  const typed = [
    { name: null, weight: "2" },
    { name: "launch", weight: "0" },
    { name: "gone", weight: "7" },
  ];
  expect(weightsOf(typed, ["fall", "launch"])).toEqual([
    { name: null, weight: "2" },
    { name: "fall", weight: "1" },
    { name: "launch", weight: "0" },
  ]);
});

test("only whole weights count, and what has none is not drawn from", () => {
  const rows = [
    { name: null, weight: "2" },
    { name: "launch", weight: "" },
    { name: "fall", weight: "0" },
  ];
  expect(counted(rows)).toEqual([{ name: null, weight: 2 }]);
  expect(rows.map(weightProblem)).toEqual([null, null, null]);
  for (const weight of ["-1", "1.5", "much", "1000001"])
    expect(weightProblem({ name: "fall", weight }), weight).toContain("fall");
});

test("ways are drawn from the scenarios that weigh something; with none of them nothing is asked", () => {
  const draft = {
    ...EMPTY_PORTFOLIO,
    rows: withInstrument([], { program: "aws-compute-savings-plan" }),
    demand: "scenarios" as const,
    scenarios: [
      { name: null, weight: "1" },
      { name: "fall", weight: "3" },
    ],
  };
  expect(portfolioRequest(draft, GROUND)?.draw).toEqual({
    paths: 100,
    follow_forecast: false,
    scenarios: [
      { name: null, weight: 1 },
      { name: "fall", weight: 3 },
    ],
  });
  expect(portfolioRequest({ ...draft, scenarios: [] }, GROUND)).toBeNull();
  expect(
    portfolioRequest({ ...draft, demand: "drawn" }, GROUND)?.draw?.scenarios,
    "nor from them where ways are drawn otherwise",
  ).toEqual([]);
});
