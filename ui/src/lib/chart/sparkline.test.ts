import { describe, expect, test } from "vitest";

import type { Answer } from "../bindings/Answer";
import type { Row } from "../bindings/Row";
import { sparkKey, sparkPath, sparkQuestion, sparks } from "./sparkline";

const row = (role: Row["role"], value: string, ...keys: (string | null)[]): Row => ({
  keys,
  role,
  cells: [{ value, previous: null, change: null, change_ratio: null, share: null }],
});

function answer(from: string, to: string, rows: Row[] = []): Answer {
  return {
    question: {
      measures: ["billed_cost", "charges"],
      by: ["service"],
      grain: rows.length > 0 ? "month" : null,
      period: null,
      on: "charge",
      filters: [],
      compare: "previous",
      top: 2,
      currency: "USD",
    },
    currency: "USD",
    period: { from, to },
    compared_with: null,
    keys: [],
    measures: [],
    rows,
    total: [],
    groups: 2,
    notes: [],
    evidence: {
      id: "e",
      definition: [],
      scope: "",
      sql: "",
      source: "charge",
      loads: [],
      charges: 1,
      rates: null,
      rules: [],
    },
  };
}

describe("the lines of a leaderboard", () => {
  test("are asked for by month, by day where the period is short, over the days that are loaded", () => {
    const year = answer("2025-01-01", "2026-01-01");
    expect(sparkQuestion(year, null)).toMatchObject({
      grain: "month",
      by: ["service"],
      top: 2,
      measures: ["billed_cost"],
      compare: null,
    });
    const march = { from: "2025-03-01", to: "2025-04-01" };
    expect(sparkQuestion(year, march)).toMatchObject({ grain: "day", period: march });
    expect(sparkQuestion(answer("2025-01-01", "2025-01-02"), null), "one day is a point").toBeNull();
  });

  test("each has its group's figures in every step, the missing group and other apart", () => {
    const { lines, keys } = sparks(
      answer("2025-01-01", "2025-03-01", [
        row("group", "3", "2025-01", "EC2"),
        row("group", "2", "2025-02", null),
        row("other", "1", "2025-02", null),
      ]),
    );
    expect(keys).toEqual(["2025-01", "2025-02"]);
    expect(lines.get(sparkKey("group", "EC2"))?.values).toEqual(["3", null]);
    expect(lines.get(sparkKey("group", null))?.values).toEqual([null, "2"]);
    expect(lines.get(sparkKey("other", null))?.values).toEqual([null, "1"]);
  });

  test("stand on zero, fill their height, and dip below zero for credits", () => {
    expect(sparkPath(["10", "5", null], 40, 10)).toBe("M0 0L20 5L40 10");
    expect(sparkPath(["-5", "5"], 40, 10)).toBe("M0 10L40 0");
    expect(sparkPath(["0", "0"], 40, 10), "nothing lies at the foot").toBe("M0 10L40 10");
    expect(sparkPath(["10"], 40, 10), "one figure is no line").toBe("");
  });
});
