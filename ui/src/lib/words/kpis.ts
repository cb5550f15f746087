import type { KpiUnit } from "../bindings/KpiUnit";

/** What a figure is measured in, where its currency is said already. */
const units: Record<KpiUnit, string> = {
  currency: "",
  currency_per_day: "a day",
  currency_per_year: "a year",
  ratio: "",
};

export const kpis = {
  title: "Key figures",
  panel: "Key figure",
  /** Of the button that shows and hides the strip. */
  shown: "Hide the key figures",
  hidden: "Show the key figures",
  toggle: "Key figures: show or hide",
  notApplicable: "not applicable",
  estimate: "estimate",
  estimateBy: "How it is estimated",
  units,
  points: (figure: string) => `${figure} pp`,
  against: (period: string) => `against ${period}`,
  definition: "Definition",
  formula: "Formula, with its numbers",
  target: "What the field aims for",
  met: "within",
  unmet: "outside",
  before: "Before",
  change: "Change",
  variants: "Definitions differ",
  variantsLead:
    "Vendors mean different things by this figure. All of them, of the same charges; the engagement's choice is the one that is shown",
  chosen: "this engagement's",
  choose: "Use this one",
  choice: (label: string, vendor: string) => `${label} (${vendor})`,
  chose: (label: string) => `${label} is the engagement's definition now`,
  owner: "Tag key that names an owner",
  ownerUse: "Use it",
  ownerChose: (key: string) => `${key} names an owner now`,
  evidence: "Evidence",
  evidenceOf: (figure: string) => `Open ${figure}`,
  answer: (number: number) => `Answer ${number}`,
  charges: (count: string) => `${count} charges`,
  read: "the charges were read directly",
  gone: "This figure is not among those of the question in view",
} as const;
