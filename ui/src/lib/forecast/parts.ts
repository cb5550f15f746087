/** The parts of a forecast as lines of a table, whose sums are the total's. */
import type { ForecastPart } from "../bindings/ForecastPart";
import type { ForecastReply } from "../bindings/ForecastReply";
import { divide, magnitude, share, subtract, sum } from "../format/decimal";
import { messages } from "../messages";
import type { DataTable } from "../table/table";
import type { ForecastHold } from "../view/view";
import { againstYearBefore, type ForecastPoint } from "./forecast";

const RATIO_DECIMALS = 6;
const words = messages.forecast.partsBy;

export interface PartLine {
  /** Its place among the keys of a list. */
  readonly key: string;
  readonly value: string | null;
  readonly other: boolean;
  /** How deep it lies: 0 is a part of the total, 1 a part of the line of depth 0 before it. */
  readonly depth: 0 | 1;
  /** The value of the part that it is a part of. */
  readonly within: string | null;
  /** What was and what is expected, in order of time; a step that is not whole is as it is expected. */
  readonly line: readonly (string | null)[];
  /** What the same steps came to a year before. */
  readonly before: string | null;
  readonly total: string | null;
  readonly low: string | null;
  readonly high: string | null;
  readonly ratio: string | null;
  readonly share: string | null;
  readonly wape: string | null;
  readonly method: string;
  readonly locked: boolean;
}

/** A line for each part and each of its own, in the order of the engine. */
export function partLines(
  reply: Pick<ForecastReply, "grain" | "history" | "steps" | "total" | "parts">,
  points: readonly ForecastPoint[],
): PartLine[] {
  const against = againstYearBefore(reply, points);
  const keyOf = (part: ForecastPart) =>
    part.other ? "other" : part.value === null ? "missing" : `value ${part.value}`;
  const line = (part: ForecastPart, whole: ForecastPart | null): PartLine => {
    const figures = figuresOf(reply, part);
    const before =
      against &&
      sum(
        [...figures].filter(([time]) => time >= against.from && time <= against.to).map(([, value]) => value),
      );
    const total = part.total?.amount ?? null;
    return {
      key: whole ? `${keyOf(whole)} / ${keyOf(part)}` : keyOf(part),
      value: part.value,
      other: part.other,
      depth: whole ? 1 : 0,
      within: whole?.value ?? null,
      line: [...figures.values()],
      before,
      total,
      low: part.total?.low_80 ?? null,
      high: part.total?.high_80 ?? null,
      ratio:
        before === null || total === null
          ? null
          : divide(subtract(total, before), magnitude(before), RATIO_DECIMALS),
      share: share(total, reply.total?.amount ?? null),
      wape: part.record?.wape ?? null,
      method: part.locked
        ? words.methods.held
        : (words.methods[part.method as keyof typeof words.methods] ?? part.method),
      locked: part.locked,
    };
  };
  return reply.parts.flatMap((part) => [line(part, null), ...part.parts.map((below) => line(below, part))]);
}

/** What a part came to or is expected to come to in each step. */
function figuresOf(
  reply: Pick<ForecastReply, "history" | "steps">,
  part: ForecastPart,
): Map<string, string | null> {
  const figures = new Map<string, string | null>();
  reply.history.forEach((actual, index) => {
    if (!actual.provisional) figures.set(actual.time, part.history[index] ?? null);
  });
  reply.steps.forEach((step, index) => figures.set(step.time, part.steps[index]?.amount ?? null));
  return figures;
}

/** The holds with one of them changed: with an amount it is held, without it is released. */
export function withHold(
  holds: readonly ForecastHold[],
  value: string | null,
  amount: string | null,
): ForecastHold[] {
  const others = holds.filter((hold) => hold.value !== value);
  return amount === null ? others : [...others, { value, amount }];
}

/** A number as a person types it, as plain decimal text; null where it is none. */
export function typedAmount(text: string): string | null {
  const plain = text.trim().replace(/[\s_\u00a0\u202f']/g, "");
  const grouped = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(",", "") : plain;
  return /^[+-]?\d+(\.\d+)?$/.test(grouped) ? grouped.replace(/^\+/, "") : null;
}

/** The parts as figures. */
export function partsTable(
  reply: ForecastReply,
  lines: readonly PartLine[],
  dimension: string,
  naming: (line: PartLine) => string,
): DataTable {
  const own = lines.filter((line) => line.depth === 0);
  /** After the part that it is a part of. */
  const named = (line: PartLine, index: number) => {
    const whole = line.depth === 0 ? undefined : lines.slice(0, index).findLast((one) => one.depth === 0);
    return whole ? `${naming(whole)} / ${naming(line)}` : naming(line);
  };
  return {
    title: words.title(dimension),
    about: [
      reply.evidence.scope,
      ...(reply.reconciliation ? [reply.reconciliation.words] : []),
      `${messages.evidence.id} ${reply.evidence.id}`,
    ],
    columns: [
      { name: dimension, figure: false },
      { name: `${messages.forecast.yearBefore}, ${reply.currency}`, figure: true },
      { name: `${messages.forecast.expected}, ${reply.currency}`, figure: true },
      { name: messages.forecast.table.low("80"), figure: true },
      { name: messages.forecast.table.high("80"), figure: true },
      { name: words.change, figure: true },
      { name: words.share, figure: true },
      { name: messages.forecast.record.wape, figure: true },
      { name: words.method, figure: false },
      { name: words.holding, figure: false },
    ],
    rows: [
      ...lines.map((line, index) => [
        named(line, index),
        line.before,
        line.total,
        line.low,
        line.high,
        line.ratio,
        line.share,
        line.wape,
        line.method,
        line.locked ? words.isHeld : null,
      ]),
      [
        words.total,
        own.some((line) => line.before === null) ? null : sum(own.map((line) => line.before)),
        reply.total?.amount ?? null,
        reply.total?.low_80 ?? null,
        reply.total?.high_80 ?? null,
        null,
        null,
        reply.record?.wape ?? null,
        null,
        null,
      ],
    ],
  };
}
