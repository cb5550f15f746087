/** What a basket comes to, as bars, rows and figures that leave the page. */
import type { EChartsCoreOption } from "echarts/core";

import type { CommitmentBands } from "../bindings/CommitmentBands";
import type { CommitmentAhead } from "../bindings/CommitmentAhead";
import type { CommitmentGain } from "../bindings/CommitmentGain";
import type { CommitmentMonthAhead } from "../bindings/CommitmentMonthAhead";
import type { CommitmentWhatIf } from "../bindings/CommitmentWhatIf";
import { endShifts } from "../chart/ends";
import type { Palette } from "../chart/palette";
import { compare, geometry, subtract } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import { ribbon } from "./bands";
import type { DataTable } from "../table/table";

/** The height of the drawing, about. */
const PLOT_PX = 170;
const LABEL_CLEAR_PX = 14;

const words = messages.commit.outcome;

export interface OutcomeDrawing {
  reply: CommitmentWhatIf;
  /** How far the cost of a month may come out otherwise, where it was worked out. */
  bands: CommitmentBands | null;
  palette: Palette;
  format: Formatter;
  alt: string;
}

/** The cost of each month with the basket as columns; deciding nothing and on demand as lines. */
export function outcomeOption({ reply, bands, palette, format, alt }: OutcomeDrawing): EChartsCoreOption {
  const axisText = { color: palette.muted, fontFamily: palette.font, fontSize: 11 };
  const undecided = reply.undecided.map(({ cost }) => cost);
  const onDemand = reply.months.map(({ figures }) => figures.on_demand);
  const costs = reply.months.map(({ cost }) => cost);
  const shifts = endShifts(
    [undecided, onDemand].map((values) => geometry(values.at(-1) ?? "0")),
    Math.max(...[...undecided, ...onDemand, ...costs].map(geometry)),
    PLOT_PX,
  );
  const line = (name: string, values: readonly string[], colour: string, dashed: boolean, shift: number) => ({
    type: "line",
    name,
    data: values.map(geometry),
    symbol: "none",
    lineStyle: { color: colour, width: 1.5, ...(dashed ? { type: [4, 3] } : {}) },
    itemStyle: { color: colour },
    endLabel: {
      show: true,
      formatter: name,
      color: palette.muted,
      fontFamily: palette.font,
      fontSize: 11,
      // Clear of the last column.
      offset: [LABEL_CLEAR_PX, shift],
    },
    cursor: "default",
  });
  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    aria: { enabled: true, label: { description: alt } },
    grid: { left: 56, right: 112, top: 14, bottom: 26, outerBoundsMode: "none" },
    xAxis: {
      type: "category",
      data: reply.months.map(({ month }) => format.bucket(month, "month")),
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { ...axisText, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      min: 0,
      axisLabel: { ...axisText, formatter: (value: number) => format.compact(String(value)) },
      splitLine: { lineStyle: { color: palette.line } },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      backgroundColor: palette.raised,
      borderColor: palette.line,
      padding: [6, 10],
      textStyle: { color: palette.text, fontSize: 12 },
      extraCssText: "box-shadow: none; border-radius: 4px;",
      valueFormatter: (value: number) => format.money(String(value), reply.currency),
    },
    series: [
      {
        type: "bar",
        name: words.basket,
        data: costs.map(geometry),
        itemStyle: { color: palette.current },
        barMaxWidth: 36,
        cursor: "default",
      },
      ...(bands
        ? ribbon(
            reply.months.map(({ month, cost }) => bandAt(bands, month) ?? { low: cost, high: cost }),
            words.bands.title,
            palette.text,
          )
        : []),
      line(words.undecided, undecided, palette.text, false, shifts[0] ?? 0),
      line(words.onDemand, onDemand, palette.before, true, shifts[1] ?? 0),
    ],
  };
}

/** The band of a month's cost. */
function bandAt(bands: CommitmentBands, month: string): { low: string; high: string } | null {
  return bands.months.find((one) => one.month === month)?.cost ?? null;
}

/** A month's cost beside deciding nothing; null where there is nothing beside it. */
export function savedIn(
  reply: Pick<CommitmentWhatIf, "undecided">,
  month: CommitmentMonthAhead,
): string | null {
  const beside = reply.undecided.find((one) => one.month === month.month);
  return beside ? subtract(beside.cost, month.cost) : null;
}

export function monthsTable(
  reply: CommitmentWhatIf,
  name: string,
  bands: CommitmentBands | null = null,
): DataTable {
  const money = (column: string) => ({ name: `${column}, ${reply.currency}`, figure: true });
  return {
    title: `${words.title} ${name}`.trim(),
    about: [reply.evidence.scope, ...reply.memo],
    columns: [
      { name: words.month, figure: false },
      money(words.onDemand),
      money(words.costShort),
      ...(bands ? [money(words.bands.low), money(words.bands.high)] : []),
      money(words.undecided),
      money(words.difference),
      { name: words.covered, figure: true },
      { name: words.used, figure: true },
      money(words.unused),
      money(words.cashShort),
      money(words.writeOff),
    ],
    rows: reply.months.map((month) => [
      month.month,
      month.figures.on_demand,
      month.cost,
      ...(bands ? [bandAt(bands, month.month)?.low ?? null, bandAt(bands, month.month)?.high ?? null] : []),
      reply.undecided.find((one) => one.month === month.month)?.cost ?? null,
      savedIn(reply, month),
      month.figures.coverage,
      month.figures.utilisation,
      month.figures.unused,
      month.cash,
      month.write_off,
    ]),
  };
}

