/** The record of a forecast, in figures and in words. */
import type { ForecastRecord } from "../bindings/ForecastRecord";
import { geometry, magnitude, sign, subtract } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";

const words = messages.forecast.record;

export interface RecordLine {
  readonly key: string;
  readonly name: string;
  readonly figure: string;
  readonly said: string;
  /** Whether it speaks for the forecast or against it; null where it does neither. */
  readonly good: boolean | null;
}

/** What the history tells of it, a line each; what it does not tell is left out. */
export function recordLines(record: ForecastRecord, format: Formatter): RecordLine[] {
  const skill = (key: string, name: string, value: string | null): RecordLine[] => {
    if (value === null) return [];
    const way = sign(value);
    const said = way > 0 ? words.skillSaved : way < 0 ? words.skillLost : words.skillSame;
    return [{ key, name, figure: format.percent(magnitude(value)), said, good: way === 0 ? null : way > 0 }];
  };
  const lines: RecordLine[] = [];
  if (record.wape !== null)
    lines.push({
      key: "wape",
      name: words.wape,
      figure: format.percent(record.wape),
      said: words.wapeSaid,
      good: null,
    });
  if (record.year_error !== null)
    lines.push({
      key: "year",
      name: words.yearError,
      figure: format.percent(record.year_error),
      said: words.yearErrorSaid,
      good: null,
    });
  if (record.bias !== null) {
    const way = sign(record.bias);
    lines.push({
      key: "bias",
      name: words.bias,
      figure: format.percentChange(record.bias),
      said: way > 0 ? words.biasOver : way < 0 ? words.biasUnder : words.biasNone,
      good: null,
    });
  }
  if (record.mase !== null) {
    const better = sign(subtract(record.mase, "1")) < 0;
    lines.push({
      key: "mase",
      name: words.mase,
      figure: format.points(record.mase),
      said: better ? words.maseBetter : words.maseWorse,
      good: better,
    });
  }
  lines.push(...skill("naive", words.naive, record.skill_against_seasonal_naive));
  lines.push(...skill("run_rate", words.runRate, record.skill_against_run_rate));
  return lines;
}

export interface Coverage {
  readonly level: string;
  readonly promised: number;
  /** The share of values that lay inside, for the length of a bar. */
  readonly measured: number;
  readonly figure: string;
}

/** How many values lay within the intervals that promised so many. */
export function coverages(record: ForecastRecord): Coverage[] {
  return (
    [
      ["80", 0.8, record.coverage_80],
      ["95", 0.95, record.coverage_95],
    ] as const
  ).flatMap(([level, promised, measured]) =>
    measured === null ? [] : [{ level, promised, measured: geometry(measured), figure: measured }],
  );
}
