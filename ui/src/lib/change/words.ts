/** The bridge in words, made of its numbers. */
import type { Formatter } from "../format/format";
import { magnitude } from "../format/decimal";
import { messages } from "../messages";
import { type Bar, signed } from "./bridge";

/** Whether an amount would be shown as zero. */
export function showsNothing(amount: string, currency: string, format: Formatter): boolean {
  return format.money(magnitude(amount), currency) === format.money("0", currency);
}

/** What the effects are called that are too small for the currency's decimals. */
export function smallName(currency: string, format: Formatter): string {
  const decimals = format.money("0", currency).replace(/^0\D?/, "");
  return decimals.length === 2 ? messages.explain.small : messages.explain.smallOf(currency);
}

/** What a bar amounts to: what is too small for the currency's decimals is shown with all its digits. */
export function barText(bar: Bar, currency: string, format: Formatter): string {
  if (bar.kind === "end") return format.moneyWithCode(bar.amount, currency);
  const small = showsNothing(bar.amount, currency, format);
  return signed(bar.amount, (text) => (small ? format.full(text) : format.money(text, currency)));
}

/** What the chart says to someone who cannot see it. */
export function bridgeText(
  headline: string,
  bars: readonly Bar[],
  currency: string,
  format: Formatter,
): string {
  const words = messages.explain;
  return words.bridgeAlt(
    headline,
    bars.map((bar) => words.bar(bar.name, barText(bar, currency, format))).join("; "),
  );
}
