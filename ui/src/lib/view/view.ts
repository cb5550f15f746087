/**
 * What the analyst looks at: one immutable value, the unit of undo, of Back and Forward and of a link. Nothing about
 * how far a query has come or how a pane is scrolled belongs here.
 */
import type { BridgeConvention } from "../bindings/BridgeConvention";
import type { Comparison } from "../bindings/Comparison";
import type { Conversion } from "../bindings/Conversion";
import type { Filter } from "../bindings/Filter";
import type { Grain } from "../bindings/Grain";
import type { Measure } from "../bindings/Measure";
import type { Period } from "../bindings/Period";
import type { PeriodBasis } from "../bindings/PeriodBasis";
import type { Planned } from "../bindings/Planned";
import type { UnitCostSplitOrder } from "../bindings/UnitCostSplitOrder";
import type { RowOrder } from "../backend/commands";

/** The rooms, in the order of the work. */
export const SCREENS = [
  "sources",
  "explore",
  "units",
  "change",
  "forecast",
  "commit",
  "packs",
  "sql",
] as const;
export type Screen = (typeof SCREENS)[number];

/** The rooms that show charges: without any there is nothing to see in them. */
export const CHARGED_SCREENS: readonly Screen[] = ["explore", "units", "change", "forecast", "commit"];

/** The letter that goes to a room, after `g`. */
export const SCREEN_KEYS: Record<Screen, string> = {
  sources: "s",
  explore: "e",
  units: "u",
  change: "c",
  forecast: "f",
  commit: "m",
  packs: "p",
  sql: "q",
};

/** What Sources shows: the bills, whether they are right, and what the analyst added to them. */
export const SOURCES_PARTS = ["loads", "checks", "invoices", "tags", "rates", "mappings"] as const;
export type SourcesPart = (typeof SOURCES_PARTS)[number];

/** What figures are set beside: those of another period, or what was planned. */
export type Compared = Comparison | Planned;

/** One step down the drill path: only charges with this value of this dimension. */
export interface DrillStep {
  readonly dimension: string;
  readonly value: string | null;
}

/** What the figures of a pivot are shown as: themselves, or their part of a total. */
export const PIVOT_SHARES = ["none", "row", "column", "all"] as const;
export type PivotShare = (typeof PIVOT_SHARES)[number];

/** Rows by columns by measures. */
export interface PivotParams {
  /** The dimensions that rows open along, outermost first. Never empty. */
  readonly rows: readonly string[];
  /** `month`, `day` or a dimension; `null` has the measures alone. */
  readonly column: string | null;
  /** What is shown besides the view's measure. */
  readonly measures: readonly Measure[];
  readonly share: PivotShare;
  /** Whether the columns of time add up from left to right. */
  readonly cumulative: boolean;
}

/** How a change is explained, and what of it is open. */
export interface ChangeParams {
  /** The order in which effects are taken. */
  readonly convention: BridgeConvention;
  /** What the movers are values of. */
  readonly by: string;
  /** The effect whose SKUs are listed. */
  readonly effect: string | null;
  /** The mover whose own effects are listed; its value is `null` where charges have none. */
  readonly mover: { readonly value: string | null } | null;
  readonly as: "chart" | "table";
}

/** What a unit costs: which unit, by what, and how it is shown. */
export interface UnitsParams {
  /** `null` is the first metric there is. */
  readonly metric: string | null;
  readonly grain: "month" | "day";
  /** The dimension whose values stand beside each other. */
  readonly by: string | null;
  /** The value that is looked at; without one it is the total. Its value is `null` where charges have none. */
  readonly focus: { readonly value: string | null } | null;
  /** The order in which cost and units are taken. */
  readonly order: UnitCostSplitOrder;
  readonly as: "chart" | "table";
}

/** What Forecast shows: where the cost is heading, what if, and what was planned. */
export const FORECAST_PARTS = ["forecast", "scenarios", "budgets"] as const;
export type ForecastScreenPart = (typeof FORECAST_PARTS)[number];

