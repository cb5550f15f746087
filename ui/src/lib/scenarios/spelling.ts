/**
 * Figures, months and yes or no as people and spreadsheets write them, read into the one spelling that the engine takes.
 * What cannot be read with certainty is not read: null, and the text stays as it was typed.
 */
import { compare, isDecimal, normalise } from "../format/decimal";

/** Which of point and comma parts the decimals where a text leaves it open. */
export type DecimalMark = "." | ",";

export function decimalMark(locale: string): DecimalMark {
  const part = new Intl.NumberFormat(locale).formatToParts(1.5).find((one) => one.type === "decimal");
  return part?.value === "," ? "," : ".";
}

const MAGNITUDES: Readonly<Record<string, number>> = { k: 3, m: 6, mn: 6, mio: 6, b: 9, bn: 9 };
const CURRENCY = /^(?:[A-Z]{3}\b|\p{Sc})\s*|\s*(?:\b[A-Z]{3}|\p{Sc})$/gu;
const GROUPS = /[\s'’_]/g;

/** An amount as plain decimal text: `1,234.50`, `1.234,50`, `(1 234)`, `USD 1,2`, `€ 12k`, `−5`; null where it is none. */
export function readAmount(text: string, mark: DecimalMark): string | null {
  let left = text.trim().replace(/[−–]/g, "-");
  let negative = false;
  const bracketed = /^\((.*)\)$/.exec(left);
  if (bracketed) {
    negative = true;
    left = (bracketed[1] ?? "").trim();
  }
  const signed = () => {
    const found = /^([+-])\s*/.exec(left);
    if (!found) return;
    if (found[1] === "-") negative = !negative;
    left = left.slice(found[0].length);
  };
  signed();
  left = left.replace(CURRENCY, "").trim();
  signed();
  const trailing = /^(.*\d)\s*-$/.exec(left);
  if (trailing) {
    negative = !negative;
    left = trailing[1] ?? "";
  }
  const magnitude = /^(.*[\d.,])\s*(k|mn|mio|m|bn|b)\.?$/i.exec(left);
  const zeros = magnitude ? (MAGNITUDES[(magnitude[2] ?? "").toLowerCase()] ?? 0) : 0;
  const plain = plainNumber((magnitude ? (magnitude[1] ?? "") : left).replace(GROUPS, ""), mark);
  if (plain === null) return null;
  const value = normalise(zeros > 0 ? timesTen(plain, zeros) : plain);
  return negative && value !== "0" ? `-${value}` : value;
}

/** Digits with points and commas as a plain decimal. */
function plainNumber(text: string, mark: DecimalMark): string | null {
  if (!/^[\d.,]*\d[\d.,]*$/.test(text)) return null;
  const points = text.split(".").length - 1;
  const commas = text.split(",").length - 1;
  if (points === 0 && commas === 0) return text;
  if (points > 0 && commas > 0) {
    const decimal = text.lastIndexOf(".") > text.lastIndexOf(",") ? "." : ",";
    return grouped(text, decimal === "." ? "," : ".", decimal);
  }
  const only = points > 0 ? "." : ",";
  const count = points + commas;
  if (count > 1) return grouped(text, only, null);
  const behind = text.length - text.indexOf(only) - 1;
  const before = text.indexOf(only);
  // Three digits behind a lone mark: thousands, unless it is the mark that parts decimals here.
  if (behind === 3 && before >= 1 && before <= 3 && only !== mark && !text.startsWith("0"))
    return grouped(text, only, null);
  const plain = text.replace(only, ".");
  return plain.startsWith(".") ? `0${plain}` : plain.endsWith(".") ? plain.slice(0, -1) : plain;
}

/** A text in groups of three. */
function grouped(text: string, group: string, decimal: string | null): string | null {
  const [whole = "", ...rest] = decimal === null ? [text] : text.split(decimal);
  if (rest.length > 1) return null;
  const parts = whole.split(group);
  const [first = "", ...others] = parts;
  if (parts.length > 1 && (!/^\d{1,3}$/.test(first) || !others.every((part) => /^\d{3}$/.test(part))))
    return null;
  const digits = parts.join("");
  const fraction = rest[0] ?? "";
  if (!/^\d+$/.test(digits) || !/^\d*$/.test(fraction)) return null;
  return fraction === "" ? digits : `${digits}.${fraction}`;
}

function timesTen(plain: string, zeros: number): string {
  const [whole = "0", fraction = ""] = plain.split(".");
  const padded = fraction.padEnd(zeros, "0");
  return `${whole}${padded.slice(0, zeros)}${padded.length > zeros ? `.${padded.slice(zeros)}` : ""}`;
}

/** A percentage in percent: `12.5 %` and `12.5` are both `12.5`. */
export function readPercent(text: string, mark: DecimalMark): string | null {
  const trimmed = text.trim();
  const bracketed = /^\((.*)%\s*\)$/.exec(trimmed);
  if (bracketed) return readAmount(`(${bracketed[1]})`, mark);
  return readAmount(trimmed.replace(/\s*%$/, ""), mark);
}

/** A whole number of months: `6`, `6 months`; at least `least`. */
export function readCount(text: string, least: number): string | null {
  const found = /^([+\-−]?\d{1,4})(?:[.,]0+)?\s*(?:months?|mo\.?)?$/i.exec(text.trim());
  if (!found) return null;
  const value = Number((found[1] ?? "").replace("−", "-"));
  return value >= least ? String(value) : null;
}

const YES: readonly string[] = ["yes", "y", "true", "1", "on", "x", "✓", "wahr", "vrai"];
const NO: readonly string[] = ["no", "n", "false", "0", "off", "", "-", "falsch", "faux"];

export function readBoolean(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  return YES.includes(word) ? true : NO.includes(word) ? false : null;
}

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

export function isMonth(text: string): boolean {
  return MONTH.test(text);
}

/** The names of the months in a language and in English, to numbers. */
function monthNames(locale: string): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  for (const language of [locale, "en"])
    for (const style of ["long", "short"] as const)
      for (let month = 0; month < 12; month += 1) {
        const name = new Intl.DateTimeFormat(language, { month: style, timeZone: "UTC" })
          .format(new Date(Date.UTC(2026, month, 1)))
          .toLowerCase()
          .replace(/\.$/, "");
        if (!names.has(name)) names.set(name, month + 1);
      }
  names.set("sept", 9);
  return names;
}

