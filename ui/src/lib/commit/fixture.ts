/** Commitments as the engine tells them, small enough to follow by hand. */
import type { CommitmentHeld } from "../bindings/CommitmentHeld";
import type { CommitmentOffer } from "../bindings/CommitmentOffer";
import type { CommitmentOptimum } from "../bindings/CommitmentOptimum";
import type { CommitmentPoint } from "../bindings/CommitmentPoint";

const NOWHERE = { region: null, zone: null, family: null, instance_type: null, platform: null };

export function held(parts: Partial<CommitmentHeld> & { id: string }): CommitmentHeld {
  return {
    name: parts.id,
    provider: "AWS",
    program: "aws-compute-savings-plan",
    program_in_words: { value: "Compute Savings Plan", source: "the charges", reading: false },
    type_name: null,
    account: null,
    account_name: null,
    scope: NOWHERE,
    term: null,
    payment: null,
    start: null,
    end: null,
    state: "running",
    hourly: null,
    hourly_in: null,
    upfront: null,
    recurring: null,
    used: "0",
    unused: "0",
    billed: "0",
    covered: null,
    covered_list: null,
    used_quantity: null,
    unused_quantity: null,
    unit: null,
    coverage: null,
    utilisation: null,
    savings: null,
    savings_rate: null,
    break_even_utilisation: null,
    break_even_month: null,
    remaining_hours: null,
    remaining_fees: null,
    remaining_upfront: null,
    ...parts,
  };
}

export function offer(parts: Partial<CommitmentOffer>): CommitmentOffer {
  return {
    provider: "AWS",
    program: "aws-compute-savings-plan",
    label: "Compute Savings Plan",
    service: null,
    family: null,
    instance_type: null,
    region: null,
    platform: null,
    sku: null,
    unit: null,
    term_months: 12,
    payment: "no_upfront",
    price: null,
    upfront: null,
    on_demand_price: null,
    discount: null,
    currency: null,
    from: null,
    source: "offers/sheet.csv, row 2",
    implied: false,
    ...parts,
  };
}

/** A point: savings of a commitment of so much an hour; the rest does not matter to a drawing. */
export function point(hourly: string, savings: string): CommitmentPoint {
  return {
    hourly,
    savings,
    cost: "100",
    covered: "50",
    commitment: "40",
    waste: "2",
    coverage: "0.5",
    utilisation: "0.95",
    savings_rate: "0.1",
  };
}

/** A curve that rises to 8 an hour and falls from there. */
export const OPTIMUM: CommitmentOptimum = {
  currency: "USD",
  period: { from: "2026-07-01", to: "2026-10-01" },
  step: "hour",
  program: "aws-compute-savings-plan",
  label: "Compute Savings Plan",
  family: null,
  region: null,
  term_months: 12,
  payment: "no_upfront",
  hourly_in: "money",
  hours: 2208,
  left: "12000",
  held: "0",
  exact: point("8.004", "501"),
  buy: point("8", "500"),
  curve: [point("0", "0"), point("4", "300"), point("8.004", "501"), point("12", "200")],
  marks: [],
  payments: [],
  lines: [],
  without_rate: "0",
  left_out: [],
  notes: [],
  evidence: { question: null, id: null, scope: "Usage", charges: 10, sql: "SELECT 1" },
};
