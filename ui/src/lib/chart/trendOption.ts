/** The trend as an ECharts option. Text goes in as text: tooltips are built of nodes, never of markup. */
import type { EChartsCoreOption } from "echarts/core";

import type { Formatter } from "../format/format";
import { geometry } from "../format/decimal";
import { messages } from "../messages";
import type { NameColours, Palette } from "./palette";
import type { TrendMark } from "./marks";
import type { TrendModel, TrendSeries } from "./trend";

const LABELLED_MAX = 16;
const MARKED_MAX = 3;

export interface TrendDrawing {
  model: TrendModel;
  palette: Palette;
  colours: NameColours;
  format: Formatter;
  /** A figure as its measure is shown. */
  figure: (value: string | null) => string;
  alt: string;
  /** What a value of the split is called. */
  naming: (value: string) => string;
  /** The analyst's remarks on days. */
  marks: readonly TrendMark[];
}

export function trendOption(drawing: TrendDrawing): EChartsCoreOption {
  const { model, palette, format } = drawing;
  const axisText = { color: palette.muted, fontFamily: palette.font, fontSize: 11 };
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: drawing.alt } },
    grid: { left: 4, right: 8, top: 16, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "category",
      data: model.buckets.map((bucket) => bucket.label),
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: {
        ...axisText,
        hideOverlap: true,
        formatter: (_label: string, index: number) => axisLabel(drawing, index),
      },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      axisLabel: { ...axisText, formatter: (value: number) => format.compact(String(value)) },
      splitLine: { lineStyle: { color: palette.line } },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      axisPointer: { type: "shadow", shadowStyle: { color: palette.muted, opacity: 0.1 } },
      backgroundColor: palette.raised,
      borderColor: palette.line,
      padding: [6, 10],
      textStyle: { color: palette.text, fontSize: 12 },
      extraCssText: "box-shadow: none; border-radius: 4px;",
      formatter: (points: { dataIndex: number }[]) => tooltip(drawing, points[0]?.dataIndex ?? 0),
    },
    series: [
      ...(drawing.marks.length > 0 ? [markLines(drawing)] : []),
      ...columns(drawing),
      ...(model.compared ? [previousLine(drawing)] : []),
    ],
  };
}

function axisLabel({ model }: TrendDrawing, index: number): string {
  const bucket = model.buckets[index];
  if (!bucket) return "";
  if (!bucket.partial || model.buckets.length > LABELLED_MAX) return bucket.label;
  return `${bucket.label}\n${messages.period.partial(bucket.partial.first, bucket.partial.last, bucket.partial.of)}`;
}

/** Diagonal lines over a column that stands for less than its whole month. */
function hatch(palette: Palette) {
  return {
    symbol: "rect",
    dashArrayX: [1, 0],
    dashArrayY: [2, 4],
    rotation: -Math.PI / 4,
    color: palette.surface,
    backgroundColor: "transparent",
  };
}

function columns(drawing: TrendDrawing): object[] {
  const { model, palette, format } = drawing;
  const common = {
    type: "bar",
    barMaxWidth: 72,
    barCategoryGap: model.buckets.length > 60 ? "8%" : "22%",
    cursor: "default",
  };
  const item = (value: string | null, index: number) => ({
    value: value === null ? null : geometry(value),
    ...(model.buckets[index]?.partial ? { itemStyle: { decal: hatch(palette) } } : {}),
  });
  const label = {
    show: model.buckets.length <= LABELLED_MAX,
    position: "top",
    distance: 3,
    color: palette.muted,
    fontSize: 11,
    // Lines of the axis and of marks pass behind the figure, not through it.
    backgroundColor: palette.surface,
    padding: [0, 2],
    formatter: ({ dataIndex }: { dataIndex: number }) =>
      format.short(model.buckets[dataIndex]?.cell?.value ?? null),
  };
  const totals = model.buckets.map((bucket, index) => item(bucket.cell?.value ?? null, index));
  if (model.series.length === 0) {
    const bars = { ...common, data: totals, itemStyle: { color: palette.current } };
    // What is compared passes behind the figures, not through them.
    return model.compared ? [bars, written(totals, label)] : [{ ...bars, label }];
  }
  if (!model.addsUp) {
    return [
      { ...common, data: totals, itemStyle: { color: palette.bar }, label },
      ...model.series.map((series) => ({
        type: "line",
        name: seriesName(series, drawing.naming),
        data: series.values.map((value) => (value === null ? null : geometry(value))),
        symbolSize: model.buckets.length > LABELLED_MAX ? 0 : 5,
        lineStyle: { color: seriesColour(series, drawing), width: 1.5 },
        itemStyle: { color: seriesColour(series, drawing) },
        cursor: "default",
        z: 3,
      })),
    ];
  }
  return [
    ...model.series.map((series) => ({
      ...common,
      name: seriesName(series, drawing.naming),
      stack: "this",
      data: series.values.map(item),
      itemStyle: { color: seriesColour(series, drawing) },
    })),
    // A stack has no label of its own.
    written(totals, label),
  ];
}