export interface Rung {
  readonly ahead: CommitmentAhead;
  /** Where its bar begins and ends, as parts of the time shown. */
  readonly from: number;
  readonly to: number;
  /** Whether it began before, and goes on after what is shown. */
  readonly before: boolean;
  readonly beyond: boolean;
  /** Whether it was decided in the basket. */
  readonly decided: boolean;
}

/** The commitments as bars over the time ahead, by their beginning; those that lie outside of it are left out. */
export function ladder(reply: CommitmentWhatIf, decided: readonly string[]): Rung[] {
  const [first, last] = [Date.parse(`${reply.from}T00:00:00Z`), Date.parse(`${reply.until}T00:00:00Z`)];
  const whole = Math.max(last - first, 1);
  return reply.commitments
    .map((ahead) => ({ ahead, start: Date.parse(ahead.start), end: Date.parse(ahead.end) }))
    .filter(({ start, end }) => end > first && start < last)
    .sort(
      (left, right) =>
        left.start - right.start || left.end - right.end || left.ahead.id.localeCompare(right.ahead.id),
    )
    .map(({ ahead, start, end }) => ({
      ahead,
      from: (Math.max(start, first) - first) / whole,
      to: (Math.min(end, last) - first) / whole,
      before: start < first,
      beyond: end > last,
      decided: decided.includes(ahead.id),
    }));
}

export interface GainRow {
  readonly account: string;
  readonly owner: string | null;
  readonly onDemand: string;
  /** What it saves with benefits shared, and without; null where it has no usage then. */
  readonly shared: string | null;
  readonly own: string | null;
  /** What sharing gives it. */
  readonly difference: string | null;
}

/** What each account and owner saves under both policies, who gains most by sharing first. */
export function gainRows(gains: readonly CommitmentGain[]): GainRow[] {
  const key = ({ account, owner }: CommitmentGain) => JSON.stringify([account, owner]);
  const alone = new Map(gains.filter((gain) => !gain.shared).map((gain) => [key(gain), gain]));
  const shared = new Map(gains.filter((gain) => gain.shared).map((gain) => [key(gain), gain]));
  const rows = [...new Set([...shared.keys(), ...alone.keys()])].map((one): GainRow => {
    const [together, own] = [shared.get(one), alone.get(one)];
    return {
      account: (together ?? own)?.account ?? "",
      owner: (together ?? own)?.owner ?? null,
      onDemand: (together ?? own)?.on_demand ?? "0",
      shared: together?.savings ?? null,
      own: own?.savings ?? null,
      difference: together && own ? subtract(together.savings, own.savings) : null,
    };
  });
  return rows.sort(
    (left, right) =>
      compare(right.difference ?? "0", left.difference ?? "0") ||
      compare(right.onDemand, left.onDemand) ||
      left.account.localeCompare(right.account),
  );
}

/** Two baskets beside each other: each figure of both, and the difference. */
export interface ComparedFigure {
  readonly name: string;
  readonly ratio: boolean;
  readonly left: string | null;
  readonly right: string | null;
  readonly difference: string | null;
}

export function comparedFigures(left: CommitmentWhatIf, right: CommitmentWhatIf): ComparedFigure[] {
  const figure = (
    name: string,
    of: (reply: CommitmentWhatIf) => string | null,
    ratio = false,
  ): ComparedFigure => {
    const [one, other] = [of(left), of(right)];
    return {
      name,
      ratio,
      left: one,
      right: other,
      difference: one === null || other === null ? null : subtract(one, other),
    };
  };
  const { currency } = left;
  return [
    figure(words.saves(currency), (reply) => reply.saves),
    figure(words.cost(currency), (reply) => reply.total?.cost ?? null),
    figure(words.cash(currency), (reply) => reply.total?.cash ?? null),
    figure(words.coverage, (reply) => reply.total?.figures.coverage ?? null, true),
    figure(words.utilisation, (reply) => reply.total?.figures.utilisation ?? null, true),
    figure(words.waste(currency), (reply) => reply.total?.figures.unused ?? null),
    figure(words.bound(currency), (reply) => reply.lock_in.remaining),
  ];
}

export function comparedTable(
  left: CommitmentWhatIf,
  right: CommitmentWhatIf,
  names: readonly [string, string],
): DataTable {
  return {
    title: words.compare.title(...names),
    about: [left.evidence.scope],
    columns: [
      { name: words.compare.figure, figure: false },
      { name: names[0], figure: true },
      { name: names[1], figure: true },
      { name: words.compare.difference, figure: true },
    ],
    rows: comparedFigures(left, right).map((row) => [row.name, row.left, row.right, row.difference]),
  };
}

/** The memo as Markdown: its title, then a line each. Text from a bill stays text. */
export function memoMarkdown({ memo }: Pick<CommitmentWhatIf, "memo">): string {
  const plain = (text: string) => text.replace(/[\\`*_[\]<>#|]/g, (mark) => `\\${mark}`);
  const [title = "", ...lines] = memo.map(plain);
  return `# ${title}\n\n${lines.map((line) => `- ${line}\n`).join("")}`;
}

/** The memo as a table that is written to a file, a line each. */
export function memoTable(reply: CommitmentWhatIf): DataTable {
  return {
    title: reply.memo[0] ?? words.memo.title,
    about: [],
    columns: [{ name: words.memo.title, figure: false }],
    rows: reply.memo.slice(1).map((line) => [line]),
  };
}

/** The text of a scenario with the basket's purchases, and what the basket is for. */
export function scenarioText(reply: Pick<CommitmentWhatIf, "scenario_text">, note: string): string {
  return `note = ${JSON.stringify(note)}\n${reply.scenario_text}`;
}
