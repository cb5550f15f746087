/**
 * Exact decimal text, as every amount travels: `-1234.500000000`. Money is never a JavaScript number here; the one
 * conversion, {@link geometry}, is for the length of a bar and says so.
 */

const PLAIN_DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/;

interface Parts {
  negative: boolean;
  whole: string;
  fraction: string;
}

function parts(text: string): Parts | null {
  const match = PLAIN_DECIMAL.exec(text);
  if (!match) return null;
  const whole = (match[2] ?? "0").replace(/^0+(?=\d)/, "");
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  const zero = whole === "0" && fraction === "";
  return { negative: match[1] === "-" && !zero, whole, fraction };
}

/** Whether a text is a plain decimal. */
export function isDecimal(text: string): boolean {
  return PLAIN_DECIMAL.test(text);
}

/** The same value without padding: `-1.50` becomes `-1.5`, `-0.00` becomes `0`. Text that is no decimal stays as it is. */
export function normalise(text: string): string {
  const value = parts(text);
  if (!value) return text;
  const digits = value.fraction === "" ? value.whole : `${value.whole}.${value.fraction}`;
  return value.negative ? `-${digits}` : digits;
}

/** Whether two decimals are the same number, however many zeros they are written with. */
export function sameValue(left: string | null, right: string | null): boolean {
  if (left === null || right === null) return left === right;
  return normalise(left) === normalise(right);
}

/** -1, 0 or 1. */
export function sign(text: string | null): -1 | 0 | 1 {
  if (text === null) return 0;
  const value = parts(text);
  if (!value || (value.whole === "0" && value.fraction === "")) return 0;
  return value.negative ? -1 : 1;
}

/** How many digits follow the point once padding is gone. */
export function decimals(text: string): number {
  return parts(text)?.fraction.length ?? 0;
}

/** How many decimals the longest of some figures has, so that their points stand under each other. */
export function longestOf(values: readonly (string | null)[]): number {
  return Math.max(0, ...values.map((value) => (value === null ? 0 : decimals(value))));
}

/** A scaled integer as decimal text: (12345n, 2) is `123.45`. This is how Arrow carries a DECIMAL. */
export function fromScaled(units: bigint, scale: number): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale > 0 ? `.${digits.slice(digits.length - scale)}` : "";
  return `${negative ? "-" : ""}${whole}${fraction}`;
}

function scaled(value: Parts, scale: number): bigint {
  const units = BigInt(value.whole + value.fraction.padEnd(scale, "0"));
  return value.negative ? -units : units;
}

/** `left - right`, exact; a missing figure counts as zero, both missing stay missing. */
export function subtract(left: string | null, right: string | null): string | null {
  if (left === null && right === null) return null;
  const from = parts(left ?? "0");
  const off = parts(right ?? "0");
  if (!from || !off) return null;
  const scale = Math.max(from.fraction.length, off.fraction.length);
  return fromScaled(scaled(from, scale) - scaled(off, scale), scale);
}

/** The sum of decimals, exact. A figure that is missing adds nothing; nothing but missing figures is zero. */
export function sum(values: readonly (string | null)[]): string {
  const found = values
    .map((value) => (value === null ? null : parts(value)))
    .filter((value) => value !== null);
  const scale = Math.max(0, ...found.map((value) => value.fraction.length));
  return fromScaled(
    found.reduce((total, value) => total + scaled(value, scale), 0n),
    scale,
  );
}

/**
 * `left / right` with so many decimals, half to even, as the engine rounds its ratios. Null where a figure is missing or
 * the divisor is zero: there is no Infinity and no NaN to show.
 */
export function divide(left: string | null, right: string | null, places: number): string | null {
  const from = left === null ? null : parts(left);
  const by = right === null ? null : parts(right);
  if (!from || !by) return null;
  const scale = Math.max(from.fraction.length, by.fraction.length);
  const divisor = scaled(by, scale);
  if (divisor === 0n) return null;
  const dividend = scaled(from, scale) * 10n ** BigInt(places);
  const negative = dividend < 0n !== divisor < 0n;
  const [over, under] = [dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor];
  const whole = over / under;
  const twice = (over % under) * 2n;
  const up = twice > under || (twice === under && whole % 2n === 1n);
  const units = up ? whole + 1n : whole;
  return fromScaled(negative ? -units : units, places);
}

const SHARE_DECIMALS = 6;

/**
 * A part of a whole. Only a whole above zero has parts that say something: of credits that outweigh the costs, or of
 * nothing, there is no share.
 */
export function share(part: string | null, whole: string | null): string | null {
  return sign(whole) > 0 ? divide(part, whole, SHARE_DECIMALS) : null;
}

/** The decimal without its sign. */
export function magnitude(text: string): string {
  return normalise(text).replace("-", "");
}

/** Whether the first decimal is smaller (-1), the same (0) or larger (1); exact. */
export function compare(left: string, right: string): -1 | 0 | 1 {
  return sign(subtract(left, right));
}

/** An approximate number for drawing (a bar's length, a point's height), never for a figure that is shown. */
export function geometry(text: string | null): number {
  return text === null ? 0 : Number(text);
}
