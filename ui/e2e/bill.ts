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
  const next = month === "2025-03" ? "2025-04" : "2025-05";
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

/** Exact decimal text as the page shows money: grouped, two decimals, half to even. */
export function shown(exact: string): string {
  return new Intl.NumberFormat("en-US", {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    roundingMode: "halfEven",
  }).format(exact as Intl.StringNumericLiteral);
}
