import { describe, expect, test } from "vitest";

import type { Row } from "../bindings/Row";
import { cutMiddle, isLongId, namesIn, namesQuestion, sharedNames } from "./names";

const pair = (id: string | null, name: string | null, role: Row["role"] = "group"): Row => ({
  keys: [id, name],
  role,
  cells: [],
});

describe("names for ids", () => {
  test("are asked for by pairs, of some ids or of all", () => {
    expect(namesQuestion("sub_account", "USD", null)).toMatchObject({
      by: ["sub_account", "sub_account_name"],
      filters: [],
      currency: "USD",
    });
    expect(namesQuestion("resource", null, ["a", "b"]).filters).toEqual([
      { dimension: "resource", operator: "is", values: ["a", "b"] },
    ]);
  });

  test("come of the pairs, the most used name first; a missing one names nothing", () => {
    const names = namesIn([
      { rows: [pair("1", "Production"), pair("1", "Prod (old)"), pair("2", null), pair(null, "Nobody")] },
      { rows: [pair("3", "Staging"), pair("4", "Rest", "other")] },
    ]);
    expect([...names]).toEqual([
      ["1", "Production"],
      ["3", "Staging"],
    ]);
  });

  test("that several ids share are known", () => {
    const names = new Map([
      ["1", "Production"],
      ["2", "Staging"],
      ["3", "Production"],
    ]);
    expect([...sharedNames(names)]).toEqual(["Production"]);
  });
});

describe("long ids", () => {
  test("are cut in the middle, to the length asked for", () => {
    const id = "/subscriptions/6b1f0a10-0000-4000-8000-00000000a001";
    expect(cutMiddle(id, 15)).toBe("/sub…000000a001");
    expect(cutMiddle("short", 15)).toBe("short");
    expect(cutMiddle("12345", 5)).toBe("12345");
    expect(cutMiddle("123456", 5)).toBe("1…456");
  });

  test("no character is torn in two", () => {
    expect(cutMiddle("😀😀😀😀😀😀", 3)).toBe("😀…😀");
  });

  test("words are no id, however many", () => {
    expect(isLongId("Amazon Elastic Compute Cloud")).toBe(false);
    expect(isLongId("arn:aws:rds:us-east-1:418200100130:db:orders")).toBe(true);
    expect(isLongId("418200100130")).toBe(false);
  });
});
