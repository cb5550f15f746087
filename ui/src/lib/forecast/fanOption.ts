/** The fan of a forecast as an ECharts option: what was, what is expected, and how far it may be off. */
import type { EChartsCoreOption } from "echarts/core";

import type { Palette } from "../chart/palette";
import { geometry } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import { axisFoot, type ForecastPoint } from "./forecast";
import type { Step } from "./months";

/** More points than this have no figure beside them, and no mark of their own. */
const LABELLED_MAX = 30;
const MARKED_MAX = 60;
const BAND_OPACITY = { narrow: 0.24, wide: 0.12 };
const words = messages.forecast;

/** A line that is laid over the forecast: a budget, a scenario, what a driver says. */
export interface Overlay {
  readonly kind: "budget" | "scenario" | "driver";
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Something that happened: a remark of the analyst's, or a shift of the level that was found. */
export interface FanMark {
  readonly time: string;
  readonly label: string;
  readonly text: string;
}

export interface FanDrawing {
  points: readonly ForecastPoint[];
  grain: Step;
  overlays: readonly Overlay[];
  marks: readonly FanMark[];
  /** Whether the 95 % interval is drawn besides. */
  wide: boolean;
  palette: Palette;
  format: Formatter;
  /** An amount as it is told exactly. */
  figure: (value: string | null) => string;
  alt: string;
}

/** Whether the value axis begins above zero. */
export function fanFoot({ points, overlays, wide }: Pick<FanDrawing, "points" | "overlays" | "wide">) {
  return axisFoot([
    ...points.map((point) => point.actual),
    ...points.map((point) => (wide ? point.step?.low_95 : point.step?.low_80) ?? null),
    ...points.map((point) => (wide ? point.step?.high_95 : point.step?.high_80) ?? null),
    ...overlays.flatMap((overlay) => points.map((point) => overlay.values.get(point.time) ?? null)),
  ]);
}

/** Where the forecast begins: the first step that is expected and not, or not wholly, known. */
export function forecastStart(points: readonly ForecastPoint[]): number {
  return points.findIndex((point) => point.step !== null);
}

export function overlayColour(kind: Overlay["kind"], palette: Palette): string {
  const places = { budget: 1, scenario: 3, driver: 2 };
  return palette.series[places[kind]] ?? palette.text;
}

export function fanOption(drawing: FanDrawing): EChartsCoreOption {
  const { points, grain, palette, format } = drawing;
  const axisText = { color: palette.muted, fontFamily: palette.font, fontSize: 11 };
  const foot = fanFoot(drawing);
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: drawing.alt } },
    grid: {
      left: 4,
      right: 22,
      top: 22,
      bottom: 2,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: "category",
      boundaryGap: false,
      data: points.map((point) => format.bucket(point.time, grain)),
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      // The first step stands below the lowest figure of the value axis, clear of it.
      axisLabel: { ...axisText, hideOverlap: true, margin: 12, alignMaxLabel: "right" },
    },
    yAxis: {
      type: "value",
      splitNumber: 5,
      ...(foot === null ? {} : { min: foot }),
      axisLabel: { ...axisText, formatter: (value: number) => format.compact(String(value)) },
      splitLine: { lineStyle: { color: palette.line } },
    },
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
      formatter: (found: { dataIndex: number }[]) => tooltip(drawing, found[0]?.dataIndex ?? 0),
    },
    series: [
      ...(drawing.wide ? band(drawing, "95") : []),
      ...band(drawing, "80"),
      ...drawing.overlays.map((overlay) => overlayLine(drawing, overlay)),
      expectedLine(drawing),
      actualLine(drawing),
      soFar(drawing),
      markLines(drawing),
    ],
  };
}

/** A line's figures, from the last that is known whole on: the fan opens where the history ends. */
function fromStart(
  points: readonly ForecastPoint[],
  figure: (point: ForecastPoint) => string | null,
): (number | null)[] {
  const start = forecastStart(points);
  return points.map((point, index) => {
    const value = index === start - 1 ? point.actual : index < start || start < 0 ? null : figure(point);
    return value === null ? null : geometry(value);
  });
}

/** The figure of a valley stands below it, where the line does not pass. */
function withValleys(heights: readonly (number | null)[]): object[] {
  return heights.map((value, index) => {
    const before = heights[index - 1] ?? value;
    const after = heights[index + 1] ?? value;
    const valley = value !== null && before !== null && after !== null && value < before && value < after;
    return { value, ...(valley ? { label: { position: "bottom" } } : {}) };
  });
}

