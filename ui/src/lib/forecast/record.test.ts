import { expect, test } from "vitest";

import type { ForecastRecord } from "../bindings/ForecastRecord";
import { createFormatter } from "../format/format";
import { coverages, recordLines } from "./record";

const format = createFormatter("en-US");
const record: ForecastRecord = {
  origins: 12,
  steps: 6,
  wape: "0.0431",
  bias: "-0.0120",
  mase: "0.6100",
  skill_against_seasonal_naive: "0.4010",
  skill_against_run_rate: "-2.0320",
  coverage_80: "0.7800",
  coverage_95: null,
  year_error: null,
};

test("a record is told in figures and words, against the forecast where it is", () => {
  expect(recordLines(record, format).map(({ key, figure, said, good }) => [key, figure, said, good])).toEqual(
    [
      ["wape", "4.3%", "sizes of the errors over the actual costs", null],
      ["bias", "−1.2%", "too little was expected", null],
      ["mase", "0.61", "below 1: better than last year's value one step ahead", true],
      ["naive", "40.1%", "of its error saved", true],
      ["run_rate", "203.2%", "more error than it", false],
    ],
  );
});

test("what the history does not tell is left out", () => {
  const nothing = { ...record, wape: null, bias: null, mase: null };
  const none = { ...nothing, skill_against_seasonal_naive: null, skill_against_run_rate: null };
  expect(recordLines(none, format)).toEqual([]);
  expect(coverages(record)).toEqual([{ level: "80", promised: 0.8, measured: 0.78, figure: "0.7800" }]);
});
