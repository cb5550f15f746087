/** Values of tables that the page does not know beforehand: a dataset's rows, the first charges of a mapping. */
import { format } from ".";
import { isDecimal } from "./decimal";

const MIDNIGHT = /^(\d{4}-\d{2}-\d{2})[T ]00:00:00(\.0+)?Z?$/;

/** Whether a column holds figures: decimals throughout, and no ids, which may be all digits. */
export function isFigureColumn(name: string, values: readonly (string | null)[]): boolean {
  return !/id$/i.test(name) && values.every((value) => value === null || isDecimal(value));
}

/** A figure grouped with every digit and as long as the longest of its column, a day without its midnight, anything else as it is. */
export function cellText(value: string | null, longest: number | null): string {
  if (value === null) return "";
  return longest !== null ? format.figure(value, longest) : value.replace(MIDNIGHT, "$1");
}
