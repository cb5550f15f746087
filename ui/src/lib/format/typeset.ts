/** The engine writes plain text for every reader; the page sets it as a page is set. */
import { format } from ".";
import { type Formatter, MINUS } from "./format";

const PERCENT = /(\d) %/g;
const LESS = /(?<=[\w)%]) - (?=[\d(])/g;
const NEGATIVE = /(?<![\w.)-])-(?=\d)/g;
/** As above, and no part of what may be a name. */
const NEGATIVE_FIGURE = /(?<=^|[\s(])-(?=\d[\d,]*(?:\.\d+)?%?(?:[\s,;:)]|\.?$))/g;
const TIMES = /(?<=[\w)%]) x (?=[\w(])/g;
const MONTH = /(?<![\w-])(?:19|20)\d{2}-(?:0[1-9]|1[0-2])(?![\w-])/g;
/** A day as programs write it, but for one that a time follows. */
const DAY = /(?<![\w-])(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\w-]|T\d)/g;
/** An amount as programs write it. */
const AMOUNT = /(?<![\w.,/:-])\d{4,}\.\d{2,}(?!\w|\.\d)/g;
const QUOTED = /("[^"]*")/;
const QUOTED_OR_TYPED = /("[^"]*"|`[^`]*`)/;
const FURTHER_SENTENCE = /[.!?]\s/;
/** A word of the language, and not a name as columns and metrics have them. */
const WORD = /^\p{Ll}[\p{Ll}']*(?=[\s,:;]|$)/u;

/**
 * A sentence of the engine's: signs of arithmetic instead of hyphens and letters, amounts in groups, no space before a percent sign, months by
 * name, and no full stop behind a single sentence. What stands in quotation marks is text of the bill's and stays.
 */
export function typeset(text: string, formatter: Formatter = format): string {
  return withoutStop(
    text
      .split(QUOTED)
      .map((piece, index) => (index % 2 === 1 ? piece : set(piece, formatter)))
      .join(""),
  );
}

/** A sentence with names in it that stand without quotation marks: its percentages and signs are set, all else stays as it is. */
export function typesetFigures(text: string): string {
  return withoutStop(
    text
      .split(QUOTED_OR_TYPED)
      .map((piece, index) =>
        index % 2 === 1 ? piece : piece.replace(PERCENT, "$1%").replace(NEGATIVE_FIGURE, MINUS),
      )
      .join(""),
  );
}

function set(text: string, formatter: Formatter): string {
  return text
    .replace(PERCENT, "$1%")
    .replace(LESS, ` ${MINUS} `)
    .replace(NEGATIVE, MINUS)
    .replace(AMOUNT, (amount) => formatter.fixed(amount, decimalsOf(amount)))
    .replace(TIMES, " × ")
    .replace(DAY, (day) => formatter.day(day).replaceAll(" ", "\u00a0"))
    .replace(MONTH, (month) => formatter.bucket(month, "month").replace(" ", "\u00a0"));
}

function decimalsOf(amount: string): number {
  return amount.length - amount.indexOf(".") - 1;
}

/** A single sentence has no full stop. */
export function withoutStop(text: string): string {
  const single = text.endsWith(".") && !text.endsWith("..") && !FURTHER_SENTENCE.test(text);
  return single ? text.slice(0, -1) : text;
}

/** Begins with a capital letter, unless with a name that has none. */
export function capitalised(text: string, formatter: Formatter = format): string {
  return WORD.test(text) ? text.charAt(0).toLocaleUpperCase(formatter.locale) + text.slice(1) : text;
}
