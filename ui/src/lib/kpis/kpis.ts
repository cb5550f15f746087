/** Key figures as a strip and a panel show them. */
import type { Kpi } from "../bindings/Kpi";
import type { KpiUnit } from "../bindings/KpiUnit";
import { compare, divide, magnitude, sign } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import { unfavourableSign } from "../question/measures";

const RATIO_DECIMALS = 6;

/** A ratio that moves by less is shown as not moving. */
const SHOWN_POINTS = "0.0005";
/** Money of which more is worse, whatever the cost type. */
const WASTE = "commitment_waste";

/** The figure in few characters: money compact, a ratio as a percentage. */
export function compactText(value: string, unit: KpiUnit, format: Formatter): string {
  return unit === "ratio" ? format.percent(value) : format.short(value);
}

/** The figure with all that a reader needs beside it: its currency, and what it is a figure of. */
export function wholeText(value: string, unit: KpiUnit, currency: string, format: Formatter): string {
  if (unit === "ratio") return format.percent(value);
  return [format.moneyWithCode(value, currency), messages.kpis.units[unit]].filter(Boolean).join(" ");
}

/** The change against the compared period: money in per cent of what it was, a ratio in percentage points. Null where neither says anything. */
export function changeText(kpi: Pick<Kpi, "change" | "previous" | "unit">, format: Formatter): string | null {
  const { change, previous, unit } = kpi;
  if (change === null || previous === null) return null;
  if (unit === "ratio") return messages.kpis.points(format.pointsChange(change));
  const ratio = divide(change, magnitude(previous), RATIO_DECIMALS);
  return ratio === null ? signedText(change, format) : format.percentChange(ratio);
}

function signedText(value: string, format: Formatter): string {
  const mark = { "1": "+", "0": "", "-1": "\u2212" }[String(sign(value)) as "1" | "0" | "-1"];
  return `${mark}${format.short(magnitude(value))}`;
}

/**
 * Whether a change is unfavourable (1), favourable (-1) or neither (0). More cost and more waste are worse, more savings and a
 * higher ratio are better; a ratio that is to lie within a range has no better direction.
 */
export function direction(kpi: Pick<Kpi, "id" | "change" | "unit" | "target">, measure: string): -1 | 0 | 1 {
  const moved = sign(kpi.change);
  if (moved === 0) return 0;
  // What is shown as no point is neither better nor worse.
  if (kpi.unit === "ratio" && compare(magnitude(kpi.change ?? "0"), SHOWN_POINTS) < 0) return 0;
  const worse =
    kpi.id === WASTE
      ? 1
      : kpi.unit === "ratio"
        ? kpi.target?.least && kpi.target.most
          ? 0
          : -1
        : costSign(measure);
  return (moved * worse || 0) as -1 | 0 | 1;
}

/** Figures of a question that asks for no cost are those of effective cost. */
function costSign(measure: string): -1 | 0 | 1 {
  return unfavourableSign(measure) || 1;
}
