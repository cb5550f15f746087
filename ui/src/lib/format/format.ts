/**
 * The one place where numbers and dates become text. Figures come in as exact decimal text and are handed to `Intl` as
 * text, so that no digit passes through a float.
 */
import type { Grain } from "../bindings/Grain";
import type { Period } from "../bindings/Period";
import { addDays, isWholeMonths, isWholeYear } from "../view/period";
import { decimals, magnitude, normalise, sign } from "./decimal";

/** What a table cell may show of a charge's cost before the rest is left to hover and copy. */
const CHARGE_DECIMALS_MIN = 2;
const CHARGE_DECIMALS_MAX = 6;
const FIGURE_DECIMALS_MAX = 38;
const SHORT_DIGITS = 3;
const UNIT_COST_DIGITS = 5;
const UNIT_COST_DECIMALS_MAX = 12;
/** A duration that would read as nothing. */
const INSTANT_SECONDS = 0.05;
const FIGURE_SPACE = "\u2007";
const PUNCTUATION_SPACE = "\u2008";
export const NO_VALUE = "–";
const DIGIT = /\p{Nd}/u;
const DIGIT_ABOVE_ZERO = /(?![0٠۰०০])\p{Nd}/u;
/** Whether a figure reads as nothing, whatever it is exactly: `0.0%`. */
export const saysNothing = (text: string): boolean =>
  text === NO_VALUE || (DIGIT.test(text) && !DIGIT_ABOVE_ZERO.test(text));
/** The sign of arithmetic: as wide as the plus sign and the digits, where a hyphen is not. */
export const MINUS = "\u2212";

/** Half to even, as the engine and its packs round: a figure reads the same on the screen and on paper. */
const ROUNDING = { roundingMode: "halfEven" } as const;

type DecimalText = Intl.StringNumericLiteral;

export interface Formatter {
  readonly locale: string;
  /** A currency figure for a table: two decimals (the currency's own), accounting sign, no currency mark. */
  money(value: string | null, currency: string): string;
  /** A currency figure with its code, for headlines and sentences: `USD 1,234.50`. */
  moneyWithCode(value: string | null, currency: string): string;
  /** A change: explicit sign instead of brackets. */
  moneyChange(value: string | null, currency: string): string;
  /** What one of something costs: the currency's decimals at least, and five digits that say something. */
  unitCost(value: string | null, currency: string): string;
  unitCostChange(value: string | null, currency: string): string;
  /** A figure for an axis: `1.5M`, `2M`. */
  compact(value: string | null): string;
  /** A figure with so many decimals, for the ticks of an axis. */
  fixed(value: string, places: number): string;
  /** A figure for a label or a tile, where figures stand side by side: three digits, also where the last is zero: `1.50M`. */
  short(value: string | null): string;
  /**
   * A charge's cost: two to six decimals, padded to those that the longest of its column has, so that the points of the
   * column stand under each other.
   */
  chargeMoney(value: string | null, longest?: number): string;
  /** A figure of any kind with every digit, padded to the longest of its column, so that points stand under each other. */
  figure(value: string, longest: number): string;
  /** A quantity: up to six decimals, no padding. */
  quantity(value: string | null): string;
  /** A ratio as a percentage with one decimal. */
  percent(ratio: string | null): string;
  percentChange(ratio: string | null): string;
  /** A change of a ratio in percentage points, without their name: `−1.7`. */
  pointsChange(ratio: string): string;
  /** Points of a score: two decimals. */
  points(value: string): string;
  count(value: number | bigint): string;
  /** Every digit, grouped, for hover. */
  full(value: string | null): string;
  /** A currency figure with its code and every digit it has, the currency's own decimals at least. */
  exactWithCode(value: string, currency: string): string;
  bytes(value: number): string;
  /** Seconds as `4.2 s` or `2 min 05 s`. */
  duration(milliseconds: number): string;
  day(day: string): string;
  month(day: string): string;
  /** The month of a bucket (`2018-10`) without its year: `Oct`. */
  monthOfYear(key: string): string;
  /** A half-open period as a person says it: `Oct 2018`, `Oct – Dec 2018`, `3 – 9 Oct 2018`. */
  period(period: Period): string;
  /** A bucket of a time axis (`2018-10`, `2018-10-03`, `2018-10-03T14`). */
  bucket(key: string, grain: Grain): string;
  /** A moment in UTC, to the minute. */
  moment(text: string): string;
}

const LOCALE_OTHERWISE = "en-GB";

/** The reader's locale. A system without one says `C`, which is no language that numbers can be written in. */
export function userLocale(
  wanted: string | undefined = typeof navigator === "undefined" ? undefined : navigator.language,
): string {
  try {
    return wanted ? new Intl.Locale(wanted).toString() : LOCALE_OTHERWISE;
  } catch {
    return LOCALE_OTHERWISE;
  }
}