/** An interval as an area between two lines that are not drawn. */
function band({ points, palette }: FanDrawing, level: "80" | "95"): object[] {
  const low = fromStart(points, (point) => point.step?.[`low_${level}`] ?? null);
  const high = fromStart(points, (point) => point.step?.[`high_${level}`] ?? null);
  const common = {
    type: "line",
    stack: `band ${level}`,
    stackStrategy: "all",
    symbol: "none",
    lineStyle: { width: 0 },
    silent: true,
    z: 1,
  };
  return [
    { ...common, data: low },
    {
      ...common,
      data: high.map((value, index) => {
        const under = low[index] ?? null;
        return value === null || under === null ? null : value - under;
      }),
      areaStyle: {
        color: palette.current,
        opacity: level === "80" ? BAND_OPACITY.narrow : BAND_OPACITY.wide,
      },
    },
  ];
}

function labels({ points, palette, format }: FanDrawing, figure: (point: ForecastPoint) => string | null) {
  return {
    show: points.length <= LABELLED_MAX,
    position: "top",
    distance: 5,
    color: palette.muted,
    fontSize: 10.5,
    formatter: ({ dataIndex }: { dataIndex: number }) => {
      const point = points[dataIndex];
      const value = point ? figure(point) : null;
      return value === null ? "" : format.short(value);
    },
  };
}

function expectedLine(drawing: FanDrawing): object {
  const { points, palette } = drawing;
  return {
    type: "line",
    data: withValleys(fromStart(points, (point) => point.step?.amount ?? null)),
    symbol: "circle",
    symbolSize: points.length > MARKED_MAX ? 0 : 4,
    showAllSymbol: points.length <= MARKED_MAX,
    lineStyle: { color: palette.current, width: 2, type: [5, 3] },
    itemStyle: { color: palette.current },
    cursor: "default",
    z: 4,
    label: {
      ...labels(drawing, (point) => point.step?.amount ?? null),
      // Upon the bands a box would be seen: the figure has an edge of its own.
      textBorderColor: palette.surface,
      textBorderWidth: 3,
    },
    labelLayout: { hideOverlap: true },
  };
}

function actualLine(drawing: FanDrawing): object {
  const { points, palette } = drawing;
  return {
    type: "line",
    data: points.map((point, index) => ({
      value: whole(point) === null ? null : geometry(whole(point)),
      // What counted for less is marked.
      ...(point.countedAs === null
        ? {}
        : { symbol: "diamond", symbolSize: 10, itemStyle: { color: palette.mark } }),
      // The first figure stands clear of the axis.
      ...(index === 0 ? { label: { align: "left", offset: [-4, 0] } } : {}),
    })),
    connectNulls: false,
    symbol: "circle",
    symbolSize: points.length > MARKED_MAX ? 0 : 5,
    showAllSymbol: true,
    lineStyle: { color: palette.text, width: 2 },
    itemStyle: { color: palette.text },
    cursor: "pointer",
    z: 5,
    label: {
      ...labels(drawing, whole),
      // Lines that are laid over pass behind the figure, not through it.
      backgroundColor: palette.surface,
      padding: [0, 1],
    },
    labelLayout: { hideOverlap: true },
  };
}

/** What is known whole: what may still grow is no end that a line leads to. */
function whole(point: ForecastPoint): string | null {
  return point.provisional && point.step !== null ? null : point.actual;
}

/** What has come so far of steps that are not whole: hollow points beside the line. */
function soFar({ points, palette }: FanDrawing): object {
  return {
    type: "line",
    data: points.map((point) =>
      point.actual !== null && whole(point) === null ? geometry(point.actual) : null,
    ),
    symbol: "circle",
    symbolSize: 7,
    showAllSymbol: true,
    lineStyle: { width: 0 },
    itemStyle: { color: palette.surface, borderColor: palette.text, borderWidth: 2 },
    cursor: "pointer",
    z: 5,
  };
}

function overlayLine({ points, palette }: FanDrawing, overlay: Overlay): object {
  const colour = overlayColour(overlay.kind, palette);
  return {
    type: "line",
    name: overlay.name,
    ...(overlay.kind === "budget" ? { step: "middle" } : {}),
    data: points.map((point) => {
      const value = overlay.values.get(point.time) ?? null;
      return value === null ? null : geometry(value);
    }),
    symbol: "none",
    lineStyle: {
      color: colour,
      width: 1.75,
      type: overlay.kind === "budget" ? "solid" : [2, 2],
    },
    itemStyle: { color: colour },
    silent: true,
    z: 3,
  };
}

