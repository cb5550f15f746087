/** The charge grid's columns: which are usual, how wide, and what they are called. */

/** The column with a charge's public id: sent with every window, shown by none. */
export const CHARGE_COLUMN = "charge";

export const USUAL_COLUMNS = [
  "charge_period_start",
  "provider",
  "sub_account_id",
  "service_name",
  "region_id",
  "charge_category",
  "charge_description",
  "resource_id",
  "pricing_quantity",
  "pricing_unit",
  "billed_cost",
  "effective_cost",
] as const;

const WIDTHS: Record<string, number> = {
  charge_period_start: 150,
  charge_period_end: 150,
  provider: 100,
  sub_account_id: 130,
  service_name: 180,
  region_id: 110,
  charge_category: 110,
  charge_description: 300,
  resource_id: 240,
  pricing_unit: 100,
};
const WIDTH_NUMBER = 140;
const WIDTH_TEXT = 150;
export const WIDTH_MIN = 60;

const WORDS: Record<string, string> = { id: "ID", sku: "SKU" };

/** `sku_price_id` is "SKU price ID" to a person. */
export function columnLabel(name: string): string {
  const words = name.split("_").map((word) => WORDS[word] ?? word);
  const label = words.join(" ");
  return label.charAt(0).toUpperCase() + label.slice(1);
}

export function columnWidth(name: string, numeric: boolean): number {
  return WIDTHS[name] ?? (numeric ? WIDTH_NUMBER : WIDTH_TEXT);
}
