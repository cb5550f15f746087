import { describe, expect, test } from "vitest";

import { createFormatter } from "../format/format";
import { DEFAULT_COMMIT, DEFAULT_VIEW } from "../view/view";
import {
  basisPeriod,
  choicesOf,
  chosenFamily,
  chosenProgram,
  curveTable,
  hourlyText,
  optimizeRequest,
  optimumPlace,
} from "./curve";
import { OPTIMUM } from "./fixture";
import { commitQuestion } from "./held";

const COMPUTE = "aws-compute-savings-plan";
const RESERVED = "aws-standard-reserved-instance";
const line = (family: string | null, region: string, programs: string[]) =>
  ({ family, region, programs }) as Parameters<typeof choicesOf>[0]["lines"][number];
const usage = {
  programs: [
    { program: RESERVED, label: "Reserved Instance", on_demand: "90", lines: 2 },
    { program: COMPUTE, label: "Compute Savings Plan", on_demand: "100", lines: 3 },
  ],
  lines: [
    line("m5", "eu-west-1", [COMPUTE, RESERVED]),
    line("c6g", "us-east-1", [COMPUTE, RESERVED]),
    line(null, "us-east-1", [COMPUTE]),
  ],
};

describe("what the curve is of", () => {
  test("the program with most usage, unless another that it has is chosen", () => {
    const choices = choicesOf(usage, null);
    expect(chosenProgram(choices, null)).toBe(COMPUTE);
    expect(chosenProgram(choices, RESERVED)).toBe(RESERVED);
    expect(chosenProgram(choices, "azure-reservation"), "not in this usage").toBe(COMPUTE);
  });

  test("a reservation is of one family, a Compute Savings Plan of all", () => {
    const choices = choicesOf(usage, RESERVED);
    expect(choices.families).toEqual(["c6g", "m5"]);
    expect(chosenFamily(choices, RESERVED, null)).toBe("c6g");
    expect(chosenFamily(choices, COMPUTE, null)).toBeNull();
    expect(chosenFamily(choices, RESERVED, "x9"), "a family that is not there").toBe("c6g");
  });

  test("it rests on the last months of the period", () => {
    const whole = { from: "2025-07-01", to: "2026-10-01" };
    expect(basisPeriod(whole, 3)).toEqual({ from: "2026-07-01", to: "2026-10-01" });
    expect(basisPeriod({ from: "2026-09-10", to: "2026-09-25" }, 3)).toEqual({
      from: "2026-09-10",
      to: "2026-09-25",
    });
    expect(basisPeriod({ from: "2026-01-01", to: "2026-09-20" }, 1), "a month that has not ended").toEqual({
      from: "2026-09-01",
      to: "2026-09-20",
    });
    expect(basisPeriod(whole, null)).toEqual(whole);
  });

  test("nothing is asked where no program has usage", () => {
    const question = commitQuestion(DEFAULT_VIEW, null);
    const period = { from: "2026-07-01", to: "2026-10-01" };
    const none = choicesOf({ programs: [], lines: [] }, null);
    expect(optimizeRequest({ question, period, step: "hour" }, none, DEFAULT_COMMIT, null, [])).toBeNull();
    const request = optimizeRequest(
      { question, period, step: "hour" },
      choicesOf(usage, COMPUTE),
      DEFAULT_COMMIT,
      "0.28",
      ["8"],
    );
    expect(request).toMatchObject({ program: COMPUTE, family: null, discount: "0.28", marks: ["8"] });
    expect(request?.question.period).toEqual(period);
  });
});

describe("what lies on the curve", () => {
  test("the optimum's place is where the exact one stands", () => {
    expect(optimumPlace(OPTIMUM)).toBe(2);
  });

  test("a commitment in money reads as money, one in units as a quantity", () => {
    const format = createFormatter("en-US");
    expect(hourlyText("8.00412", OPTIMUM, format)).toBe("8.0041");
    expect(hourlyText("12", { ...OPTIMUM, hourly_in: "normalised_units" }, format)).toBe("12");
  });

  test("its table has each point with every digit", () => {
    const table = curveTable(OPTIMUM);
    expect(table.rows).toHaveLength(OPTIMUM.curve.length);
    expect(table.rows[2]?.[0]).toBe("8.004");
  });
});
