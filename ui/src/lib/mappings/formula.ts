/** The formulas of mapping files, as far as the page must understand them: which names they hold, and how names and texts are written. */

const KEYWORDS = new Set(["and", "or", "not", "in", "null"]);
const TOKEN = /`((?:[^`]|``)*)`|'((?:[^']|'')*)'|([\p{L}\p{N}_/:.]+)|\s+|./gsu;
const CALL = /^\s*\(/;
const PLAIN_NAME = /^\p{L}[\p{L}\p{N}_]*$/u;
const NUMBER = /^[\d.]+$/;

export interface Piece {
  readonly kind: "name" | "function" | "text" | "number" | "keyword" | "sign";
  /** As it stands in the formula. */
  readonly written: string;
  /** A name without its quotes, a text without its quotes. */
  readonly meaning: string;
}

/** The pieces of a formula in their order, white space included, so that they put together are the formula again. */
export function pieces(formula: string): Piece[] {
  const found: Piece[] = [];
  for (const match of formula.matchAll(TOKEN)) {
    const [written, quotedName, text, word] = match;
    if (quotedName !== undefined) {
      found.push({ kind: "name", written, meaning: quotedName.replaceAll("``", "`") });
    } else if (text !== undefined) {
      found.push({ kind: "text", written, meaning: text.replaceAll("''", "'") });
    } else if (word !== undefined) {
      const rest = formula.slice(match.index + written.length);
      const kind = NUMBER.test(word)
        ? "number"
        : KEYWORDS.has(word)
          ? "keyword"
          : CALL.test(rest)
            ? "function"
            : "name";
      found.push({ kind, written, meaning: word });
    } else {
      found.push({ kind: "sign", written, meaning: written });
    }
  }
  return found;
}

/** A column's name without what spellings differ in: `lineItem/UnblendedCost` and `line_item_unblended_cost` are one. */
export function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** The columns of a file that a formula names, each once, in the formula's order. */
export function columnsOf(formula: string, columns: readonly string[]): string[] {
  const byName = new Map(columns.map((column) => [folded(column), column]));
  const found = pieces(formula)
    .filter((piece) => piece.kind === "name")
    // `product.region` is the field of a column that holds objects.
    .map(({ meaning }) => byName.get(folded(meaning)) ?? byName.get(folded(meaning.split(".")[0] ?? "")))
    .filter((column) => column !== undefined);
  return [...new Set(found)];
}

/** A column's name as a formula writes it. */
export function nameText(name: string): string {
  return PLAIN_NAME.test(name) && !KEYWORDS.has(name) ? name : `\`${name.replaceAll("`", "``")}\``;
}

/** A text as a formula writes it. */
export function literalText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The text that a formula is, when it is nothing but a text; else null. */
export function literalOf(formula: string): string | null {
  const [only, ...more] = pieces(formula.trim());
  return only?.kind === "text" && more.length === 0 ? only.meaning : null;
}
