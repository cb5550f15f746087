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
    Tags: JSON.stringify({ team: charge.account === "account-a" ? "north" : "south" }),
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

/** `undescribed` leaves the credit without its description, which breaks a rule of FOCUS. */
export function writeBill({ undescribed = false } = {}): Bill {
  const folder = mkdtempSync(join(tmpdir(), "quarterdeck-e2e-"));
  const all = charges().map((charge) =>
    undescribed && charge.millionths < 0n ? { ...charge, description: "" } : charge,
  );
  const path = join(folder, "example-focus.csv");
  writeFileSync(path, csv(all.map(row)));
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