/** Figures above columns, written by a line that is not drawn, before all else. */
function written(totals: readonly { value: number | null }[], label: object): object {
  return {
    type: "line",
    data: totals.map(({ value }) => value),
    symbolSize: 0,
    lineStyle: { width: 0 },
    silent: true,
    label,
    z: 4,
  };
}

/** A line at each marked step, numbered as in the list below the chart. Its series has no points of its own. */
function markLines({ marks, palette }: TrendDrawing): object {
  const numbers = new Map<number, number[]>();
  for (const { bucket, number } of marks) numbers.set(bucket, [...(numbers.get(bucket) ?? []), number]);
  return {
    type: "line",
    data: [],
    silent: true,
    z: 1,
    markLine: {
      animation: false,
      silent: true,
      z: 1,
      symbol: ["none", "none"],
      lineStyle: { color: palette.mark, width: 1, type: [3, 3] },
      label: {
        color: palette.mark,
        fontSize: 11,
        fontWeight: 600,
        distance: 3,
        formatter: ({ name }: { name: string }) => name,
      },
      data: [...numbers].map(([bucket, own]) => ({ xAxis: bucket, name: own.join(", ") })),
    },
  };
}

function previousLine({ model, palette }: TrendDrawing): object {
  // Two or three figures make no line: each is a mark across its column.
  const marks = model.buckets.length <= MARKED_MAX;
  return {
    type: "line",
    name: model.comparedAs,
    data: model.buckets.map((bucket) => (bucket.previous === null ? null : geometry(bucket.previous))),
    symbol: marks ? "rect" : "circle",
    symbolSize: marks ? [72, 3] : model.buckets.length > LABELLED_MAX ? 0 : 5,
    lineStyle: { color: palette.before, width: 1.5, type: [4, 3] },
    itemStyle: { color: palette.before },
    cursor: "default",
    z: 3,
  };
}

export function seriesName(series: TrendSeries, naming: (value: string) => string): string {
  if (series.role === "other") return messages.other;
  return series.name === null ? messages.missing : naming(series.name);
}

export function seriesColour(
  series: TrendSeries,
  { palette, colours }: Pick<TrendDrawing, "palette" | "colours">,
): string {
  if (series.role === "other") return palette.rest;
  return palette.series[colours.place(series.name ?? "")] ?? palette.current;
}

function tooltip(drawing: TrendDrawing, index: number): HTMLElement {
  const { model, format, figure, palette } = drawing;
  const bucket = model.buckets[index];
  const box = document.createElement("div");
  if (!bucket) return box;
  const line = (name: string, value: string, strong = false, colour: string | null = null) => {
    const row = document.createElement("div");
    row.style.cssText = "display:flex;justify-content:space-between;gap:20px";
    const left = document.createElement("span");
    left.textContent = name.length > 44 ? `${name.slice(0, 43)}…` : name;
    if (colour) {
      const mark = document.createElement("i");
      mark.style.cssText = `display:inline-block;width:8px;height:8px;margin-right:6px;background:${colour}`;
      left.prepend(mark);
    }
    const right = document.createElement("span");
    right.textContent = value;
    if (strong) row.style.fontWeight = "600";
    row.append(left, right);
    box.append(row);
  };
  const remarks = drawing.marks.filter((mark) => mark.bucket === index);
  const partial = bucket.partial
    ? ` · ${messages.period.partial(bucket.partial.first, bucket.partial.last, bucket.partial.of)}`
    : "";
  line(bucket.label + partial, figure(bucket.cell?.value ?? null), true);
  if (model.compared) line(bucket.previousLabel ?? messages.explore.previous, figure(bucket.previous));
  for (const series of model.series) {
    const value = series.values[index] ?? null;
    if (value !== null)
      line(seriesName(series, drawing.naming), figure(value), false, seriesColour(series, drawing));
  }
  for (const { number, day, annotation } of remarks)
    line(`${number}  ${annotation.text}`, format.day(day), false, palette.mark);
  return box;
}