const knownNames = new Map<string, ReadonlyMap<string, number>>();

/**
 * A month as `2026-10`: `2026-10`, `10/2026`, `Oct 2026`, `Oct-26`, and the first day of one. A day whose month is open
 * (`05/06/2026`) is not read.
 */
export function readMonth(text: string, locale = "en"): string | null {
  const trimmed = text.trim().replace(/\s+00:00(:00)?$/, "");
  const put = (year: number, month: number): string | null =>
    month >= 1 && month <= 12 && year >= 1900 && year <= 2999
      ? `${year}-${String(month).padStart(2, "0")}`
      : null;
  const whole = (digits: string | undefined) => Number(digits ?? NaN);
  let found = /^(\d{4})[-/. ](\d{1,2})(?:[-/.](\d{1,2}))?$/.exec(trimmed);
  if (found) return put(whole(found[1]), whole(found[2]));
  found = /^(\d{1,2})[-/. ](\d{4})$/.exec(trimmed);
  if (found) return put(whole(found[2]), whole(found[1]));
  found = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/.exec(trimmed);
  if (found) {
    const [first, second, year] = [whole(found[1]), whole(found[2]), whole(found[3])];
    // Months are written by their first day: of two readings the one that falls on it.
    if (first > 12 || first === 1) return put(year, second);
    if (second > 12 || second === 1) return put(year, first);
    if (first === second) return put(year, first);
    return null;
  }
  let names = knownNames.get(locale);
  if (!names) {
    names = monthNames(locale);
    knownNames.set(locale, names);
  }
  found = /^(\p{L}+)\.?[\s\-/,']*(\d{4}|\d{2})$/u.exec(trimmed);
  const reversed = found ? null : /^(\d{4})[\s\-/,]*(\p{L}+)\.?$/u.exec(trimmed);
  const [name, year] = found ? [found[1], found[2]] : reversed ? [reversed[2], reversed[1]] : [];
  const month = name === undefined ? undefined : names.get(name.toLowerCase());
  if (month === undefined || year === undefined) return null;
  return put(year.length === 2 ? 2000 + Number(year) : Number(year), month);
}

/** The month so many months later. */
export function monthAfter(month: string, months: number): string {
  const all = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + months;
  return `${Math.floor(all / 12)}-${String((all % 12) + 1).padStart(2, "0")}`;
}

export interface Three {
  readonly low: string;
  readonly likely: string;
  readonly high: string;
}

/** One value, or three parted by a slash. */
export function readThree(text: string, read: (part: string) => string | null): Three | null {
  const parts = text.split("/").map(read);
  if (parts.some((part) => part === null)) return null;
  const [low = "", likely, high] = parts as string[];
  if (parts.length === 1) return { low, likely: low, high: low };
  return parts.length === 3 ? { low, likely: likely ?? "", high: high ?? "" } : null;
}

export function writeThree({ low, likely, high }: Three, write: (value: string) => string): string {
  return low === likely && likely === high ? write(likely) : [low, likely, high].map(write).join(" / ");
}

/** Whether three figures rise, as a low, a likely and a high one do. */
export function rises({ low, likely, high }: Three): boolean {
  return [low, likely, high].every(isDecimal) && compare(low, likely) <= 0 && compare(likely, high) <= 0;
}
