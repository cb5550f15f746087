/** The lines of a reconciliation, and what their differences are made of. */
import type { ClassTotal, InvoiceReply } from "../backend/commands";
import { compare, sum } from "../format/decimal";

/** The classes of a difference, in the order in which they are shown. */
export const CLASSES = [
  "tax",
  "credit",
  "refund",
  "timing",
  "rounding",
  "currency",
  "third_party",
  "missing_account",
  "unknown",
] as const;

export const LINE_STATES = ["open", "explained", "matched"] as const;
export type LineState = (typeof LINE_STATES)[number];

/** A line agrees, or each part of its difference is proven, or it stands open. */
export function stateOf(line: InvoiceReply): LineState {
  if (line.status === "matched") return "matched";
  return line.closed ? "explained" : "open";
}

export interface LineFilter {
  /** null is all. */
  readonly state: LineState | null;
  /** Only lines with a part of this class. */
  readonly class: string | null;
}

export function shownLines(lines: readonly InvoiceReply[], filter: LineFilter): InvoiceReply[] {
  return lines.filter(
    (line) =>
      (filter.state === null || stateOf(line) === filter.state) &&
      (filter.class === null || line.parts.some((part) => part.class === filter.class)),
  );
}

/** A line's name, which no other line has. */
export function lineKey(line: InvoiceReply): string {
  return JSON.stringify([
    line.period,
    line.issuer,
    line.billing_account,
    line.invoice_id,
    line.currency,
    line.known_from,
  ]);
}

/** Whether the parts come to the difference, to the last digit. */
export function addsUp(line: InvoiceReply): boolean {
  return compare(sum(line.parts.map((part) => part.amount)), line.difference) === 0;
}

/** What the differences of one currency come to, class by class, in the order of the classes. */
export interface Residual {
  readonly currency: string;
  readonly total: string;
  readonly classes: readonly ClassTotal[];
}

export function residuals(classes: readonly ClassTotal[]): Residual[] {
  const order = (name: string) => {
    const at = (CLASSES as readonly string[]).indexOf(name);
    return at < 0 ? CLASSES.length : at;
  };
  return [...new Set(classes.map((one) => one.currency))].map((currency) => {
    const of = classes
      .filter((one) => one.currency === currency)
      .sort((left, right) => order(left.class) - order(right.class));
    return { currency, total: sum(of.map((one) => one.amount)), classes: of };
  });
}
