import { describe, expect, test } from "vitest";

import type { Palette } from "../chart/palette";
import { createFormatter } from "../format/format";
import type { Bar } from "./bridge";
import { waterfallOption } from "./waterfall";

const PALETTE: Palette = {
  text: "text",
  muted: "muted",
  line: "line",
  surface: "surface",
  raised: "raised",
  current: "current",
  bar: "bar",
  mark: "mark",
  onAccent: "on",
  before: "before",
  rest: "rest",
  series: [],
  font: "font",
};

const BARS: Bar[] = [
  { kind: "end", id: "base", name: "Before", amount: "2", from: "0", to: "2" },
  { kind: "effect", id: "volume", name: "Volume", amount: "3", from: "2", to: "5" },
  { kind: "effect", id: "credits", name: "Credits", amount: "-6", from: "5", to: "-1" },
  { kind: "small", id: "small", name: "Small", amount: "0.004", from: "-1", to: "-0.996" },
  { kind: "end", id: "current", name: "Now", amount: "-0.996", from: "0", to: "-0.996" },
];

interface Drawn {
  xAxis: { axisLabel: { show: boolean } };
  series: {
    data: { value: number; itemStyle: { decal?: object; opacity?: number; color: string } }[];
    label?: { formatter(at: { dataIndex: number }): string };
  }[];
}

function drawn(opened: string | null, named = false): Drawn {
  const format = createFormatter("en-US");
  return waterfallOption({
    bars: BARS,
    palette: PALETTE,
    format,
    currency: "USD",
    alt: "",
    opened,
    named,
  }) as unknown as Drawn;
}

describe("the drawing", () => {
  test("stacks each column on a foot that is not seen, above and below zero", () => {
    const { series } = drawn(null);
    const values = series.slice(0, 4).map((one) => one.data.map((item) => item.value));
    expect(values).toEqual([
      [0, 2, 0, 0, 0],
      [2, 3, 5, 0, 0],
      [0, 0, 0, -0.996, 0],
      [0, 0, -1, expect.closeTo(-0.004) as number, -0.996],
    ]);
    expect(series[0]?.data[1]?.itemStyle.color).toBe("transparent");
  });

  test("tells what adds from what takes away by more than colour, and marks what is open", () => {
    const { series } = drawn("volume");
    const styles = series[1]?.data.map((item) => item.itemStyle) ?? [];
    expect(styles.map((style) => style.decal !== undefined)).toEqual([false, false, true, false, false]);
    expect(
      styles.slice(1, 4).map((style) => style.opacity),
      "all but the opened one step back",
    ).toEqual([1, 0.4, 0.4]);
    for (const none of [null, "gone"]) expect(drawn(none).series[1]?.data[2]?.itemStyle.opacity).toBe(1);
  });

  test("says every amount with its sign, in few digits", () => {
    const label = drawn(null).series.at(-1)?.label;
    expect(BARS.map((_, dataIndex) => label?.formatter({ dataIndex }))).toEqual([
      "2",
      "+3",
      "\u22126",
      "+0.004",
      "\u22120.996",
    ]);
  });

  test("has the names in a picture only: on the page they are buttons", () => {
    expect(drawn(null).xAxis.axisLabel.show).toBe(false);
    expect(drawn(null, true).xAxis.axisLabel.show).toBe(true);
  });
});
