import { describe, expect, test } from "vitest";

import { createFormatter, NO_VALUE, saysNothing, userLocale } from "./format";

const format = createFormatter("en-US");

test("a figure reads as nothing where no digit is above zero", () => {
  for (const text of ["0.0%", "+0.00", "0", NO_VALUE]) expect(saysNothing(text), text).toBe(true);
  for (const text of ["0.1%", "\u22121", "10", "new", "", "\u0661"])
    expect(saysNothing(text), text).toBe(false);
});

describe("money", () => {
  test("an exact figure has its code, the currency's decimals and every digit beyond", () => {
    expect(format.exactWithCode("-840", "USD")).toBe("USD\u00a0\u2212840.00");
    expect(format.exactWithCode("0.123456789", "USD")).toBe("USD\u00a00.123456789");
    expect(format.points("93.9")).toBe("93.90");
  });

  test("keeps digits that a float would lose", () => {
    expect(format.full("12345678901234567890.123456789")).toBe("12,345,678,901,234,567,890.123456789");
    expect(format.money("9007199254740993.01", "USD"), "one above 2^53").toBe("9,007,199,254,740,993.01");
  });

  test("has an accounting sign and no currency inside a table", () => {
    expect(format.money("-1234.5", "USD")).toBe("(1,234.50)");
    expect(format.money("0.000000000", "USD")).toBe("0.00");
  });

  test("rounds half to even, as the engine and its packs do", () => {
    expect(format.money("354687.325", "USD")).toBe("354,687.32");
    expect(format.money("377110.975", "USD")).toBe("377,110.98");
    expect(format.money("0.3250000001", "USD")).toBe("0.33");
  });

  test("follows the currency's own decimals", () => {
    expect(format.money("1235.5", "JPY")).toBe("1,236");
    expect(format.moneyWithCode("1234.5", "EUR")).toBe("EUR\u00a01,234.50");
  });

  test("signs a change and leaves no change unsigned", () => {
    expect(format.moneyChange("12", "USD")).toBe("+12.00");
    expect(format.moneyChange("-12", "USD")).toBe("\u221212.00");
    expect(format.moneyChange("0", "USD")).toBe("0.00");
  });

  test("says nothing as a dash, never as zero", () => {
    expect(format.money(null, "USD")).toBe("–");
    expect(format.percent(null)).toBe("–");
  });

  test("lines the points of charges up and shows six decimals", () => {
    const tiny = format.chargeMoney("0.000004");
    const round = format.chargeMoney("12.50");
    const point = (text: string) => text.length - text.indexOf(".");
    expect(point(tiny), "padding makes both as long behind the point").toBe(point(round));
    expect(format.chargeMoney("-0.5").trimEnd()).toMatch(/^\(0\.50\)/);
    expect(format.chargeMoney("12.5", 2), "no padding where no figure of the column has more").toBe("12.50");
    expect(format.chargeMoney("12.5", 0), "never less than two").toBe("12.50");
    expect(format.chargeMoney("1.1234567", 9).trimEnd(), "never more than six").toBe("1.123457");
  });

  test("works in a locale with comma and other grouping", () => {
    expect(createFormatter("de-DE").money("1234567.891", "EUR")).toBe("1.234.567,89");
    expect(createFormatter("de-DE").money("-5", "EUR"), "German accounting style is a minus sign").toBe(
      "\u22125,00",
    );
  });
});

describe("ratios, sizes and time", () => {
  test("percent comes from an exact fraction", () => {
    expect(format.percent("0.254")).toBe("25.4%");
    expect(format.percentChange("0.1")).toBe("+10.0%");
    expect(format.percentChange("-1")).toBe("\u2212100.0%");
  });

  test("compact keeps three digits", () => {
    expect(format.compact("1234567.89")).toBe("1.23M");
    expect(format.compact("1500000")).toBe("1.5M");
  });

  test("labels that stand side by side have three digits each, but for few whole things", () => {
    expect(["1500000", "99680.37", "0.065", "-4.2"].map(format.short)).toEqual([
      "1.50M",
      "99.7K",
      "0.0650",
      "\u22124.20",
    ]);
    expect(["7", "0", "120.00", null].map(format.short)).toEqual(["7", "0", "120", "–"]);
  });

  test("a change of a ratio is told in points", () => {
    expect(["-0.343785", "0.11", "0"].map(format.pointsChange)).toEqual(["\u221234.4", "+11.0", "0.0"]);
  });

  test("bytes and durations", () => {
    expect(format.bytes(1_530_000)).toBe("1.5 MB");
    expect(format.bytes(57_000)).toBe("57.0 kB");
    expect(format.duration(12), "never nothing").toBe("<\u00a00.1\u00a0s");
    expect(format.duration(4200)).toBe("4.2\u00a0s");
    expect(format.duration(125_000)).toBe("2\u00a0min 05\u00a0s");
  });
});

describe("periods", () => {
  test("whole months, years and odd days read as a person says them", () => {
    expect(format.period({ from: "2018-10-01", to: "2018-11-01" })).toBe("Oct 2018");
    expect(format.period({ from: "2018-10-01", to: "2019-01-01" })).toMatch(/^Oct\s–\sDec 2018$/);
    expect(format.period({ from: "2018-01-01", to: "2019-01-01" })).toBe("2018");
    expect(format.period({ from: "2018-10-03", to: "2018-10-10" })).toMatch(/^Oct 3\s–\s9, 2018$/);
    expect(format.period({ from: "2018-10-03", to: "2018-10-04" })).toBe("Oct 3, 2018");
  });

  test("a bucket of each grain", () => {
    expect(format.bucket("2018-10", "month")).toBe("Oct 2018");
    expect(format.bucket("2018-10-03", "day")).toBe("Oct 3");
    expect(format.bucket("2018-10-03T14", "hour")).toBe("Oct 3 14:00");
  });
});

describe("the reader's locale", () => {
  test("a system without a language falls back to one", () => {
    expect([userLocale("C"), userLocale("POSIX_x"), userLocale("de-CH")]).toEqual([
      "en-GB",
      "en-GB",
      "de-CH",
    ]);
  });
});
