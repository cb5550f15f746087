/**
 * A view as the part of an address behind `#`, so that a link restores it. What equals the default is left out; what
 * cannot be read is the default again: an address is text from outside.
 */
import type { Conversion } from "../bindings/Conversion";
import type { Filter } from "../bindings/Filter";
import type { Grain } from "../bindings/Grain";
import type { Measure } from "../bindings/Measure";
import type { Operator } from "../bindings/Operator";
import type { Period } from "../bindings/Period";
import { isDecimal } from "../format/decimal";
import { isMeasure } from "../question/measures";
import { isDay } from "./period";
import {
  type ChangeParams,
  COMMIT_PARTS,
  COMMIT_PAYMENTS,
  COMMIT_SHADES,
  type CommitParams,
  type Compared,
  DEFAULT_CHANGE,
  DEFAULT_COMMIT,
  DEFAULT_FORECAST,
  DEFAULT_PIVOT,
  DEFAULT_UNITS,
  DEFAULT_VIEW,
  type DrillStep,
  FORECAST_PARTS,
  type ForecastHold,
  type ForecastParams,
  PIVOT_SHARES,
  type PivotParams,
  type Screen,
  SCREENS,
  SOURCES_PARTS,
  type UnitsParams,
  type ViewParams,
} from "./view";

const OPERATORS: readonly Operator[] = ["is", "is_not", "contains", "not_contains", "missing", "present"];
const GRAINS: readonly Grain[] = ["month", "day", "hour"];
const TOP_MAX = 100;
const CURRENCY = /^[A-Z]{3}$/;

export function toAddress(view: ViewParams): string {
  const query = new URLSearchParams();
  const put = (key: string, value: string | null, usual: string | null = null) => {
    if (value !== null && value !== usual) query.append(key, value);
  };
  put("cost", view.measure, DEFAULT_VIEW.measure);
  put("period", view.period && `${view.period.from}..${view.period.to}`);
  put("on", view.on, DEFAULT_VIEW.on);
  put("compare", comparisonText(view.compare));
  put("grain", view.grain);
  put("currency", view.currency);
  put("convert", conversionText(view.convert));
  for (const filter of view.filters)
    put("where", JSON.stringify([filter.dimension, filter.operator, ...filter.values]));
  for (const step of view.drill) put("drill", JSON.stringify([step.dimension, step.value]));
  put("lists", JSON.stringify(view.leaderboards), JSON.stringify(DEFAULT_VIEW.leaderboards));
  put("top", String(view.top), String(DEFAULT_VIEW.top));
  put("split", view.split);
  put("trend", view.trendAs, DEFAULT_VIEW.trendAs);
  put("running", view.cumulative ? "yes" : null);
  put("perday", view.perDay ? "yes" : null);
  put("below", view.below, DEFAULT_VIEW.below);
  put("pivot", pivotText(view.pivot), pivotText(DEFAULT_PIVOT));
  put("change", changeText(view.change), changeText(DEFAULT_CHANGE));
  put("units", unitsText(view.units), unitsText(DEFAULT_UNITS));
  put("forecast", differing(view.forecast, DEFAULT_FORECAST), "{}");
  put("commit", differing(view.commit, DEFAULT_COMMIT), "{}");
  put("areas", JSON.stringify(view.treemaps), "[]");
  put("columns", view.columns && JSON.stringify(view.columns));
  put("order", view.order && `${view.order.descending ? "-" : ""}${view.order.column}`);
  put("superseded", view.superseded ? "yes" : null);
  put("part", view.part, DEFAULT_VIEW.part);
  put("opened", view.opened);
  const text = query.toString();
  return `#/${view.screen}${text === "" ? "" : `?${text}`}`;
}

const LINK = "quarterdeck://view";

/** A view as a text that can be sent and pasted: it restores the view in any engagement that has what it names. */
export function toLink(view: ViewParams): string {
  return `${LINK}${toAddress(view).slice(1)}`;
}

