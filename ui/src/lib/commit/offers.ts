/** The rates of commitments as a list that is narrowed and sorted. */
import type { CommitmentFinding } from "../bindings/CommitmentFinding";
import type { CommitmentOffer } from "../bindings/CommitmentOffer";
import type { CommitmentOfferFile } from "../bindings/CommitmentOfferFile";
import type { CommitmentOffers } from "../bindings/CommitmentOffers";
import { compare } from "../format/decimal";
import { messages } from "../messages";
import type { DataTable } from "../table/table";

const words = messages.commit.offers;

/** The programs that have rates, by their label. */
export function programsOf(rates: readonly CommitmentOffer[]): { program: string; label: string }[] {
  const found = new Map(rates.map(({ program, label }) => [program, label]));
  return [...found]
    .map(([program, label]) => ({ program, label }))
    .sort((left, right) => left.label.localeCompare(right.label));
}

/** What a rate holds for, in few words: `m5.large, eu-west-1, Linux`. */
export function offeredFor(rate: CommitmentOffer): string {
  const what = rate.instance_type ?? rate.family ?? rate.sku ?? rate.service;
  const parts = [what, rate.platform, rate.region].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(", ") : words.anything;
}

/** The rates of a program, those with the largest discount first; equal ones as they came. */
export function listed(rates: readonly CommitmentOffer[], program: string | null): CommitmentOffer[] {
  return rates
    .filter((rate) => program === null || rate.program === program)
    .map((rate, place) => ({ rate, place }))
    .sort(
      (left, right) =>
        compare(right.rate.discount ?? "-1", left.rate.discount ?? "-1") || left.place - right.place,
    )
    .map(({ rate }) => rate);
}

export function offersTable(rates: readonly CommitmentOffer[], currency: string): DataTable {
  return {
    title: words.title,
    about: [],
    columns: [
      { name: "provider", figure: false },
      { name: words.program, figure: false },
      { name: words.what, figure: false },
      { name: words.term, figure: true },
      { name: words.payment, figure: false },
      { name: words.price, figure: true },
      { name: words.onDemand, figure: true },
      { name: words.discount, figure: true },
      { name: words.upfront, figure: true },
      { name: "unit", figure: false },
      { name: "currency", figure: false },
      { name: words.from, figure: false },
      { name: words.source, figure: false },
    ],
    rows: rates.map((rate) => [
      rate.provider,
      rate.program,
      offeredFor(rate),
      String(rate.term_months),
      rate.payment,
      rate.price,
      rate.on_demand_price,
      rate.discount,
      rate.upfront,
      rate.unit,
      rate.currency ?? currency,
      rate.from,
      rate.source,
    ]),
  };
}

/** Findings of several answers, each once, in order. */
export function findingsOf(...answers: readonly (readonly CommitmentFinding[])[]): CommitmentFinding[] {
  return [...new Map(answers.flat().map((one) => [JSON.stringify(one), one])).values()];
}

/** The files that are kept, with what was left out of those that were taken in last. */
export function filesOf(reply: CommitmentOffers, taken: readonly CommitmentOffers[]): CommitmentOfferFile[] {
  const others = new Map(
    taken.flatMap(({ files }) =>
      files.flatMap((file): [string, number][] => (file.others === null ? [] : [[file.name, file.others]])),
    ),
  );
  return reply.files.map((file) => ({ ...file, others: file.others ?? others.get(file.name) ?? null }));
}

/** An offer sheet with its header alone, to be filled in. */
export const EMPTY_SHEET: Pick<DataTable, "columns" | "rows"> = {
  columns: [
    "provider",
    "program",
    "family",
    "region",
    "term",
    "payment",
    "percent",
    "rate",
    "unit",
    "from",
  ].map((name) => ({ name, figure: false })),
  rows: [],
};
