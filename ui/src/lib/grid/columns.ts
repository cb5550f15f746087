/** The charge grid's columns: which are usual, how wide, and what they are called. */

/** The column with a charge's public id: sent with every window, shown by none. */
export const CHARGE_COLUMN = "charge";

export const USUAL_COLUMNS = [
  "charge_period_start",
  "provider",
  "sub_account_name",
  "service_name",
  "charge_category",
  "region_id",
  "resource_id",
  "consumed_quantity",
  "consumed_unit",
  "billed_cost",
  "effective_cost",
] as const;

const WIDTHS: Record<string, number> = {
  charge_period_start: 150,
  charge_period_end: 150,
  provider: 94,
  sub_account_id: 124,
  sub_account_name: 104,
  service_name: 130,
  service_category: 120,
  region_id: 88,
  region_name: 120,
  charge_category: 80,
  charge_description: 260,
  resource_id: 104,
  resource_name: 136,
  consumed_quantity: 84,
  pricing_quantity: 84,
  consumed_unit: 60,
  pricing_unit: 60,
};
const WIDTH_NUMBER = 144;
const WIDTH_TEXT = 140;
const WIDTH_MONEY_MIN = 112;
const FIGURE_CHARACTER = 8;
export const CELL_PADDING = 16;
export const WIDTH_MIN = 60;

/** How columns share the room that is left over: those whose text is the longest take the most. */
const GROWTH: Record<string, number> = {
  sub_account_id: 2,
  sub_account_name: 2,
  service_name: 3,
  charge_description: 4,
  resource_id: 4,
  resource_name: 3,
  consumed_unit: 1,
  pricing_unit: 1,
  provider: 1,
  region_id: 1,
};

const WORDS: Record<string, string> = { id: "ID", sku: "SKU" };
/** What heads a usual column, where its values say the rest. */
const HEADS: Record<string, string> = {
  charge_period_start: "Start",
  charge_period_end: "End",
  charge_category: "Category",
  sub_account_name: "Sub account",
  service_name: "Service",
  region_id: "Region",
  resource_id: "Resource",
  consumed_quantity: "Consumed",
  consumed_unit: "Unit",
};

/** `sku_price_id` is "SKU price ID" to a person. */
export function columnLabel(name: string): string {
  const words = name.split("_").map((word) => WORDS[word] ?? word);
  const label = words.join(" ");
  return label.charAt(0).toUpperCase() + label.slice(1);
}

export function columnHead(name: string): string {
  return HEADS[name] ?? columnLabel(name);
}

export interface ColumnToFit {
  readonly name: string;
  readonly numeric: boolean;
  /** The longest figure that it is known to show, in characters. */
  readonly characters?: number;
}

function usualWidth({ name, numeric, characters }: ColumnToFit): number {
  if (characters !== undefined) {
    return Math.max(Math.ceil(characters * FIGURE_CHARACTER) + CELL_PADDING, WIDTH_MONEY_MIN);
  }
  return WIDTHS[name] ?? (numeric ? WIDTH_NUMBER : WIDTH_TEXT);
}

/**
 * The columns' widths in a room: what is left over goes to those that can use it. A column that was given a width by
 * hand keeps it.
 */
export function columnWidths(
  columns: readonly ColumnToFit[],
  byHand: Readonly<Record<string, number>>,
  room: number,
): number[] {
  const base = columns.map((column) => byHand[column.name] ?? usualWidth(column));
  const growth = columns.map(({ name }) => (name in byHand ? 0 : (GROWTH[name] ?? 0)));
  const shares = growth.reduce((sum, one) => sum + one, 0);
  const left = Math.max(room - base.reduce((sum, one) => sum + one, 0), 0);
  return base.map(
    (width, index) => width + (shares > 0 ? Math.floor((left * (growth[index] ?? 0)) / shares) : 0),
  );
}
