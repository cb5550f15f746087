/** What a forecast is made of by kinds of charges: usage, fees, percentages, credits, one-offs. */
import type { ForecastKind } from "../bindings/ForecastKind";
import type { ForecastReply } from "../bindings/ForecastReply";
import { divide, geometry, magnitude, subtract, sum } from "../format/decimal";
import { messages } from "../messages";
import type { DataTable } from "../table/table";

const words = messages.forecast.kinds;
const RATIO_DECIMALS = 6;
const CENT_HALF = 0.005;

/** A kind of charge beside what it came to lately. */
export interface KindLine {
  readonly kind: ForecastKind;
  /** What the latest steps came to, as many as are expected; null where the history has fewer. */
  readonly before: string | null;
  readonly change: string | null;
  readonly ratio: string | null;
  /** Of what is expected. */
  readonly share: string | null;
}

/** How many complete steps stand beside those ahead: as many, or as many as there are. */
export function stepsBeside(reply: Pick<ForecastReply, "history" | "steps" | "total">): number {
  const { total } = reply;
  const ahead = total ? reply.steps.filter((step) => step.time >= total.from).length : 0;
  const whole = reply.history.filter((actual) => !actual.provisional).length;
  return whole < ahead ? 0 : ahead;
}

export function kindLines(
  reply: Pick<ForecastReply, "history" | "steps" | "total" | "split">,
): readonly KindLine[] {
  const beside = stepsBeside(reply);
  const whole = reply.history.filter((actual) => !actual.provisional).length;
  return reply.split.kinds.map((kind) => {
    const before = beside === 0 ? null : sum(kind.history.slice(whole - beside, whole));
    const change = before === null ? null : subtract(kind.total, before);
    return {
      kind,
      before,
      change,
      // Beside less than half a cent nothing is a share.
      ratio:
        change === null || Math.abs(geometry(before)) < CENT_HALF
          ? null
          : divide(change, magnitude(before ?? "0"), RATIO_DECIMALS),
      share: reply.total ? divide(kind.total, reply.total.amount, RATIO_DECIMALS) : null,
    };
  });
}

/** Every step that is expected, a column for each kind; in each row they add up. */
export function kindsTable(reply: ForecastReply): DataTable {
  const { kinds } = reply.split;
  return {
    title: words.title,
    about: [reply.evidence.scope, reply.split.words, `${messages.evidence.id} ${reply.evidence.id}`],
    columns: [
      { name: messages.forecast.table.time, figure: false },
      ...kinds.map((kind) => ({ name: `${kind.label}, ${reply.currency}`, figure: true })),
      { name: `${messages.forecast.expected}, ${reply.currency}`, figure: true },
    ],
    rows: reply.steps.map((step, index) => [
      step.time,
      ...kinds.map((kind) => kind.steps[index] ?? null),
      step.amount,
    ]),
  };
}
