/** The savings curve: what is asked for it, what lies on it, and its drawing. */
import type { EChartsCoreOption } from "echarts/core";

import type { CommitmentHours } from "../bindings/CommitmentHours";
import type { CommitmentOptimizeRequest } from "../bindings/CommitmentOptimizeRequest";
import type { CommitmentOptimum } from "../bindings/CommitmentOptimum";
import type { CommitmentPoint } from "../bindings/CommitmentPoint";
import type { Period } from "../bindings/Period";
import type { Question } from "../bindings/Question";
import type { Palette } from "../chart/palette";
import { compare, geometry } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import type { DataTable } from "../table/table";
import { intersection, startOfMonth } from "../view/period";
import type { CommitParams } from "../view/view";

const words = messages.commit.curve;

/** The months up to the end of a period that a plan rests on; all of it where no number is given. */
export function basisPeriod(whole: Period, months: number | null): Period {
  if (months === null) return whole;
  const last = whole.to.endsWith("-01") ? whole.to : startOfMonth(whole.to, 1);
  return intersection(whole, { from: startOfMonth(last, -months), to: whole.to }) ?? whole;
}

/** What there is to choose of: the programs that usage has, and the families and regions of the lines of one. */
export interface CurveChoices {
  readonly programs: readonly { program: string; label: string }[];
  readonly families: readonly string[];
  readonly regions: readonly string[];
}

export function choicesOf(
  reply: Pick<CommitmentHours, "programs" | "lines">,
  program: string | null,
): CurveChoices {
  const programs = [...reply.programs]
    .sort((left, right) => compare(right.on_demand, left.on_demand))
    .map(({ program, label }) => ({ program, label }));
  const lines = reply.lines.filter((line) => program === null || line.programs.includes(program));
  const named = (values: readonly (string | null)[]) =>
    [...new Set(values.filter((value) => value !== null))].sort();
  return {
    programs,
    families: named(lines.map((line) => line.family)),
    regions: named(lines.map((line) => line.region)),
  };
}

/** The program of the curve: the chosen one where usage has it, else the one with most usage of those that are bound to no family. */
export function chosenProgram(choices: CurveChoices, wanted: string | null): string | null {
  const known = choices.programs.find(({ program }) => program === wanted);
  const widest = choices.programs.find(({ program }) => !needsFamily(program));
  return (known ?? widest ?? choices.programs[0])?.program ?? null;
}

/** The programs that are bought for one family alone. */
export function needsFamily(program: string): boolean {
  return program === "aws-ec2-instance-savings-plan" || /reserv|resource/.test(program);
}

/** The family of the curve: the chosen one where the lines have it, and the first where the program needs one. */
export function chosenFamily(choices: CurveChoices, program: string, wanted: string | null): string | null {
  if (wanted !== null && choices.families.includes(wanted)) return wanted;
  return needsFamily(program) ? (choices.families[0] ?? null) : null;
}

/** What is asked for the curve. */
export function optimizeRequest(
  { question, period, step }: { question: Question; period: Period; step: CommitmentHours["step"] },
  choices: CurveChoices,
  params: CommitParams,
  discount: string | null,
  marks: readonly string[],
  capitalRate: string | null = null,
): CommitmentOptimizeRequest | null {
  const program = chosenProgram(choices, params.program);
  if (program === null) return null;
  return {
    question: { ...question, period },
    step,
    program,
    family: chosenFamily(choices, program, params.family),
    region: params.region !== null && choices.regions.includes(params.region) ? params.region : null,
    term_months: params.term,
    payment: params.payment,
    discount,
    capital_rate: capitalRate,
    marks: [...marks],
  };
}

/** The place on the curve nearest to the best that is sold. */
export function optimumPlace(reply: Pick<CommitmentOptimum, "curve" | "exact">): number {
  const found = reply.curve.findIndex((point) => compare(point.hourly, reply.exact.hourly) >= 0);
  return found < 0 ? reply.curve.length - 1 : found;
}

/** What a commitment of the program is counted in. */
export function unitOf(reply: Pick<CommitmentOptimum, "hourly_in" | "currency">): string {
  return reply.hourly_in === "money"
    ? reply.currency
    : reply.hourly_in === "normalised_units"
      ? words.normalised_units
      : words.units;
}

/** A commitment an hour as text: as money where it is. */
export function hourlyText(
  hourly: string,
  reply: Pick<CommitmentOptimum, "hourly_in" | "currency">,
  format: Formatter,
) {
  return reply.hourly_in === "money" ? format.unitCost(hourly, reply.currency) : format.quantity(hourly);
}

export interface CurveMark {
  readonly name: string;
  readonly point: CommitmentPoint;
  readonly kind: "today" | "optimum" | "chosen" | "basket";
}

export interface CurveDrawing {
  reply: CommitmentOptimum;
  marks: readonly CurveMark[];
  palette: Palette;
  format: Formatter;
  alt: string;
}

