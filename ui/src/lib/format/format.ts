/**
 * The one place where numbers and dates become text. Figures come in as exact decimal text and are handed to `Intl` as
 * text, so that no digit passes through a float.
 */
import type { Grain } from "../bindings/Grain";
import type { Period } from "../bindings/Period";
import { addDays, isWholeMonths, isWholeYear } from "../view/period";
import { decimals, normalise, sign } from "./decimal";

/** What a table cell may show of a charge's cost before the rest is left to hover and copy. */
const CHARGE_DECIMALS_MIN = 2;
const CHARGE_DECIMALS_MAX = 6;
const FIGURE_DECIMALS_MAX = 38;
const FIGURE_SPACE = "\u2007";
const PUNCTUATION_SPACE = "\u2008";
export const NO_VALUE = "–";

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
  /** A currency figure for an axis or a label: `1.2M`. */
  compact(value: string | null): string;
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
      .map((part) => part.value)
      .join("")
      .trim();
  };

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
    maximumSignificantDigits: 3,
  });
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
    compact: (value) => (value === null ? NO_VALUE : compactFormat.format(value as DecimalText)),
    chargeMoney: (value, longest = CHARGE_DECIMALS_MAX) => {
      if (value === null) return NO_VALUE;
      const places = Math.min(Math.max(longest, CHARGE_DECIMALS_MIN), CHARGE_DECIMALS_MAX);
      const magnitude = normalise(value).replace("-", "");
      const shown = decimalFormat(CHARGE_DECIMALS_MIN, CHARGE_DECIMALS_MAX).format(magnitude as DecimalText);
      return padded(shown, sign(value) < 0 ? `(${shown})` : shown, places);
    },
    figure: (value, longest) => {
      const shown = decimalFormat(0, Math.min(longest, FIGURE_DECIMALS_MAX)).format(value as DecimalText);
      return longest === 0 ? shown : padded(shown, shown, Math.min(longest, FIGURE_DECIMALS_MAX));
    },
    quantity: (value) => (value === null ? NO_VALUE : decimalFormat(0, 6).format(value as DecimalText)),
    percent: (ratio) => (ratio === null ? NO_VALUE : percentFormat(false).format(ratio as DecimalText)),
    percentChange: (ratio) => (ratio === null ? NO_VALUE : percentFormat(true).format(ratio as DecimalText)),
    points: (value) => decimalFormat(2, 2).format(value as DecimalText),
    count: (value) => count.format(value),
    full: (value) => {
      if (value === null) return NO_VALUE;
      const places = Math.min(decimals(value), 100);
      return decimalFormat(Math.min(places, 2), Math.max(places, 2)).format(value as DecimalText);
    },
    exactWithCode: (value, currency) =>
      `${currency}\u00a0${decimals(value) <= 2 ? withoutCode(currencyFormat(currency, true), value) : decimalFormat(2, Math.min(decimals(value), 100)).format(value as DecimalText)}`,
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
        maximumFractionDigits: unit === 0 ? 0 : 1,
      }).format(scaled);
    },
    duration: (milliseconds) => {
      const seconds = milliseconds / 1000;
      if (seconds < 60) return `${decimalFormat(1, 1).format(seconds)}\u00a0s`;
      const whole = Math.floor(seconds);
      return `${Math.floor(whole / 60)}\u00a0min ${String(whole % 60).padStart(2, "0")}\u00a0s`;
    },
    day: (day) => dayFormat.format(utc(day)),
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