/** A line where the forecast begins, and one at each event. Their series has no points of its own. */
function markLines({ points, marks, palette }: FanDrawing): object {
  const start = forecastStart(points);
  const places = new Map<number, string[]>();
  for (const mark of marks) {
    const at = points.findIndex((point) => point.time === mark.time);
    if (at >= 0) places.set(at, [...(places.get(at) ?? []), mark.label]);
  }
  const line = (at: number, name: string, colour: string, type: "solid" | number[]) => ({
    xAxis: at,
    name,
    lineStyle: { color: colour, width: 1, type },
    label: { color: colour },
  });
  return {
    type: "line",
    data: [],
    silent: true,
    z: 2,
    markLine: {
      animation: false,
      silent: true,
      symbol: ["none", "none"],
      label: { fontSize: 11, fontWeight: 600, distance: 4, formatter: ({ name }: { name: string }) => name },
      data: [
        ...(start > 0 ? [line(start - 1, "", palette.before, "solid")] : []),
        ...[...places].map(([at, own]) => line(at, own.join(", "), palette.mark, [3, 3])),
      ],
    },
  };
}

function tooltip(drawing: FanDrawing, index: number): HTMLElement {
  const { points, grain, palette, format, figure } = drawing;
  const box = document.createElement("div");
  const point = points[index];
  if (!point) return box;
  const put = (name: string, value: string, strong = false, colour: string | null = null) => {
    const row = document.createElement("div");
    row.style.cssText = "display:flex;justify-content:space-between;gap:20px";
    if (strong) row.style.fontWeight = "600";
    const left = document.createElement("span");
    left.textContent = name.length > 60 ? `${name.slice(0, 59)}…` : name;
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
  const range = (low: string, high: string) => words.range(figure(low), figure(high));
  put(grain === "day" ? format.day(point.time) : format.bucket(point.time, grain), "", true);
  if (point.actual !== null)
    put(point.provisional ? words.provisional : words.actual, figure(point.actual), false, palette.text);
  if (point.countedAs !== null) put(words.countedAs, figure(point.countedAs));
  if (point.step) {
    put(words.expected, figure(point.step.amount), point.actual === null, palette.current);
    put(words.interval("80"), range(point.step.low_80, point.step.high_80));
    if (drawing.wide) put(words.interval("95"), range(point.step.low_95, point.step.high_95));
  }
  for (const overlay of drawing.overlays) {
    const value = overlay.values.get(point.time);
    if (value !== undefined) put(overlay.name, figure(value), false, overlayColour(overlay.kind, palette));
  }
  if (point.yearBefore !== null && (point.step ?? point.actual) !== null)
    put(words.yearBefore, figure(point.yearBefore));
  if (point.step?.remark) put(point.step.remark, "");
  for (const mark of drawing.marks.filter((one) => one.time === point.time))
    put(`${mark.label}  ${mark.text}`, "", false, palette.mark);
  return box;
}

/** The chart in words: what it covers, where it goes, how far it may be off. */
export function fanText(
  drawing: Pick<FanDrawing, "points" | "grain" | "format" | "figure" | "overlays" | "marks">,
  title: string,
): string {
  const { points, grain, format, figure } = drawing;
  const at = (point: ForecastPoint) => format.bucket(point.time, grain);
  const past = points.filter((point) => point.actual !== null && !point.provisional);
  const ahead = points.filter((point) => point.step !== null);
  const said = [title];
  const [first, last] = [past[0], past.at(-1)];
  if (first && last)
    said.push(words.alt.past(at(first), figure(first.actual), at(last), figure(last.actual)));
  const end = ahead.at(-1);
  if (end?.step)
    said.push(
      words.alt.ahead(at(end), figure(end.step.amount), figure(end.step.low_80), figure(end.step.high_80)),
    );
  const provisional = points.filter((point) => point.provisional);
  if (provisional.length > 0) said.push(words.alt.provisional(provisional.map(at).join(", ")));
  for (const overlay of drawing.overlays) {
    const laid = points.filter((point) => overlay.values.has(point.time));
    const [from, to] = [laid[0], laid.at(-1)];
    if (from && to)
      said.push(
        words.alt.overlay(
          overlay.name,
          at(from),
          figure(overlay.values.get(from.time) ?? null),
          at(to),
          figure(overlay.values.get(to.time) ?? null),
        ),
      );
  }
  if (drawing.marks.length > 0)
    said.push(
      messages.annotations.said(
        drawing.marks
          .map((mark) => messages.annotations.at(format.bucket(mark.time, grain), mark.text))
          .join("; "),
      ),
    );
  return said.join(". ");
}
