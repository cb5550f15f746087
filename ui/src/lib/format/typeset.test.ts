import { describe, expect, test } from "vitest";

import { createFormatter } from "./format";
import { capitalised, typeset, typesetFigures } from "./typeset";

const format = createFormatter("en-US");
const set = (text: string) => typeset(text, format);

describe("a sentence of the engine's", () => {
  test("has signs of arithmetic", () => {
    expect(set("(383.5 - 378.1) / 383.5 = 1.47 %")).toBe("(383.5 \u2212 378.1) / 383.5 = 1.47%");
    expect(set("95 % interval -0.09 to 1.14")).toBe("95% interval \u22120.09 to 1.14");
    expect(set("ContractedUnitPrice x PricingQuantity")).toBe("ContractedUnitPrice × PricingQuantity");
  });

  test("leaves names as they are", () => {
    for (const text of [
      "us-east-1",
      "report-2026-09-30",
      "2026-09-30T14:00",
      "m6i-2 x",
      "a - b",
      "QD-2026-09-X",
      'is "95 % x 2"',
    ])
      expect(set(text)).toBe(text);
  });

  test("groups amounts, and nothing that merely looks like one", () => {
    expect(set("it came to 1445532.75 USD, -137643.20 less. More.")).toBe(
      "it came to 1,445,532.75 USD, \u2212137,643.20 less. More.",
    );
    for (const text of ["v1234.5", "1234.56.78", "/a/1234.56", 'is "1234.56"', "A-1234.56"])
      expect(set(text), text).toBe(text);
  });

  test("sets the figures alone where names stand among them", () => {
    expect(typesetFigures("Compute: price by -8 %, from -12 % to (-5 %).")).toBe(
      "Compute: price by \u22128%, from \u221212% to (\u22125%)",
    );
    for (const text of ["m6i - 2", "us-east-1 x -1a", 'is "-5 %"', "write `5 %`", "2026-09-30"])
      expect(typesetFigures(text), text).toBe(text);
  });

  test("names months and days", () => {
    expect(set("from 2025-07-01 to 2026-09-30.")).toBe(
      "from Jul\u00a01,\u00a02025 to Sep\u00a030,\u00a02026",
    );
    expect(set("Month to date, 2026-09")).toBe("Month to date, Sep\u00a02026");
  });

  test("has a full stop only beside another", () => {
    expect(set("Charges without a region have no units.")).toBe("Charges without a region have no units");
    expect(set("One. Two.")).toBe("One. Two.");
    expect(set("and so on...")).toBe("and so on...");
  });

  test("begins with a capital where it stands alone, but for names", () => {
    expect(capitalised("there is no charge", format)).toBe("There is no charge");
    expect(capitalised("active_customers has no label", format)).toBe("active_customers has no label");
  });
});
