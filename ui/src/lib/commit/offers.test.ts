import { expect, test } from "vitest";

import { calendarYears, endedBefore } from "./calendar";
import { held, offer } from "./fixture";
import { filesOf, findingsOf, listed, offeredFor, programsOf } from "./offers";

test("rates stand largest discount first, those without one last, equal ones as they came", () => {
  const rates = [
    offer({ source: "a" }),
    offer({ source: "b", discount: "0.28" }),
    offer({ source: "c", discount: "0.5" }),
    offer({ source: "d", discount: "0.28" }),
  ];
  expect(listed(rates, null).map(({ source }) => source)).toEqual(["c", "b", "d", "a"]);
});

test("a program narrows the list, and each is offered once", () => {
  const rates = [offer({}), offer({ program: "azure-reservation", label: "Azure reservation" }), offer({})];
  expect(programsOf(rates).map(({ label }) => label)).toEqual(["Azure reservation", "Compute Savings Plan"]);
  expect(listed(rates, "azure-reservation")).toHaveLength(1);
});

test("a rate that is bound to nothing says so", () => {
  expect(offeredFor(offer({ family: "m5", region: "eu-west-1" }))).toBe("m5, eu-west-1");
  expect(offeredFor(offer({}))).toBe("all that it covers");
});

test("the calendar goes from the day that counts to the last end, and knows what is past", () => {
  const years = calendarYears(
    [
      { month: "2026-07", ends: ["a"], hourly: "8", hourly_left: "2" },
      { month: "2028-01", ends: ["b", "c"], hourly: "2", hourly_left: "0" },
    ],
    "2026-10-01",
  );
  expect(years.map(({ year }) => year)).toEqual(["2026", "2027", "2028"]);
  const july = years[0]?.months[6];
  expect([july?.month, july?.past, july?.expiry?.ends]).toEqual(["2026-07", true, ["a"]]);
  expect(years[2]?.months[0]?.expiry?.ends).toHaveLength(2);
  expect(calendarYears([], "2026-10-01")).toEqual([]);
});

test("what ended stands in the month of its last hour; what goes on or is not known does not", () => {
  const fact = (value: string) => ({ value, source: "the charges", reading: false });
  const end = fact("2026-07-01T00:00:00Z");
  const ended = endedBefore([
    held({ id: "b", state: "ended", end, recurring: fact("8") }),
    held({ id: "a", state: "ended", end, recurring: fact("0.5") }),
    held({ id: "c", state: "running", end: fact("2028-07-01T00:00:00Z") }),
    held({ id: "d", state: "ended" }),
  ]);
  expect(ended).toEqual([{ month: "2026-06", ends: ["a", "b"], hourly: "8.5", hourly_left: "0" }]);
});

test("what was wrong with a file stays told after the rates are asked for anew", () => {
  const finding = (message: string) => ({ code: "rate", subject: "", file: "a.csv", row: 7, message });
  const reply = (others: number | null) => ({
    currency: "USD",
    files: [{ name: "a", kind: "offer sheet", rates: 3, others }],
    rates: [],
    more_rates: 0,
    findings: [],
    more_findings: 0,
  });
  expect(findingsOf([finding("x"), finding("y")], [finding("y")]).map(({ message }) => message)).toEqual([
    "x",
    "y",
  ]);
  expect(filesOf(reply(null), [reply(12)])[0]?.others).toBe(12);
  expect(filesOf(reply(null), [])[0]?.others).toBeNull();
});
