/** The cheapest mix of purchases: what is asked for it, what comes of it, and the frontier of savings against the tail. */
import type { EChartsCoreOption } from "echarts/core";

import type { CommitmentFrontierPoint } from "../bindings/CommitmentFrontierPoint";
import type { CommitmentPortfolio } from "../bindings/CommitmentPortfolio";
import type { CommitmentPortfolioRequest } from "../bindings/CommitmentPortfolioRequest";
import type { Palette } from "../chart/palette";
import { compare, divide, geometry, isDecimal, normalise, sign, subtract, sum } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import type { DataTable } from "../table/table";
import { monthsFrom } from "./basket";
import { instrumentProblems, type InstrumentRow, instrumentsOf, ladderOf } from "./instruments";
import { FIRST_PATHS, pathProblems, type PathRow, pathsOf } from "./paths";
import { counted, type ScenarioWeight, weightProblem } from "./scenarioWeights";

const words = messages.commit.portfolio;
const PERCENT_DECIMALS = 10;
const COUNT_MAX = 500;

/** How demand may go: as it is laid forward, drawn from how it moved, around the forecast or from scenarios, or as it is typed. */
export const DEMANDS = ["certain", "drawn", "forecast", "scenarios", "own"] as const;
export type PortfolioDemand = (typeof DEMANDS)[number];

export const isDrawn = (demand: PortfolioDemand) => demand !== "certain" && demand !== "own";

export interface PortfolioDraft {
  readonly rows: readonly InstrumentRow[];
  /** The constraints; empty is none. */
  readonly upfront: string;
  readonly longest: string;
  readonly coverage: string;
  readonly ladder: string;
  /** The most that is bought in one of its months. */
  readonly rung: string;
  /** How much the tail counts, and where it begins in per cent. */
  readonly weight: string;
  readonly level: string;
  /** The cost of capital a year in per cent. */
  readonly capital: string;
  readonly demand: PortfolioDemand;
  /** How many ways are drawn. */
  readonly count: string;
  readonly paths: readonly PathRow[];
  /** The scenarios that they are drawn from. */
  readonly scenarios: readonly ScenarioWeight[];
  readonly frontier: boolean;
}

export const EMPTY_PORTFOLIO: PortfolioDraft = {
  rows: [],
  upfront: "",
  longest: "",
  coverage: "",
  ladder: "",
  rung: "",
  weight: "0.5",
  level: "95",
  capital: "",
  demand: "drawn",
  count: "100",
  paths: FIRST_PATHS,
  scenarios: [],
  frontier: true,
};

export type PortfolioField =
  "upfront" | "longest" | "coverage" | "ladder" | "rung" | "weight" | "level" | "capital" | "count";

/** The weights of the frontier: from no regard for the tail to as good as nothing else. */
export const FRONTIER_WEIGHTS: readonly string[] = ["0", "0.25", "0.5", "1", "2", "5"];

const isPercent = (text: string, least: 0 | 1) =>
  isDecimal(text) && sign(text) >= least && compare(text, "100") < 0;

/** What is wrong with a field; null where it can be used. */
export function fieldProblem(draft: PortfolioDraft, field: PortfolioField, horizon: number): string | null {
  const text = draft[field];
  const { wrong } = words;
  const needed = field === "level" || field === "count";
  if (text === "") return needed ? wrong[field] : null;
  switch (field) {
    case "upfront":
    case "weight":
      return isDecimal(text) && sign(text) >= 0 ? null : wrong[field];
    case "rung":
      return isDecimal(text) && sign(text) > 0 ? null : wrong.rung;
    case "longest":
      return monthsFrom(text) === null ? wrong.longest : null;
    case "coverage":
      return isPercent(text, 0) || text === "100" ? null : wrong.coverage;
    case "capital":
      return isPercent(text, 0) ? null : wrong.capital;
    case "level":
      return isPercent(text, 1) ? null : wrong.level;
    case "ladder":
      return ladderOf(text, horizon) === null ? wrong.months(horizon - 1) : null;
    case "count":
      return !isDrawn(draft.demand) ||
        (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= COUNT_MAX)
        ? null
        : wrong.count;
  }
}

const FIELDS: readonly PortfolioField[] = [
  "upfront",
  "longest",
  "coverage",
  "ladder",
  "rung",
  "weight",
  "level",
  "capital",
  "count",
];

