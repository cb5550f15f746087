/** A small FOCUS 1.0 bill of our own making whose every total is known before the engine sees it. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COLUMNS = [
  "AvailabilityZone",
  "BilledCost",
  "BillingAccountId",
  "BillingAccountName",
  "BillingCurrency",
  "BillingPeriodEnd",
  "BillingPeriodStart",
  "ChargeCategory",
  "ChargeClass",
  "ChargeDescription",
  "ChargeFrequency",
  "ChargePeriodEnd",
  "ChargePeriodStart",
  "CommitmentDiscountCategory",
  "CommitmentDiscountId",
  "CommitmentDiscountName",
  "CommitmentDiscountStatus",
  "CommitmentDiscountType",
  "ConsumedQuantity",
  "ConsumedUnit",
  "ContractedCost",
  "ContractedUnitPrice",
  "EffectiveCost",
  "InvoiceIssuerName",
  "ListCost",
  "ListUnitPrice",
  "PricingCategory",
  "PricingQuantity",
  "PricingUnit",
  "ProviderName",
  "PublisherName",
  "RegionId",
  "RegionName",
  "ResourceId",
  "ResourceName",
  "ResourceType",
  "ServiceCategory",
  "ServiceName",
  "SkuId",
  "SkuPriceId",
  "SubAccountId",
  "SubAccountName",
  "Tags",
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

/** Text that would do harm where text were taken for markup or for a formula. */
export const HOSTILE = `=cmd|' /C calc'!A0 <img src=x onerror=alert(1)> "quoted", 'DROP`;
/** What a price of the flawed bill is. */
export const ILLEGIBLE = "see contract";
/** The service that is the dearest, and its one resource that is the dearest charge. */
export const DEAREST_SERVICE = "Example Compute";
export const DEAREST_RESOURCE = "instance-dear";

/** What the accounts are called. */
const ACCOUNT_NAMES: Record<string, string> = { "account-a": "North shop", "account-b": "South shop" };

/** Cost in millionths, so that the sums below are whole numbers. */
interface Priced {
  day: string;
  service: string;
  category: string;
  account: string;
  region: string | null;
  resource: string;
  description: string;
  millionths: bigint;
}

/** The charges of a service, of an account, of a month. */
export const ofService = (service: string) => (charge: Priced) => charge.service === service;
export const notOfService = (service: string) => (charge: Priced) => charge.service !== service;
export const ofAccount = (account: string) => (charge: Priced) => charge.account === account;
export const inMarch = (charge: Priced) => charge.day < "2025-04";
export const inApril = (charge: Priced) => !inMarch(charge);

const SERVICES = [
  { service: DEAREST_SERVICE, category: "Compute", millionths: 12_345_678n },
  { service: "Example Storage", category: "Storage", millionths: 3_000_001n },
  { service: "Example Queue", category: "Integration", millionths: 70n },
];

function charges(): Priced[] {
  const all: Priced[] = [];
  for (const month of ["2025-03", "2025-04"]) {
    for (let day = 1; day <= 30; day += 1) {
      for (const [index, { service, category, millionths }] of SERVICES.entries()) {
        all.push({
          day: `${month}-${String(day).padStart(2, "0")}`,
          service,
          category,
          account: day % 3 === 0 ? "account-b" : "account-a",
          region: day % 10 === 0 ? null : "example-1",
          resource: `resource-${index}-${day % 4}`,
          description: index === 2 ? HOSTILE : `${service} by the hour`,
          millionths: millionths + BigInt(day) * 1000n,
        });
      }
    }
  }
  const [dearest] = SERVICES;
  if (dearest) {
    all.push({
      ...dearest,
      day: "2025-04-17",
      account: "account-a",
      region: "example-1",
      resource: DEAREST_RESOURCE,
      description: "One large run",
      millionths: 500_250_000n,
    });
    all.push({
      ...dearest,
      day: "2025-04-18",
      account: "account-a",
      region: "example-1",
      resource: "credit-1",
      description: "Goodwill",
      millionths: -25_500_000n,
    });
  }
  return all;
}

