/** Whether there is anything to compare with. */
import type { Period } from "../bindings/Period";
import { intersection } from "../view/period";

/**
 * Whether the compared period holds loaded days. Where it holds none, a "change" would be the whole figure: that is a
 * bill not loaded, not a rise.
 */
export function comparable(compared: Period | null, loaded: Period | null): boolean {
  return compared !== null && loaded !== null && intersection(compared, loaded) !== null;
}
