/** A filter as part of a sentence: "Service is AmazonEC2 or AmazonS3". */
import type { Filter } from "../bindings/Filter";
import type { Operator } from "../bindings/Operator";
import { messages } from "../messages";

const NAMED_MAX = 3;

export interface FilterPhrase {
  subject: string;
  verb: string;
  /** What the subject is compared with; empty for "is missing". */
  object: string;
}

const VERBS: Record<Operator, string> = messages.filter.verbs;

/** How a person calls a value; as it is, unless told otherwise. */
export type ValueName = (dimension: string, value: string) => string;
const asItIs: ValueName = (_dimension, value) => value;

export function filterPhrase(
  filter: Filter,
  label: (dimension: string) => string,
  name: ValueName = asItIs,
): FilterPhrase {
  return { subject: label(filter.dimension), verb: VERBS[filter.operator], object: valueList(filter, name) };
}

export function filterSentence(
  filter: Filter,
  label: (dimension: string) => string,
  name: ValueName = asItIs,
): string {
  const { subject, verb, object } = filterPhrase(filter, label, name);
  return [subject, verb, object].filter((part) => part !== "").join(" ");
}

function valueList(filter: Filter, name: ValueName): string {
  if (filter.operator === "missing" || filter.operator === "present") return "";
  const called = filter.operator.endsWith("contains") ? asItIs : name;
  const named = filter.values.slice(0, NAMED_MAX).map((value) => called(filter.dimension, value));
  const rest = filter.values.length - named.length;
  const last = rest > 0 ? messages.filter.andMore(rest) : named.length > 1 ? named.pop() : undefined;
  return last === undefined ? named.join(", ") : `${named.join(", ")} ${messages.filter.or} ${last}`;
}