function decimal(millionths: bigint): string {
  const digits = (millionths < 0n ? -millionths : millionths).toString().padStart(7, "0");
  return `${millionths < 0n ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

function row(charge: Priced): Row {
  const month = charge.day.slice(0, 7);
  const next = `2025-${String(Number(month.slice(5)) + 1).padStart(2, "0")}`;
  const cost = decimal(charge.millionths);
  const credit = charge.millionths < 0n;
  const stamp = (day: string) => `${day}T00:00:00Z`;
  const following = new Date(Date.parse(stamp(charge.day)) + 86_400_000).toISOString().slice(0, 10);
  return {
    BilledCost: cost,
    EffectiveCost: cost,
    ContractedCost: cost,
    ListCost: cost,
    BillingAccountId: "billing-1",
    BillingAccountName: "Example billing",
    BillingCurrency: "USD",
    BillingPeriodStart: stamp(`${month}-01`),
    BillingPeriodEnd: stamp(`${next}-01`),
    ChargeCategory: credit ? "Credit" : "Usage",
    ChargeDescription: charge.description,
    ChargeFrequency: credit ? "One-Time" : "Usage-Based",
    ChargePeriodStart: stamp(charge.day),
    ChargePeriodEnd: stamp(following),
    ConsumedQuantity: credit ? "" : "1",
    ConsumedUnit: credit ? "" : "Hours",
    PricingCategory: credit ? "" : "Standard",
    PricingQuantity: credit ? "" : "1",
    PricingUnit: credit ? "" : "Hours",
    ListUnitPrice: credit ? "" : cost,
    ContractedUnitPrice: credit ? "" : cost,
    InvoiceIssuerName: "Example Cloud",
    ProviderName: "Example Cloud",
    PublisherName: "Example Cloud",
    RegionId: charge.region ?? "",
    RegionName: charge.region ?? "",
    ResourceId: charge.resource,
    ResourceName: charge.resource,
    ResourceType: "Thing",
    ServiceCategory: charge.category,
    ServiceName: charge.service,
    SkuId: `sku-${charge.service}`,
    SkuPriceId: `price-${charge.service}`,
    SubAccountId: charge.account,
    SubAccountName: ACCOUNT_NAMES[charge.account] ?? "",
    Tags: JSON.stringify({
      [charge.day.endsWith("5") ? "Team" : "team"]: charge.account === "account-a" ? "north" : "south",
    }),
  };
}

function csv(rows: Row[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return [
    COLUMNS.map(quoted).join(","),
    ...rows.map((one) => COLUMNS.map((column) => quoted(one[column] ?? "")).join(",")),
  ].join("\n");
}

export interface Bill {
  /** The file. */
  path: string;
  /** A folder that goes with the test's run. */
  folder: string;
  charges: number;
  /** The exact billed total, and that of some of the charges. */
  total(keep?: (charge: Priced) => boolean): string;
}

/** A ledger that no format knows, and what its charges come to. */
export const LEDGER = {
  text: [
    "Posting Date,Item,Team,Qty,Net Amount,Curr,Memo",
    '31/03/2026,Rack space,core,12,"1,122.50",EUR,Hall 2',
    "01/04/2026,Power,core,1204,288.96,EUR,",
    "02/04/2026,Remote hands,data,3,240.00,EUR,Disk swap",
  ].join("\n"),
  total: "1651.46",
} as const;

/** How much dearer the storage of a re-delivery is, each day of April, and what is billed for one more charge. */
const DEARER = 250_000n;
const LATE = 7_000_000n;

/** The same bill as it is delivered later: April's storage is dearer, and a late row came in. Gives the file and the difference. */
export function writeRedelivery(bill: Bill): { path: string; difference: string } {
  const before = charges();
  const after = before.map((charge) =>
    inApril(charge) && charge.service === "Example Storage"
      ? { ...charge, millionths: charge.millionths + DEARER }
      : charge,
  );
  const storage = after.find((charge) => inApril(charge) && charge.service === "Example Storage");
  if (storage) after.push({ ...storage, resource: "late-1", description: "Late row", millionths: LATE });
  const path = join(bill.folder, "example-focus-2.csv");
  writeFileSync(path, csv(after.filter(inApril).map(row)));
  const sum = (all: Priced[]) => all.filter(inApril).reduce((total, charge) => total + charge.millionths, 0n);
  return { path, difference: decimal(sum(after) - sum(before)) };
}

/** A bill in another currency, of another billing account. Gives the file and what its charges come to in all. */
export function writeForeign(bill: Bill): { path: string; total: string } {
  const foreign = charges().filter((charge) => charge.service === "Example Storage");
  const path = join(bill.folder, "example-foreign.csv");
  writeFileSync(
    path,
    csv(foreign.map((charge) => ({ ...row(charge), BillingCurrency: "EUR", BillingAccountId: "billing-2" }))),
  );
  return { path, total: decimal(foreign.reduce((sum, charge) => sum + charge.millionths, 0n)) };
}

/**
 * A `flawed` bill leaves the credit without its description, which breaks a rule of FOCUS, and writes `ILLEGIBLE` for the
 * first charge's list price. Its costs are the same.
 */
export function writeBill({ flawed = false } = {}): Bill {
  const folder = mkdtempSync(join(tmpdir(), "quarterdeck-e2e-"));
  const all = charges().map((charge) =>
    flawed && charge.millionths < 0n ? { ...charge, description: "" } : charge,
  );
  const rows = all.map(row);
  if (flawed) rows[0] = { ...rows[0], ListUnitPrice: ILLEGIBLE };
  const path = join(folder, "example-focus.csv");
  writeFileSync(path, csv(rows));
  const total = (keep: (charge: Priced) => boolean = () => true) =>
    decimal(all.filter(keep).reduce((sum, charge) => sum + charge.millionths, 0n));
  return { path, folder, charges: all.length, total };
}

/** Names that try a layout: written from right to left, of many parts in one sign, long, bare and wild. */
const ODD_NAMES = [
  "\u062e\u062f\u0645\u0629 \u0627\u0644\u062a\u062e\u0632\u064a\u0646 \u0627\u0644\u0633\u062d\u0627\u0628\u064a (EU-1)",
  "\u05e9\u05d9\u05e8\u05d5\u05ea 42 \u05de\u05d4\u05d9\u05e8",
  "\u{1F469}\u200d\u{1F680} Rocket \u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F} \u2708\ufe0f",
  "Platform Engineering Shared Services for Customer Facing Applications and Everything Behind Them (Production, Multi-Region)",
  "aws-billing-conductor-pro-forma-cost-allocation-and-chargeback-service-without-a-single-space",
  HOSTILE,
  "\u96f2\u7aef\u904b\u7b97\u670d\u52d9",
  "Z\u0351\u036b\u0343\u036a\u0302\u0364a\u0321\u034a\u0353lgo",
] as const;
const ODD_MILLIONTHS = [
  9_876_543_210n,
  1n,
  -4_321_000_000n,
  120_000_000n,
  77_000n,
  0n,
  -1n,
  45_000_000n,
] as const;

/** A bill of odd names, of large, tiny, zero and negative costs, to look at. */
export function writeOddBill(): Bill {
  const folder = mkdtempSync(join(tmpdir(), "quarterdeck-odd-"));
  const all = charges().map((charge, index) => ({
    ...charge,
    service: ODD_NAMES[index % ODD_NAMES.length] ?? "",
    resource: `//odd.example/${"deep/".repeat(12)}${index % 5}`,
    millionths: ODD_MILLIONTHS[index % ODD_MILLIONTHS.length] ?? 0n,
  }));
  const rows = all.map((charge, index) => ({
    ...row(charge),
    SubAccountId: `account-${index % 6}`,
    SubAccountName: ODD_NAMES[(index + 3) % ODD_NAMES.length] ?? "",
    Tags: JSON.stringify({ [ODD_NAMES[0]]: ODD_NAMES[3], "cost-center": "x".repeat(10_000) }),
  }));
  const path = join(folder, "odd.csv");
  writeFileSync(path, csv(rows));
  const total = (keep: (charge: Priced) => boolean = () => true) =>
    decimal(all.filter(keep).reduce((sum, charge) => sum + charge.millionths, 0n));
  return { path, folder, charges: all.length, total };
}

