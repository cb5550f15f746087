import { describe, expect, test } from "vitest";

import type { Row } from "../bindings/Row";
import { createFormatter } from "../format/format";
import { treemapModel, treemapText } from "./treemap";

const format = createFormatter("en-US");
const figure = (value: string | null) => format.money(value, "USD");

const row = (key: string | null, value: string | null, role: Row["role"] = "group"): Row => ({
  keys: [key],
  role,
  cells: [{ value, previous: null, change: null, change_ratio: null, share: null }],
});

const of = (total: string, ...rows: Row[]) =>
  treemapModel(
    { rows, total: [{ value: total, previous: null, change: null, change_ratio: null, share: null }] },
    (one) => (one.role === "other" ? "Other" : (one.keys[0] ?? "(missing)")),
  );

describe("a treemap", () => {
  test("draws what is above zero, and tells the rest in words", () => {
    const model = of(
      "80",
      row("A", "75"),
      row(null, "10"),
      row("Tax", "0"),
      row("Credits", "-10"),
      row("B", null),
      row(null, "5", "other"),
    );
    expect(model.drawn.map((area) => [area.name, area.share])).toEqual([
      ["A", "0.937500"],
      ["(missing)", "0.125000"],
      ["Other", "0.062500"],
    ]);
    expect(treemapText(model, "Service", figure, format)).toBe(
      "Service: A 75.00 (93.8%); (missing) 10.00 (12.5%); Other 5.00 (6.2%). Not drawn: Tax 0.00; Credits (10.00); B –",
    );
  });

  test("a name of a page's length is cut, whatever its letters", () => {
    const model = of("1", row("\u{1f600}".repeat(10_000), "1"));
    expect([...(model.drawn[0]?.name ?? "")].length).toBe(60);
    expect(treemapText(model, "Tag", figure, format).length).toBeLessThan(200);
  });

  test("a month of credits alone has no area and no share", () => {
    const model = of("-12", row("Credits", "-12"));
    expect(model.drawn).toEqual([]);
    expect(treemapText(model, "Service", figure, format)).toBe(
      "Service: nothing above zero. Not drawn: Credits (12.00)",
    );
  });
});
