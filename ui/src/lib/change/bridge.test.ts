import { describe, expect, test } from "vitest";

import type { ChangeEffect } from "../bindings/ChangeEffect";
import { sum } from "../format/decimal";
import { createFormatter } from "../format/format";
import { axisFloor, bridgeOf, column, signed } from "./bridge";
import { bridgeText } from "./words";

const format = createFormatter("en-US");
const NAMES = { base: "Before", current: "Now", small: "Smaller than a cent" };
const nothing = (amount: string) => format.money(amount.replace("-", ""), "USD") === "0.00";

const effect = (name: string, amount: string): ChangeEffect => ({
  effect: name,
  label: name,
  amount,
  share: "0.1",
  explanation: "",
  items: 2,
});

function reply(base: string, ...effects: ChangeEffect[]) {
  const difference = sum(effects.map((one) => one.amount));
  return { base, current: sum([base, difference]), difference, effects };
}

describe("the bars of a bridge", () => {
  test("lead from the base to the current cost without a gap, in the engine's order", () => {
    const { bars } = bridgeOf(
      reply("100.5", effect("days", "10.25"), effect("volume", "-40"), effect("tax", "0.01")),
      NAMES,
      nothing,
    );
    expect(bars.map((bar) => bar.id)).toEqual(["base", "days", "volume", "tax", "current"]);
    const steps = bars.slice(1, -1);
    expect(steps.map((bar) => bar.from)).toEqual(["100.5", "110.75", "70.75"]);
    expect(steps.at(-1)?.to, "the last step ends where the current cost stands").toBe(bars.at(-1)?.to);
  });

  test("what would be shown as nothing is one line that still adds up", () => {
    const { bars, effects, small } = bridgeOf(
      reply("10", effect("days", "0.004284362"), effect("volume", "3"), effect("adjustments", "-0.0049")),
      NAMES,
      nothing,
    );
    expect(effects.map((one) => one.effect)).toEqual(["volume"]);
    expect(small?.effects.map((one) => one.effect)).toEqual(["days", "adjustments"]);
    expect([small?.amount, small?.items]).toEqual(["-0.000615638", 4]);
    expect(bars.at(-2)).toMatchObject({ id: "small", to: "12.999384362" });
    expect(bars.at(-1)?.amount).toBe("12.999384362");
  });

  test("half a cent rounds to even, as the figures do", () => {
    const { effects, small } = bridgeOf(
      reply("1", effect("days", "0.005"), effect("volume", "0.0051")),
      NAMES,
      nothing,
    );
    expect(
      small?.effects.map((one) => one.effect),
      "0.005 is shown as 0.00",
    ).toEqual(["days"]);
    expect(effects.map((one) => one.effect)).toEqual(["volume"]);
  });

  test("a difference of zero has no shares and no infinity", () => {
    const { small, bars } = bridgeOf(
      reply("0", effect("days", "0.001"), effect("volume", "-0.001")),
      NAMES,
      nothing,
    );
    expect(small).toMatchObject({ amount: "0.000", share: null });
    expect(axisFloor(bars)).toBeNull();
    expect(bridgeOf(reply("0"), NAMES, nothing).bars.map((bar) => bar.id)).toEqual(["base", "current"]);
  });
});

describe("drawing", () => {
  test("a column that crosses zero is drawn in two parts", () => {
    expect(column(-2, 3)).toEqual({ above: [0, 3], below: [0, -2] });
    expect(column(5, 3)).toEqual({ above: [3, 2], below: [0, 0] });
    expect(column(-5, -1)).toEqual({ above: [0, 0], below: [-1, -4] });
  });

  test("tall columns with small steps begin above zero, others do not", () => {
    const floor = (base: string, ...amounts: string[]) =>
      axisFloor(
        bridgeOf(reply(base, ...amounts.map((amount, at) => effect(`e${at}`, amount))), NAMES, nothing).bars,
      );
    expect(floor("120142.97", "3607.44", "-485.68", "1903.21")).toBe(118000);
    expect(floor("100", "90"), "the steps are tall enough").toBeNull();
    expect(floor("100", "-150"), "credits reach below zero").toBeNull();
    expect(floor("-100", "-1")).toBeNull();
    expect(floor("0", "7"), "something new").toBeNull();
    expect(floor("7"), "nothing moved").toBeNull();
  });
});

describe("in words", () => {
  test("an amount has its direction without a colour", () => {
    expect(signed("5", (text) => text)).toBe("+5");
    expect(signed("-5.5", (text) => text)).toBe("\u22125.5");
    expect(signed("0", (text) => text)).toBe("0");
  });

  test("the alternative text is made of the numbers", () => {
    const { bars } = bridgeOf(
      reply("100", effect("Volume", "-20.5"), effect("Tax", "0.001")),
      NAMES,
      nothing,
    );
    expect(bridgeText("Down 20.50", bars, "USD", format)).toBe(
      "Down 20.50. Before USD\u00a0100.00; Volume \u221220.50; Smaller than a cent +0.001; Now USD\u00a079.50",
    );
  });
});