/** The view that a pasted text is a link to; null where it is none. */
export function fromLink(text: string): ViewParams | null {
  const trimmed = text.trim();
  const address = trimmed.startsWith(LINK)
    ? trimmed.slice(LINK.length)
    : trimmed.startsWith("#/")
      ? trimmed.slice(1)
      : "";
  const room = /^\/([a-z]+)(\?|$)/.exec(address)?.[1];
  return SCREENS.some((screen) => screen === room) ? fromAddress(address) : null;
}

export function fromAddress(address: string): ViewParams {
  const [path = "", text = ""] = address.replace(/^#?\/?/, "").split("?", 2);
  const query = new URLSearchParams(text);
  const measure = query.get("cost") ?? "";
  const order = query.get("order");
  const top = Number(query.get("top"));
  return {
    screen: (SCREENS as readonly string[]).includes(path) ? (path as Screen) : DEFAULT_VIEW.screen,
    measure: isMeasure(measure) ? measure : DEFAULT_VIEW.measure,
    period: period(query.get("period")),
    on: query.get("on") === "billing" ? "billing" : "charge",
    filters: query
      .getAll("where")
      .map(filter)
      .filter((found) => found !== null),
    compare: comparison(query.get("compare")),
    grain: GRAINS.find((grain) => grain === query.get("grain")) ?? null,
    currency: CURRENCY.test(query.get("currency") ?? "") ? query.get("currency") : null,
    convert: conversion(query.get("convert")),
    drill: query
      .getAll("drill")
      .map(drillStep)
      .filter((found) => found !== null),
    leaderboards: texts(query.get("lists")) ?? DEFAULT_VIEW.leaderboards,
    top: Number.isInteger(top) && top > 0 && top <= TOP_MAX ? top : DEFAULT_VIEW.top,
    split: query.get("split"),
    trendAs: query.get("trend") === "table" ? "table" : "chart",
    cumulative: query.get("running") === "yes",
    perDay: query.get("perday") === "yes",
    below: query.get("below") === "pivot" ? "pivot" : "lists",
    pivot: pivot(query.get("pivot")),
    change: change(query.get("change")),
    units: units(query.get("units")),
    forecast: forecast(query.get("forecast")),
    commit: commit(query.get("commit")),
    treemaps: texts(query.get("areas")) ?? DEFAULT_VIEW.treemaps,
    columns: texts(query.get("columns")),
    order: order ? { column: order.replace(/^-/, ""), descending: order.startsWith("-") } : null,
    superseded: query.get("superseded") === "yes",
    part: SOURCES_PARTS.find((part) => part === query.get("part")) ?? DEFAULT_VIEW.part,
    opened: query.get("opened"),
  };
}

function pivotText(pivot: PivotParams): string {
  return JSON.stringify([pivot.rows, pivot.column, pivot.measures, pivot.share, pivot.cumulative]);
}

function pivot(text: string | null): PivotParams {
  const found = json(text);
  if (!Array.isArray(found) || found.length !== 5) return DEFAULT_PIVOT;
  const [rows, column, measures, share, cumulative] = found as unknown[];
  const known = PIVOT_SHARES.find((one) => one === share);
  if (!isTexts(rows) || rows.length === 0 || !isTexts(measures) || !known) return DEFAULT_PIVOT;
  if ((column !== null && typeof column !== "string") || !measures.every(isMeasure)) return DEFAULT_PIVOT;
  return {
    rows: [...new Set(rows)],
    column,
    measures: [...new Set<Measure>(measures)],
    share: known,
    cumulative: cumulative === true,
  };
}

function changeText({ convention, by, effect, mover, as }: ChangeParams): string {
  return JSON.stringify([convention, by, effect, mover && [mover.value], as]);
}

const CONVENTIONS = ["base_first", "midpoint"] as const;
const EFFECT = /^[a-z_]{1,40}$/;

function change(text: string | null): ChangeParams {
  const found = json(text);
  if (!Array.isArray(found) || found.length !== 5) return DEFAULT_CHANGE;
  const [convention, by, effect, mover, as] = found as unknown[];
  const known = CONVENTIONS.find((one) => one === convention);
  const value: unknown = Array.isArray(mover) ? mover[0] : undefined;
  if (!known || typeof by !== "string" || by === "") return DEFAULT_CHANGE;
  return {
    convention: known,
    by,
    effect: typeof effect === "string" && EFFECT.test(effect) ? effect : null,
    mover: value === null || typeof value === "string" ? { value } : null,
    as: as === "table" ? "table" : "chart",
  };
}

function unitsText({ metric, grain, by, focus, order, as }: UnitsParams): string {
  return JSON.stringify([metric, grain, by, focus && [focus.value], order, as]);
}

function units(text: string | null): UnitsParams {
  const found = json(text);
  if (!Array.isArray(found) || found.length !== 6) return DEFAULT_UNITS;
  const [metric, grain, by, focus, order, as] = found as unknown[];
  const known = CONVENTIONS.find((one) => one === order);
  const value: unknown = Array.isArray(focus) ? focus[0] : undefined;
  if (!known || (metric !== null && typeof metric !== "string") || (by !== null && typeof by !== "string"))
    return DEFAULT_UNITS;
  return {
    metric,
    grain: grain === "day" ? "day" : "month",
    by,
    focus: by !== null && (value === null || typeof value === "string") ? { value } : null,
    order: known,
    as: as === "table" ? "table" : "chart",
  };
}

/** What differs from the usual, by name. */
function differing<Params extends object>(params: Params, usual: Params): string {
  const known = usual as Record<string, unknown>;
  const found = Object.entries(params).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(known[key]),
  );
  return JSON.stringify(Object.fromEntries(found));
}

