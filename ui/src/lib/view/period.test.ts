import { describe, expect, test } from "vitest";

import { addDays, bucketPeriod, days, partialBucket, presets, readableGrain, startOfQuarter } from "./period";

describe("periods", () => {
  test("count days across a leap day and a year's end", () => {
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(days({ from: "2023-12-31", to: "2024-03-01" })).toBe(61);
    expect(startOfQuarter("2026-11-22")).toBe("2026-10-01");
    expect(startOfQuarter("2026-02-01", -1)).toBe("2025-10-01");
  });

  test("a bucket is its calendar days", () => {
    expect(bucketPeriod("2018-12", "month")).toEqual({ from: "2018-12-01", to: "2019-01-01" });
    expect(bucketPeriod("2018-12-31", "day")).toEqual({ from: "2018-12-31", to: "2019-01-01" });
    expect(bucketPeriod("2018-12-31T23", "hour")).toEqual({ from: "2018-12-31", to: "2019-01-01" });
  });

  test("a month of which only half is loaded says which half", () => {
    const loaded = { from: "2018-09-10", to: "2018-10-16" };
    expect(partialBucket("2018-10", "month", loaded)).toEqual({ first: 1, last: 15, of: 31 });
    expect(partialBucket("2018-09", "month", loaded)).toEqual({ first: 10, last: 30, of: 30 });
    expect(
      partialBucket("2018-10", "month", { from: "2018-10-01", to: "2018-11-01" }),
      "a whole month",
    ).toBeNull();
    expect(partialBucket("2018-10-03", "day", loaded), "days are never partial").toBeNull();
  });

  test("the step follows the length", () => {
    expect(readableGrain({ from: "2018-10-01", to: "2018-10-02" })).toBe("hour");
    expect(readableGrain({ from: "2018-10-01", to: "2018-11-01" })).toBe("day");
    expect(readableGrain({ from: "2018-01-01", to: "2019-01-01" })).toBe("month");
  });

  test("presets end where the data ends, not where the clock is", () => {
    const found = Object.fromEntries(
      presets({ from: "2025-08-01", to: "2026-11-01" }).map((preset) => [preset.name, preset.period]),
    );
    expect(found["last_month"]).toEqual({ from: "2026-10-01", to: "2026-11-01" });
    expect(found["last_quarter"]).toEqual({ from: "2026-07-01", to: "2026-10-01" });
    expect(found["last_12_months"]).toEqual({ from: "2025-11-01", to: "2026-11-01" });
    expect(found["all"]).toBeNull();
  });
});
