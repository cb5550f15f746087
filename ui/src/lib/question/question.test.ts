import { describe, expect, test } from "vitest";

import type { Answer } from "../bindings/Answer";
import type { Cell } from "../bindings/Cell";
import type { Row } from "../bindings/Row";
import { DEFAULT_VIEW, withParts } from "../view/view";
import { rowQuestion, viewGrain, viewQuestion } from "./question";
import { filterSentence } from "./sentence";

const NO_CELL: Cell = { value: "1", previous: null, change: null, change_ratio: null, share: null };

function answer(keys: string[], rows: Row[]): Answer {
  return {
    question: {
      measures: ["billed_cost"],
      by: keys.filter((key) => key !== "month" && key !== "hour"),
      grain: keys[0] === "month" ? "month" : null,
      period: null,
      on: "charge",
      filters: [{ dimension: "region", operator: "is", values: ["x"] }],
      compare: "previous",
      top: 2,
      currency: "USD",
    },
    currency: "USD",
    period: { from: "2018-10-10", to: "2018-12-01" },
    compared_with: null,
    keys: keys.map((name) => ({ name, label: name })),
    measures: [{ name: "billed_cost", label: "Billed cost", kind: "currency", unit: null }],
    rows,
    total: [NO_CELL],
    groups: rows.length,
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

const group = (...keys: (string | null)[]): Row => ({ keys, role: "group", cells: [NO_CELL] });
const other = (...keys: (string | null)[]): Row => ({ keys, role: "other", cells: [NO_CELL] });

describe("the question of a view", () => {
  test("joins the drill path and the filters", () => {
    const question = viewQuestion(
      withParts(DEFAULT_VIEW, {
        drill: [{ dimension: "provider", value: "AWS" }],
        filters: [{ dimension: "service", operator: "is_not", values: ["S3"] }],
      }),
      null,
    );
    expect(question.filters).toEqual([
      { dimension: "provider", operator: "is", values: ["AWS"] },
      { dimension: "service", operator: "is_not", values: ["S3"] },
    ]);
  });

  test("names the currency that it is in, unless it converts or filters by it", () => {
    const convert = { to: "EUR", table: "bank", dated: "charge_day", age_days_max: 4 } as const;
    const filter = { dimension: "billing_currency", operator: "is", values: ["EUR"] } as const;
    expect(viewQuestion(DEFAULT_VIEW, "USD").currency).toBe("USD");
    expect(viewQuestion(DEFAULT_VIEW, null).currency, "there is but one").toBeNull();
    expect(viewQuestion(withParts(DEFAULT_VIEW, { currency: "EUR" }), "USD").currency).toBe("EUR");
    const converted = viewQuestion(withParts(DEFAULT_VIEW, { currency: "EUR", convert }), "USD");
    expect([converted.currency, converted.convert]).toEqual([null, convert]);
    const filtered = withParts(DEFAULT_VIEW, { filters: [{ ...filter, values: [...filter.values] }] });
    expect(viewQuestion(filtered, "USD").currency).toBeNull();
  });

  test("the step suits the period unless one is set", () => {
    const loaded = { from: "2018-10-01", to: "2018-11-01" };
    expect(viewGrain(DEFAULT_VIEW, loaded)).toBe("day");
    expect(viewGrain(withParts(DEFAULT_VIEW, { grain: "month" }), loaded)).toBe("month");
  });
});

describe("the question of one figure", () => {
  test("a month is clipped to the period asked for, its group becomes a filter", () => {
    const row = group("2018-10", null);
    const question = rowQuestion(answer(["month", "service"], [row]), row);
    expect(question?.period, "October began before the period did").toEqual({
      from: "2018-10-10",
      to: "2018-11-01",
    });
    expect(question?.filters.at(-1)).toEqual({ dimension: "service", operator: "missing", values: [] });
    expect([question?.by, question?.grain, question?.top, question?.compare]).toEqual([
      [],
      null,
      null,
      "previous",
    ]);
  });

  test("other is what the listed groups leave, the missing one among them", () => {
    const rest = other(null);
    const question = rowQuestion(answer(["service"], [group("EC2"), group(null), rest]), rest);
    expect(question?.filters.slice(1)).toEqual([
      { dimension: "service", operator: "is_not", values: ["EC2"] },
      { dimension: "service", operator: "present", values: [] },
    ]);
  });

  test("an hour has none: periods are whole days", () => {
    const row = group("2018-10-10T05");
    expect(rowQuestion(answer(["hour"], [row]), row)).toBeNull();
  });
});

describe("filters as a sentence", () => {
  const label = (dimension: string) => (dimension === "service" ? "Service" : dimension);

  test("read as a person says them", () => {
    const say = (operator: "is" | "is_not" | "contains" | "missing", ...values: string[]) =>
      filterSentence({ dimension: "service", operator, values }, label);
    expect(say("is", "EC2")).toBe("Service is EC2");
    expect(say("is", "EC2", "S3")).toBe("Service is EC2 or S3");
    expect(say("is_not", "a", "b", "c")).toBe("Service is not a, b or c");
    expect(say("is", "a", "b", "c", "d", "e")).toBe("Service is a, b, c or 2 more");
    expect(say("contains", "EC")).toBe("Service contains EC");
    expect(say("missing")).toBe("Service is missing");
  });

  test("say names for ids, but never for a part of one", () => {
    const name = (_dimension: string, value: string) => (value === "4182" ? "Production" : value);
    const say = (operator: "is" | "contains") =>
      filterSentence({ dimension: "account", operator, values: ["4182"] }, label, name);
    expect(say("is")).toBe("account is Production");
    expect(say("contains")).toBe("account contains 4182");
  });
});
