import { expect, test } from "vitest";

import type { CommitmentAhead } from "../bindings/CommitmentAhead";
import type { CommitmentGain } from "../bindings/CommitmentGain";
import type { CommitmentMonthAhead } from "../bindings/CommitmentMonthAhead";
import type { CommitmentWhatIf } from "../bindings/CommitmentWhatIf";
import { OPTIMUM } from "./fixture";
import {
  comparedFigures,
  gainRows,
  ladder,
  memoMarkdown,
  memoTable,
  monthsTable,
  savedIn,
  scenarioText,
} from "./outcome";

const month = (name: string, cost: string): CommitmentMonthAhead => ({
  month: name,
  cost,
  savings: "1",
  write_off: "0",
  cash: cost,
  figures: {
    on_demand: "120",
    eligible: "120",
    covered: "60",
    commitment: "50",
    unused: "2",
    remainder: "60",
    cost,
    savings: "10",
    coverage: "0.5",
    utilisation: "0.96",
    savings_rate: "0.08",
  },
});

const ahead = (id: string, start: string, end: string): CommitmentAhead => ({
  id,
  name: id,
  program: "Compute Savings Plan",
  start: `${start}T00:00:00Z`,
  end: `${end}T00:00:00Z`,
  hourly: "8",
  hourly_in: "discounted_spend",
  upfront: "0",
  recurring: "8",
});

const REPLY: CommitmentWhatIf = {
  currency: "USD",
  history: { from: "2026-07-01", to: "2026-10-01" },
  step: "hour",
  from: "2026-10-01",
  until: "2027-10-01",
  months: [month("2026-10", "100"), month("2026-11", "101.5")],
  total: month("", "201.5"),
  undecided: [month("2026-10", "110"), month("2026-11", "100")],
  undecided_total: month("", "210"),
  saves: "8.5",
  lock_in: {
    unpaid: "70",
    prepaid: "0",
    remaining: "70",
    months_of_spend: "0.6",
    remaining_term: "12",
    months: [],
  },
  gains: [],
  commitments: [
    ahead("gone", "2025-07-01", "2026-07-01"),
    ahead("buy-1", "2027-01-01", "2028-01-01"),
    ahead("old", "2026-01-01", "2027-01-01"),
  ],
  scenario_text: 'baseline = "forecast"\n\n[[operation]]\nid = "buy-1"\n',
  memo: ["Commitment plan: Renewal", "It saves 8.50 USD"],
  left_out: [],
  notes: [],
  evidence: OPTIMUM.evidence,
};

test("a month's saving is against deciding nothing, and may be a loss", () => {
  expect(REPLY.months.map((one) => savedIn(REPLY, one))).toEqual(["10", "-1.5"]);
  expect(savedIn(REPLY, month("2030-01", "1")), "no such month beside it").toBeNull();
});

test("the ladder has what runs ahead, in order, cut to the time shown", () => {
  const rungs = ladder(REPLY, ["buy-1"]);
  expect(rungs.map((rung) => rung.ahead.id)).toEqual(["old", "buy-1"]);
  expect(rungs[0]).toMatchObject({ from: 0, before: true, beyond: false, decided: false });
  expect(rungs[1]).toMatchObject({ to: 1, before: false, beyond: true, decided: true });
  expect(rungs[0]?.to, "the one ends when the other begins").toBe(rungs[1]?.from);
});

test("who gains by sharing stands first; an account without usage of its own is not lost", () => {
  const gain = (account: string, shared: boolean, savings: string): CommitmentGain => ({
    account,
    owner: null,
    shared,
    on_demand: "10",
    cost: "9",
    savings,
  });
  const rows = gainRows([
    gain("a", true, "1"),
    gain("b", true, "5"),
    gain("a", false, "3"),
    gain("b", false, "2"),
    gain("c", true, "4"),
  ]);
  expect(rows.map(({ account, difference }) => [account, difference])).toEqual([
    ["b", "3"],
    ["c", null],
    ["a", "-2"],
  ]);
});

test("two baskets stand beside each other with their exact difference", () => {
  const dearer = { ...REPLY, saves: "2.25", total: month("", "207.75") };
  const rows = comparedFigures(REPLY, dearer);
  expect(rows[0]).toMatchObject({ left: "8.5", right: "2.25", difference: "6.25" });
  expect(rows[1]?.difference).toBe("-6.25");
  const nothing = comparedFigures(REPLY, { ...REPLY, total: null });
  expect(nothing[1]?.difference, "nothing to compare with").toBeNull();
});

test("what leaves the page has every month, and the memo a line each below its title", () => {
  expect(monthsTable(REPLY, "Renewal").rows.map((row) => row[4])).toEqual(["10", "-1.5"]);
  expect(memoTable(REPLY)).toMatchObject({
    title: "Commitment plan: Renewal",
    rows: [["It saves 8.50 USD"]],
  });
});

test("the memo leaves as Markdown in which names from a bill are no markup", () => {
  const memo = ["Commitment plan: *big*", "buy-1: a_plan <b>"];
  expect(memoMarkdown({ memo })).toBe("# Commitment plan: \\*big\\*\n\n- buy-1: a\\_plan \\<b\\>\n");
});

test("a scenario is what the engine writes of it, and a note with quotes stays text", () => {
  const text = scenarioText(REPLY, 'the "big" one');
  expect(text.split("\n").slice(0, 2)).toEqual(['note = "the \\"big\\" one"', 'baseline = "forecast"']);
  expect(text).toContain('id = "buy-1"');
});
