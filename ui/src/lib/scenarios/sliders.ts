/** A slider over exact figures: so many equal steps from a least to a most, each a plain decimal. */
import { compare, fromScaled, isDecimal, magnitude, normalise, sign, subtract, sum } from "../format/decimal";

export interface Scale {
  readonly least: string;
  readonly step: string;
  /** How many steps lie between the least and the most. */
  readonly steps: number;
}

const STEPS = 200;
/** A figure of nothing has no size to lie around. */
const NOTHING: Readonly<Record<"percent" | "money" | "other", string>> = {
  percent: "50",
  money: "10000",
  other: "100",
};

export interface Bounds {
  readonly least: string | null;
  readonly most: string | null;
}

/** A scale around a figure: twice as far as it lies from nothing, to both sides where both make sense. */
export function scaleAround(value: string, unit: "percent" | "money" | "other", bounds: Bounds): Scale {
  const size = sign(value) === 0 || !isDecimal(value) ? NOTHING[unit] : magnitude(value);
  const step = niceStep(size);
  const reach = times(step, STEPS);
  const signed = bounds.least === null || sign(bounds.least) < 0;
  const both = signed && (unit === "percent" || sign(value) < 0);
  const least = later(both ? (subtract("0", reach) ?? "0") : "0", bounds.least);
  const most = earlier(reach, bounds.most);
  const span = subtract(most, least) ?? "0";
  return { least, step, steps: Math.max(1, stepsIn(span, step)) };
}

const later = (value: string, bound: string | null) =>
  bound !== null && compare(value, bound) < 0 ? bound : value;
const earlier = (value: string, bound: string | null) =>
  bound !== null && compare(value, bound) > 0 ? bound : value;

/** One, two or five times a power of ten, so that a hundred steps reach beyond the size. */
function niceStep(size: string): string {
  for (let power = -12; power < 24; power += 1)
    for (const digit of ["1", "2", "5"]) {
      const step = powerOfTen(digit, power);
      if (compare(times(step, STEPS / 2), size) >= 0) return step;
    }
  return size;
}

const powerOfTen = (digit: string, power: number): string =>
  power >= 0 ? digit + "0".repeat(power) : normalise(fromScaled(BigInt(digit), -power));

function scaled(text: string): { units: bigint; places: number } {
  const [whole = "0", fraction = ""] = magnitude(text).split(".");
  const units = BigInt(whole + fraction);
  return { units: sign(text) < 0 ? -units : units, places: fraction.length };
}

function times(text: string, factor: number): string {
  const { units, places } = scaled(text);
  return normalise(fromScaled(units * BigInt(factor), places));
}

/** How often a step fits into a span. */
function stepsIn(span: string, step: string): number {
  const [whole, part] = [scaled(span), scaled(step)];
  const places = Math.max(whole.places, part.places);
  const up = ({ units, places: own }: { units: bigint; places: number }) =>
    units * 10n ** BigInt(places - own);
  const divisor = up(part);
  return divisor === 0n ? 0 : Number(up(whole) / divisor);
}

/** The figure at a step. */
export function figureAt({ least, step }: Scale, index: number): string {
  return normalise(sum([least, times(step, Math.round(index))]));
}

/** The step that lies nearest below a figure, within the scale. */
export function stepOf({ least, step, steps }: Scale, value: string): number {
  const beyond = subtract(value, least) ?? "0";
  if (sign(beyond) <= 0) return 0;
  return Math.min(stepsIn(beyond, step), steps);
}

/** What a figure of a kind may be: less or more makes no sense and is refused. */
export function boundsOf(kind: string, key: string): Bounds {
  if (key === "change") return { least: "-100", most: null };
  if (key === "share" || key === "confidence") return { least: "0", most: "100" };
  if (key === "discount") return { least: "0", most: "99" };
  const signed = key === "amount" && kind !== "cap";
  return { least: signed ? null : "0", most: null };
}

/** Three figures once the likely one is moved: the others give way where it passes them; blank ones follow it. */
export function withLikely(
  three: { readonly low: string; readonly high: string },
  likely: string,
): { low: string; likely: string; high: string } {
  const passed = (edge: string, by: -1 | 1) => edge !== "" && isDecimal(edge) && compare(likely, edge) === by;
  return {
    low: passed(three.low, -1) ? likely : three.low,
    likely,
    high: passed(three.high, 1) ? likely : three.high,
  };
}
