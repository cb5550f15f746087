import { describe, expect, test } from "vitest";

import { createFormatter } from "../format/format";
import { changeText, compactText, direction, wholeText } from "./kpis";

const format = createFormatter("en-US");
const RANGE = { says: "", least: "0.6", most: "0.85", met: false };

describe("a key figure", () => {
  test("is compact in the strip and whole in the panel", () => {
    expect(compactText("378093.71452", "currency", format)).toBe("378K");
    expect(compactText("0.261738", "ratio", format)).toBe("26.2%");
    expect(wholeText("4109.714288", "currency_per_day", "USD", format)).toBe("USD\u00a04,109.71 a day");
    expect(wholeText("0.261738", "ratio", "USD", format)).toBe("26.2%");
  });

  test("moves in per cent where it is money, in points where it is a ratio", () => {
    const money = { unit: "currency" as const, previous: "200", change: "-50" };
    expect(changeText(money, format)).toBe("\u221225.0%");
    expect(changeText({ unit: "ratio", previous: "0.60", change: "-0.343785" }, format)).toBe(
      "\u221234.4 pp",
    );
    expect(changeText({ unit: "ratio", previous: "0.60", change: "0" }, format)).toBe("0.0 pp");
  });

  test("has no change where it was nothing or is not compared, and never an Infinity", () => {
    expect(changeText({ unit: "currency", previous: null, change: null }, format)).toBeNull();
    expect(changeText({ unit: "currency", previous: "0", change: "1500" }, format)).toBe("+1.50K");
  });

  test("is worse when cost or waste rise, better when a share does, and neither within a range", () => {
    const of = (id: string, unit: "currency" | "ratio", change: string, target: typeof RANGE | null = null) =>
      ({ id, unit, change, target }) as Parameters<typeof direction>[0];
    expect(direction(of("total", "currency", "5"), "billed_cost")).toBe(1);
    expect(direction(of("total", "currency", "5"), "savings")).toBe(-1);
    expect(direction(of("total", "currency", "5"), "charges")).toBe(1);
    expect(direction(of("commitment_waste", "currency", "-5"), "savings")).toBe(-1);
    expect(direction(of("allocated_share", "ratio", "0.1"), "billed_cost")).toBe(-1);
    expect(direction(of("allocated_share", "ratio", "-0.0004"), "billed_cost"), "shown as 0.0 pp").toBe(0);
    expect(direction(of("commitment_coverage", "ratio", "0.1", RANGE), "billed_cost")).toBe(0);
    expect(direction(of("total", "currency", "0"), "billed_cost")).toBe(0);
  });
});
