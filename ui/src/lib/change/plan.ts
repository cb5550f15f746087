/** The way from what was planned to what it cost, as bars: one for each line of the plan that made a difference. */
import type { ChangeAgainstReply } from "../bindings/ChangeAgainstReply";
import type { ChangeAgainstLine } from "../bindings/ChangeAgainstLine";
import { sum } from "../format/decimal";
import { messages } from "../messages";
import type { DataTable } from "../table/table";
import type { Bar } from "./bridge";

/** More lines than this have no room beside each other: those that differ least are one bar. */
const BARS_MAX = 12;

export interface PlanBars {
  readonly bars: readonly Bar[];
  /** The line of each bar, by the bar's id. */
  readonly lines: ReadonlyMap<string, ChangeAgainstLine>;
}

/** What a line is called: a tag by its key alone, as the screens name it. */
export function lineName(line: Pick<ChangeAgainstLine, "name">): string {
  return line.name.replace(/\btag:/g, "");
}

type Told = Pick<ChangeAgainstReply, "planned" | "actual" | "lines">;

/** The bars in their order: what was planned, lines as the engine orders them, all others as one, what it cost. */
export function planBars(
  reply: Told,
  names: { planned: string; actual: string; others: (count: number) => string },
  nothing: (amount: string) => boolean,
): PlanBars {
  const telling = reply.lines.filter((line) => !nothing(line.difference));
  const shown = telling.length > BARS_MAX ? telling.slice(0, BARS_MAX - 1) : telling;
  const others = reply.lines.filter((line) => !shown.includes(line));
  const lines = new Map<string, ChangeAgainstLine>();
  const bars: Bar[] = [];
  let level = reply.planned;
  const step = (kind: "effect" | "small", id: string, name: string, amount: string) => {
    const to = sum([level, amount]);
    bars.push({ kind, id, name, amount, from: level, to });
    level = to;
  };
  bars.push({
    kind: "end",
    id: "base",
    name: names.planned,
    amount: reply.planned,
    from: "0",
    to: reply.planned,
  });
  shown.forEach((line, place) => {
    const id = `line ${place}`;
    lines.set(id, line);
    step("effect", id, lineName(line), line.difference);
  });
  const left = sum(others.map((line) => line.difference));
  if (others.some((line) => !nothing(line.difference)) || !nothing(left))
    step("small", "small", names.others(others.length), left);
  bars.push({
    kind: "end",
    id: "current",
    name: names.actual,
    amount: reply.actual,
    from: "0",
    to: reply.actual,
  });
  return { bars, lines };
}

/** The lines as a table, their figures exact. */
export function planTable(reply: ChangeAgainstReply, period: string): DataTable {
  const words = messages.explain;
  const inCurrency = (name: string) => ({ name: `${name}, ${reply.currency}`, figure: true });
  return {
    title: `${words.bridge} ${reply.against.label}`,
    about: [
      reply.evidence.scope,
      period,
      ...reply.notes.map((note) => note.message),
      `${messages.evidence.id} ${reply.evidence.id}`,
    ],
    columns: [
      { name: words.plan.line, figure: false },
      inCurrency(words.plan.planned),
      inCurrency(words.plan.actual),
      inCurrency(words.difference),
      { name: words.share, figure: true },
      { name: words.explanation, figure: false },
    ],
    rows: [
      ...reply.lines.map((line) => [
        lineName(line),
        line.planned,
        line.actual,
        line.difference,
        line.share,
        line.explanation,
      ]),
      [messages.total, reply.planned, reply.actual, reply.difference, null, ""],
    ],
  };
}