/** A part of the forecast whose sum is held by hand; its value is `null` where charges have none. */
export interface ForecastHold {
  readonly value: string | null;
  /** What its steps beyond the history are to come to, as decimal text. */
  readonly amount: string;
}

/** Which part of Forecast is open, and what is asked in it. */
export interface ForecastParams {
  readonly part: ForecastScreenPart;
  readonly grain: "month" | "day";
  /** Steps beyond the history; `null` is as many as is usual for the grain. */
  readonly horizon: number | null;
  /** Whether the 95 % interval is drawn besides the 80 % one. */
  readonly wide: boolean;
  /** The dimension whose values the forecast is parted by. */
  readonly by: string | null;
  /** The dimension that tells apart what each of those parts consists of. */
  readonly then: string | null;
  /** The parts whose sums are held. */
  readonly holds: readonly ForecastHold[];
  /** What the steps beyond the history are to come to in all, as decimal text, where that is held. */
  readonly holdTotal: string | null;
  /** The business metric that the cost is explained by, and by how much it grows a month as a fraction. */
  readonly driver: { readonly metric: string; readonly growth: string | null } | null;
  /** The scenario that is drawn over the forecast. */
  readonly overlay: string | null;
  readonly as: "chart" | "table";
  /** The scenario that is edited. */
  readonly scenario: string | null;
  /** What it is compared with: another scenario, or with an empty name its baseline. */
  readonly against: string | null;
  /** The budget file and the year of the scorecard; `null` is the latest. */
  readonly budget: string | null;
  readonly year: number | null;
  /** The frozen forecast that is judged. */
  readonly frozen: string | null;
}

/** What Commit shows: what is held, what it covers hour by hour, what could be bought, and what should be. */
export const COMMIT_PARTS = ["held", "coverage", "offers", "plan"] as const;
export type CommitPart = (typeof COMMIT_PARTS)[number];

/** What the cells of the hours are shaded by: the part that is covered, or the cost that is not. */
export const COMMIT_SHADES = ["coverage", "open"] as const;
export type CommitShade = (typeof COMMIT_SHADES)[number];

export const COMMIT_PAYMENTS = ["no_upfront", "partial_upfront", "all_upfront"] as const;
export type CommitPayment = (typeof COMMIT_PAYMENTS)[number];

/** Which part of Commit is open, and what is asked in it. */
export interface CommitParams {
  readonly part: CommitPart;
  /** The commitment whose facts are shown. */
  readonly open: string | null;
  /** What coverage is parted by; `null` is by month. */
  readonly by: string | null;
  /** The month whose hours are shown; `null` is the last of the period. */
  readonly month: string | null;
  readonly shade: CommitShade;
  /** Hours or days; `null` is hours where any usage has them. */
  readonly step: "hour" | "day" | null;
  /** The program that offers are listed of, and that the savings curve is of. */
  readonly program: string | null;
  /** What the savings curve is narrowed to, and on which terms. */
  readonly family: string | null;
  readonly region: string | null;
  readonly term: number;
  readonly payment: CommitPayment;
  /** On how many months up to the end of the period the curve rests; `null` is all of it. */
  readonly basis: number | null;
  /** The basket that is edited, and the one it is set beside. */
  readonly basket: string | null;
  readonly against: string | null;
  readonly as: "chart" | "table";
}

