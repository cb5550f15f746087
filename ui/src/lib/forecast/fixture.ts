/** A forecast for tests: two years of months that grow by one each, three months ahead. */
import type { ForecastReply } from "../bindings/ForecastReply";
import { stepAfter } from "./months";

const FIRST = "2025-01";
const MONTHS = 24;

export function forecastReply(parts: Partial<ForecastReply> = {}): ForecastReply {
  const history = Array.from({ length: MONTHS }, (_, index) => ({
    time: stepAfter(FIRST, "month", index),
    amount: `${100 + index}.00`,
    provisional: false,
  }));
  const steps = Array.from({ length: 3 }, (_, index) => ({
    time: stepAfter(FIRST, "month", MONTHS + index),
    amount: `${124 + index}.00`,
    low_80: `${114 + index}.00`,
    high_80: `${134 + index}.00`,
    low_95: `${104 + index}.00`,
    high_95: `${144 + index}.00`,
    remark: null,
  }));
  return {
    question: {
      measures: ["effective_cost"],
      by: ["service"],
      grain: "month",
      period: null,
      on: "charge",
      filters: [],
      compare: "previous",
      top: 3,
      currency: "USD",
    },
    measure: { name: "effective_cost", label: "Effective cost", kind: "currency", unit: null },
    currency: "USD",
    grain: "month",
    period: { from: "2025-01-01", to: "2027-01-01" },
    history,
    steps,
    total: {
      from: "2027-01",
      to: "2027-03",
      amount: "375.00",
      low_80: "350.00",
      high_80: "400.00",
      low_95: "340.00",
      high_95: "410.00",
    },
    method: "ensemble",
    method_in_words: "the median of several models, step by step",
    models: [
      { name: "ETS(A,Ad,N)", amounts: ["120.00", "121.00", "122.00"] },
      { name: "Theta", amounts: ["130.00", "131.00", "132.00"] },
    ],
    record: null,
    verdict: "The history is too short to tell.",
    outliers: [],
    split: {
      way: "split",
      words: "Usage is modelled, everything else goes on by its own rule.",
      unit: null,
      kinds: [
        {
          treatment: "recurring_usage",
          label: "Usage",
          words: "modelled",
          history: history.map((_, index) => `${80 + index}.00`),
          steps: steps.map((_, index) => `${104 + index}.00`),
          total: "315.00",
          lines: [],
          rules: ["Everything else is usage"],
        },
        {
          treatment: "commitment_fee",
          label: "Fees and subscriptions",
          words: "by their schedule",
          history: history.map(() => "20.00"),
          steps: steps.map(() => "20.00"),
          total: "60.00",
          lines: [{ name: "AWS: Support", words: "20.00 USD every month", total: "60.00" }],
          rules: ["A subscription"],
        },
      ],
    },
    components: null,
    level_shift: null,
    events: [],
    parts: [],
    reconciliation: null,
    month_end: null,
    driver_model: null,
    notes: [],
    evidence: {
      id: "abc",
      definition: [],
      scope: "Effective cost",
      sql: "",
      source: "cube_month",
      loads: [],
      charges: 0,
      rates: null,
      rules: [],
    },
    ...parts,
  };
}
