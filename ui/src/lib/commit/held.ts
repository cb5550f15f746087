/** The commitments of a bill as rows that are sorted, and what is known of each with where it is from. */
import type { CommitmentFact } from "../bindings/CommitmentFact";
import type { CommitmentHeld } from "../bindings/CommitmentHeld";
import type { CommitmentInventory } from "../bindings/CommitmentInventory";
import type { CommitmentState } from "../bindings/CommitmentState";
import type { Question } from "../bindings/Question";
import { compare, sum } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import { viewQuestion } from "../question/question";
import type { DataTable } from "../table/table";
import type { ViewParams } from "../view/view";

const words = messages.commit;

/** What is asked of commitments: period, filters and currency of the view. What it is compared with has no bearing. */
export function commitQuestion(view: ViewParams, own: string | null): Question {
  return { ...viewQuestion(view, own), measures: ["effective_cost"], compare: null };
}

export const HELD_COLUMNS = [
  "name",
  "provider",
  "state",
  "end",
  "hourly",
  "billed",
  "utilisation",
  "unused",
  "coverage",
  "savings",
  "rate",
] as const;
export type HeldColumn = (typeof HELD_COLUMNS)[number];

/** The columns whose values are figures, aligned to the right and sorted largest first. */
export const HELD_FIGURES: readonly HeldColumn[] = [
  "hourly",
  "billed",
  "utilisation",
  "unused",
  "coverage",
  "savings",
  "rate",
];

export interface HeldOrder {
  readonly column: HeldColumn;
  readonly descending: boolean;
}

const STATES: readonly CommitmentState[] = ["running", "upcoming", "unknown", "ended"];

const figure: Partial<Record<HeldColumn, (held: CommitmentHeld) => string | null>> = {
  hourly: (held) => held.hourly?.value ?? null,
  billed: (held) => held.billed,
  utilisation: (held) => held.utilisation,
  unused: (held) => held.unused,
  coverage: (held) => held.coverage,
  savings: (held) => held.savings,
  rate: (held) => held.savings_rate,
};

const text: Partial<Record<HeldColumn, (held: CommitmentHeld) => string | null>> = {
  name: (held) => held.name,
  provider: (held) => held.provider,
  end: (held) => held.end?.value ?? null,
};

/** The commitments in order of a column; what has no value of it comes last, equal ones by their id. */
export function sorted(commitments: readonly CommitmentHeld[], order: HeldOrder): CommitmentHeld[] {
  const way = order.descending ? -1 : 1;
  const figureOf = figure[order.column];
  const textOf = text[order.column];
  const between = (left: CommitmentHeld, right: CommitmentHeld): number => {
    if (order.column === "state") return way * (STATES.indexOf(left.state) - STATES.indexOf(right.state));
    const [one, other] = figureOf
      ? [figureOf(left), figureOf(right)]
      : [textOf?.(left) ?? null, textOf?.(right) ?? null];
    if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1;
    return way * (figureOf ? compare(one, other) : one.localeCompare(other));
  };
  return [...commitments].sort((left, right) => between(left, right) || left.id.localeCompare(right.id));
}

/** The order after a click on a column's heading: the other way round, or the way that is usual for the column. */
export function orderedBy(order: HeldOrder, column: HeldColumn): HeldOrder {
  return order.column === column
    ? { column, descending: !order.descending }
    : { column, descending: HELD_FIGURES.includes(column) };
}

/** What a commitment is bound to, in few words: `m5, eu-west-1, Linux`. */
export function scopeText(held: CommitmentHeld): string {
  const { instance_type, family, platform, zone, region } = held.scope;
  return [instance_type ?? family, platform, zone ?? region].filter((part) => part !== null).join(", ");
}

export interface HeldFact {
  readonly name: string;
  readonly value: string;
  readonly source: string;
  readonly reading: boolean;
}

