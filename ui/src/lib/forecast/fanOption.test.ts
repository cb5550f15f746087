import { describe, expect, test } from "vitest";

import type { Palette } from "../chart/palette";
import { createFormatter } from "../format/format";
import { forecastReply } from "./fixture";
import { type FanDrawing, fanOption, fanText, forecastStart } from "./fanOption";
import { pointsOf } from "./forecast";

const format = createFormatter("en-US");
const palette = new Proxy({}, { get: (_, name) => (name === "series" ? [] : String(name)) }) as Palette;

function drawing(parts: Partial<FanDrawing> = {}): FanDrawing {
  return {
    points: pointsOf(forecastReply()),
    grain: "month",
    overlays: [],
    marks: [],
    wide: false,
    palette,
    format,
    figure: (value) => format.money(value, "USD"),
    alt: "",
    ...parts,
  };
}

interface Series {
  stack?: string;
  data: (number | null | { value: number | null })[];
  markLine?: { data: { xAxis: number; name: string }[] };
}

const seriesOf = (of: FanDrawing) => fanOption(of)["series"] as Series[];

describe("the fan", () => {
  test("opens at the last actual value, and the band is low and the rest up to high", () => {
    const [low, rest] = seriesOf(drawing()).filter((series) => series.stack === "band 80");
    const start = forecastStart(drawing().points);
    expect(start).toBe(24);
    expect(low?.data[start - 1]).toBe(123);
    expect(rest?.data[start - 1], "no width where the value is known").toBe(0);
    expect(low?.data[start]).toBe(114);
    expect(rest?.data[start]).toBe(20);
    expect(low?.data[0], "nothing before").toBeNull();
  });

  test("has the wide band only on wish", () => {
    expect(seriesOf(drawing()).some((series) => series.stack === "band 95")).toBe(false);
    expect(seriesOf(drawing({ wide: true })).filter((series) => series.stack === "band 95")).toHaveLength(2);
  });

  test("marks where the forecast begins and what happened", () => {
    const marks = [{ time: "2026-05", label: "1", text: "Launch" }];
    const lines = seriesOf(drawing({ marks })).at(-1)?.markLine?.data ?? [];
    expect(lines.map((line) => [line.xAxis, line.name])).toEqual([
      [23, ""],
      [16, "1"],
    ]);
  });

  test("says in words what it shows, overlays and events included", () => {
    const text = fanText(
      drawing({
        overlays: [{ kind: "budget", name: "Budget plan", values: new Map([["2027-01", "120"]]) }],
        marks: [{ time: "2026-05", label: "1", text: "Launch" }],
      }),
      "Forecast",
    );
    expect(text).toContain("Actual from Jan 2025 100.00 to Dec 2026 123.00");
    expect(text).toContain("Expected in Mar 2027 126.00, 80% interval 116.00 to 136.00");
    expect(text).toContain("Budget plan: Jan 2027 120.00");
    expect(text).toContain("Launch");
  });

  test("of nothing is empty, not broken", () => {
    const nothing = drawing({ points: [] });
    expect(fanText(nothing, "Forecast")).toBe("Forecast");
    expect(seriesOf(nothing).every((series) => series.data.length === 0)).toBe(true);
  });
});
