import { describe, expect, it } from "vitest";

import type { ChangeAgainstLine } from "../bindings/ChangeAgainstLine";
import { sign, subtract, sum } from "../format/decimal";
import { planBars } from "./plan";

function line(name: string, planned: string | null, actual: string): ChangeAgainstLine {
  return {
    name,
    scope: name,
    kind: planned === null ? "unplanned" : "planned",
    planned,
    actual,
    difference: subtract(actual, planned) ?? "0",
    share: null,
    explanation: "",
    filters: null,
  };
}

const names = { planned: "Budget", actual: "Actual", others: (count: number) => `Other (${count})` };
const nothing = (amount: string) => sign(amount) === 0;

function told(lines: ChangeAgainstLine[]) {
  const planned = sum(lines.map((one) => one.planned));
  return { planned, actual: sum(lines.map((one) => one.actual)), lines };
}

describe("bars of a plan", () => {
  it("lead from what was planned to what it cost without a gap", () => {
    const reply = told([line("web", "100", "120.5"), line("data", "50", "0"), line("none", null, "7.25")]);
    const { bars, lines } = planBars(reply, names, nothing);
    expect(bars.map((bar) => bar.name)).toEqual(["Budget", "web", "data", "none", "Actual"]);
    const steps = bars.slice(1, -1);
    expect(steps[0]?.from, "from what was planned").toBe(reply.planned);
    steps.forEach((bar, place) => expect(bar.to).toBe(steps[place + 1]?.from ?? bar.to));
    expect(subtract(steps.at(-1)?.to ?? null, reply.actual), "to what it cost").toMatch(/^0(\.0*)?$/);
    expect(lines.get("line 1")?.name).toBe("data");
  });

  it("are few: lines that differ least are one bar, and still nothing is lost", () => {
    const reply = told(Array.from({ length: 40 }, (_, place) => line(`l${place}`, "10", String(60 - place))));
    const { bars } = planBars(reply, names, nothing);
    expect(bars.length).toBe(2 + 12);
    expect(bars.at(-2)).toMatchObject({ kind: "small", name: "Other (29)" });
    expect(subtract(bars.at(-2)?.to ?? null, reply.actual)).toMatch(/^0(\.0*)?$/);
  });

  it("leave out what came as planned", () => {
    const { bars } = planBars(told([line("same", "5", "5"), line("web", "1", "2")]), names, nothing);
    expect(bars.map((bar) => bar.name)).toEqual(["Budget", "web", "Actual"]);
  });
});
