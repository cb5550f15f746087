import { describe, expect, test } from "vitest";

import type { DimensionInfo } from "../bindings/DimensionInfo";
import type { MetricInfo } from "../bindings/MetricInfo";
import type { UnitCostChange } from "../bindings/UnitCostChange";
import type { UnitCostGroup } from "../bindings/UnitCostGroup";
import type { UnitCostReply } from "../bindings/UnitCostReply";
import type { UnitCostRow } from "../bindings/UnitCostRow";
import { createFormatter } from "../format/format";
import { DEFAULT_UNITS } from "../view/view";
import {
  altText,
  changeWords,
  chosen,
  costQuestion,
  focusedOn,
  groupName,
  joinable,
  periodText,
  rowsOf,
} from "./units";
import { unitModel } from "./unitOption";

const format = createFormatter("en-US");
const naming = (value: string) => value;

const label = (name: string) => ({ name, values: ["a"], without: 0 });
const metric = (name: string, labels: string[], daily = true): MetricInfo => ({
  name,
  files: [],
  values: 1,
  total: "1",
  from: "2026-01-01",
  to: "2026-02-01",
  daily,
  labels: labels.map(label),
});
const dimension = (name: string): DimensionInfo => ({ name, label: name }) as DimensionInfo;

const CHANGE: UnitCostChange = {
  before: "2026-08",
  now: "2026-09",
  units_before: "1000",
  units_now: "1100",
  remark: null,
  splits: [
    {
      order: "base_first",
      cost: { before: "100", now: "99", difference: "-1", cost_effect: "-11", driver_effect: "10" },
      unit_cost: {
        before: "0.100000",
        now: "0.090000",
        difference: "-0.010000",
        cost_effect: "-0.001000",
        driver_effect: "-0.009000",
      },
    },
  ],
};
const group = (key: string | null, cost: string | null = "10"): UnitCostGroup => ({
  key,
  cost,
  units: "5",
  unit_cost: "2",
  remark: null,
  change: CHANGE,
  elasticity: {} as UnitCostGroup["elasticity"],
});
const row = (time: string, key: string | null, unit_cost: string | null): UnitCostRow => ({
  time,
  key,
  cost: "10",
  units: unit_cost === null ? null : "5",
  unit_cost,
  days: 31,
  complete: unit_cost !== null,
  remark: unit_cost === null ? "no units are known" : null,
});
const reply = (by: string | null, rows: UnitCostRow[], groups: UnitCostGroup[]): UnitCostReply =>
  ({
    metric: "orders",
    by,
    grain: "month",
    currency: "USD",
    period: { from: "2026-01-01", to: "2026-04-01" },
    rows,
    groups,
    total: group(null),
    question: {
      measures: ["billed_cost"],
      by: by === null ? [] : [by],
      grain: "month",
      period: { from: "2026-01-10", to: "2026-04-01" },
      on: "charge",
      filters: [{ dimension: "provider", operator: "is", values: ["AWS"] }],
      compare: "previous",
    },
  }) as unknown as UnitCostReply;

describe("what a metric can be looked at by", () => {
  test("is every dimension that it has a label of, a tag by its key too", () => {
    const all = ["region", "service", "tag:team", "tag:market"].map(dimension);
    expect(joinable(metric("orders", ["region", "team", "tag:market"]), all).map(({ name }) => name)).toEqual(
      ["region", "tag:team", "tag:market"],
    );
  });

  test("gives way where it is gone: the first metric, no dimension, months", () => {
    const metrics = [metric("orders", ["region"]), metric("parcels", [], false)];
    const known = [dimension("region")];
    const wanted = { ...DEFAULT_UNITS, by: "region", grain: "day" as const };
    expect(chosen(wanted, metrics, known)).toMatchObject({
      metric: { name: "orders" },
      by: "region",
      grain: "day",
    });
    expect(chosen({ ...wanted, metric: "parcels" }, metrics, known)).toMatchObject({
      metric: { name: "parcels" },
      by: null,
      grain: "month",
    });
    expect(chosen({ ...wanted, metric: "gone" }, metrics, known)?.metric.name).toBe("orders");
    expect(chosen(wanted, [], known)).toBeNull();
  });
});

