import { describe, expect, test } from "vitest";

import type { InvoiceReply } from "../backend/commands";
import { addsUp, lineKey, residuals, shownLines, stateOf } from "./residuals";

const part = (name: string, amount: string, proven = true) => ({
  class: name,
  amount,
  rule: "",
  proven,
  by: "rule",
  charges: null,
  question: null,
});

const line = (parts: Partial<InvoiceReply>): InvoiceReply => ({
  invoice_id: "1",
  issuer: "Example",
  billing_account: null,
  period: "2026-01",
  currency: "USD",
  amount: "10",
  charges: "10",
  difference: "0.00",
  status: "matched",
  closed: true,
  parts: [],
  note: null,
  known_from: "list",
  matched_by: "number",
  question: null,
  ...parts,
});

const MATCHED = line({});
const EXPLAINED = line({
  invoice_id: "2",
  status: "difference",
  difference: "1.99",
  parts: [part("tax", "2.00"), part("rounding", "-0.01")],
});
const OPEN = line({
  invoice_id: null,
  status: "no_invoice",
  closed: false,
  difference: "-3.5",
  parts: [part("unknown", "-3.50", false)],
});

describe("a reconciliation", () => {
  test("a line agrees, is explained, or is open", () => {
    expect([MATCHED, EXPLAINED, OPEN].map(stateOf)).toEqual(["matched", "explained", "open"]);
    const all = [MATCHED, EXPLAINED, OPEN];
    expect(shownLines(all, { state: "open", class: null })).toEqual([OPEN]);
    expect(shownLines(all, { state: null, class: "tax" })).toEqual([EXPLAINED]);
    expect(new Set(all.map(lineKey)).size).toBe(3);
  });

  test("its parts come to the difference to the last digit, or they do not", () => {
    expect([MATCHED, EXPLAINED, OPEN].every(addsUp)).toBe(true);
    expect(addsUp({ ...EXPLAINED, difference: "1.990000001" })).toBe(false);
  });

  test("classes stand by currency in one order, and are never added across", () => {
    const total = (currency: string, name: string, amount: string) => ({
      currency,
      class: name,
      amount,
      lines: 1,
    });
    const found = residuals([
      total("USD", "unknown", "5"),
      total("EUR", "tax", "1.5"),
      total("USD", "tax", "-0.01"),
      total("USD", "novel", "1"),
    ]);
    expect(found.map(({ currency, total: sum }) => [currency, sum])).toEqual([
      ["USD", "5.99"],
      ["EUR", "1.5"],
    ]);
    expect(found[0]?.classes.map((one) => one.class)).toEqual(["tax", "unknown", "novel"]);
  });
});