const HORIZON_MAX = 366;
const HOLDS_MAX = 100;

function forecast(text: string | null): ForecastParams {
  const found = json(text);
  if (found === null || typeof found !== "object" || Array.isArray(found)) return DEFAULT_FORECAST;
  const read = found as Record<string, unknown>;
  const named = (key: string) => {
    const value = read[key];
    return typeof value === "string" ? value : null;
  };
  const whole = (key: string, least: number, most: number) => {
    const value = read[key];
    return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
      ? value
      : null;
  };
  return {
    part: FORECAST_PARTS.find((part) => part === read["part"]) ?? DEFAULT_FORECAST.part,
    grain: read["grain"] === "day" ? "day" : "month",
    horizon: whole("horizon", 1, HORIZON_MAX),
    wide: read["wide"] === true,
    by: "by" in read ? named("by") || null : DEFAULT_FORECAST.by,
    then: named("then") || null,
    holds: Array.isArray(read["holds"])
      ? read["holds"].slice(0, HOLDS_MAX).flatMap((one) => forecastHold(one) ?? [])
      : [],
    holdTotal: decimal(read["holdTotal"]),
    driver: forecastDriver(read["driver"]),
    overlay: named("overlay") || null,
    as: read["as"] === "table" ? "table" : "chart",
    scenario: named("scenario") || null,
    against: named("against"),
    budget: named("budget") || null,
    year: whole("year", 1900, 2999),
    frozen: named("frozen") || null,
  };
}

const TERM_MAX = 60;
const BASIS_MAX = 60;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

