import { describe, expect, test } from "vitest";

import { ApiError } from "../backend";
import { createFormatter } from "../format/format";
import {
  cellsOf,
  cellWords,
  extremes,
  gridOf,
  inStep,
  monthsOf,
  mostOpen,
  moved,
  shadeOf,
  shownPeriod,
} from "./hours";

const format = createFormatter("en-US");
const cells = cellsOf({
  series: [
    { time: "2026-07-01T00", on_demand: "10", covered: "10" },
    { time: "2026-07-01T01", on_demand: "8", covered: "2" },
    { time: "2026-07-01T02", on_demand: null, covered: null },
    { time: "2026-07-02T01", on_demand: "0", covered: "0" },
  ],
});

describe("which hours are shown", () => {
  const year = { from: "2025-07-01", to: "2026-10-01" };

  test("of a long period its last month, of a short one all", () => {
    expect(shownPeriod(year, null)).toEqual({ from: "2026-09-01", to: "2026-10-01" });
    const short = { from: "2026-08-15", to: "2026-09-20" };
    expect(shownPeriod(short, null)).toEqual(short);
  });

  test("the chosen month, as far as it lies in the period", () => {
    expect(shownPeriod({ from: "2026-06-10", to: "2026-10-01" }, "2026-06")).toEqual({
      from: "2026-06-10",
      to: "2026-07-01",
    });
    expect(shownPeriod(year, "2020-01"), "a month that is not loaded is no choice").toEqual({
      from: "2026-09-01",
      to: "2026-10-01",
    });
  });

  test("months are offered latest first, over the turn of a year", () => {
    expect(monthsOf({ from: "2025-11-20", to: "2026-02-01" })).toEqual(["2026-01", "2025-12", "2025-11"]);
  });
});

describe("cells", () => {
  test("an hour without usage is missing, not free; one with nothing to cover has no part", () => {
    expect(cells[2]?.open).toBeNull();
    expect(cells[3]?.share).toBeNull();
    expect(cells[1]?.open).toBe("6");
    expect(cells[1]?.share).toBe("0.250000");
  });

  test("days stand beside each other, hours below, and holes stay holes", () => {
    const grid = gridOf(cells, "hour", format);
    expect(grid.rows).toHaveLength(24);
    expect(grid.rows[1]?.map((cell) => cell?.onDemand)).toEqual(["8", "0"]);
    expect(grid.rows[0]?.[1]).toBeNull();
  });

  test("days are laid out as weeks from Monday on", () => {
    const days = cellsOf({
      series: ["2026-09-01", "2026-09-02", "2026-09-07"].map((time) => ({
        time,
        on_demand: "1",
        covered: "0",
      })),
    });
    const grid = gridOf(days, "day", format);
    expect(grid.rows).toHaveLength(7);
    expect(grid.rowNames[0]).toBe("Mon");
    expect(grid.rows[1]?.[0]?.time, "the first of September 2026 is a Tuesday").toBe("2026-09-01");
    expect(grid.rows[0]?.[1]?.time).toBe("2026-09-07");
  });

  test("shades go by the part that is covered, or by what is open against the most", () => {
    const most = mostOpen(cells);
    expect(most).toBe("6");
    expect(shadeOf(cells[1] ?? null, "coverage", most)).toBe(0.25);
    expect(shadeOf(cells[1] ?? null, "open", most)).toBe(1);
    expect(shadeOf(cells[0] ?? null, "open", most)).toBe(0);
    expect(shadeOf(cells[2] ?? null, "open", most), "missing").toBeNull();
  });

  test("best and worst are found among hours with usage", () => {
    const found = extremes(cells);
    expect([found?.best.time, found?.worst.time]).toEqual(["2026-07-01T00", "2026-07-01T01"]);
    expect(extremes([])).toBeNull();
  });

  test("each says what it is", () => {
    const said = cells.map((cell) => cellWords(cell, "then", "USD", format));
    expect(said[1]).toBe("then: 25.0% covered, USD\u00a06.00 not covered");
    expect(said[2]).toBe("then: no usage loaded");
    expect(said[3]).toBe("then: nothing to cover");
  });
});

test("arrow keys stay within the grid", () => {
  const size = { rows: 24, columns: 31 };
  expect(moved({ row: 0, column: 0 }, "ArrowUp", size)).toEqual({ row: 0, column: 0 });
  expect(moved({ row: 3, column: 4 }, "End", size)).toEqual({ row: 3, column: 30 });
  expect(moved({ row: 3, column: 4 }, "PageDown", size)).toEqual({ row: 23, column: 4 });
  expect(moved({ row: 3, column: 4 }, "x", size)).toBeNull();
});

describe("hours or days", () => {
  const reply = (step: "hour" | "day") => ({ step }) as Awaited<ReturnType<typeof inStep>>;
  const daily = (code: string) => (step: "hour" | "day") =>
    step === "hour"
      ? Promise.reject(new ApiError(code, "nothing by the hour"))
      : Promise.resolve(reply(step));

  test("hours where any usage has them, else days; what is chosen is chosen", async () => {
    expect((await inStep(null, (step) => Promise.resolve(reply(step)))).step).toBe("hour");
    expect((await inStep(null, daily("no_eligible_usage"))).step).toBe("day");
    expect((await inStep("day", (step) => Promise.resolve(reply(step)))).step).toBe("day");
  });

  test("another failure is told, not passed over", async () => {
    await expect(inStep(null, daily("out_of_memory"))).rejects.toThrow("nothing by the hour");
    await expect(inStep("hour", daily("no_eligible_usage"))).rejects.toThrow();
  });
});
