import { describe, expect, test } from "vitest";

import type { ForecastPart } from "../bindings/ForecastPart";
import { driverLine, driverSum, fractionOf, percentOf } from "./driver";
import { forecastReply } from "./fixture";
import { pointsOf } from "./forecast";
import { partLines, partsTable, typedAmount, withHold } from "./parts";

function part(value: string | null, share: number, other = false): ForecastPart {
  const reply = forecastReply();
  const scaled = (amount: string | null) => (amount === null ? null : String(Number(amount) * share));
  return {
    value,
    other,
    history: reply.history.map(({ amount }) => scaled(amount)),
    steps: reply.steps.map((step) => ({
      amount: scaled(step.amount) ?? "",
      low_80: "0",
      high_80: "0",
      low_95: "0",
      high_95: "0",
    })),
    total: reply.total && { ...reply.total, amount: scaled(reply.total.amount) ?? "" },
    method: "ensemble",
    record: null,
    locked: false,
    parts: [],
  };
}

describe("the parts of a forecast", () => {
  const reply = forecastReply({ parts: [part("EC2", 0.5), part(null, 0.25), part(null, 0.25, true)] });
  const lines = partLines(reply, pointsOf(reply));

  test("have keys that tell the missing value from what is left", () => {
    expect(lines.map((line) => line.key)).toEqual(["value EC2", "missing", "other"]);
  });

  test("come with what they consist of, which counts once", () => {
    const whole = { ...part("EC2", 0.5), parts: [part("web", 0.3), part(null, 0.2, true)] };
    const deep = forecastReply({ parts: [whole, part("S3", 0.5)] });
    const lines = partLines(deep, pointsOf(deep));
    expect(lines.map((line) => [line.key, line.within])).toEqual([
      ["value EC2", null],
      ["value EC2 / value web", "EC2"],
      ["value EC2 / other", "EC2"],
      ["value S3", null],
    ]);
    const table = partsTable(deep, lines, "Service", (line) => line.value ?? "Other");
    expect(table.rows.map((row) => row[0])).toEqual(["EC2", "EC2 / web", "EC2 / Other", "S3", "Total"]);
    expect(table.rows.at(-1)?.[1], "the year before once").toBe("339.0");
  });

  test("stand against their own year before, and are shares of the total", () => {
    expect(lines[0]).toMatchObject({ before: "169.5", total: "187.5", ratio: "0.106195", share: "0.500000" });
    expect(lines[0]?.line, "history and steps in one row").toHaveLength(27);
    expect(lines[0]?.method).toBe("models");
  });

  test("leave the page as figures with the total below", () => {
    const table = partsTable(reply, lines, "Service", (line) => line.value ?? line.key);
    expect(table.rows.at(-1)?.slice(0, 3)).toEqual(["Total", "339.00", "375.00"]);
  });

  test("a hold replaces the one before it, and goes", () => {
    const held = withHold([{ value: null, amount: "1" }], "EC2", "200");
    expect(held).toEqual([
      { value: null, amount: "1" },
      { value: "EC2", amount: "200" },
    ]);
    expect(withHold(held, null, null)).toEqual([{ value: "EC2", amount: "200" }]);
    expect(withHold(held, "EC2", "5")).toHaveLength(2);
  });

  test("an amount is read as it is typed, and nothing else is", () => {
    expect(typedAmount(" 120 000.50 ")).toBe("120000.50");
    expect(typedAmount("1,234,567")).toBe("1234567");
    expect(typedAmount("+5")).toBe("5");
    for (const text of ["", "12a", "1,23", "1.2.3", "=1", "1e9", "NaN"])
      expect(typedAmount(text), text).toBeNull();
  });
});

describe("a driver", () => {
  test("grows by percent, asked as a fraction", () => {
    expect(fractionOf("2.5")).toBe("0.025");
    expect(fractionOf("-12 %")).toBe("-0.12");
    expect(fractionOf("150")).toBe("1.5");
    expect(fractionOf("0.05")).toBe("0.0005");
    expect(fractionOf("two")).toBeNull();
    for (const text of ["2.5", "-12", "150", "0.05", "0"])
      expect(percentOf(fractionOf(text) ?? "x")).toBe(text);
  });

  test("has its own line and its own sum", () => {
    const base = forecastReply();
    const steps = base.steps.map(() => ({
      amount: "100",
      low_80: "0",
      high_80: "0",
      low_95: "0",
      high_95: "0",
    }));
    const reply = forecastReply({
      driver_model: {
        fixed: "1",
        rates: [],
        fitted: base.history.map((_, index) => (index === 0 ? null : "90")),
        steps,
        r_squared: null,
        last_steps_error: null,
        wording: "too_few_to_say",
        words: "",
      },
    });
    expect(driverSum(reply)).toEqual({ total: "300", ratio: "-0.200000" });
    const line = driverLine(reply);
    expect(line.has("2025-01"), "not fitted").toBe(false);
    expect(line.get("2025-02")).toBe("90");
    expect(line.get("2027-03")).toBe("100");
    expect(driverSum(base), "none was named").toBeNull();
  });
});