describe("the figures that are looked at", () => {
  const whole = reply(null, [row("2026-01", null, "2"), row("2026-03", null, "3")], []);
  const split = reply(
    "region",
    [row("2026-01", "east", "1"), row("2026-01", null, null), row("2026-03", "east", "4")],
    [group("east"), group(null), group("west", null)],
  );
  const costs = { whole, split };

  test("are the total's, or those of a value; charges without a value are a value of their own", () => {
    expect(focusedOn(costs, null)).toBeNull();
    expect(focusedOn(costs, { value: "east" })?.key).toBe("east");
    expect(focusedOn(costs, { value: null })).toBe(split.groups[1]);
    expect(focusedOn(costs, { value: "gone" }), "a value that is gone gives way to the total").toBeNull();
    expect(rowsOf(costs, null)).toBe(whole.rows);
    expect(rowsOf(costs, split.groups[1] ?? null).map(({ key }) => key)).toEqual([null]);
    expect(groupName(null, naming)).toBe("Total");
    expect(groupName(group(null), naming)).toBe("(missing)");
  });

  test("have a question of their own: the filters, the value, the days of the step that are in the period", () => {
    expect(costQuestion(split, "east", "2026-01")).toMatchObject({
      by: [],
      grain: null,
      compare: null,
      period: { from: "2026-01-10", to: "2026-02-01" },
      filters: [
        { dimension: "provider", operator: "is", values: ["AWS"] },
        { dimension: "region", operator: "is", values: ["east"] },
      ],
    });
    expect(costQuestion(split, null, null).filters.at(-1)).toEqual({
      dimension: "region",
      operator: "missing",
      values: [],
    });
    expect(costQuestion(whole, undefined, null).filters).toHaveLength(1);
  });

  test("run evenly over time: a month without a row is a gap, and values without any unit cost have no line", () => {
    const model = unitModel(costs, null, naming, format);
    expect(model.times).toEqual(["2026-01", "2026-02", "2026-03"]);
    expect(model.lines.map(({ name }) => name)).toEqual(["Total", "east"]);
    expect(model.shown.rows[1]).toBeNull();
    expect(unitModel({ whole: reply(null, [], []), split: null }, null, naming, format).times).toEqual([]);
  });

  test("say first, last, lowest and highest of each line, or that there is none", () => {
    const points = [
      { at: "Jan", value: "2.5" },
      { at: "Feb", value: null },
      { at: "Mar", value: "10" },
      { at: "Apr", value: "9" },
    ];
    expect(altText("Cost", [{ name: "East", points }], format)).toBe(
      "Cost. East: Jan 2.5, Apr 9; lowest 2.5 in Jan, highest 10 in Mar",
    );
    expect(altText("Cost", [{ name: "East", points: [{ at: "Jan", value: null }] }], format)).toBe(
      "Cost. No unit cost can be computed",
    );
  });
});

describe("a change in words", () => {
  test("says how far it went, for whom that is good, and what it is made of", () => {
    const told = changeWords(CHANGE, "base_first", "USD", "billed_cost", format);
    expect(told?.unitCost).toEqual({
      moved: "A unit's cost fell by USD\u00a00.01 (\u221210.0%)",
      verdict: "favourable",
      parts: "\u2212USD\u00a00.001 from the cost, \u2212USD\u00a00.009 from more units",
    });
    expect(told?.cost.moved).toBe("The cost fell by USD\u00a01.00 (\u22121.0%)");
    expect(told?.cost.parts).toBe(
      "\u2212USD\u00a011.00 from what a unit costs, +USD\u00a010.00 from more units",
    );
    expect(changeWords(CHANGE, "base_first", "USD", "savings", format)?.cost.verdict).toBe("unfavourable");
  });

  test("is silent where nothing is split, and names no ratio of nothing", () => {
    expect(changeWords({ ...CHANGE, splits: [] }, "midpoint", "USD", "billed_cost", format)).toBeNull();
    const [only] = CHANGE.splits;
    const from = { ...only!, cost: { ...only!.cost, before: "0", difference: "99" } };
    const told = changeWords({ ...CHANGE, splits: [from] }, "base_first", "USD", "billed_cost", format);
    expect(told?.cost.moved).toBe("The cost rose by USD\u00a099.00");
  });

  test("names periods as a person does", () => {
    expect(periodText("2026-08", format)).toBe("Aug 2026");
    expect(periodText("2026-08-03", format)).toBe("Aug 3, 2026");
    expect(periodText("2026-Q3", format)).toBe("Q3 2026");
  });
});
