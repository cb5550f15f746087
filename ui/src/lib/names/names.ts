/** Names for ids: a bill calls an account `418200100130`, its people call it by its name. Filters keep the id. */
import type { Answer } from "../bindings/Answer";
import type { Question } from "../bindings/Question";

/** The dimension that names the ids of another. */
export const NAMED_BY: Readonly<Record<string, string>> = {
  billing_account: "billing_account_name",
  sub_account: "sub_account_name",
  region: "region_name",
  commitment: "commitment_name",
  resource: "resource_name",
};

const ELLIPSIS = "…";
const LONG_ID = 22;

/** The pairs of ids and names over all that is loaded in a currency; of some ids, or of all. */
export function namesQuestion(
  dimension: string,
  currency: string | null,
  ids: readonly string[] | null,
): Question {
  const name = NAMED_BY[dimension];
  return {
    measures: ["charges"],
    by: name === undefined ? [dimension] : [dimension, name],
    grain: null,
    period: null,
    on: "charge",
    filters: ids === null ? [] : [{ dimension, operator: "is", values: [...ids] }],
    compare: null,
    top: null,
    currency,
  };
}

/** The name of each id. An id that was renamed keeps the name that most of its charges have: the rows come in that order. */
export function namesIn(answers: readonly Pick<Answer, "rows">[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const row of answers.flatMap((answer) => answer.rows)) {
    const [id, name] = row.keys;
    if (row.role === "group" && id && name && !names.has(id)) names.set(id, name);
  }
  return names;
}

/** The names that several ids share: these alone do not tell which is meant. */
export function sharedNames(names: ReadonlyMap<string, string>): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const name of names.values()) (seen.has(name) ? shared : seen).add(name);
  return shared;
}

/** Whether a text is an id so long that its end tells more than its middle. Words are no id. */
export function isLongId(text: string): boolean {
  return text.length > LONG_ID && !/\s/.test(text);
}

/**
 * An id in at most so many characters, cut in the middle: its beginning says what it is, its end which. The end is the
 * longer, since ids of a kind begin alike.
 */
export function cutMiddle(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most || most < 3) return text;
  const head = Math.max(Math.floor((most - 1) / 3), 1);
  const tail = most - 1 - head;
  return [...characters.slice(0, head), ELLIPSIS, ...characters.slice(characters.length - tail)].join("");
}