export function createFormatter(locale: string): Formatter {
  const numberFormats = new Map<string, Intl.NumberFormat>();
  const numberFormat = (key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat => {
    let found = numberFormats.get(key);
    if (!found) {
      found = new Intl.NumberFormat(locale, { ...ROUNDING, ...options });
      numberFormats.set(key, found);
    }
    return found;
  };
  const dateFormat = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
  const dayFormat = dateFormat({ day: "numeric", month: "short", year: "numeric" });
  const monthFormat = dateFormat({ month: "short", year: "numeric" });
  const monthOfYearFormat = dateFormat({ month: "short" });
  const dayShortFormat = dateFormat({ day: "numeric", month: "short" });
  const count = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

  const currencyFormat = (currency: string, signed: boolean) =>
    numberFormat(`money ${currency} ${signed}`, {
      style: "currency",
      currency,
      currencySign: signed ? "standard" : "accounting",
      currencyDisplay: "code",
      signDisplay: signed ? "exceptZero" : "negative",
    });

  /** As money, with so many more decimals that five digits say something. */
  const unitFormat = (value: string, currency: string, signed: boolean) => {
    const least = currencyFormat(currency, signed).resolvedOptions().maximumFractionDigits ?? 0;
    const [whole = "0", fraction = ""] = magnitude(value).split(".");
    const zeros = /^0*/.exec(fraction)?.[0].length ?? 0;
    const wanted = whole === "0" ? zeros + UNIT_COST_DIGITS : UNIT_COST_DIGITS - whole.length;
    const most = Math.min(Math.max(least, wanted), UNIT_COST_DECIMALS_MAX);
    return numberFormat(`unit ${currency} ${signed} ${most}`, {
      style: "currency",
      currency,
      currencySign: signed ? "standard" : "accounting",
      currencyDisplay: "code",
      signDisplay: signed ? "exceptZero" : "negative",
      minimumFractionDigits: least,
      maximumFractionDigits: most,
    });
  };

  /** The figure without the currency's name: the table says it once. */
  const withoutCode = (format: Intl.NumberFormat, value: string): string => {
    const found = format.formatToParts(value as DecimalText);
    return found
      .filter((part, index) => {
        if (part.type === "currency") return false;
        // The space that only parted the code from the digits goes with it.
        const beside = [found[index - 1]?.type, found[index + 1]?.type];
        return !(part.type === "literal" && part.value.trim() === "" && beside.includes("currency"));
      })
      .map((part) => (part.type === "minusSign" ? part.value.replace("-", MINUS) : part.value))
      .join("")
      .trim();
  };
  const written = (format: Intl.NumberFormat, value: DecimalText | number | bigint): string =>
    format.format(value).replace("-", MINUS);

  const decimalFormat = (least: number, most: number) =>
    numberFormat(`decimal ${least} ${most}`, { minimumFractionDigits: least, maximumFractionDigits: most });
  const decimalMark =
    new Intl.NumberFormat(locale).formatToParts(1.5).find((part) => part.type === "decimal")?.value ?? ".";
  /** A text with room behind it for the decimals that its figure lacks. */
  const padded = (figure: string, text: string, places: number): string => {
    const mark = figure.lastIndexOf(decimalMark);
    const missing = places - (mark < 0 ? 0 : figure.length - mark - 1);
    return text + (mark < 0 ? PUNCTUATION_SPACE : "") + FIGURE_SPACE.repeat(Math.max(missing, 0));
  };
  const compactFormat = new Intl.NumberFormat(locale, {
    ...ROUNDING,
    notation: "compact",
    maximumSignificantDigits: SHORT_DIGITS,
  });
  const shortFormat = new Intl.NumberFormat(locale, {
    ...ROUNDING,
    notation: "compact",
    minimumSignificantDigits: SHORT_DIGITS,
    maximumSignificantDigits: SHORT_DIGITS,
  });
  /** Below a thousand a whole figure is what it is: 7, not 7.00. */
  const isFewWhole = (value: string): boolean =>
    decimals(normalise(value)) === 0 && magnitude(value).length <= SHORT_DIGITS;
  const percentFormat = (signed: boolean) =>
    numberFormat(`percent ${signed}`, {
      style: "percent",
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
      signDisplay: signed ? "exceptZero" : "negative",
    });

  const utc = (day: string) => new Date(`${day.slice(0, 10)}T00:00:00Z`);

  return {
    locale,
    money: (value, currency) =>
      value === null ? NO_VALUE : withoutCode(currencyFormat(currency, false), value),
    moneyWithCode: (value, currency) =>
      value === null ? NO_VALUE : `${currency}\u00a0${withoutCode(currencyFormat(currency, false), value)}`,
    moneyChange: (value, currency) =>
      value === null ? NO_VALUE : withoutCode(currencyFormat(currency, true), value),
    unitCost: (value, currency) =>
      value === null ? NO_VALUE : withoutCode(unitFormat(value, currency, false), value),
    unitCostChange: (value, currency) =>
      value === null ? NO_VALUE : withoutCode(unitFormat(value, currency, true), value),
    compact: (value) => (value === null ? NO_VALUE : written(compactFormat, value as DecimalText)),
    fixed: (value, places) => written(decimalFormat(places, places), value as DecimalText),
    short: (value) =>
      value === null
        ? NO_VALUE
        : written(isFewWhole(value) ? compactFormat : shortFormat, value as DecimalText),
    chargeMoney: (value, longest = CHARGE_DECIMALS_MAX) => {
      if (value === null) return NO_VALUE;
      const places = Math.min(Math.max(longest, CHARGE_DECIMALS_MIN), CHARGE_DECIMALS_MAX);
      const magnitude = normalise(value).replace("-", "");
      const shown = decimalFormat(CHARGE_DECIMALS_MIN, CHARGE_DECIMALS_MAX).format(magnitude as DecimalText);
      return padded(shown, sign(value) < 0 ? `(${shown})` : shown, places);
    },
    figure: (value, longest) => {
      const shown = written(decimalFormat(0, Math.min(longest, FIGURE_DECIMALS_MAX)), value as DecimalText);
      return longest === 0 ? shown : padded(shown, shown, Math.min(longest, FIGURE_DECIMALS_MAX));
    },
    quantity: (value) => (value === null ? NO_VALUE : written(decimalFormat(0, 6), value as DecimalText)),
    percent: (ratio) => (ratio === null ? NO_VALUE : written(percentFormat(false), ratio as DecimalText)),
    percentChange: (ratio) =>
      ratio === null ? NO_VALUE : written(percentFormat(true), ratio as DecimalText),
    pointsChange: (ratio) =>
      percentFormat(true)
        .formatToParts(ratio as DecimalText)
        .filter((part) => part.type !== "percentSign")
        .map((part) => part.value)
        .join("")
        .trim()
        .replace("-", MINUS),
    points: (value) => written(decimalFormat(2, 2), value as DecimalText),
    count: (value) => written(count, value),
    full: (value) => {
      if (value === null) return NO_VALUE;
      const places = Math.min(decimals(value), 100);
      return written(decimalFormat(Math.min(places, 2), Math.max(places, 2)), value as DecimalText);
    },
    exactWithCode: (value, currency) =>
      `${currency}\u00a0${decimals(value) <= 2 ? withoutCode(currencyFormat(currency, true), value) : written(decimalFormat(2, Math.min(decimals(value), 100)), value as DecimalText)}`,
    bytes: (value) => {
      const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
      let scaled = value;
      let unit = 0;
      while (scaled >= 1000 && unit < units.length - 1) {
        scaled /= 1000;
        unit += 1;
      }
      return numberFormat(`bytes ${unit}`, {
        style: "unit",
        unit: units[unit] ?? "byte",
        unitDisplay: "short",
        minimumFractionDigits: unit === 0 ? 0 : 1,
        maximumFractionDigits: unit === 0 ? 0 : 1,
      }).format(scaled);
    },
    duration: (milliseconds) => {
      const seconds = milliseconds / 1000;
      if (seconds < INSTANT_SECONDS) return `<\u00a0${decimalFormat(1, 1).format(0.1)}\u00a0s`;
      if (seconds < 60) return `${decimalFormat(1, 1).format(seconds)}\u00a0s`;
      const whole = Math.floor(seconds);
      return `${Math.floor(whole / 60)}\u00a0min ${String(whole % 60).padStart(2, "0")}\u00a0s`;
    },
    day: (day) => dayFormat.format(utc(day)),
    monthOfYear: (key) => monthOfYearFormat.format(utc(`${key.slice(0, 7)}-01`)),
    month: (day) => monthFormat.format(utc(day)),
    period: (period) => {
      const last = addDays(period.to, -1);
      if (isWholeYear(period)) return period.from.slice(0, 4);
      if (isWholeMonths(period)) return monthFormat.formatRange(utc(period.from), utc(last));
      return dayFormat.formatRange(utc(period.from), utc(last));
    },
    bucket: (key, grain) => {
      if (grain === "month") return monthFormat.format(utc(`${key.slice(0, 7)}-01`));
      if (grain === "day") return dayShortFormat.format(utc(key));
      return `${dayShortFormat.format(utc(key))} ${key.slice(11, 13)}:00`;
    },
    moment: (text) => {
      const stamp = text.replace("T", " ").replace(/(\.\d+)?Z?$/, "");
      return `${dayFormat.format(utc(stamp))} ${stamp.slice(11, 16)}\u00a0UTC`;
    },
  };
}