export function isSound(draft: PortfolioDraft, horizon: number): boolean {
  return (
    draft.rows.length > 0 &&
    instrumentProblems(draft.rows, horizon).size === 0 &&
    FIELDS.every((field) => fieldProblem(draft, field, horizon) === null) &&
    (draft.demand !== "own" || (draft.paths.length > 0 && pathProblems(draft.paths).size === 0)) &&
    (draft.demand !== "scenarios" ||
      (counted(draft.scenarios).length > 0 && draft.scenarios.every((row) => weightProblem(row) === null)))
  );
}

/** Per cent as a fraction; nothing of nothing. */
export const fraction = (percent: string): string | null => {
  const value = percent === "" ? null : divide(percent, "100", PERCENT_DECIMALS);
  return value === null ? null : normalise(value);
};

/** The scenarios that ways are drawn from; none for ways that are drawn otherwise. */
export const scenariosOf = (draft: Pick<PortfolioDraft, "demand" | "scenarios">) =>
  draft.demand === "scenarios" ? counted(draft.scenarios) : [];

export type PortfolioGround = Pick<
  CommitmentPortfolioRequest,
  "question" | "step" | "horizon_months" | "demand"
>;

/** The draft as the engine takes it; null where something cannot be used. */
export function portfolioRequest(
  draft: PortfolioDraft,
  ground: PortfolioGround,
): CommitmentPortfolioRequest | null {
  const horizon = ground.horizon_months ?? 12;
  if (!isSound(draft, horizon)) return null;
  return {
    ...ground,
    draw: isDrawn(draft.demand)
      ? {
          paths: Number(draft.count),
          follow_forecast: draft.demand === "forecast",
          scenarios: scenariosOf(draft),
        }
      : null,
    paths: draft.demand === "own" ? pathsOf(draft.paths) : [],
    instruments: instrumentsOf(draft.rows, ladderOf(draft.ladder, horizon) ?? [], horizon),
    upfront: draft.upfront || null,
    most_a_month: draft.rung || null,
    longest_term_months: draft.longest === "" ? null : monthsFrom(draft.longest),
    coverage: fraction(draft.coverage),
    risk_weight: draft.weight || null,
    risk_level: fraction(draft.level),
    capital_rate: fraction(draft.capital),
    risk_weights: draft.frontier ? [...FRONTIER_WEIGHTS] : [],
  };
}

export interface FrontierMark {
  readonly name: string;
  readonly savings: string;
  readonly tail: string;
  readonly kind: "today" | "basket" | "asked";
}

/** Nothing bought: it saves nothing, and its tail is what every portfolio is held against. */
export function todayMark(point: Pick<CommitmentFrontierPoint, "tail_cost" | "tail_savings">): FrontierMark {
  return {
    name: words.frontier.today,
    savings: "0",
    tail: sum([point.tail_cost, point.tail_savings]),
    kind: "today",
  };
}

/** A basket on the same ways of demand: the mean of its costs against buying nothing. */
export function basketMark(
  bands: { readonly costs: readonly string[]; readonly tail_cost: string | null },
  costWithout: string,
): FrontierMark | null {
  const mean = divide(sum(bands.costs), String(bands.costs.length), 2);
  const savings = mean === null ? null : subtract(costWithout, mean);
  return savings === null || bands.tail_cost === null
    ? null
    : { name: words.frontier.basket, savings, tail: bands.tail_cost, kind: "basket" };
}

export interface FrontierDrawing {
  points: readonly CommitmentFrontierPoint[];
  marks: readonly FrontierMark[];
  currency: string;
  palette: Palette;
  format: Formatter;
  alt: string;
}

interface Pointed {
  name: string;
  seriesIndex: number;
  dataIndex: number;
}

