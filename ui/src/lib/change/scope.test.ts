import { describe, expect, test } from "vitest";

import type { Filter } from "../bindings/Filter";
import type { Mover } from "../bindings/Mover";
import type { Question } from "../bindings/Question";
import { viewQuestion } from "../question/question";
import { fromAddress, toAddress } from "../view/address";
import { DEFAULT_CHANGE, DEFAULT_VIEW, withParts } from "../view/view";
import { chargesView, monthsQuestion, moverQuestions } from "./scope";

const is = (dimension: string, ...values: string[]): Filter => ({ dimension, operator: "is", values });
const MARCH = { from: "2026-03-01", to: "2026-04-01" };
const QUESTION: Question = {
  measures: ["billed_cost"],
  by: [],
  grain: null,
  period: MARCH,
  on: "charge",
  filters: [is("region", "x")],
  compare: "previous",
  top: null,
  currency: "USD",
  convert: null,
};

const mover = (value: string | null): Mover => ({
  value,
  base: "1",
  current: "2",
  difference: "1",
  change_ratio: "1",
  status: "up",
  effects: [],
  driver: null,
  sentence: "",
});

describe("the charges of an item", () => {
  const unit = is("pricing_unit", "Hours");
  const item = {
    filters: [is("provider", "AWS"), is("service", "RDS"), unit, is("sku", "S1"), is("region", "r")],
  };

  test("are reached by the drill path, with what it does not know as filters", () => {
    const view = withParts(DEFAULT_VIEW, {
      screen: "change",
      compare: "year_ago",
      filters: [is("team", "a")],
    });
    const found = chargesView(view, item, MARCH);
    expect([found.screen, found.period, found.compare]).toEqual(["explore", MARCH, null]);
    expect(found.drill).toEqual([
      { dimension: "provider", value: "AWS" },
      { dimension: "service", value: "RDS" },
      { dimension: "sku", value: "S1" },
    ]);
    expect(found.filters).toEqual([is("team", "a"), unit, is("region", "r")]);
    expect(viewQuestion(found, null).filters, "every condition of the item is asked").toEqual(
      expect.arrayContaining(item.filters),
    );
  });

  test("stay under a step that was taken before", () => {
    const drill = [{ dimension: "service", value: "RDS" }];
    const found = chargesView(withParts(DEFAULT_VIEW, { drill }), item, MARCH);
    expect(found.drill.map((step) => step.dimension)).toEqual(["service", "provider", "sku"]);
  });

  test("a value that is missing, or one of several, is no step", () => {
    const missing: Filter = { dimension: "service", operator: "missing", values: [] };
    const found = chargesView(DEFAULT_VIEW, { filters: [missing, is("sku", "a", "b")] }, MARCH);
    expect([found.drill, found.filters]).toEqual([[], [missing, is("sku", "a", "b")]]);
  });
});

describe("the months", () => {
  test("of the whole are asked without period and comparison", () => {
    expect(monthsQuestion(QUESTION)).toMatchObject({ grain: "month", period: null, compare: null });
  });

  test("of movers reach back a year before the period, as far as they are loaded", () => {
    const loaded = { from: "2025-07-01", to: "2026-10-01" };
    const reply = { question: QUESTION, period: MARCH, by: "service", movers: [mover("a"), mover(null)] };
    const found = moverQuestions(reply, loaded);
    expect(found?.map((question) => question.filters.at(-1))).toEqual([
      is("service", "a"),
      { dimension: "service", operator: "missing", values: [] },
    ]);
    expect(found?.[0]).toMatchObject({
      by: ["service"],
      grain: "month",
      period: { from: "2025-07-01", to: "2026-04-01" },
      compare: null,
    });
    expect(moverQuestions(reply, null)?.[0]?.period?.from, "thirteen months").toBe("2025-03-01");
  });

  test("one month is no line, and no movers ask nothing", () => {
    const reply = { question: QUESTION, period: MARCH, by: "service", movers: [mover("a")] };
    expect(moverQuestions(reply, { from: "2026-03-01", to: "2026-05-01" })).toBeNull();
    expect(moverQuestions({ ...reply, movers: [] }, { from: "2026-01-01", to: "2026-05-01" })).toEqual([]);
  });
});

describe("the address", () => {
  test("restores convention, movers and what is open", () => {
    for (const change of [
      DEFAULT_CHANGE,
      { convention: "midpoint", by: "tag:a b", effect: "list_price", mover: { value: null }, as: "table" },
      { convention: "base_first", by: "region", effect: null, mover: { value: "&x=]" }, as: "chart" },
    ] as const) {
      const view = withParts(DEFAULT_VIEW, { screen: "change", change });
      expect(fromAddress(toAddress(view))).toEqual(view);
    }
  });

  test("what is no change is the usual one", () => {
    for (const text of ["x", "[]", '["up","service",null,null,"chart"]', '["midpoint","",null,null,"chart"]'])
      expect(fromAddress(`#/change?change=${encodeURIComponent(text)}`).change).toEqual(DEFAULT_CHANGE);
    const odd = fromAddress(`#/change?change=${encodeURIComponent('["midpoint","a","<b>",7,9]')}`);
    expect(odd.change).toEqual({ ...DEFAULT_CHANGE, convention: "midpoint", by: "a" });
  });
});
