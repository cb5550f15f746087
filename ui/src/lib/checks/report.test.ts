import { describe, expect, test } from "vitest";

import type { Finding, FlagInForce, ScorePart } from "../backend/commands";
import {
  ALL_FINDINGS,
  bySeverity,
  components,
  flagKey,
  flagTable,
  ordered,
  providersOf,
  wanted,
} from "./report";

const part = (component: string, lost: string, provider = "AWS"): ScorePart => ({
  component,
  provider,
  currency: null,
  severity: null,
  concerned: "1",
  of: "2",
  unit: component,
  lost,
});

const finding = (rule: string, severity: string, origin: string, providers: string[]): Finding => ({
  rule,
  also: [],
  severity,
  title: rule,
  count: 1,
  counted: "charges",
  cost: [],
  meaning: "",
  action: "",
  examples: [],
  origin,
  requirement: "",
  corrected: null,
  scopes: providers.map((provider) => ({
    provider,
    load: null,
    report: null,
    billing_period: null,
    count: 1,
    cost: [],
  })),
});

describe("the score", () => {
  test("its components add up exactly, and one that took nothing is there all the same", () => {
    const found = components([
      part("charges", "0.10"),
      part("charges", "0.20", "Oracle"),
      part("rows", "0.01"),
    ]);
    expect(found.map(({ name, lost }) => [name, lost])).toEqual([
      ["charges", "0.3"],
      ["days", "0"],
      ["rows", "0.01"],
      ["columns", "0"],
    ]);
    expect(found[0]?.lines.length).toBe(2);
    expect(
      found.reduce((most, { most: own }) => most + own, 0),
      "all of it is 100 points",
    ).toBe(100);
  });
});

describe("findings", () => {
  const all = [
    finding("a", "error", "model", ["AWS", "Oracle"]),
    finding("b", "warning", "own", ["AWS"]),
    finding("c", "notice", "text", ["Oracle"]),
  ];

  test("are narrowed by severity, by who asks and by provider", () => {
    expect(wanted(all, ALL_FINDINGS)).toEqual(all);
    expect(wanted(all, { ...ALL_FINDINGS, provider: "Oracle" }).map(({ rule }) => rule)).toEqual(["a", "c"]);
    expect(wanted(all, { severity: "error", origin: "own", provider: null })).toEqual([]);
    expect(providersOf(all)).toEqual(["AWS", "Oracle"]);
  });

  test("stand by severity, and what exports lack comes after what charges break", () => {
    const lacking = { ...finding("d", "error", "model", ["AWS"]), counted: "loads" };
    expect(ordered([all[2] ?? lacking, lacking, ...all]).map(({ rule }) => rule)).toEqual([
      "a",
      "d",
      "b",
      "c",
      "c",
    ]);
  });

  test("are counted by severity within what else is asked, not within the severity chosen", () => {
    expect(bySeverity(all, { severity: "error", origin: null, provider: "AWS" })).toEqual({
      error: 1,
      warning: 1,
      notice: 0,
    });
  });
});

describe("applicability flags", () => {
  const flag = (provider: string, name: string, on: boolean): FlagInForce => ({
    provider,
    flag: name,
    says: `says ${name}`,
    on,
    source: "usual",
    chosen: null,
    otherwise: on,
  });

  test("make a table, a provider a column", () => {
    const table = flagTable([
      flag("Oracle", "TAGS", true),
      flag("AWS", "TAGS", false),
      flag("AWS", "ZONES", true),
    ]);
    expect(table.providers).toEqual(["AWS", "Oracle"]);
    expect(table.rows.map(({ flag: name, cells }) => [name, cells.map((cell) => cell?.on ?? null)])).toEqual([
      ["TAGS", [false, true]],
      ["ZONES", [true, null]],
    ]);
  });

  test("are set by provider and name", () => {
    expect(flagKey(flag('a:"b"', "ZONES", true))).toBe('a:"b":ZONES');
  });
});
