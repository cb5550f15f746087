/** Kinds of operations as the engine describes them, for tests. */
import type { Tongue } from "./columns";
import type { ScenarioField, ScenarioKind, ScenarioOperation } from "./wire";

const field = (
  key: string,
  label: string,
  input: ScenarioField["input"],
  more: Partial<ScenarioField> = {},
): ScenarioField => ({
  key,
  label,
  input,
  unit: null,
  required: true,
  choices: [],
  default: null,
  what: "",
  ...more,
});
const optional = { required: false };
const percent = { unit: "percent" } as const;
const money = { unit: "money" } as const;
const months = { unit: "months", required: false } as const;

const where = field("where", "Which lines", "where");
const at = field("at", "Placed at", "at");
const into = field("into", "Moves to", "at");
const from = field("from", "From", "month");
const to = field("to", "To", "month", optional);
const over = field("over_months", "Over months", "count", { ...months, default: "1" });
const change = field("change", "Change", "estimate", percent);
const amount = field("amount", "Amount", "estimate", money);
const share = field("share", "Share", "estimate", { ...percent, required: false, default: "100" });
const discount = field("discount", "Discount", "estimate", percent);
const commitment = field("commitment", "Commitment", "text");
const term = field("term_months", "Term", "count", { unit: "months" });
const fee = field("monthly_fee", "Monthly fee", "amount", { ...money, required: false });
const upfront = field("upfront", "Upfront", "amount", { ...money, required: false });

const kind = (name: string, label: string, ...fields: ScenarioField[]): ScenarioKind => ({
  kind: name,
  label,
  what: "",
  phase: "usage",
  fields,
});

export const KINDS: ScenarioKind[] = [
  kind("scale", "Scale", where, change, from, to, over, field("compound", "Compound", "boolean", optional)),
  kind("add_flow", "Add flow", at, amount, from, to, field("every_months", "Every months", "count", months)),
  kind("one_off", "One-off", at, amount, field("month", "Month", "month")),
  kind("price_change", "Price change", where, change, from, to),
  kind(
    "shift",
    "Shift",
    where,
    into,
    share,
    field("cost_ratio", "Cost ratio", "estimate", { ...percent, required: false, default: "100" }),
    from,
    over,
    field("double_running_months", "Double running", "count", { ...months, default: "0" }),
  ),
  kind(
    "launch",
    "Launch",
    at,
    field("plateau", "Plateau", "estimate", { ...money, required: false }),
    field("plateau_units", "Plateau in units", "estimate", { unit: "units", required: false }),
    field("unit_price", "Unit price", "estimate", { ...money, required: false }),
    from,
    to,
    over,
    field("curve", "Curve", "choice", {
      required: false,
      choices: [
        { value: "linear", label: "Linear" },
        { value: "s_curve", label: "S-curve" },
      ],
    }),
  ),
  kind("retire", "Retire", where, from, over),
  kind("commit", "Commit", at, where, from, term, fee, upfront, discount),
  kind("expire", "Expire", commitment, from),
  kind("renew", "Renew", commitment, { ...from, required: false }, term, fee, upfront, {
    ...discount,
    required: false,
  }),
  kind(
    "driver_override",
    "Driver",
    field("driver", "Driver", "text"),
    { ...change, required: false },
    field("values", "Values", "months", optional),
    { ...from, required: false },
    to,
  ),
  kind(
    "currency",
    "Currency",
    field("billed_in", "Billed in", "text"),
    { ...change, required: false },
    field("rate", "Rate", "estimate", optional),
    from,
    to,
  ),
  kind("cap", "Cap", where, amount, from, to),
  kind("reallocate", "Reallocate", where, into, share, from, to),
];

const LABELS: Readonly<Record<string, string>> = {
  service: "Service",
  owner: "owner",
  sub_account: "Sub account",
};

export const TONGUE: Tongue = {
  kinds: KINDS,
  mark: ".",
  locale: "en",
  label: (dimension) => LABELS[dimension] ?? dimension,
  dimension: (text) =>
    Object.entries(LABELS).find(
      ([name, label]) => name === text || label.toLowerCase() === text.toLowerCase(),
    )?.[0] ?? null,
};

