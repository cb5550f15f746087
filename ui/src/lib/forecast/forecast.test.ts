import { describe, expect, test } from "vitest";

import { DEFAULT_VIEW } from "../view/view";
import { forecastReply } from "./fixture";
import {
  againstYearBefore,
  axisFoot,
  DAYS_DRAWN,
  drawn,
  fiscalYearOf,
  forecastRequest,
  historyQuestion,
  marksOf,
  modelTotals,
  pointQuestion,
  pointsOf,
  pointTable,
  sameForecast,
  stepsToYearEnd,
} from "./forecast";
import { fiscalYear, monthsFrom, stepAfter, yearBefore } from "./months";

describe("months and days", () => {
  test("a year before is the same month, or the same weekday", () => {
    expect(yearBefore("2026-02", "month")).toBe("2025-02");
    expect(yearBefore("2026-02-02", "day"), "Monday to Monday").toBe("2025-02-03");
    expect(stepAfter("2025-12", "month", 1)).toBe("2026-01");
  });

  test("a fiscal year begins where the engagement says", () => {
    expect(fiscalYear("2026-09", 1)).toEqual({ from: "2026-01", to: "2026-12" });
    expect(fiscalYear("2026-09", 10)).toEqual({ from: "2025-10", to: "2026-09" });
    expect(fiscalYear("2026-10", 10)).toEqual({ from: "2026-10", to: "2027-09" });
    expect(monthsFrom("2026-10", "2027-09")).toBe(12);
  });
});

describe("a forecast's steps", () => {
  test("stand in one row with the history, each beside the year before", () => {
    const points = pointsOf(forecastReply());
    expect(points).toHaveLength(27);
    expect(points[12]).toMatchObject({ time: "2026-01", actual: "112.00", step: null, yearBefore: "100.00" });
    expect(points[24]).toMatchObject({ time: "2027-01", actual: null, yearBefore: "112.00" });
    expect(points[0]?.yearBefore, "nothing is known of the year before the first").toBeNull();
  });

  test("a step that is not whole is what it is expected to be", () => {
    const reply = forecastReply();
    const last = reply.history.at(-1);
    const step = { ...reply.steps[0], time: "2026-12", amount: "130.00" } as (typeof reply.steps)[0];
    const points = pointsOf({
      ...reply,
      history: [
        ...reply.history.slice(0, -1),
        { ...last, time: "2026-12", amount: "20.00", provisional: true },
      ],
      steps: [step, ...reply.steps],
      outliers: [{ time: "2025-03", amount: "102.00", counted_as: "90.00" }],
    });
    expect(points[23]).toMatchObject({ actual: "20.00", provisional: true, step: { amount: "130.00" } });
    expect(points[2]?.countedAs).toBe("90.00");
    expect(points[24]?.step?.amount, "what lies beyond is after it").toBe("124.00");
  });

  test("their sum stands against the same months a year before", () => {
    const reply = forecastReply();
    const against = againstYearBefore(reply, pointsOf(reply));
    expect(against).toEqual({
      before: "339",
      change: "36",
      ratio: "0.106195",
      from: "2026-01",
      to: "2026-03",
    });
  });

  test("and against nothing where the year before is not known or would itself be forecast", () => {
    const short = forecastReply({ history: forecastReply().history.slice(-6) });
    expect(againstYearBefore(short, pointsOf(short))).toBeNull();
    const long = forecastReply();
    long.steps = Array.from({ length: 14 }, (_, index) => ({
      ...(long.steps[0] as (typeof long.steps)[0]),
      time: stepAfter("2027-01", "month", index),
    }));
    long.total = { ...(long.total as NonNullable<typeof long.total>), to: "2028-02" };
    expect(againstYearBefore(long, pointsOf(long)), "two of its months have no actual before").toBeNull();
    expect(againstYearBefore(forecastReply({ total: null }), []), "nothing ahead").toBeNull();
  });

  test("a fiscal year is what was and what is expected of the rest, once all of it is known", () => {
    const reply = forecastReply();
    const year = fiscalYearOf(reply, pointsOf(reply), 4);
    expect(year).toMatchObject({
      from: "2026-04",
      to: "2027-03",
      months: 9,
      actual: "1071",
      expected: "375",
    });
    expect(year?.total).toBe("1446");
    expect(fiscalYearOf(reply, pointsOf(reply), 1), "it begins with the forecast").toBeNull();
    expect(fiscalYearOf(reply, pointsOf(reply), 6), "May is not forecast").toBeNull();
    expect(stepsToYearEnd(reply, 4)).toBe(3);
    expect(stepsToYearEnd({ ...reply, grain: "day" }, 4)).toBeNull();
  });

  test("an empty history is no forecast and no failure", () => {
    const reply = forecastReply({ history: [], steps: [], total: null, models: [] });
    expect(pointsOf(reply)).toEqual([]);
    expect(fiscalYearOf(reply, [], 1)).toBeNull();
    expect(modelTotals(reply)).toEqual([]);
    expect(axisFoot([])).toBeNull();
  });
});

