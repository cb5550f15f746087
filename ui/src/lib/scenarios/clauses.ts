/**
 * What stands in one cell and has parts: `Service = Compute | Storage; Owner = web`. Parts are parted by semicolons, the
 * values of one by bars; a name or value with one of these signs in it stands in quotes, a quote in it is doubled.
 */

export interface Clause {
  readonly name: string;
  /** Empty where the clause is a word alone, such as `new`. */
  readonly values: readonly string[];
}

const SPECIAL = /[;|="]/;

/** A name or value as it is written in a clause. */
export function written(text: string): string {
  return SPECIAL.test(text) || text !== text.trim() || text === "" ? `"${text.replaceAll('"', '""')}"` : text;
}

interface Piece {
  readonly text: string;
  readonly quoted: boolean;
  /** Where it begins and ends in the whole. */
  readonly from: number;
  readonly to: number;
}

interface Parsed {
  readonly name: Piece;
  readonly values: readonly Piece[];
  /** Whether there is an equals sign. */
  readonly valued: boolean;
}

/** The parts of a text; null where a quote is not closed or text stands beside one. */
function parsed(text: string): Parsed[] | null {
  const clauses: Parsed[] = [];
  let at = 0;
  const piece = (): Piece | null => {
    while (text[at] === " ") at += 1;
    const from = at;
    if (text[at] === '"') {
      let inside = "";
      for (at += 1; at < text.length; at += 1) {
        if (text[at] !== '"') inside += text[at];
        else if (text[at + 1] === '"') {
          inside += '"';
          at += 1;
        } else break;
      }
      if (text[at] !== '"') return null;
      at += 1;
      const to = at;
      while (text[at] === " ") at += 1;
      return at < text.length && !/[;|=]/.test(text[at] ?? "")
        ? null
        : { text: inside, quoted: true, from, to };
    }
    while (at < text.length && !SPECIAL.test(text[at] ?? "")) at += 1;
    if (text[at] === '"') return null;
    const found = text.slice(from, at).trimEnd();
    return { text: found, quoted: false, from, to: from + found.length };
  };
  for (;;) {
    const name = piece();
    if (!name) return null;
    const values: Piece[] = [];
    const valued = text[at] === "=";
    while (text[at] === (values.length === 0 ? "=" : "|")) {
      at += 1;
      const value = piece();
      if (!value) return null;
      values.push(value);
    }
    if (text[at] !== undefined && text[at] !== ";") return null;
    clauses.push({ name, values, valued });
    if (text[at] === undefined) return clauses;
    at += 1;
  }
}

/** The clauses of a text; null where it is not written as clauses are. */
export function readClauses(text: string): Clause[] | null {
  const found = parsed(text);
  if (!found) return null;
  const clauses = found.filter(({ name, valued }) => valued || name.text !== "" || name.quoted);
  const empty = ({ text: said, quoted }: Piece) => said === "" && !quoted;
  if (clauses.some(({ name, values }) => empty(name) || values.some(empty))) return null;
  return clauses.map(({ name, values }) => ({ name: name.text, values: values.map((value) => value.text) }));
}

export function writeClauses(clauses: readonly Clause[]): string {
  return clauses
    .map(({ name, values }) =>
      values.length === 0 ? written(name) : `${written(name)} = ${values.map(written).join(" | ")}`,
    )
    .join("; ");
}

/** What is being typed at a place in the text. */
export interface Spot {
  /** The clause whose value is typed; null where its name is. */
  readonly name: string | null;
  /** What is typed so far. */
  readonly typed: string;
  /** What taking a completion replaces. */
  readonly from: number;
  readonly to: number;
}

/** What stands at the caret, for completion. */
export function spotAt(text: string, caret: number): Spot {
  let from = 0;
  let quoted = false;
  let name: string | null = null;
  let nameFrom = 0;
  for (let at = 0; at < caret; at += 1) {
    const sign = text[at];
    if (sign === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (sign === ";") {
      name = null;
      from = nameFrom = at + 1;
    } else if (sign === "=") {
      name = unquoted(text.slice(nameFrom, at));
      from = at + 1;
    } else if (sign === "|") from = at + 1;
  }
  let to = caret;
  for (; to < text.length; to += 1) {
    if (text[to] === '"') quoted = !quoted;
    else if (!quoted && /[;|=]/.test(text[to] ?? "")) break;
  }
  while (from < caret && text[from] === " ") from += 1;
  return { name, typed: unquoted(text.slice(from, caret)), from, to };
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith('"') ? trimmed.slice(1).replace(/"$/, "").replaceAll('""', '"') : trimmed;
}

/** The text with a completion taken, and where the caret stands then. */
export function completed(
  text: string,
  spot: Spot,
  value: string,
  valued: boolean,
): { text: string; caret: number } {
  const put = spot.name === null && valued ? `${written(value)} = ` : written(value);
  const before = text.slice(0, spot.from);
  const space = before !== "" && !before.endsWith(" ") ? " " : "";
  const behind =
    spot.name === null && valued ? text.slice(spot.to).replace(/^\s*=?\s*/, "") : text.slice(spot.to);
  return { text: `${before}${space}${put}${behind}`, caret: before.length + space.length + put.length };
}