export interface ViewParams {
  readonly screen: Screen;
  readonly measure: Measure;
  /** `null` is everything that is loaded. */
  readonly period: Period | null;
  readonly on: PeriodBasis;
  readonly filters: readonly Filter[];
  readonly compare: Compared | null;
  /** `null` chooses the step that suits the length of the period. */
  readonly grain: Grain | null;
  /** `null` is the engagement's currency. */
  readonly currency: string | null;
  /** `null` adds up what was billed in one currency; else all costs are converted. */
  readonly convert: Conversion | null;
  readonly drill: readonly DrillStep[];
  /** The dimensions that have a leaderboard besides the next one of the drill path. */
  readonly leaderboards: readonly string[];
  /** How many rows a leaderboard has before "other". */
  readonly top: number;
  /** The dimension that the trend's columns are stacked by. */
  readonly split: string | null;
  readonly trendAs: "chart" | "table";
  /** Whether the trend adds up from left to right. */
  readonly cumulative: boolean;
  /** Whether a comparison sets figures per day side by side. */
  readonly perDay: boolean;
  /** What stands below the trend. */
  readonly below: "lists" | "pivot";
  readonly pivot: PivotParams;
  readonly change: ChangeParams;
  readonly units: UnitsParams;
  readonly forecast: ForecastParams;
  readonly commit: CommitParams;
  /** The leaderboards that are drawn as areas. */
  readonly treemaps: readonly string[];
  /** The charge grid's columns; `null` is the usual ones. */
  readonly columns: readonly string[] | null;
  readonly order: RowOrder | null;
  /** Whether superseded loads are listed. */
  readonly superseded: boolean;
  readonly part: SourcesPart;
  /** What is opened in that part: a load whose changes are shown, a dataset, a file that is mapped by hand. */
  readonly opened: string | null;
}

export const DEFAULT_LEADERBOARDS = [
  "provider",
  "sub_account",
  "service",
  "region",
  "charge_category",
] as const;

export const DEFAULT_PIVOT: PivotParams = Object.freeze({
  rows: ["provider", "sub_account", "service"],
  column: "month",
  measures: [],
  share: "none",
  cumulative: false,
});

export const DEFAULT_CHANGE: ChangeParams = Object.freeze({
  convention: "base_first",
  by: "service",
  effect: null,
  mover: null,
  as: "chart",
});

export const DEFAULT_UNITS: UnitsParams = Object.freeze({
  metric: null,
  grain: "month",
  by: null,
  focus: null,
  order: "base_first",
  as: "chart",
});

export const DEFAULT_FORECAST: ForecastParams = Object.freeze({
  part: "forecast",
  grain: "month",
  horizon: null,
  wide: false,
  by: "service",
  then: null,
  holds: [],
  holdTotal: null,
  driver: null,
  overlay: null,
  as: "chart",
  scenario: null,
  against: null,
  budget: null,
  year: null,
  frozen: null,
});

export const DEFAULT_COMMIT: CommitParams = Object.freeze({
  part: "held",
  open: null,
  by: "service",
  month: null,
  shade: "coverage",
  step: null,
  program: null,
  family: null,
  region: null,
  term: 12,
  payment: "no_upfront",
  basis: 3,
  basket: null,
  against: null,
  as: "chart",
});

export const DEFAULT_VIEW: ViewParams = Object.freeze({
  screen: "explore",
  measure: "billed_cost",
  period: null,
  on: "charge",
  filters: [],
  compare: null,
  grain: null,
  currency: null,
  convert: null,
  drill: [],
  leaderboards: DEFAULT_LEADERBOARDS,
  top: 8,
  split: null,
  trendAs: "chart",
  cumulative: false,
  perDay: false,
  below: "lists",
  pivot: DEFAULT_PIVOT,
  change: DEFAULT_CHANGE,
  units: DEFAULT_UNITS,
  forecast: DEFAULT_FORECAST,
  commit: DEFAULT_COMMIT,
  treemaps: [],
  columns: null,
  order: null,
  superseded: false,
  part: "loads",
  opened: null,
} satisfies ViewParams);

/** Two views are one when their text is: key order is fixed by construction. */
export function sameView(left: ViewParams, right: ViewParams): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** A view with some of its parts replaced. The parts keep the default's key order, so that equal views have equal text. */
export function withParts(view: ViewParams, parts: Partial<ViewParams>): ViewParams {
  return { ...view, ...parts };
}
