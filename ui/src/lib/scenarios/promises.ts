/** Credits and agreements as their dialog has them, as texts, and back. */
import type { AgreementRebate } from "../bindings/AgreementRebate";
import type { AgreementTerms } from "../bindings/AgreementTerms";
import type { CreditTerms } from "../bindings/CreditTerms";
import { messages } from "../messages";
import { readWhere, writeWhere } from "./cells";
import type { Tongue } from "./columns";
import { readAmount, readCount, readMonth, readPercent } from "./spelling";

export interface CreditRow {
  readonly name: string;
  readonly where: string;
  readonly balance: string;
  readonly asOf: string;
  readonly from: string;
  readonly expires: string;
  readonly limit: string;
  readonly currency: string;
  readonly note: string;
}

export interface AgreementRow {
  readonly name: string;
  readonly where: string;
  readonly from: string;
  readonly period: string;
  readonly promised: string;
  readonly rebates: string;
  readonly currency: string;
  readonly note: string;
}

const words = messages.scenarios.promises;
const { cells } = messages.scenarios;

export const NO_CREDIT: CreditRow = Object.freeze({
  name: "",
  where: cells.everything,
  balance: "",
  asOf: "",
  from: "",
  expires: "",
  limit: "",
  currency: "",
  note: "",
});

export const NO_AGREEMENT: AgreementRow = Object.freeze({
  name: "",
  where: cells.everything,
  from: "",
  period: "12",
  promised: "",
  rebates: "",
  currency: "",
  note: "",
});

type Where = Readonly<Record<string, readonly string[] | undefined>>;
const whereText = (where: Where | undefined, tongue: Tongue): string =>
  writeWhere(
    Object.fromEntries(Object.entries(where ?? {}).map(([name, values]) => [name, [...(values ?? [])]])),
    tongue,
  );

export const creditRow = (credit: CreditTerms, tongue: Tongue): CreditRow => ({
  name: credit.name,
  where: whereText(credit.where, tongue),
  balance: credit.balance,
  asOf: credit.as_of ?? "",
  from: credit.from ?? "",
  expires: credit.expires,
  limit: credit.monthly_limit ?? "",
  currency: credit.currency ?? "",
  note: credit.note ?? "",
});

export const agreementRow = (agreement: AgreementTerms, tongue: Tongue): AgreementRow => ({
  name: agreement.name,
  where: whereText(agreement.where, tongue),
  from: agreement.from,
  period: String(agreement.period_months ?? 12),
  promised: agreement.commitments.join("; "),
  rebates: rebatesText(agreement.rebates ?? []),
  currency: agreement.currency ?? "",
  note: agreement.note ?? "",
});

function rebatesText(rebates: readonly AgreementRebate[]): string {
  const percent = (text: string) => `${text.replace(/\s*%$/, "")}%`;
  return rebates
    .map((rebate) =>
      rebate.up_to == null
        ? `above: ${percent(rebate.percent)}`
        : `up to ${rebate.up_to}: ${percent(rebate.percent)}`,
    )
    .join("; ");
}

/** `up to 500000: 0%; above: 5%`; null where that cannot be read. */
export function readRebates(text: string, tongue: Tongue): AgreementRebate[] | null {
  const rebates: AgreementRebate[] = [];
  for (const part of text.split(";").map((one) => one.trim())) {
    if (part === "") continue;
    const found = /^(?:above|up to (?<end>.+?)):\s*(?<percent>.+)$/i.exec(part);
    const percent = found && readPercent(found.groups?.["percent"] ?? "", tongue.mark);
    const end = found?.groups?.["end"];
    const upTo = end === undefined ? null : readAmount(end, tongue.mark);
    if (!percent || (end !== undefined && upTo === null)) return null;
    rebates.push(upTo === null ? { percent: `${percent} %` } : { up_to: upTo, percent: `${percent} %` });
  }
  return rebates;
}

/** Why a row is none. */
class Unreadable extends Error {}

function refuse(name: string, problem: string): never {
  throw new Unreadable(name === "" ? problem : `${name}: ${problem}`);
}

function read<Row, Terms>(
  rows: readonly Row[],
  one: (row: Row) => Terms,
): { terms: Terms[]; problem: string | null } {
  try {
    return { terms: rows.map(one), problem: null };
  } catch (thrown) {
    if (thrown instanceof Unreadable) return { terms: [], problem: thrown.message };
    throw thrown;
  }
}

function named(name: string): string {
  return name.trim() === "" ? refuse("", words.noName) : name.trim();
}

function lines(name: string, text: string, tongue: Tongue): Record<string, string[]> {
  const where = readWhere(text.trim() === "" ? cells.everything : text, tongue);
  return "problem" in where ? refuse(name, where.problem) : where.value;
}

const month = (name: string, text: string, locale: string): string =>
  readMonth(text, locale) ??
  refuse(name, text.trim() === "" ? cells.needed(words.expires) : cells.noMonth(text));
const maybeMonth = (name: string, text: string, locale: string): string | null =>
  text.trim() === "" ? null : month(name, text, locale);
const amount = (name: string, text: string, tongue: Tongue): string =>
  readAmount(text, tongue.mark) ??
  refuse(name, text.trim() === "" ? cells.needed(words.balance) : cells.noAmount(text));
const currency = (text: string): string | null => (text.trim() === "" ? null : text.trim().toUpperCase());

export const creditsOf = (rows: readonly CreditRow[], tongue: Tongue) =>
  read(rows, (row): CreditTerms => {
    const name = named(row.name);
    return {
      name,
      where: lines(name, row.where, tongue),
      balance: amount(name, row.balance, tongue),
      as_of: maybeMonth(name, row.asOf, tongue.locale),
      from: maybeMonth(name, row.from, tongue.locale),
      expires: month(name, row.expires, tongue.locale),
      monthly_limit: row.limit.trim() === "" ? null : amount(name, row.limit, tongue),
      currency: currency(row.currency),
      note: row.note,
    };
  });

export const agreementsOf = (rows: readonly AgreementRow[], tongue: Tongue) =>
  read(rows, (row): AgreementTerms => {
    const name = named(row.name);
    const promised = row.promised
      .split(";")
      .map((text) => text.trim())
      .filter((text) => text !== "");
    if (promised.length === 0) refuse(name, cells.needed(words.promised));
    const rebates = readRebates(row.rebates, tongue) ?? refuse(name, words.noRebate(row.rebates));
    if (row.from.trim() === "") refuse(name, cells.needed(words.from));
    const period = readCount(row.period, 1) ?? refuse(name, cells.noCount(words.period));
    return {
      name,
      where: lines(name, row.where, tongue),
      from: month(name, row.from, tongue.locale),
      period_months: Number(period),
      commitments: promised.map((text) => amount(name, text, tongue)),
      rebates,
      currency: currency(row.currency),
      note: row.note,
    };
  });