/** What is known of a commitment, each with where it is from; what is not known is left out. */
export function factsOf(held: CommitmentHeld, format: Formatter): HeldFact[] {
  const told = words.held.facts;
  const stated = (name: string, value: string | null): HeldFact[] =>
    value === null ? [] : [{ name, value, source: told.bill, reading: false }];
  const known = (
    name: string,
    fact: CommitmentFact | null,
    shown: (value: string) => string = (value) => value,
  ): HeldFact[] =>
    fact === null
      ? []
      : [
          {
            name,
            value: shown(fact.value),
            source: fact.source.replace(/^a reading: */, ""),
            reading: fact.reading,
          },
        ];
  const counted = words.countedIn[held.hourly_in ?? ""];
  return [
    ...stated(told.id, held.id),
    ...known(told.program, held.program_in_words),
    ...stated(told.account, held.account_name ?? held.account),
    ...stated(told.region, held.scope.region),
    ...stated(told.zone, held.scope.zone),
    ...stated(told.family, held.scope.family),
    ...stated(told.instance_type, held.scope.instance_type),
    ...stated(told.platform, held.scope.platform),
    ...known(told.term, held.term),
    ...known(told.payment, held.payment, (value) => words.payments[value] ?? value),
    ...known(told.start, held.start, (value) => format.day(value)),
    ...known(told.end, held.end, (value) => format.day(value)),
    ...known(told.hourly, held.hourly, (value) =>
      [format.full(value), ...(counted === undefined ? [] : [counted])].join(" "),
    ),
    ...known(told.upfront, held.upfront, (value) => format.full(value)),
    ...known(told.recurring, held.recurring, (value) => format.full(value)),
  ];
}

/** What a commitment was worth in the period, as name and text; what does not apply is left out. */
export function worthOf(held: CommitmentHeld, currency: string, format: Formatter): [string, string][] {
  const told = words.held.facts;
  const money = (name: string, value: string | null): [string, string][] =>
    value === null ? [] : [[name, format.money(value, currency)]];
  const counted = (name: string, value: string | null): [string, string][] =>
    value === null ? [] : [[name, [format.quantity(value), held.unit].filter(Boolean).join(" ")]];
  return [
    ...money(told.used, held.used),
    ...money(told.unused, held.unused),
    ...money(told.covered, held.covered),
    ...money(told.coveredList, held.covered_list),
    ...money(told.savings, held.savings),
    ...counted(told.quantity, held.used_quantity),
    ...counted(told.quantityUnused, held.unused_quantity),
    ...(held.break_even_utilisation === null
      ? []
      : [[told.breakEven, format.percent(held.break_even_utilisation)] satisfies [string, string]]),
    ...(held.break_even_month === null
      ? []
      : [
          [told.breakEvenMonth, told.months(format.quantity(held.break_even_month))] satisfies [
            string,
            string,
          ],
        ]),
    ...(held.remaining_hours === null
      ? []
      : [[told.remaining, format.count(held.remaining_hours)] satisfies [string, string]]),
    ...money(told.fees, held.remaining_fees),
    ...money(told.upfrontLeft, held.remaining_upfront),
  ];
}

/** The first month after the day that counts in which something ends; null where no end is known. */
export function nextExpiry(
  inventory: Pick<CommitmentInventory, "as_of" | "expiries">,
): CommitmentInventory["expiries"][number] | null {
  const month = inventory.as_of.slice(0, 7);
  return inventory.expiries.find((expiry) => expiry.month >= month) ?? null;
}

/** The commitments as figures that leave the page. */
export function heldTable(inventory: CommitmentInventory, commitments: readonly CommitmentHeld[]): DataTable {
  const { columns } = words.held;
  return {
    title: words.held.title,
    about: inventory.evidence.map((one) => one.scope),
    columns: [
      { name: words.held.facts.id, figure: false },
      ...HELD_COLUMNS.map((column) => ({
        name: columns[column],
        figure: HELD_FIGURES.includes(column),
      })),
    ],
    rows: commitments.map((held) => [
      held.id,
      ...HELD_COLUMNS.map((column) =>
        column === "state" ? words.states[held.state] : ((figure[column] ?? text[column])?.(held) ?? null),
      ),
    ]),
  };
}

/** The whole row of the inventory: what all commitments of it were billed and saved. */
export function addedUp(commitments: readonly CommitmentHeld[]): { billed: string; unused: string } {
  return {
    billed: sum(commitments.map((held) => held.billed)),
    unused: sum(commitments.map((held) => held.unused)),
  };
}
