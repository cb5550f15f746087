/** Baseline and scenario by month, with the band of the scenario, as an ECharts option. */
import type { EChartsCoreOption } from "echarts/core";

import { endShifts } from "../chart/ends";
import type { Palette } from "../chart/palette";
import { geometry } from "../format/decimal";
import type { Formatter } from "../format/format";

/** A band that is drawn behind a line; its edges by month. */
export interface DrawnBand {
  readonly name: string;
  readonly low: readonly string[];
  readonly high: readonly string[];
  /** How much of the line's colour it has. */
  readonly opacity: number;
}

export interface DrawnLine {
  readonly name: string;
  readonly values: readonly string[];
  readonly kind: "this" | "before";
}

export interface MonthDrawing {
  /** Labels of the months. */
  readonly months: readonly string[];
  readonly lines: readonly DrawnLine[];
  /** The widest first. */
  readonly bands: readonly DrawnBand[];
  readonly palette: Palette;
  readonly format: Formatter;
  readonly currency: string;
  readonly alt: string;
  /** Whether zero is part of the drawing: where amounts lie around it. */
  readonly fromZero: boolean;
}

const LABEL_ROOM = 72;
const MARKED_MAX = 18;
/** The height of the drawing, about. */
const PLOT_PX = 180;

export function monthOption(drawing: MonthDrawing): EChartsCoreOption {
  const { months, lines, bands, palette, format } = drawing;
  const axisText = { color: palette.muted, fontFamily: palette.font, fontSize: 11 };
  const shifts = endShifts(
    lines.map(({ values }) => geometry(values.at(-1) ?? null)),
    spanOf(drawing),
    PLOT_PX,
  );
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: drawing.alt } },
    grid: {
      left: 4,
      right: LABEL_ROOM,
      top: 12,
      bottom: 2,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: "category",
      data: [...months],
      boundaryGap: false,
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      // The first month stands below the lowest figure of the value axis, clear of it.
      axisLabel: { ...axisText, hideOverlap: true, margin: 12 },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      scale: !drawing.fromZero,
      axisLabel: { ...axisText, formatter: (value: number) => format.compact(String(value)) },
      splitLine: { lineStyle: { color: palette.line } },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      axisPointer: { type: "line", lineStyle: { color: palette.before } },
      backgroundColor: palette.raised,
      borderColor: palette.line,
      padding: [6, 10],
      textStyle: { color: palette.text, fontSize: 12 },
      extraCssText: "box-shadow: none; border-radius: 4px;",
      formatter: (points: { dataIndex: number }[]) => tooltip(drawing, points[0]?.dataIndex ?? 0),
    },
    series: [
      ...bands.flatMap((band, index) => bandSeries(band, index, palette)),
      ...lines.map((line, index) => lineSeries(line, months.length, shifts[index] ?? 0, palette)),
    ],
  };
}

/** The lower edge, not drawn, and what lies between the edges upon it. */
function bandSeries({ low, high, opacity }: DrawnBand, index: number, palette: Palette): object[] {
  const common = {
    type: "line",
    stack: `band ${index}`,
    stackStrategy: "all",
    symbol: "none",
    silent: true,
    lineStyle: { width: 0 },
    z: 1,
  };
  return [
    { ...common, data: low.map(geometry) },
    {
      ...common,
      data: high.map((value, at) => geometry(value) - geometry(low[at] ?? null)),
      areaStyle: { color: palette.current, opacity },
    },
  ];
}

/** What the value axis reaches over, about. */
function spanOf({ lines, bands, fromZero }: MonthDrawing): number {
  const drawn = [...lines.map(({ values }) => values), ...bands.flatMap(({ low, high }) => [low, high])];
  const heights = [...drawn.flatMap((values) => values.map(geometry)), ...(fromZero ? [0] : [])];
  return Math.max(...heights) - Math.min(...heights);
}

function lineSeries(
  { name, values, kind }: DrawnLine,
  months: number,
  shift: number,
  palette: Palette,
): object {
  const colour = kind === "this" ? palette.current : palette.before;
  return {
    type: "line",
    name,
    data: values.map(geometry),
    symbol: "circle",
    symbolSize: months > MARKED_MAX ? 0 : kind === "this" ? 6 : 4,
    showAllSymbol: true,
    lineStyle: {
      color: colour,
      width: kind === "this" ? 2.2 : 1.5,
      type: kind === "this" ? "solid" : [4, 3],
    },
    itemStyle: { color: colour },
    cursor: "default",
    z: kind === "this" ? 4 : 3,
    endLabel: {
      show: true,
      color: palette.text,
      fontSize: 11,
      distance: 6,
      offset: [0, shift],
      width: LABEL_ROOM - 10,
      overflow: "truncate",
      formatter: () => name,
    },
  };
}

function tooltip(
  { months, lines, bands, palette, format, currency }: MonthDrawing,
  index: number,
): HTMLElement {
  const box = document.createElement("div");
  const put = (name: string, value: string, strong = false, colour: string | null = null) => {
    const row = document.createElement("div");
    row.style.cssText = "display:flex;justify-content:space-between;gap:20px";
    if (strong) row.style.fontWeight = "600";
    const left = document.createElement("span");
    left.textContent = name.length > 40 ? `${name.slice(0, 39)}…` : name;
    if (colour) {
      const mark = document.createElement("i");
      mark.style.cssText = `display:inline-block;width:8px;height:8px;margin-right:6px;background:${colour}`;
      left.prepend(mark);
    }
    const right = document.createElement("span");
    right.textContent = value;
    row.append(left, right);
    box.append(row);
  };
  put(months[index] ?? "", "", true);
  for (const { name, values, kind } of lines.toReversed())
    put(
      name,
      format.money(values[index] ?? null, currency),
      kind === "this",
      kind === "this" ? palette.current : palette.before,
    );
  for (const { name, low, high } of bands.toReversed())
    put(
      name,
      `${format.money(low[index] ?? null, currency)} – ${format.money(high[index] ?? null, currency)}`,
    );
  return box;
}
