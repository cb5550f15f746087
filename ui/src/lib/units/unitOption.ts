/** Unit cost over time, with the cost and the units that it is made of below, as an ECharts option. */
import type { EChartsCoreOption } from "echarts/core";

import type { Grain } from "../bindings/Grain";
import type { UnitCostGroup } from "../bindings/UnitCostGroup";
import type { UnitCostRow } from "../bindings/UnitCostRow";
import { endShifts } from "../chart/ends";
import type { NameColours, Palette } from "../chart/palette";
import { bucketKeys } from "../chart/trend";
import { geometry } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import { groupName, rowsOf, type UnitCosts, unitText } from "./units";

/** More lines than this could not be told apart. */
const LINES_MAX = 8;
const LABELLED_MAX = 16;
const POINTS_MAX = 40;
const LEFT = 52;
const TICKS = 4;
const PLACES_MAX = 8;
/** A step is rounded to one, two, three, five or ten, and so may be longer by this. */
const ROUNDED_UP = 1.43;
const LABEL_ROOM = 132;
const TITLE_ROOM = 26;
const FOOT_ROOM = 8;
const PART_HEIGHT = 42;
const PART_GAP = 34;
const AXIS_ROOM = 22;
/** The height of the drawing of the unit cost, about. */
const PLOT_PX = 150;
const words = messages.units;

export interface UnitLine {
  /** The value; undefined is the total. */
  readonly key: string | null | undefined;
  readonly name: string;
  readonly rows: readonly (UnitCostRow | null)[];
}

/** What is drawn: steps of time, the lines of unit costs, and the cost and the units of what is looked at. */
export interface UnitModel {
  readonly grain: Grain;
  readonly times: readonly string[];
  readonly labels: readonly string[];
  readonly lines: readonly UnitLine[];
  readonly shown: UnitLine;
}

export function unitModel(
  costs: UnitCosts,
  focus: UnitCostGroup | null,
  naming: (value: string) => string,
  format: Formatter,
): UnitModel {
  const { whole, split } = costs;
  const all = [...whole.rows, ...(split?.rows ?? [])].map((row) => row.time).sort();
  const [first, last] = [all[0], all.at(-1)];
  const times =
    first === undefined || last === undefined
      ? []
      : bucketKeys(whole.period, whole.grain).filter((time) => time >= first && time <= last);
  const line = (group: UnitCostGroup | null): UnitLine => {
    const rows = new Map(rowsOf(costs, group).map((row) => [row.time, row]));
    return {
      key: group === null ? undefined : group.key,
      name: groupName(group, naming),
      rows: times.map((time) => rows.get(time) ?? null),
    };
  };
  const groups = (split?.groups ?? [])
    .map(line)
    .filter(({ rows }) => rows.some((row) => row !== null && row.unit_cost !== null));
  const shown = line(focus);
  const drawn = groups.slice(0, LINES_MAX);
  const missed = focus !== null && !drawn.some(({ key }) => key === focus.key) ? [shown] : [];
  return {
    grain: whole.grain,
    times,
    labels: times.map((time) => format.bucket(time, whole.grain)),
    lines: [line(null), ...drawn, ...missed],
    shown,
  };
}

export interface UnitDrawing {
  model: UnitModel;
  palette: Palette;
  colours: NameColours;
  format: Formatter;
  currency: string;
  /** What the three parts are of. */
  names: { unitCost: string; cost: string; units: string };
  alt: string;
}