/** Expected savings over the cost of the tail: the points of the frontier in a line, what stands beside it as marks. */
export function frontierOption({
  points,
  marks,
  currency,
  palette,
  format,
  alt,
}: FrontierDrawing): EChartsCoreOption {
  const axisText = { color: palette.muted, fontFamily: palette.font, fontSize: 11 };
  const colours = {
    today: palette.before,
    basket: palette.series[2] ?? palette.current,
    asked: palette.mark,
  };
  const axis = (name: string) => ({
    type: "value",
    name,
    scale: true,
    nameTextStyle: axisText,
    axisLine: { lineStyle: { color: palette.line }, onZero: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.line } },
    axisLabel: {
      ...axisText,
      hideOverlap: true,
      formatter: (value: number) => format.compact(String(value)),
    },
  });
  const label = (text: string, position: string) => ({
    show: true,
    formatter: text,
    position,
    color: palette.text,
    fontFamily: palette.font,
    fontSize: 11,
  });
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: alt } },
    grid: { left: 64, right: 56, top: 50, bottom: 44, outerBoundsMode: "none" },
    xAxis: { ...axis(words.frontier.tail(currency)), nameLocation: "middle", nameGap: 26 },
    yAxis: {
      ...axis(words.frontier.savings(currency)),
      nameTextStyle: { ...axisText, align: "left", padding: [0, 0, 0, -56] },
      nameGap: 30,
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
      formatter: ({ name, seriesIndex, dataIndex }: Pointed) => {
        // The figures as they are, not the places that they are drawn at.
        const point = points[dataIndex];
        const mark = marks[seriesIndex - 1];
        const [savings, tail] =
          seriesIndex === 0
            ? [point?.expected_savings ?? null, point?.tail_cost ?? null]
            : [mark?.savings ?? null, mark?.tail ?? null];
        const box = document.createElement("div");
        const lines = [
          name,
          `${words.frontier.savings(currency)}: ${format.money(savings, currency)}`,
          `${words.frontier.tail(currency)}: ${format.money(tail, currency)}`,
        ];
        for (const text of lines) {
          const line = document.createElement("div");
          line.textContent = text;
          box.append(line);
        }
        return box;
      },
    },
    series: [
      {
        type: "line",
        data: points.map((point) => ({
          name: words.frontier.weight(format.quantity(point.risk_weight)),
          value: [geometry(point.tail_cost), geometry(point.expected_savings)],
        })),
        symbol: "circle",
        symbolSize: 7,
        lineStyle: { color: palette.current, width: 1.75 },
        itemStyle: { color: palette.current },
        label: {
          ...label("", "bottom"),
          formatter: ({ dataIndex }: { dataIndex: number }) =>
            format.quantity(points[dataIndex]?.risk_weight ?? "0"),
          color: palette.muted,
        },
        labelLayout: { hideOverlap: true },
        cursor: "default",
      },
      ...marks.map((mark) => ({
        type: "line",
        data: [{ name: mark.name, value: [geometry(mark.tail), geometry(mark.savings)] }],
        symbol: mark.kind === "asked" ? "diamond" : "circle",
        symbolSize: mark.kind === "asked" ? 13 : 10,
        itemStyle: { color: colours[mark.kind], borderColor: palette.surface, borderWidth: 1 },
        label: label(mark.name, mark.kind === "today" ? "left" : "top"),
        labelLayout: { moveOverlap: "shiftY" },
        cursor: "default",
        z: 4,
      })),
    ],
  };
}

/** The frontier as figures, what stands beside it below. */
export function frontierTable(
  points: readonly CommitmentFrontierPoint[],
  marks: readonly FrontierMark[],
  currency: string,
): DataTable {
  const money = (name: string) => ({ name: `${name}, ${currency}`, figure: true });
  const { frontier } = words;
  return {
    title: frontier.title,
    about: [],
    columns: [
      { name: frontier.which, figure: false },
      money(words.savesShort),
      money(frontier.tailShort),
      money(words.upfrontShort),
      { name: words.coverage, figure: true },
      { name: words.gap, figure: true },
    ],
    rows: [
      ...points.map((point) => [
        frontier.weight(point.risk_weight),
        point.expected_savings,
        point.tail_cost,
        point.upfront,
        point.coverage,
        point.gap,
      ]),
      ...marks
        .filter((mark) => mark.kind !== "asked")
        .map((mark) => [mark.name, mark.savings, mark.tail, null, null, null]),
    ],
  };
}

/** The purchases as figures. */
export function purchasesTable(reply: Pick<CommitmentPortfolio, "currency" | "purchases">): DataTable {
  return {
    title: words.purchases,
    about: [],
    columns: [
      { name: words.purchase, figure: false },
      { name: words.month, figure: false },
      { name: `${words.hourly}, ${reply.currency}`, figure: true },
    ],
    rows: reply.purchases.map((one) => [one.name, one.month, one.hourly]),
  };
}