/** The currencies of the extreme bill; USD is the one that most of it is in. */
export const CURRENCIES = ["USD", "EUR", "GBP", "INR", "JPY"] as const;
/** A service that costs the same on each day, one that costs and is refunded as much, one without units, one of credits alone. */
export const EXTREMES = {
  even: "Even service",
  cancelled: "Cancelled <i>out</i>",
  unitless: "Service without units",
  credits: "Only credits",
  long: "y\u00e9".repeat(5000),
} as const;

/**
 * A bill of extremes: April is as March but for what has no units, May has only credits, and five currencies. A tag has a value of
 * ten thousand characters.
 */
export function writeExtremes(): { path: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "quarterdeck-extreme-"));
  const [first] = charges();
  if (!first) throw new Error("the bill has charges");
  const at = (day: string, service: string, millionths: bigint, more: Row = {}): Row => ({
    ...row({ ...first, day, service, resource: `${service} resource`, description: service, millionths }),
    Tags: JSON.stringify({ team: "north", note: EXTREMES.long }),
    ...more,
  });
  const both = ["2025-03-10", "2025-04-10"].flatMap((day) => [
    at(day, EXTREMES.even, 10_000_000n),
    at(day, EXTREMES.cancelled, 7_000_000n),
    at(day, EXTREMES.cancelled, -7_000_000n),
    at(day, EXTREMES.unitless, day < "2025-04" ? 10_000_000n : 12_000_000n, {
      PricingQuantity: "",
      PricingUnit: "",
      ConsumedQuantity: "",
      ConsumedUnit: "",
    }),
  ]);
  const credits = ["2025-05-03", "2025-05-31"].map((day) => at(day, EXTREMES.credits, -20_250_000n));
  const foreign = CURRENCIES.slice(1).map((currency) =>
    at("2025-03-11", EXTREMES.even, 5_000_000n, { BillingCurrency: currency, BillingAccountId: currency }),
  );
  // The first and the last days, so that the months are whole.
  const ends = ["2025-03-01", "2025-03-31", "2025-04-30"].map((day) => at(day, EXTREMES.even, 0n));
  const path = join(folder, "extremes.csv");
  writeFileSync(path, csv([...both, ...ends, ...credits, ...foreign]));
  return { path, folder };
}

/** A bill with so many resources, each with one charge of another cost: from a thousandth to so many thousandths. */
export function writeManyValues(count: number): { path: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "quarterdeck-many-"));
  const [first] = charges();
  if (!first) throw new Error("the bill has charges");
  const [header = "", line = ""] = csv([
    row({ ...first, resource: "RESOURCE", millionths: 1_234_567n }),
  ]).split("\n");
  const lines = Array.from({ length: count }, (_, number) =>
    line
      .replaceAll("RESOURCE", `instance-${String(number).padStart(7, "0")}`)
      .replaceAll("1.234567", decimal(BigInt(number + 1) * 1000n)),
  );
  const path = join(folder, "many.csv");
  writeFileSync(path, [header, ...lines].join("\n"));
  return { path, folder };
}

/** Exact decimal text as the page shows money: grouped, two decimals, half to even. */
export function shown(exact: string): string {
  return new Intl.NumberFormat("en-US", {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    roundingMode: "halfEven",
  })
    .format(exact as Intl.StringNumericLiteral)
    .replace("-", "\u2212");
}