export function unitOption(drawing: UnitDrawing): EChartsCoreOption {
  const { model, palette, format, names } = drawing;
  const axisText = { color: palette.muted, fontFamily: palette.font, fontSize: 11 };
  const room = model.lines.length > 1 ? LABEL_ROOM : 16;
  const shifts = lineShifts(model);
  // The figures that the unit cost is made of have a height of their own; the unit cost has the rest.
  const grids = [
    { top: TITLE_ROOM, bottom: FOOT_ROOM + 2 * (PART_HEIGHT + PART_GAP) + AXIS_ROOM },
    { bottom: FOOT_ROOM + PART_HEIGHT + PART_GAP, height: PART_HEIGHT },
    { bottom: FOOT_ROOM, height: PART_HEIGHT },
  ];
  const titles = [names.unitCost, names.cost, names.units];
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: drawing.alt } },
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    grid: grids.map((grid) => ({ left: LEFT, right: room, outerBoundsMode: "none", ...grid })),
    xAxis: grids.map((_, gridIndex) => ({
      gridIndex,
      type: "category",
      data: model.labels,
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { ...axisText, show: gridIndex === 0, hideOverlap: true },
    })),
    yAxis: grids.map((_, gridIndex) => ({
      gridIndex,
      type: "value",
      name: titles[gridIndex],
      nameLocation: "end",
      nameGap: 13,
      nameTextStyle: { ...axisText, color: palette.text, align: "left", padding: [0, 0, 0, -LEFT + 4] },
      // One line has its own range, as its axis says; several are compared from zero.
      scale: gridIndex === 0 && model.lines.length === 1,
      splitNumber: gridIndex === 0 ? TICKS : 1,
      axisLabel: {
        ...axisText,
        hideOverlap: true,
        formatter: gridIndex === 0 ? unitTicks(drawing) : (value: number) => format.compact(String(value)),
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
      formatter: (points: { dataIndex: number }[]) => tooltip(drawing, points[0]?.dataIndex ?? 0),
    },
    series: [
      ...model.lines.map((line, index) => unitLine(drawing, line, shifts[index] ?? 0)),
      bars(drawing, 1, (row) => row.cost),
      bars(drawing, 2, (row) => row.units),
    ],
  };
}

/** Ticks of unit costs, all with as many decimals as the step between them needs: 0.070, 0.075. */
function unitTicks({ model, format }: UnitDrawing): (value: number) => string {
  const values = model.lines.flatMap((line) =>
    line.rows.flatMap((row) => (row?.unit_cost == null ? [] : [geometry(row.unit_cost)])),
  );
  const least = model.lines.length === 1 ? Math.min(...values) : Math.min(0, ...values);
  const step = (Math.max(...values) - least) / TICKS;
  const places =
    step > 0 && Number.isFinite(step) ? Math.max(0, -Math.floor(Math.log10(step * ROUNDED_UP))) : 0;
  return (value) =>
    places === 0 || places > PLACES_MAX ? format.compact(String(value)) : format.fixed(String(value), places);
}

/** The colour of a line: the one that is looked at has the accent; beside it the others are grey, without it each has its own. */
export function lineColour(
  { model, palette, colours }: Pick<UnitDrawing, "model" | "palette" | "colours">,
  line: UnitLine,
): string {
  const alone = model.lines.length === 1;
  if (line.key === model.shown.key)
    return model.shown.key === undefined && !alone ? palette.text : palette.current;
  if (model.shown.key !== undefined) return palette.before;
  return palette.series[colours.place(line.key ?? "")] ?? palette.before;
}

/** How far the names at the ends of the lines move apart. */
function lineShifts({ lines }: UnitModel): number[] {
  const heights = lines.map(({ rows }) =>
    rows.flatMap((row) => (row?.unit_cost == null ? [] : [geometry(row.unit_cost)])),
  );
  const all = heights.flat();
  return endShifts(
    heights.map((own) => own.at(-1) ?? null),
    Math.max(0, ...all) - Math.min(0, ...all),
    PLOT_PX,
  );
}

function unitLine(drawing: UnitDrawing, line: UnitLine, shift: number): object {
  const { model, palette, format } = drawing;
  const colour = lineColour(drawing, line);
  const looked = line.key === model.shown.key;
  return {
    type: "line",
    name: line.name,
    xAxisIndex: 0,
    yAxisIndex: 0,
    data: line.rows.map((row) => ({
      value: row?.unit_cost == null ? null : geometry(row.unit_cost),
      // What is not whole is hollow.
      ...(row && !row.complete ? { symbol: "emptyCircle", symbolSize: 7 } : {}),
    })),
    connectNulls: false,
    symbol: "circle",
    symbolSize: model.times.length > POINTS_MAX ? 0 : looked ? 6 : 4,
    showAllSymbol: model.times.length <= POINTS_MAX,
    lineStyle: { color: colour, width: looked ? 2.2 : 1.4 },
    itemStyle: { color: colour },
    cursor: "default",
    z: looked ? 4 : 3,
    endLabel: {
      show: model.lines.length > 1,
      color: palette.text,
      fontSize: 11,
      distance: 6,
      offset: [0, shift],
      width: LABEL_ROOM - 14,
      overflow: "truncate",
      formatter: () => line.name,
    },
    label: {
      show: model.lines.length === 1 && model.times.length <= LABELLED_MAX,
      position: "top",
      color: palette.muted,
      // The line passes behind the figure, not through it.
      backgroundColor: palette.surface,
      padding: [0, 2],
      fontSize: 11,
      formatter: ({ dataIndex }: { dataIndex: number }) =>
        format.short(line.rows[dataIndex]?.unit_cost ?? null),
    },
  };
}

function bars(
  { model, palette, format }: UnitDrawing,
  gridIndex: 1 | 2,
  figure: (row: UnitCostRow) => string | null,
): object {
  const value = (row: UnitCostRow | null) => (row === null ? null : figure(row));
  return {
    type: "bar",
    xAxisIndex: gridIndex,
    yAxisIndex: gridIndex,
    barMaxWidth: 60,
    barCategoryGap: model.times.length > 60 ? "8%" : "30%",
    cursor: "default",
    data: model.shown.rows.map((row) => {
      const text = value(row);
      return {
        value: text === null ? null : geometry(text),
        ...(row && !row.complete ? { itemStyle: { decal: hatch(palette) } } : {}),
      };
    }),
    itemStyle: { color: gridIndex === 1 ? palette.current : palette.rest },
    label: {
      show: model.times.length <= LABELLED_MAX,
      position: "top",
      distance: 2,
      color: palette.muted,
      fontSize: 10,
      formatter: ({ dataIndex }: { dataIndex: number }) =>
        format.short(value(model.shown.rows[dataIndex] ?? null)),
    },
  };
}

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

function tooltip(drawing: UnitDrawing, index: number): HTMLElement {
  const { model, format, currency } = drawing;
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
  const shown = model.shown.rows[index] ?? null;
  put(model.labels[index] ?? "", "", true);
  for (const line of model.lines) {
    const value = line.rows[index]?.unit_cost ?? null;
    if (value !== null)
      put(line.name, unitText(value, format), line.key === model.shown.key, lineColour(drawing, line));
  }
  put(`${words.cost} · ${model.shown.name}`, format.money(shown?.cost ?? null, currency));
  put(`${words.units} · ${model.shown.name}`, format.quantity(shown?.units ?? null));
  if (shown?.remark) put(shown.remark, "");
  return box;
}