describe("what is asked", () => {
  test("the view's question without its comparison, the parts, what is held, the driver", () => {
    const view = {
      ...DEFAULT_VIEW,
      compare: "previous" as const,
      measure: "effective_cost" as const,
      forecast: {
        ...DEFAULT_VIEW.forecast,
        then: "sub_account",
        holds: [{ value: null, amount: "5" }],
        holdTotal: "900",
        driver: { metric: "orders", growth: "0.02" },
      },
    };
    const request = forecastRequest(view, "USD");
    expect(request).toMatchObject({
      question: { measures: ["effective_cost"], compare: null, currency: "USD" },
      grain: "month",
      horizon: null,
      by: "service",
      then: "sub_account",
      locks: [{ value: null, amount: "5" }],
      lock_total: "900",
      drivers: [{ metric: "orders", growth: "0.02" }],
    });
    const plain = forecastRequest({ ...view, forecast: { ...view.forecast, by: null } }, null);
    expect(plain.locks, "nothing is held of no parts").toBeNull();
    expect(plain).toMatchObject({ then: null, lock_total: null });
    const twice = forecastRequest({ ...view, forecast: { ...view.forecast, then: "service" } }, null);
    expect(twice.then, "a part does not consist of itself").toBeNull();
  });

  test("the evidence of a month of the past is that month's question, plain", () => {
    const reply = forecastReply();
    expect(pointQuestion(reply, "2025-03")).toMatchObject({
      period: { from: "2025-03-01", to: "2025-04-01" },
      by: [],
      grain: null,
      compare: null,
      top: null,
    });
    expect(historyQuestion(reply).period).toEqual(reply.period);
  });
});

describe("what is shown of it", () => {
  test("the models by themselves, and how far each is off", () => {
    expect(modelTotals(forecastReply())).toEqual(
      [
        { name: "ETS(A,Ad,N)", total: "363", ratio: "-0.032" },
        { name: "Theta", total: "393", ratio: "0.048" },
      ].map((model) => ({ ...model, ratio: `${model.ratio}000` })),
    );
  });

  test("events and the shift of the level in order of time, numbered", () => {
    const reply = forecastReply({
      events: [
        { time: "2026-05", text: "Launch" },
        { time: "2030-01", text: "beyond" },
      ],
      level_shift: { time: "2025-04", by: "12.00" },
    });
    expect(marksOf(reply, pointsOf(reply))).toEqual([
      { time: "2025-04", label: "1", text: "The level moved by USD +12.00 and stayed there" },
      { time: "2026-05", label: "2", text: "Launch" },
    ]);
  });

  test("half a year of days before the forecast, the rest in the table", () => {
    const step = forecastReply().steps[0] ?? null;
    const points = Array.from({ length: 400 }, (_, index) => ({
      time: stepAfter("2025-01-01", "day", index),
      actual: index < 390 ? "1" : null,
      provisional: false,
      step: index < 390 ? null : step,
      countedAs: null,
      yearBefore: null,
    }));
    const shown = drawn(points, "day");
    expect(shown.points).toHaveLength(DAYS_DRAWN + 10);
    expect(shown.left).toBe(390 - DAYS_DRAWN);
    expect(drawn(points, "month").left, "months are all drawn").toBe(0);
  });

  test("the axis stands on zero unless all figures are far above it", () => {
    expect(axisFoot(["50", "100"])).toBeNull();
    expect(axisFoot(["-5", "100"])).toBeNull();
    const foot = axisFoot(["960", "1000"]);
    expect(foot).toBe(950);
  });

  test("the table has every figure exact, and what each line is", () => {
    const reply = forecastReply();
    const values = new Map([["2027-01", "120.50"]]);
    const table = pointTable(reply, pointsOf(reply), [{ kind: "budget", name: "Budget x", values }]);
    expect(table.rows).toHaveLength(27);
    expect(table.rows[24]?.slice(0, 9)).toEqual([
      "2027-01",
      "expected",
      null,
      "124.00",
      "114.00",
      "134.00",
      "104.00",
      "144.00",
      "120.50",
    ]);
  });

  test("a forecast made anew is the same where every figure is", () => {
    expect(sameForecast(forecastReply(), forecastReply())).toBe(true);
    const moved = forecastReply();
    moved.steps = moved.steps.map((step) => ({ ...step, high_95: "999.00" }));
    expect(sameForecast(forecastReply(), moved)).toBe(false);
  });
});