function commit(text: string | null): CommitParams {
  const found = json(text);
  if (found === null || typeof found !== "object" || Array.isArray(found)) return DEFAULT_COMMIT;
  const read = found as Record<string, unknown>;
  const named = (key: string) => {
    const value = read[key];
    return typeof value === "string" && value !== "" ? value : null;
  };
  const whole = (key: string, most: number) => {
    const value = read[key];
    return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most ? value : null;
  };
  const month = named("month");
  return {
    part: COMMIT_PARTS.find((part) => part === read["part"]) ?? DEFAULT_COMMIT.part,
    open: named("open"),
    by: "by" in read ? named("by") : DEFAULT_COMMIT.by,
    month: month !== null && MONTH.test(month) ? month : null,
    shade: COMMIT_SHADES.find((shade) => shade === read["shade"]) ?? DEFAULT_COMMIT.shade,
    step: (["hour", "day"] as const).find((step) => step === read["step"]) ?? null,
    program: named("program"),
    family: named("family"),
    region: named("region"),
    term: whole("term", TERM_MAX) ?? DEFAULT_COMMIT.term,
    payment: COMMIT_PAYMENTS.find((payment) => payment === read["payment"]) ?? DEFAULT_COMMIT.payment,
    basis: "basis" in read ? whole("basis", BASIS_MAX) : DEFAULT_COMMIT.basis,
    basket: named("basket"),
    against: named("against"),
    as: read["as"] === "table" ? "table" : "chart",
  };
}

function decimal(value: unknown): string | null {
  return typeof value === "string" && isDecimal(value) ? value : null;
}

function forecastHold(value: unknown): ForecastHold | null {
  if (value === null || typeof value !== "object") return null;
  const { value: of, amount } = value as Record<string, unknown>;
  if ((of !== null && typeof of !== "string") || typeof amount !== "string" || !isDecimal(amount))
    return null;
  return { value: of, amount };
}

function forecastDriver(value: unknown): ForecastParams["driver"] {
  if (value === null || typeof value !== "object") return null;
  const { metric, growth } = value as Record<string, unknown>;
  if (typeof metric !== "string" || metric === "") return null;
  return { metric, growth: decimal(growth) };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function comparisonText(compare: Compared | null): string | null {
  if (compare === null || typeof compare === "string") return compare;
  if ("budget" in compare) return compare.budget === "" ? "budget" : `budget:${compare.budget}`;
  if ("forecast" in compare) return `forecast:${compare.forecast}`;
  return `${compare.period.from}..${compare.period.to}`;
}

function comparison(text: string | null): Compared | null {
  if (text === "previous" || text === "year_ago") return text;
  const [, kind, name] = /^(budget|forecast)(?::(.+))?$/.exec(text ?? "") ?? [];
  if (kind === "budget") return { budget: name ?? "" };
  if (kind === "forecast" && name !== undefined) return { forecast: name };
  const found = period(text);
  return found && { period: found };
}

function conversionText(convert: Conversion | null): string | null {
  return convert && JSON.stringify([convert.to, convert.table, convert.dated, convert.age_days_max]);
}

const RATE_DATES = ["charge_day", "billing_month"] as const;
const AGE_DAYS_MAX = 366;

function conversion(text: string | null): Conversion | null {
  const found = json(text);
  if (!Array.isArray(found) || found.length !== 4) return null;
  const [to, table, dated, age] = found as unknown[];
  const known = RATE_DATES.find((one) => one === dated);
  if (typeof to !== "string" || !CURRENCY.test(to) || typeof table !== "string" || !known) return null;
  if (!Number.isInteger(age) || Number(age) < 0 || Number(age) > AGE_DAYS_MAX) return null;
  return { to, table, dated: known, age_days_max: Number(age) };
}

function period(text: string | null): Period | null {
  const [from = "", to = ""] = (text ?? "").split("..");
  return isDay(from) && isDay(to) && from < to ? { from, to } : null;
}

function json(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

function texts(text: string | null): string[] | null {
  const found = json(text);
  return isTexts(found) ? found : null;
}

function filter(text: string): Filter | null {
  const found = texts(text);
  const [dimension, operator, ...values] = found ?? [];
  const known = OPERATORS.find((name) => name === operator);
  return dimension && known ? { dimension, operator: known, values } : null;
}

function drillStep(text: string): DrillStep | null {
  const found = json(text);
  if (!Array.isArray(found) || found.length !== 2) return null;
  const [dimension, value] = found as unknown[];
  if (typeof dimension !== "string" || (value !== null && typeof value !== "string")) return null;
  return { dimension, value };
}
