import { describe, expect, it } from "vitest";

import {
  agreementRow,
  agreementsOf,
  creditRow,
  creditsOf,
  NO_AGREEMENT,
  NO_CREDIT,
  readRebates,
} from "./promises";
import { tongueOf } from "./tongue";

const tongue = tongueOf([], [{ name: "service", label: "Service", kind: "service", values: null }], "en");

describe("credits", () => {
  it("come back as they went in", () => {
    const credit = {
      name: "Start",
      where: { service: ["Compute", "Storage"] },
      balance: "2500.5",
      as_of: "2026-09",
      from: null,
      expires: "2027-06",
      monthly_limit: "400",
      currency: null,
      note: "of the contract",
    };
    expect(creditsOf([creditRow(credit, tongue)], tongue)).toEqual({ terms: [credit], problem: null });
  });

  it("say which of them cannot be read", () => {
    const wrong = { ...NO_CREDIT, name: "Start", balance: "plenty", expires: "2027-06" };
    expect(creditsOf([wrong], tongue).problem).toContain("Start: “plenty”");
    expect(creditsOf([{ ...wrong, balance: "5", expires: "soon" }], tongue).problem).toContain("“soon”");
    expect(creditsOf([{ ...wrong, name: " " }], tongue).problem).not.toBeNull();
  });
});

describe("agreements", () => {
  it("come back as they went in", () => {
    const agreement = {
      name: "Deal",
      where: {},
      from: "2026-01",
      period_months: 12,
      commitments: ["100000", "120000"],
      rebates: [{ up_to: "50000", percent: "0 %" }, { percent: "2.5 %" }],
      currency: "EUR",
      note: "",
    };
    const row = agreementRow(agreement, tongue);
    expect(row.rebates).toBe("up to 50000: 0%; above: 2.5%");
    expect(agreementsOf([row], tongue)).toEqual({ terms: [agreement], problem: null });
  });

  it("need amounts and rebates that can be read", () => {
    const row = { ...NO_AGREEMENT, name: "Deal", from: "2026-01" };
    expect(agreementsOf([row], tongue).problem).not.toBeNull();
    expect(readRebates("a lot", tongue)).toBeNull();
    expect(readRebates("", tongue)).toEqual([]);
    expect(readRebates("above: 5%", tongue)).toEqual([{ percent: "5 %" }]);
  });
});