export const operation = (
  parts: Partial<ScenarioOperation> & { id: string; kind: string },
): ScenarioOperation => ({
  enabled: true,
  owner: "",
  note: "",
  confidence: "100",
  slip_months: { low: 0, likely: 0, high: 0 },
  where: null,
  at: null,
  figures: {},
  from: null,
  to: null,
  settings: {},
  values: null,
  ...parts,
});

const certain = (value: string) => ({ low: value, likely: value, high: value });

/** One operation of each kind, some with everything that they may have. */
export const OPERATIONS: ScenarioOperation[] = [
  operation({
    id: "web-growth",
    kind: "scale",
    where: { service: ["Compute", "Storage; cold"], owner: ["web"] },
    figures: { change: { low: "5", likely: "10", high: "25" } },
    from: "2027-02",
    to: "2027-12",
    settings: { over_months: "6" },
    confidence: "75",
    slip_months: { low: 0, likely: 1, high: 4 },
    owner: "Shop",
    note: "As agreed",
  }),
  operation({
    id: "audit-logs",
    kind: "add_flow",
    at: { values: { service: "Storage", owner: "security" }, new: false },
    figures: { amount: certain("1200") },
    from: "2027-03",
    settings: { every_months: "3" },
  }),
  operation({
    id: "load-test",
    kind: "one_off",
    at: { values: { service: "Compute" }, new: false },
    figures: { amount: { low: "8000", likely: "8000", high: "9500.5" } },
    from: "2027-05",
    enabled: false,
  }),
  operation({
    id: "storage-price",
    kind: "price_change",
    where: {},
    figures: { change: certain("-8") },
    from: "2027-04",
  }),
  operation({
    id: "to-managed",
    kind: "shift",
    where: { service: ["Database"] },
    at: { values: { service: 'Managed "database"' }, new: true },
    figures: { share: certain("90"), cost_ratio: { low: "70", likely: "85", high: "120" } },
    from: "2027-02",
    settings: { over_months: "4", double_running_months: "2" },
  }),
  operation({
    id: "assistant",
    kind: "launch",
    at: { values: { service: "Inference" }, new: true },
    figures: { plateau: { low: "12000", likely: "20000", high: "45000" } },
    from: "2027-03",
    settings: { over_months: "9", curve: "s_curve" },
  }),
  operation({
    id: "metered-api",
    kind: "launch",
    at: { values: { service: "Gateway" }, new: true },
    figures: { plateau_units: certain("400000"), unit_price: certain("0.0125") },
    from: "2027-06",
    settings: { curve: "linear" },
  }),
  operation({ id: "old-reports", kind: "retire", where: { owner: ["reports"] }, from: "2027-06" }),
  operation({
    id: "compute-plan",
    kind: "commit",
    at: { values: { service: "Compute" }, new: false },
    where: { service: ["Compute"] },
    figures: { discount: certain("28") },
    from: "2027-03",
    settings: { term_months: "12", monthly_fee: "9000", upfront: "0" },
  }),
  operation({ id: "let-go", kind: "expire", from: "2027-02", settings: { commitment: "reservation-2026" } }),
  operation({ id: "go-on", kind: "renew", settings: { commitment: "compute-plan", term_months: "12" } }),
  operation({
    id: "more-orders",
    kind: "driver_override",
    figures: { change: certain("6") },
    from: "2027-04",
    settings: { driver: "orders" },
  }),
  operation({
    id: "counted-orders",
    kind: "driver_override",
    settings: { driver: "orders" },
    values: { "2027-04": "120000", "2027-05": "125000.5" },
  }),
  operation({
    id: "weak-euro",
    kind: "currency",
    figures: { change: { low: "-6", likely: "0", high: "4" } },
    from: "2027-01",
    settings: { billed_in: "EUR" },
  }),
  operation({
    id: "sandbox-limit",
    kind: "cap",
    where: { owner: ["sandbox"] },
    figures: { amount: certain("5000") },
    from: "2027-01",
  }),
  operation({
    id: "platform-charge",
    kind: "reallocate",
    where: { owner: ["platform"] },
    at: { values: { owner: "web" }, new: false },
    figures: { share: certain("35") },
    from: "2027-01",
  }),
];
