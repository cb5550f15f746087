/** A leaderboard's groups over time, each as a line of a word's height. */
import type { Answer } from "../bindings/Answer";
import type { Grain } from "../bindings/Grain";
import type { Period } from "../bindings/Period";
import type { Question } from "../bindings/Question";
import { geometry } from "../format/decimal";
import { days, intersection } from "../view/period";
import { bucketKeys, splitSeries, type TrendSeries } from "./trend";

const DAILY_BELOW_DAYS = 62;

/** The same groups with a time column; null where the period has no room for a line. */
export function sparkQuestion(answer: Answer, loaded: Period | null): Question | null {
  const period = (loaded && intersection(answer.period, loaded)) ?? answer.period;
  if (days(period) < 2) return null;
  const grain: Grain = days(period) < DAILY_BELOW_DAYS ? "day" : "month";
  return {
    ...answer.question,
    measures: answer.question.measures.slice(0, 1),
    grain,
    period,
    compare: null,
    against: null,
  };
}

export interface Sparks {
  grain: Grain;
  keys: string[];
  /** A line for each row of the leaderboard, by {@link sparkKey}. */
  lines: Map<string, TrendSeries>;
}

export function sparkKey(role: TrendSeries["role"], name: string | null): string {
  return role === "other" ? role : `${role} ${name === null ? "" : `text ${name}`}`;
}

export function sparks(answer: Answer): Sparks {
  const grain = answer.question.grain ?? "month";
  const keys = bucketKeys(answer.period, grain);
  const series = splitSeries(answer, keys);
  return { grain, keys, lines: new Map(series.map((one) => [sparkKey(one.role, one.name), one])) };
}

/** An SVG path through the figures, zero at its foot unless some lie below it. No charge in a step is no cost. */
export function sparkPath(values: readonly (string | null)[], width: number, height: number): string {
  if (values.length < 2) return "";
  const heights = values.map(geometry);
  const top = Math.max(...heights, 0);
  const foot = Math.min(...heights, 0);
  const span = top - foot;
  const place = (share: number, of: number) => (share * of).toFixed(1).replace(/\.0$/, "");
  return heights
    .map((one, index) => {
      const x = place(index / (heights.length - 1), width);
      return `${index === 0 ? "M" : "L"}${x} ${place(span === 0 ? 1 : (top - one) / span, height)}`;
    })
    .join("");
}
