/** A frozen forecast beside what came. */
import type { FrozenForecast } from "../bindings/FrozenForecast";
import type { FrozenStep } from "../bindings/FrozenStep";
import { compare } from "../format/decimal";
import { ratioTo } from "../forecast/forecast";
import { messages } from "../messages";
import type { DataTable } from "../table/table";

const words = messages.budgets.frozen;

/** Whether what came lies within the 80 % interval; null where nothing whole has come. */
export function inside(step: FrozenStep): boolean | null {
  if (step.actual === null || step.provisional) return null;
  return compare(step.actual, step.low_80) >= 0 && compare(step.actual, step.high_80) <= 0;
}

/** By how much more came than was expected, as a fraction of that; null where nothing whole has come. */
export function offBy(step: FrozenStep): string | null {
  return step.actual === null || step.provisional ? null : ratioTo(step.actual, step.amount);
}

/** The steps as figures. */
export function frozenTable(forecast: FrozenForecast): DataTable {
  const { info } = forecast;
  return {
    title: `${words.steps} ${info.name}`,
    about: [
      `${words.frozenAt} ${info.frozen_at}`,
      forecast.method,
      ...(forecast.judged ? [forecast.judged.words] : []),
      `${messages.evidence.id} ${forecast.evidence_id}`,
    ],
    columns: [
      { name: words.time, figure: false },
      { name: `${words.forecast}, ${info.currency}`, figure: true },
      ...["80", "95"].flatMap((level) => [
        { name: messages.forecast.table.low(level), figure: true },
        { name: messages.forecast.table.high(level), figure: true },
      ]),
      { name: `${words.actual}, ${info.currency}`, figure: true },
      { name: words.off, figure: true },
    ],
    rows: forecast.steps.map((step) => [
      step.time,
      step.amount,
      step.low_80,
      step.high_80,
      step.low_95,
      step.high_95,
      step.actual,
      offBy(step),
    ]),
  };
}
