/** The bridge as an ECharts option. Names of bars stand below the chart as buttons, in columns as wide as the chart's. */
import type { EChartsCoreOption } from "echarts/core";

import type { Palette } from "../chart/palette";
import { geometry, sign } from "../format/decimal";
import type { Formatter } from "../format/format";
import { axisFloor, type Bar, column, signed } from "./bridge";
import { barText } from "./words";

/** The room beside the columns, in pixels: the page lays the names out by it. */
export const PLOT_LEFT = 56;
export const PLOT_RIGHT = 8;
const LABEL_ROOM = 18;
const NAME_ROOM = 46;

/** What the chart is drawn from. */
export interface Waterfall {
  bars: readonly Bar[];
  palette: Palette;
  format: Formatter;
  currency: string;
  alt: string;
  /** The bar whose SKUs are listed. */
  opened: string | null;
  /** Whether the names are part of the drawing, as a picture needs them. */
  named: boolean;
}

export function waterfallOption(drawing: Waterfall): EChartsCoreOption {
  const { bars, palette, format } = drawing;
  const floor = axisFloor(bars);
  const spans = bars.map((bar) => column(geometry(bar.from), geometry(bar.to)));
  const plain = (value: number) => ({ value, itemStyle: { color: "transparent" } });
  const drawn = (value: number, index: number) => ({
    value,
    itemStyle: style(drawing, bars[index]),
  });
  const common = { type: "bar", stack: "bridge", barCategoryGap: "26%", barMaxWidth: 84, cursor: "pointer" };
  const foot = { ...common, silent: true, tooltip: { show: false } };
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: drawing.alt } },
    grid: {
      left: PLOT_LEFT,
      right: PLOT_RIGHT,
      top: LABEL_ROOM + 4,
      bottom: drawing.named ? NAME_ROOM : 4,
      outerBoundsMode: "none",
    },
    xAxis: {
      type: "category",
      data: bars.map((bar) => bar.id),
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: {
        show: drawing.named,
        interval: 0,
        width: 84,
        overflow: "break",
        color: palette.text,
        fontFamily: palette.font,
        fontSize: 11,
        formatter: (_id: string, index: number) => bars[index]?.name ?? "",
      },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      ...(floor === null ? {} : { min: floor }),
      axisLabel: {
        color: palette.muted,
        fontFamily: palette.font,
        fontSize: 11,
        formatter: (value: number) => format.compact(String(value)),
      },
      splitLine: { lineStyle: { color: palette.line } },
    },
    tooltip: {
      trigger: "item",
      confine: true,
      transitionDuration: 0,
      backgroundColor: palette.raised,
      borderColor: palette.line,
      padding: [6, 10],
      textStyle: { color: palette.text, fontSize: 12 },
      extraCssText: "box-shadow: none; border-radius: 4px;",
      formatter: ({ dataIndex }: { dataIndex: number }) => tooltip(drawing, dataIndex),
    },
    series: [
      { ...foot, data: spans.map(({ above }) => plain(above[0])) },
      { ...common, data: spans.map(({ above }, index) => drawn(above[1], index)) },
      { ...foot, data: spans.map(({ below }) => plain(below[0])) },
      { ...common, data: spans.map(({ below }, index) => drawn(below[1], index)) },
      labels(drawing),
    ],
  };
}

/** So much is left of the colour of what is not opened. */
const DIMMED = 0.4;

/** Costs are grey, effects have the accent; what takes away is hatched, so that nobody needs to see its colour. */
function style({ palette, opened, bars }: Waterfall, bar: Bar | undefined): object {
  if (!bar) return {};
  if (bar.kind === "end") return { color: palette.rest };
  const dimmed = bar.id !== opened && bars.some((one) => one.id === opened);
  const opacity = dimmed ? DIMMED : 1;
  if (sign(bar.amount) >= 0) return { color: palette.current, opacity };
  return {
    color: palette.bar,
    borderColor: palette.current,
    borderWidth: 1,
    opacity,
    decal: {
      symbol: "rect",
      dashArrayX: [1, 0],
      dashArrayY: [2, 4],
      rotation: -Math.PI / 4,
      color: palette.current,
      backgroundColor: "transparent",
    },
  };
}

/** Each bar's amount above it, and thin lines from one level to the next, drawn by a line of no width. */
function labels({ bars, palette, format }: Waterfall): object {
  const top = bars.map((bar) => Math.max(geometry(bar.from), geometry(bar.to)));
  const level = (bar: Bar) => geometry(bar.to);
  return {
    type: "line",
    data: top,
    symbolSize: 0,
    lineStyle: { width: 0 },
    silent: true,
    z: 4,
    label: {
      show: true,
      position: "top",
      distance: 3,
      color: palette.text,
      // Lines of the axis pass behind the figure, not through it.
      backgroundColor: palette.surface,
      padding: [0, 2],
      fontSize: 11,
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const bar = bars[dataIndex];
        if (!bar) return "";
        if (bar.kind === "end") return format.short(bar.amount);
        return signed(bar.amount, bar.kind === "small" ? format.compact : format.short);
      },
    },
    markLine: {
      animation: false,
      silent: true,
      z: 1,
      symbol: ["none", "none"],
      lineStyle: { color: palette.before, width: 1, type: [2, 2] },
      label: { show: false },
      data: bars.slice(0, -1).map((bar, index) => [
        { coord: [index, level(bar)], symbol: "none" },
        { coord: [index + 1, level(bar)], symbol: "none" },
      ]),
    },
  };
}

function tooltip({ bars, format, currency }: Waterfall, index: number): HTMLElement {
  const box = document.createElement("div");
  const bar = bars[index];
  if (!bar) return box;
  const name = document.createElement("strong");
  name.textContent = bar.name;
  const amount = document.createElement("div");
  amount.textContent = barText(bar, currency, format);
  box.append(name, amount);
  return box;
}
