/**
 * What the analyst looks at: one immutable value, the unit of undo, of Back and Forward and of a link. Nothing about
 * how far a query has come or how a pane is scrolled belongs here.
 */
import type { Comparison } from "../bindings/Comparison";
import type { Conversion } from "../bindings/Conversion";
import type { Filter } from "../bindings/Filter";
import type { Grain } from "../bindings/Grain";
import type { Measure } from "../bindings/Measure";
import type { Period } from "../bindings/Period";
import type { PeriodBasis } from "../bindings/PeriodBasis";
import type { RowOrder } from "../backend/commands";

export const SCREENS = ["sources", "explore", "packs"] as const;
export type Screen = (typeof SCREENS)[number];

/** What Sources shows: the bills, whether they are right, and what the analyst added to them. */
export const SOURCES_PARTS = ["loads", "checks", "invoices", "tags", "rates", "mappings"] as const;
export type SourcesPart = (typeof SOURCES_PARTS)[number];

/** One step down the drill path: only charges with this value of this dimension. */
export interface DrillStep {
  readonly dimension: string;
  readonly value: string | null;
}

export interface ViewParams {
  readonly screen: Screen;
  readonly measure: Measure;
  /** `null` is everything that is loaded. */
  readonly period: Period | null;
  readonly on: PeriodBasis;
  readonly filters: readonly Filter[];
  readonly compare: Comparison | null;
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
