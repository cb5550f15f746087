/** The bridge between two costs as bars: where each begins and ends, and what is too small to be one. */
import type { ChangeEffect } from "../bindings/ChangeEffect";
import type { ChangeReply } from "../bindings/ChangeReply";
import { divide, geometry, magnitude, sign, sum } from "../format/decimal";

/** One bar: the cost of a period, one effect, or all effects that are too small to be shown. */
export interface Bar {
  readonly kind: "end" | "effect" | "small";
  /** `base`, `current`, `small` or the effect's name. */
  readonly id: string;
  readonly name: string;
  /** The cost of an end, what an effect moved: exact. */
  readonly amount: string;
  /** The levels that the bar leads from and to: exact. */
  readonly from: string;
  readonly to: string;
}

/** Effects that would be shown as nothing, together. */
export interface SmallEffects {
  readonly effects: readonly ChangeEffect[];
  readonly amount: string;
  /** Of the difference; null when that is zero. */
  readonly share: string | null;
  readonly items: number;
}

export interface Bridge {
  readonly bars: readonly Bar[];
  /** The effects that have a bar of their own, in the engine's order. */
  readonly effects: readonly ChangeEffect[];
  readonly small: SmallEffects | null;
}

export interface BarNames {
  base: string;
  current: string;
  small: string;
}

const SHARE_DECIMALS = 6;

/** The bars in their order: base, effects as the engine orders them, small ones as one, current. `nothing` says what is too small. */
export function bridgeOf(
  reply: Pick<ChangeReply, "base" | "current" | "difference" | "effects">,
  names: BarNames,
  nothing: (amount: string) => boolean,
): Bridge {
  const effects = reply.effects.filter((effect) => !nothing(effect.amount));
  const small = together(
    reply.effects.filter((effect) => nothing(effect.amount)),
    reply.difference,
  );
  const bars: Bar[] = [
    { kind: "end", id: "base", name: names.base, amount: reply.base, from: "0", to: reply.base },
  ];
  let level = reply.base;
  const step = (kind: "effect" | "small", id: string, name: string, amount: string) => {
    const to = sum([level, amount]);
    bars.push({ kind, id, name, amount, from: level, to });
    level = to;
  };
  for (const effect of effects) step("effect", effect.effect, effect.label, effect.amount);
  if (small) step("small", "small", names.small, small.amount);
  bars.push({
    kind: "end",
    id: "current",
    name: names.current,
    amount: reply.current,
    from: "0",
    to: reply.current,
  });
  return { bars, effects, small };
}

function together(effects: readonly ChangeEffect[], difference: string): SmallEffects | null {
  if (effects.length === 0) return null;
  const amount = sum(effects.map((effect) => effect.amount));
  return {
    effects,
    amount,
    share: divide(amount, magnitude(difference), SHARE_DECIMALS),
    items: effects.reduce((count, effect) => count + effect.items, 0),
  };
}

/** Below this part of the height, effects on top of a tall base could not be told apart. */
const FLAT = 0.35;
const ROOM_BELOW = 0.35;

/**
 * Where the columns begin when they would be too tall for their effects to be seen; null where they begin at zero. The chart
 * says so wherever it is not zero.
 */
export function axisFloor(bars: readonly Bar[]): number | null {
  const levels = bars.flatMap((bar) => (bar.kind === "end" ? [bar.to] : [bar.from, bar.to])).map(geometry);
  const low = Math.min(...levels);
  const high = Math.max(...levels);
  const span = high - low;
  if (!(low > 0) || !(span > 0) || span > high * FLAT) return null;
  const step = 10 ** Math.floor(Math.log10(span));
  const floor = Math.floor((low - span * ROOM_BELOW) / step) * step;
  return floor > 0 ? floor : null;
}

/** The two parts of a column that floats between two levels: what lies above zero and what lies below, each as a foot and a length. */
export function column(from: number, to: number): { above: [number, number]; below: [number, number] } {
  const [low, high] = from < to ? [from, to] : [to, from];
  const foot = Math.max(low, 0);
  const ceiling = Math.min(high, 0);
  return {
    above: [foot, Math.max(high, 0) - foot],
    below: [ceiling, Math.min(low, 0) - ceiling],
  };
}

/** An amount with its direction: a sign that does not depend on colour. */
export function signed(amount: string, text: (magnitude: string) => string): string {
  const direction = sign(amount);
  return `${direction > 0 ? "+" : direction < 0 ? "\u2212" : ""}${text(magnitude(amount))}`;
}
