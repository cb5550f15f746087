import { describe, expect, test } from "vitest";

import type { Answer } from "../bindings/Answer";
import type { Cell } from "../bindings/Cell";
import { answerPerDay, loadedDays, perDay, unequalLengths } from "./perDay";

const LOADED = { from: "2025-01-01", to: "2025-04-16" };
const cell = (value: string | null, previous: string | null = null): Cell => ({
  value,
  previous,
  change: previous === null ? null : "0",
  change_ratio: null,
  share: null,
});

function answer(grain: Answer["question"]["grain"], rows: [string | null, Cell][], total: Cell): Answer {
  return {
    question: {
      measures: ["billed_cost"],
      by: [],
      grain: grain ?? null,
      period: null,
      on: "charge",
      filters: [],
      compare: null,
      top: null,
      currency: "USD",
    },
    currency: "USD",
    period: { from: "2025-03-01", to: "2025-05-01" },
    compared_with: { from: "2025-02-01", to: "2025-03-01" },
    keys: [],
    measures: [{ name: "billed_cost", label: "Billed cost", kind: "currency", unit: null }],
    rows: rows.map(([key, one]) => ({ keys: [key], role: "group", cells: [one] })),
    total: [total],
    groups: rows.length,
    notes: [],
    evidence: {
      id: "e",
      definition: [],
      scope: "",
      sql: "",
      source: "charge",
      loads: [],
      charges: 0,
      rates: null,
      rules: [],
    },
  };
}

describe("figures per day", () => {
  test("are divided by the days that are loaded", () => {
    expect(loadedDays({ from: "2025-04-01", to: "2025-05-01" }, LOADED)).toBe(15);
    expect(loadedDays({ from: "2026-01-01", to: "2026-02-01" }, LOADED), "a period with no data").toBe(0);
    expect(perDay("10", 3)).toBe("3.333333333");
    expect(perDay("10", 0), "no days, no figure").toBeNull();
    expect(perDay(null, 3)).toBeNull();
  });

  test("February and March are compared by the day", () => {
    const found = answerPerDay(
      answer(null, [["EC2", cell("46", "28")]], cell("92", "28")),
      LOADED,
      (name) => `${name} per day`,
    );
    // 46 days of March and April are loaded, 28 of February.
    expect(found.rows[0]?.cells[0]).toMatchObject({
      value: "1.000000000",
      previous: "1.000000000",
      change: "0",
      change_ratio: "0.000000",
    });
    expect(found.total[0]).toMatchObject({
      value: "2.000000000",
      change: "1",
      change_ratio: "1.000000",
    });
    expect(found.measures[0]?.label).toBe("Billed cost per day");
  });

  test("each step of time has its own days", () => {
    const found = answerPerDay(
      answer(
        "month",
        [
          ["2025-03", cell("31")],
          ["2025-04", cell("15")],
        ],
        cell("46"),
      ),
      LOADED,
      String,
    );
    expect(found.rows.map((row) => row.cells[0]?.value)).toEqual(["1.000000000", "1.000000000"]);
    expect(found.total[0]?.value).toBe("1.000000000");
  });

  test("lengths that differ are noticed", () => {
    expect(
      unequalLengths(
        { from: "2025-03-01", to: "2025-04-01" },
        { from: "2025-02-01", to: "2025-03-01" },
        LOADED,
      ),
    ).toBe(true);
    expect(
      unequalLengths(
        { from: "2025-03-01", to: "2025-04-01" },
        { from: "2025-01-01", to: "2025-02-01" },
        LOADED,
      ),
    ).toBe(false);
    expect(unequalLengths({ from: "2025-03-01", to: "2025-04-01" }, null, LOADED)).toBe(false);
  });
});
