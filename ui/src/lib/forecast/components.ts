/** What a history is made of, as three charts one above the other. */
import type { EChartsCoreOption } from "echarts/core";

import type { ForecastComponents } from "../bindings/ForecastComponents";
import type { ForecastReply } from "../bindings/ForecastReply";
import type { Palette } from "../chart/palette";
import { geometry } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import type { DataTable } from "../table/table";
import type { Step } from "./months";

const words = messages.forecast.components;
const LEFT = 56;
const HEIGHT = 70;
const TOP = 26;
const GAP = 32;

export interface ComponentsDrawing {
  components: ForecastComponents;
  grain: Step;
  palette: Palette;
  format: Formatter;
  alt: string;
  figure: (value: string | null) => string;
}

export function componentsOption(drawing: ComponentsDrawing): EChartsCoreOption {
  const { components, grain, palette, format } = drawing;
  const axisText = { color: palette.muted, fontFamily: palette.font, fontSize: 11 };
  const rows = [
    { name: words.trend, values: components.trend, bars: false },
    { name: words.season, values: components.season, bars: true },
    { name: words.remainder, values: components.remainder, bars: true },
  ];
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: drawing.alt } },
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    grid: rows.map((_, index) => ({
      left: LEFT,
      right: 16,
      top: TOP + index * (HEIGHT + GAP),
      height: HEIGHT,
      outerBoundsMode: "none",
    })),
    xAxis: rows.map((_, gridIndex) => ({
      gridIndex,
      type: "category",
      data: components.times.map((time) => format.bucket(time, grain)),
      axisLine: { lineStyle: { color: palette.line }, onZero: true },
      axisTick: { show: false },
      axisLabel: { ...axisText, show: gridIndex === rows.length - 1, hideOverlap: true },
    })),
    yAxis: rows.map((row, gridIndex) => ({
      gridIndex,
      type: "value",
      name: row.name,
      nameLocation: "end",
      nameGap: 12,
      nameTextStyle: { ...axisText, color: palette.text, align: "left", padding: [0, 0, 0, -LEFT + 4] },
      scale: !row.bars,
      splitNumber: 2,
      axisLabel: {
        ...axisText,
        hideOverlap: true,
        formatter: (value: number) => format.compact(String(value)),
      },
      splitLine: { lineStyle: { color: palette.line } },
    })),
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      axisPointer: { type: "line", lineStyle: { color: palette.before, width: 1 } },
      backgroundColor: palette.raised,
      borderColor: palette.line,
      padding: [6, 10],
      textStyle: { color: palette.text, fontSize: 12 },
      extraCssText: "box-shadow: none; border-radius: 4px;",
      formatter: (found: { dataIndex: number }[]) => tooltip(drawing, rows, found[0]?.dataIndex ?? 0),
    },
    series: rows.map((row, index) => ({
      type: row.bars ? "bar" : "line",
      xAxisIndex: index,
      yAxisIndex: index,
      data: row.values.map(geometry),
      symbol: "none",
      lineStyle: { color: palette.current, width: 1.75 },
      itemStyle: { color: index === 1 ? palette.current : palette.before },
      cursor: "default",
    })),
  };
}

function tooltip(
  { components, grain, format, figure }: ComponentsDrawing,
  rows: readonly { name: string; values: readonly string[] }[],
  index: number,
): HTMLElement {
  const box = document.createElement("div");
  const put = (name: string, value: string, strong: boolean) => {
    const row = document.createElement("div");
    row.style.cssText = "display:flex;justify-content:space-between;gap:20px";
    if (strong) row.style.fontWeight = "600";
    for (const text of [name, value]) {
      const span = document.createElement("span");
      span.textContent = text;
      row.append(span);
    }
    box.append(row);
  };
  put(format.bucket(components.times[index] ?? "", grain), "", true);
  for (const row of rows) put(row.name, figure(row.values[index] ?? null), false);
  return box;
}

/** The same as figures. */
export function componentsTable(reply: ForecastReply, components: ForecastComponents): DataTable {
  return {
    title: words.title,
    about: [reply.evidence.scope, `${messages.evidence.id} ${reply.evidence.id}`],
    columns: [
      { name: words.time, figure: false },
      ...[words.trend, words.season, words.remainder].map((name) => ({
        name: `${name}, ${reply.currency}`,
        figure: true,
      })),
    ],
    rows: components.times.map((time, index) => [
      time,
      components.trend[index] ?? null,
      components.season[index] ?? null,
      components.remainder[index] ?? null,
    ]),
  };
}
