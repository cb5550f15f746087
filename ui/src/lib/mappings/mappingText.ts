/**
 * A mapping file as text, read and changed entry by entry. The text is the one truth: what is not changed stays as it was
 * written, comments included, and what this cannot read is left to the text.
 */

/** How days may be written, as mapping files name it. */
export const DAY_SPELLINGS = ["iso", "month/day/year", "day/month/year", "day.month.year"] as const;

export interface Entry {
  readonly target: string;
  /** The formula; null where the entry is written in a way that only the text can change. */
  readonly from: string | null;
  readonly why: string | null;
}

export interface Mapping {
  readonly format: string;
  readonly title: string;
  /** Who sells, as a formula. */
  readonly provider: string;
  readonly dates: readonly string[];
  readonly mandatory: readonly string[];
  readonly entries: readonly Entry[];
}

const TEXT = `"(?:[^"\\\\]|\\\\.)*"|'[^']*'`;
const ENTRY = new RegExp(
  `^\\s*("?)([A-Za-z][A-Za-z0-9_]*)\\1\\s*=\\s*\\{\\s*from\\s*=\\s*(${TEXT})(?:\\s*,\\s*why\\s*=\\s*(${TEXT}))?\\s*,?\\s*\\}\\s*(?:#.*)?$`,
);
const OTHER_ENTRY = /^\s*"?([A-Za-z][A-Za-z0-9_]*)"?\s*=/;
const SECTION = /^\s*\[/;
const COLUMNS = /^\s*\[columns\]\s*(?:#.*)?$/;

/** A text as the file writes it. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function unquoted(written: string): string | null {
  if (written.startsWith("'")) return written.slice(1, -1);
  try {
    return JSON.parse(written) as string;
  } catch {
    return null;
  }
}

interface Line {
  readonly at: number;
  readonly text: string;
  readonly place: "head" | "columns" | "other";
}

function lines(text: string): Line[] {
  let place: Line["place"] = "head";
  return text.split("\n").map((line, at) => {
    if (SECTION.test(line)) {
      place = COLUMNS.test(line) ? "columns" : "other";
      return { at, text: line, place: "other" };
    }
    return { at, text: line, place };
  });
}

const headText = (all: readonly Line[], key: string): string => {
  const pattern = new RegExp(`^\\s*${key}\\s*=\\s*(${TEXT})\\s*(?:#.*)?$`);
  const found = all.find((line) => line.place === "head" && pattern.test(line.text));
  return (found && unquoted(pattern.exec(found.text)?.[1] ?? '""')) ?? "";
};

const headTexts = (all: readonly Line[], key: string): string[] => {
  const pattern = new RegExp(`^\\s*${key}\\s*=\\s*\\[(.*)\\]\\s*(?:#.*)?$`);
  const found = all.find((line) => line.place === "head" && pattern.test(line.text));
  const list = found ? (pattern.exec(found.text)?.[1] ?? "") : "";
  return [...list.matchAll(new RegExp(TEXT, "g"))].map(([written]) => unquoted(written) ?? "");
};

function entryOf(line: Line): Entry | null {
  const match = ENTRY.exec(line.text);
  if (match) {
    const [, , target = "", from = '""', why] = match;
    return { target, from: unquoted(from), why: why === undefined ? null : unquoted(why) };
  }
  const other = OTHER_ENTRY.exec(line.text)?.[1];
  return other === undefined ? null : { target: other, from: null, why: null };
}

export function readMapping(text: string): Mapping {
  const all = lines(text);
  const provider = all
    .filter((line) => line.place === "head")
    .map(entryOf)
    .find((entry) => entry?.target === "provider");
  const title = headText(all, "title");
  const format = headText(all, "format");
  return {
    format,
    title: title === "" ? format : title,
    provider: provider?.from ?? "",
    dates: headTexts(all, "dates"),
    mandatory: headTexts(all, "mandatory"),
    entries: all
      .filter((line) => line.place === "columns")
      .map(entryOf)
      .filter((entry) => entry !== null),
  };
}

/** The formula of a target, `provider` included; empty where there is none, null where only the text can tell. */
export function formulaOf(mapping: Mapping, target: string): string | null {
  if (target === "provider") return mapping.provider;
  const entry = mapping.entries.find((known) => known.target === target);
  return entry ? entry.from : "";
}

/** The text with a target's formula changed; an empty one takes the entry away. */
export function withFormula(text: string, target: string, formula: string): string {
  const all = lines(text);
  const place = target === "provider" ? "head" : "columns";
  const at = all.find((line) => line.place === place && entryOf(line)?.target === target);
  const why = at ? (entryOf(at)?.why ?? null) : null;
  const written =
    why === null
      ? `${target} = { from = ${quoted(formula)} }`
      : `${target} = { from = ${quoted(formula)}, why = ${quoted(why)} }`;
  return withLine(text, all, at?.at ?? null, formula === "" ? null : written, place);
}

/** The text with one of its first lines changed: its name, its title. */
export function withHead(text: string, key: "format" | "title", value: string): string {
  const all = lines(text);
  const at = all.find((line) => line.place === "head" && new RegExp(`^\\s*${key}\\s*=`).test(line.text));
  return withLine(text, all, at?.at ?? null, `${key} = ${quoted(value)}`, "head");
}

/** The text with the spellings that days may have. */
export function withDates(text: string, dates: readonly string[]): string {
  const all = lines(text);
  const at = all.find((line) => line.place === "head" && /^\s*dates\s*=/.test(line.text));
  return withLine(text, all, at?.at ?? null, `dates = [${dates.map(quoted).join(", ")}]`, "head");
}

function withLine(
  text: string,
  all: readonly Line[],
  at: number | null,
  written: string | null,
  place: "head" | "columns",
): string {
  const found = text.split("\n");
  if (at !== null) {
    found.splice(at, 1, ...(written === null ? [] : [written]));
    return found.join("\n");
  }
  if (written === null) return text;
  if (place === "head") {
    const first = all.find((line) => SECTION.test(line.text))?.at ?? found.length;
    // Before the blank line that parts the head from what follows.
    found.splice(first > 0 && found[first - 1]?.trim() === "" ? first - 1 : first, 0, written);
    return found.join("\n");
  }
  const heading = all.findLast((line) => COLUMNS.test(line.text));
  if (!heading) return `${text.replace(/\n*$/, "\n")}\n[columns]\n${written}\n`;
  const last = all.filter((line) => line.place === "columns" && line.text.trim() !== "").at(-1);
  found.splice((last ?? heading).at + 1, 0, written);
  return found.join("\n");
}

/** The target that a problem is told of: `BilledCost: there is no ...`. */
export function placeOf(problem: string): string | null {
  return /^([A-Za-z][A-Za-z0-9]*): /.exec(problem)?.[1] ?? null;
}
