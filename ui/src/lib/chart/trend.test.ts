import { describe, expect, test } from "vitest";

import type { Answer } from "../bindings/Answer";
import type { Cell } from "../bindings/Cell";
import { createFormatter } from "../format/format";
import { NameColours } from "./palette";
import { bucketKeys, running, trendModel, trendText } from "./trend";

const format = createFormatter("en-US");
const cell = (value: string | null): Cell => ({
  value,
  previous: null,
  change: null,
  change_ratio: null,
  share: null,
});

function trend(period: { from: string; to: string }, rows: [string[], string][], keys = ["month"]): Answer {
  return {
    question: { measures: ["billed_cost"], by: [], grain: "month", on: "charge", filters: [] },
    currency: "USD",
    period,
    compared_with: null,
    keys: keys.map((name) => ({ name, label: name })),
    measures: [],
    rows: rows.map(([key, value]) => ({ keys: key, role: "group", cells: [cell(value)] })),
    total: [],
    groups: 0,
    notes: [],
    evidence: {
      id: "",
      definition: [],
      scope: "",
      sql: "",
      source: "",
      loads: [],
      charges: 0,
      rates: null,
      rules: [],
    },
  };
}

describe("the trend", () => {
  test("has a bucket for each step, charges or not", () => {
    expect(bucketKeys({ from: "2018-11-15", to: "2019-02-01" }, "month")).toEqual([
      "2018-11",
      "2018-12",
      "2019-01",
    ]);
    expect(bucketKeys({ from: "2018-02-27", to: "2018-03-02" }, "day")).toHaveLength(3);
    expect(bucketKeys({ from: "2018-02-27", to: "2018-02-28" }, "hour").at(-1)).toBe("2018-02-27T23");
  });

  test("sets the compared period's buckets beside those in the same place", () => {
    const model = trendModel(
      trend({ from: "2018-10-01", to: "2018-12-01" }, [
        [["2018-10"], "10"],
        [["2018-11"], "20"],
      ]),
      trend({ from: "2018-08-01", to: "2018-10-01" }, [[["2018-09"], "7"]]),
      null,
      { from: "2018-08-01", to: "2018-12-01" },
      format,
    );
    expect(model.buckets.map((bucket) => [bucket.key, bucket.previous, bucket.previousLabel])).toEqual([
      ["2018-10", null, "Aug 2018"],
      ["2018-11", "7", "Sep 2018"],
    ]);
  });

  test("marks the month of which only a part is loaded, and says so in words", () => {
    const model = trendModel(
      trend({ from: "2018-10-01", to: "2018-12-01" }, [
        [["2018-10"], "10"],
        [["2018-11"], "20"],
      ]),
      null,
      null,
      { from: "2018-10-01", to: "2018-11-16" },
      format,
    );
    expect(model.buckets.map((bucket) => bucket.partial)).toEqual([null, { first: 1, last: 15, of: 30 }]);
    const text = trendText(
      model,
      "Billed cost",
      (value) => format.moneyWithCode(value, "USD"),
      (first, last, of) => `${first}-${last} of ${of} days`,
    );
    expect(text).toContain("Nov 2018 USD\u00a020.00 (1-15 of 30 days)");
    expect(text).toContain("max Nov 2018");
  });

  test("of divided figures has no change where one of them is missing", () => {
    const divided = (one: Answer): Answer => ({
      ...one,
      measures: [{ name: "billed_cost/consumed_quantity", label: "", kind: "unit_cost", unit: null }],
    });
    const before = divided(trend({ from: "2018-08-01", to: "2018-10-01" }, [[["2018-09"], "4"]]));
    const model = trendModel(
      divided(
        trend({ from: "2018-10-01", to: "2018-12-01" }, [
          [["2018-10"], "1"],
          [["2018-11"], "2"],
        ]),
      ),
      before,
      null,
      { from: "2018-01-01", to: "2018-12-01" },
      format,
    );
    expect(model.buckets.map((bucket) => bucket.change)).toEqual([null, "-2"]);
    expect(model.addsUp).toBe(false);
  });

  test("stacks by a split with the missing value apart from other", () => {
    const split = trend({ from: "2018-10-01", to: "2018-12-01" }, [], ["month", "service"]);
    split.rows = [
      { keys: ["2018-10", null], role: "group", cells: [cell("1")] },
      { keys: ["2018-10", null], role: "other", cells: [cell("2")] },
      { keys: ["2018-11", "EC2"], role: "group", cells: [cell("3")] },
    ];
    const model = trendModel(trend(split.period, []), null, split, null, format);
    expect(model.series.map((series) => [series.role, series.name, series.values])).toEqual([
      ["group", "EC2", [null, "3"]],
      ["group", null, ["1", null]],
      ["other", null, ["2", null]],
    ]);
  });

  test("adds up from left to right, gaps included", () => {
    const model = trendModel(
      trend({ from: "2018-10-01", to: "2019-01-01" }, [
        [["2018-10"], "1.10"],
        [["2018-12"], "-0.30"],
      ]),
      null,
      null,
      null,
      format,
    );
    expect(running(model).buckets.map((bucket) => bucket.cell?.value ?? null)).toEqual(["1.1", "1.1", "0.8"]);
  });

  test("a name keeps its colour", () => {
    const colours = new NameColours();
    expect([colours.place("EC2"), colours.place("S3"), colours.place("EC2")]).toEqual([0, 1, 0]);
  });
});