export function curveOption({ reply, marks, palette, format, alt }: CurveDrawing): EChartsCoreOption {
  const axisText = { color: palette.muted, fontFamily: palette.font, fontSize: 11 };
  const colours = {
    today: palette.before,
    optimum: palette.mark,
    chosen: palette.current,
    basket: palette.series[2] ?? palette.current,
  };
  const dot = (point: CommitmentPoint): [number, number] => [geometry(point.hourly), geometry(point.savings)];
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: alt } },
    grid: { left: 64, right: 32, top: 30, bottom: 44, outerBoundsMode: "none" },
    xAxis: {
      type: "value",
      min: 0,
      max: geometry(reply.curve.at(-1)?.hourly ?? null) || 1,
      name: words.hourly(unitOf(reply)),
      nameLocation: "middle",
      nameGap: 26,
      nameTextStyle: axisText,
      axisLine: { lineStyle: { color: palette.line }, onZero: true },
      axisLabel: {
        ...axisText,
        hideOverlap: true,
        formatter: (value: number) => format.compact(String(value)),
      },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      name: words.savings(reply.currency),
      nameTextStyle: { ...axisText, align: "left", padding: [0, 0, 0, -56] },
      nameGap: 12,
      axisLabel: { ...axisText, formatter: (value: number) => format.compact(String(value)) },
      splitLine: { lineStyle: { color: palette.line } },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      axisPointer: { type: "line", snap: true, lineStyle: { color: palette.before, width: 1 } },
      backgroundColor: palette.raised,
      borderColor: palette.line,
      padding: [6, 10],
      textStyle: { color: palette.text, fontSize: 12 },
      extraCssText: "box-shadow: none; border-radius: 4px;",
      formatter: (found: { seriesIndex: number; dataIndex: number }[]) => {
        const at = found.find(({ seriesIndex }) => seriesIndex === 0)?.dataIndex;
        const point = at === undefined ? undefined : reply.curve[at];
        return point ? tooltip(point, reply, format) : "";
      },
    },
    series: [
      {
        type: "line",
        data: reply.curve.map(dot),
        showSymbol: false,
        lineStyle: { color: palette.current, width: 1.75 },
        itemStyle: { color: palette.current },
        cursor: "default",
      },
      ...marks.map((mark) => ({
        type: "line",
        data: [dot(mark.point)],
        symbol: mark.kind === "optimum" ? "diamond" : "circle",
        symbolSize: mark.kind === "optimum" ? 12 : 9,
        itemStyle: { color: colours[mark.kind], borderColor: palette.surface, borderWidth: 1 },
        label: {
          show: true,
          position: mark.kind === "today" ? "right" : "top",
          formatter: mark.name,
          color: palette.text,
          fontFamily: palette.font,
          fontSize: 11,
        },
        labelLayout: { moveOverlap: "shiftY" },
        tooltip: { show: false },
        silent: true,
        z: 4,
      })),
    ],
  };
}

function tooltip(point: CommitmentPoint, reply: CommitmentOptimum, format: Formatter): HTMLElement {
  const box = document.createElement("div");
  const put = (name: string, value: string, strong = false) => {
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
  for (const [index, [name, value]] of pointRows(point, reply, format).entries())
    put(name, value, index === 0);
  return box;
}

/** A point of the curve, as names and texts. */
export function pointRows(
  point: CommitmentPoint,
  reply: Pick<CommitmentOptimum, "hourly_in" | "currency">,
  format: Formatter,
): [string, string][] {
  const money = (value: string) => format.money(value, reply.currency);
  return [
    [words.row.hourly, hourlyText(point.hourly, reply, format)],
    [words.row.savings, money(point.savings)],
    [words.row.savings_rate, format.percent(point.savings_rate)],
    [words.row.coverage, format.percent(point.coverage)],
    [words.row.utilisation, format.percent(point.utilisation)],
    [words.row.waste, money(point.waste)],
    [words.row.commitment, money(point.commitment)],
    [words.row.cost, money(point.cost)],
  ];
}

/** The curve as figures. */
export function curveTable(reply: CommitmentOptimum): DataTable {
  const money = (name: string) => ({ name: `${name}, ${reply.currency}`, figure: true });
  const { row } = words;
  return {
    title: `${words.title} ${reply.label}`,
    about: [reply.evidence.scope],
    columns: [
      { name: row.hourly, figure: true },
      money(row.savings),
      { name: row.savings_rate, figure: true },
      { name: row.coverage, figure: true },
      { name: row.utilisation, figure: true },
      money(row.waste),
      money(row.commitment),
      money(row.cost),
    ],
    rows: reply.curve.map((point) => [
      point.hourly,
      point.savings,
      point.savings_rate,
      point.coverage,
      point.utilisation,
      point.waste,
      point.commitment,
      point.cost,
    ]),
  };
}
