import { describe, expect, it } from "vitest";

import { forecastReply } from "./fixture";
import { kindLines, kindsTable, stepsBeside } from "./kinds";

describe("kinds of charges", () => {
  it("stand beside as many latest steps as are expected", () => {
    const reply = forecastReply();
    expect(stepsBeside(reply)).toBe(3);
    const [usage, fees] = kindLines(reply);
    // The latest three months came to 121, 122 and 123, of which 20 are fees each.
    expect(usage?.before).toBe("306");
    expect(usage?.change).toBe("9");
    expect(fees?.before).toBe("60");
    expect(fees?.change).toBe("0");
    expect(Number(fees?.share)).toBeCloseTo(60 / 375);
  });

  it("stand alone where the history is shorter", () => {
    const reply = forecastReply({ history: forecastReply().history.slice(0, 2) });
    expect(kindLines(reply)[0]).toMatchObject({ before: null, change: null, ratio: null });
  });

  it("add up in every row of their table", () => {
    const table = kindsTable(forecastReply());
    for (const row of table.rows) {
      const figures = row.slice(1).map(Number);
      expect(figures.slice(0, -1).reduce((left, right) => left + right, 0)).toBe(figures.at(-1));
    }
  });
});
