/**
 * A view as the part of an address behind `#`, so that a link restores it. What equals the default is left out; what
 * cannot be read is the default again: an address is text from outside.
 */
import type { Comparison } from "../bindings/Comparison";
import type { Conversion } from "../bindings/Conversion";
import type { Filter } from "../bindings/Filter";
import type { Grain } from "../bindings/Grain";
import type { Measure } from "../bindings/Measure";
import type { Operator } from "../bindings/Operator";
import type { Period } from "../bindings/Period";
import { COST_TYPES, OTHER_MEASURES } from "../question/measures";
import { isDay } from "./period";
import { DEFAULT_VIEW, type DrillStep, type Screen, SCREENS, SOURCES_PARTS, type ViewParams } from "./view";

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
  put("columns", view.columns && JSON.stringify(view.columns));
  put("order", view.order && `${view.order.descending ? "-" : ""}${view.order.column}`);
  put("superseded", view.superseded ? "yes" : null);
  put("part", view.part, DEFAULT_VIEW.part);
  put("opened", view.opened);
  const text = query.toString();
  return `#/${view.screen}${text === "" ? "" : `?${text}`}`;
}

export function fromAddress(address: string): ViewParams {
  const [path = "", text = ""] = address.replace(/^#?\/?/, "").split("?", 2);
  const query = new URLSearchParams(text);
  const measure = query.get("cost");
  const order = query.get("order");
  const top = Number(query.get("top"));
  return {
    screen: (SCREENS as readonly string[]).includes(path) ? (path as Screen) : DEFAULT_VIEW.screen,
    measure: ([...COST_TYPES, ...OTHER_MEASURES] as readonly string[]).includes(measure ?? "")
      ? (measure as Measure)
      : DEFAULT_VIEW.measure,
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
    columns: texts(query.get("columns")),
    order: order ? { column: order.replace(/^-/, ""), descending: order.startsWith("-") } : null,
    superseded: query.get("superseded") === "yes",
    part: SOURCES_PARTS.find((part) => part === query.get("part")) ?? DEFAULT_VIEW.part,
    opened: query.get("opened"),
  };
}

function comparisonText(compare: Comparison | null): string | null {
  if (compare === null || typeof compare === "string") return compare;
  return `${compare.period.from}..${compare.period.to}`;
}

function comparison(text: string | null): Comparison | null {
  if (text === "previous" || text === "year_ago") return text;
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
  return Array.isArray(found) && found.every((item) => typeof item === "string") ? found : null;
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
