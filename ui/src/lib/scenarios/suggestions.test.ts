import { describe, expect, test } from "vitest";

import { type Cells, type Column, EMPTY_CELLS } from "./columns";
import { TONGUE } from "./fixture";
import { matching, taken, wantedAt } from "./suggestions";

const about = { tongue: TONGUE, dimensions: ["service", "owner"], owners: ["Kim"] };
const cells = (texts: Partial<Cells>): Cells => ({ ...EMPTY_CELLS, ...texts });
const offered = (column: Column, own: Cells, text: string) => {
  const wanted = wantedAt(column, own, text, text.length, about);
  return wanted?.kind === "list" ? wanted.list.map(({ value }) => value) : wanted;
};

describe("what a cell offers", () => {
  test("kinds by what is typed, those that begin with it first", () => {
    expect(offered("kind", cells({}), "re")).toEqual(["Retire", "Renew", "Reallocate", "Expire", "Currency"]);
    expect(offered("owner", cells({}), "k")).toEqual(["Kim"]);
    expect(offered("from", cells({}), "2")).toBeNull();
  });

  test("where: dimensions, then the values of the one that is named", () => {
    expect(offered("where", cells({}), "")).toEqual(["Service", "owner", "everything"]);
    expect(offered("where", cells({}), "Service = Com")).toEqual({
      kind: "values",
      typed: "Com",
      dimension: "service",
    });
    expect(offered("where", cells({}), "Service = A; "), "everything stands alone").toEqual([
      "Service",
      "owner",
    ]);
    expect(offered("at", cells({}), "Service = A; n")).toEqual(["new", "owner"]);
    expect(offered("where", cells({}), "Servce = ")).toBeNull();
  });

  test("settings: those of the kind, then their choices", () => {
    const launch = cells({ kind: "Launch" });
    expect(offered("settings", launch, "cu")).toEqual(["Curve"]);
    expect(offered("settings", launch, "Curve = ")).toEqual(["Linear", "S-curve"]);
    expect(offered("settings", cells({ kind: "Scale" }), "Compound = y")).toEqual(["yes"]);
    expect(offered("settings", cells({}), "a"), "without a kind there are none").toBeNull();
    expect(offered("figure", launch, "")).toEqual(["Plateau", "Plateau in units"]);
  });
});

test("what is taken replaces the whole cell, or the part that is typed", () => {
  const one = (value: string, valued = false) => ({ value, label: value, hint: "", valued });
  expect(taken("kind", "la", 2, one("Launch")).text).toBe("Launch");
  expect(taken("where", "Service = Co; owner = web", 12, one("Compute")).text).toBe(
    "Service = Compute; owner = web",
  );
  expect(taken("settings", "ov", 2, one("Over months", true)).text).toBe("Over months = ");
});

test("ids are found by their names, too", () => {
  const list = [{ value: "4182", label: "Production", hint: "4182", valued: false }];
  expect(matching(list, "prod")).toHaveLength(1);
  expect(matching(list, "41")).toHaveLength(1);
  expect(matching(list, "test")).toHaveLength(0);
});
