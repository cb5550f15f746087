import { describe, expect, test } from "vitest";

import { comparable } from "./comparison";

describe("a comparison", () => {
  const loaded = { from: "2025-03-01", to: "2025-05-01" };
  const beside = (from: string, to: string) => comparable({ from, to }, loaded);

  test("needs loaded days to compare with", () => {
    expect(beside("2025-03-01", "2025-04-01")).toBe(true);
    expect(beside("2025-02-01", "2025-03-02"), "one day is there").toBe(true);
    expect(beside("2025-01-01", "2025-03-01"), "it ends where the loaded days begin").toBe(false);
    expect(comparable(null, loaded)).toBe(false);
  });
});
