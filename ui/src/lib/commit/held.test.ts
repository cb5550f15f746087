import { describe, expect, test } from "vitest";

import { createFormatter } from "../format/format";
import { DEFAULT_VIEW } from "../view/view";
import { held } from "./fixture";
import { addedUp, commitQuestion, factsOf, nextExpiry, orderedBy, scopeText, sorted, worthOf } from "./held";

const format = createFormatter("en-US");
const known = (value: string, reading = false) => ({
  value,
  source: reading ? "a reading: 8,760 hours of it" : "the charges",
  reading,
});

describe("commitments in order", () => {
  const list = [
    held({ id: "a", billed: "9.5", end: known("2027-01-01T00:00:00Z") }),
    held({ id: "b", billed: "120", state: "ended" }),
    held({ id: "c", billed: "10", end: known("2026-07-01T00:00:00Z") }),
  ];

  test("figures by their value, not by their text", () => {
    expect(sorted(list, { column: "billed", descending: true }).map(({ id }) => id)).toEqual(["b", "c", "a"]);
  });

  test("what has no value comes last, whichever way it is sorted", () => {
    for (const descending of [false, true])
      expect(sorted(list, { column: "end", descending }).at(-1)?.id).toBe("b");
  });

  test("equal ones stand by their id", () => {
    expect(sorted(list, { column: "provider", descending: true }).map(({ id }) => id)).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  test("a second click turns the order round; figures begin with the largest", () => {
    const first = orderedBy({ column: "name", descending: false }, "billed");
    expect(first).toEqual({ column: "billed", descending: true });
    expect(orderedBy(first, "billed").descending).toBe(false);
  });

  test("sums are exact", () => {
    expect(addedUp([held({ id: "a", billed: "0.1" }), held({ id: "b", billed: "0.2" })]).billed).toBe("0.3");
  });
});

describe("what is known of a commitment", () => {
  test("what is not known is left out, and what is inferred says so", () => {
    const facts = factsOf(held({ id: "a", end: known("2026-07-01T00:00:00Z", true) }), format);
    expect(facts.map(({ name }) => name)).toEqual(["Id", "Programme", "Ends"]);
    const end = facts.at(-1);
    expect(end?.reading).toBe(true);
    expect(end?.source, "the mark says that it is a reading").toBe("8,760 hours of it");
    expect(end?.value).toBe("Jul 1, 2026");
  });

  test("worth without a figure is no line", () => {
    const names = worthOf(held({ id: "a", savings: "12.5" }), "USD", format).map(([name]) => name);
    expect(names).toContain("Saved against on demand");
    expect(names).not.toContain("Covered usage at contracted prices");
  });

  test("a type says more than its family", () => {
    const scope = {
      region: "eu-west-1",
      zone: null,
      family: "m5",
      instance_type: "m5.large",
      platform: "Linux",
    };
    expect(scopeText(held({ id: "a", scope }))).toBe("m5.large, Linux, eu-west-1");
  });
});

test("the next to end does not lie before the day that counts", () => {
  const expiry = (month: string) => ({ month, ends: ["x"], hourly: "1", hourly_left: "0" });
  const expiries = [expiry("2026-07"), expiry("2027-01")];
  expect(nextExpiry({ as_of: "2026-10-01", expiries })?.month).toBe("2027-01");
  expect(nextExpiry({ as_of: "2027-02-01", expiries })).toBeNull();
});

test("what figures are compared with has no bearing on commitments", () => {
  const question = commitQuestion({ ...DEFAULT_VIEW, compare: "previous", measure: "billed_cost" }, "USD");
  expect(question.compare).toBeNull();
  expect(question.measures).toEqual(["effective_cost"]);
});
