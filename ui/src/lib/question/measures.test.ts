import { describe, expect, test } from "vitest";

import { addsUp, isMeasure, measureKind, measureName, unfavourableSign } from "./measures";

describe("a measure", () => {
  test("that is divided has a name, a kind and a direction of its own", () => {
    expect(isMeasure("effective_cost/consumed_quantity")).toBe(true);
    expect(isMeasure("billed_cost/metric:orders / day")).toBe(true);
    expect(measureKind("effective_cost/consumed_quantity")).toBe("unit_cost");
    expect(measureKind("billed_cost/metric:orders")).toBe("unit_cost");
    expect(measureKind("billed_cost/list_cost")).toBe("percent");
    expect(measureKind("consumed_quantity/charges")).toBe("ratio");
    expect(unfavourableSign("effective_cost/consumed_quantity")).toBe(1);
    expect(unfavourableSign("savings/list_cost")).toBe(-1);
    expect(unfavourableSign("consumed_quantity/list_cost")).toBe(0);
    expect(addsUp({ kind: "unit_cost" })).toBe(false);
    expect(addsUp({ kind: "currency" })).toBe(true);
  });

  test("from a link is what it says, or none", () => {
    for (const text of [
      "",
      "/",
      "billed_cost/",
      "/billed_cost",
      "billed_cost/billed_cost",
      "metric:orders/billed_cost",
      "billed_cost/metric:",
      "billed_cost/metric: ",
      "billed_cost/list_cost/charges",
      "__proto__",
      "toString",
    ])
      expect(isMeasure(text), text).toBe(false);
  });

  test("is called what the analyst calls it", () => {
    const measure = "effective_cost/consumed_quantity" as const;
    expect(measureName(measure, [])).toBe("Effective cost / consumed quantity");
    expect(measureName("billed_cost/metric:Orders", [])).toBe("Billed cost / Orders");
    const named = {
      name: "Price of an hour",
      measure,
      kind: "unit_cost" as const,
      formula: "",
      definition: "",
    };
    expect(measureName(measure, [named])).toBe("Price of an hour");
  });
});
