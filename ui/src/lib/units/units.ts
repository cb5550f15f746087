/** Unit costs as they are shown: what a metric can be looked at by, whose figures they are, and what they say in words. */
import type { DimensionInfo } from "../bindings/DimensionInfo";
import type { MetricInfo } from "../bindings/MetricInfo";
import type { Question } from "../bindings/Question";
import type { UnitCostChange } from "../bindings/UnitCostChange";
import type { UnitCostGroup } from "../bindings/UnitCostGroup";
import type { UnitCostReply } from "../bindings/UnitCostReply";
import type { UnitCostRow } from "../bindings/UnitCostRow";
import type { UnitCostSplitOrder } from "../bindings/UnitCostSplitOrder";
import { compare, divide, magnitude, sign, subtract } from "../format/decimal";
import type { Formatter } from "../format/format";
import { messages } from "../messages";
import { unfavourableSign } from "../question/measures";
import { stepFilter } from "../view/drill";
import { bucketPeriod, intersection } from "../view/period";
import type { UnitsParams } from "../view/view";

const RATIO_DECIMALS = 6;
const words = messages.units;

/** The dimensions that a metric can be looked at by: those that it has a label of, by name or, for a tag, by its key. */
export function joinable(
  metric: Pick<MetricInfo, "labels">,
  dimensions: readonly DimensionInfo[],
): DimensionInfo[] {
  const labels = new Set(metric.labels.map((label) => label.name));
  return dimensions.filter((info) => labels.has(info.name) || labels.has(info.name.replace(/^tag:/, "")));
}

/** What is looked at, once it is known which metrics there are: a metric that is gone gives way to the first. */
export function chosen(
  wanted: UnitsParams,
  metrics: readonly MetricInfo[],
  dimensions: readonly DimensionInfo[],
): { metric: MetricInfo; by: string | null; grain: "month" | "day" } | null {
  const metric = metrics.find((known) => known.name === wanted.metric) ?? metrics[0];
  if (!metric) return null;
  const by = joinable(metric, dimensions).find((info) => info.name === wanted.by)?.name ?? null;
  return { metric, by, grain: wanted.grain === "day" && metric.daily ? "day" : "month" };
}

/** The answer over everything, and the one whose rows are those of a dimension's values; null where there is no dimension. */
export interface UnitCosts {
  readonly whole: UnitCostReply;
  readonly split: UnitCostReply | null;
}

/** The value that is looked at; null is the total, also where the value is not there (any more). */
export function focusedOn({ split }: UnitCosts, focus: UnitsParams["focus"]): UnitCostGroup | null {
  return (focus && split?.groups.find((group) => group.key === focus.value)) ?? null;
}

/** The rows of a value, or of the total, in order of time. */
export function rowsOf({ whole, split }: UnitCosts, group: UnitCostGroup | null): UnitCostRow[] {
  return group === null ? whole.rows : (split?.rows ?? []).filter((row) => row.key === group.key);
}

/** What a group is called. */
export function groupName(
  group: Pick<UnitCostGroup, "key"> | null,
  naming: (value: string) => string,
): string {
  if (group === null) return words.total;
  return group.key === null ? messages.missing : naming(group.key);
}

/** The question whose total is a cost that is shown: of a group, of a step of time, or of both. */
export function costQuestion(
  reply: UnitCostReply,
  key: string | null | undefined,
  time: string | null,
): Question {
  const filters =
    reply.by !== null && key !== undefined
      ? [...reply.question.filters, stepFilter({ dimension: reply.by, value: key })]
      : reply.question.filters;
  const whole = reply.question.period ?? reply.period;
  const period = time === null ? whole : (intersection(whole, bucketPeriod(time, reply.grain)) ?? whole);
  return { ...reply.question, by: [], grain: null, top: null, compare: null, filters, period };
}

/** The engine's word for a period (`2026-08`, `2026-08-01`, `2026-Q3`), as a person says it; other words stay. */
export function periodText(said: string | null, format: Formatter): string {
  if (said === null) return "";
  if (/^\d{4}-\d{2}$/.test(said)) return format.bucket(said, "month");
  const quarter = /^(\d{4})-Q([1-4])$/.exec(said);
  if (quarter) return `Q${quarter[2]} ${quarter[1]}`;
  return /^\d{4}-\d{2}-\d{2}$/.test(said) ? format.day(said) : said;
}

/** The splits of a change in the order that is asked for; null where there is nothing to split. */
export function splitsOf(change: UnitCostChange, order: UnitCostSplitOrder) {
  return change.splits.find((splits) => splits.order === order) ?? null;
}

/** A figure of any size with its sign. */
export function signedFigure(amount: string, text: (magnitude: string) => string): string {
  const direction = sign(amount);
  return `${direction > 0 ? "+" : direction < 0 ? "\u2212" : ""}${text(magnitude(amount))}`;
}

interface Told {
  /** What happened, with its numbers. */
  moved: string;
  /** What that is for who pays. */
  verdict: string;
  /** What it is made of. */
  parts: string;
}

/** The change of the unit cost and of the cost in words made of their numbers. */
export function changeWords(
  change: UnitCostChange,
  order: UnitCostSplitOrder,
  currency: string,
  measure: string,
  format: Formatter,
): { unitCost: Told; cost: Told } | null {
  const splits = splitsOf(change, order);
  if (!splits) return null;
  const told = words.change;
  const unit = (text: string) => `${currency}\u00a0${unitText(text, format)}`;
  const money = (text: string) => format.moneyWithCode(text, currency);
  const more = sign(subtract(change.units_now, change.units_before));
  const say = (
    split: { before: string; difference: string; cost_effect: string; driver_effect: string },
    figure: (text: string) => string,
    sentence: (moved: string) => string,
    costPart: (amount: string) => string,
  ): Told => {
    const direction = sign(split.difference);
    const ratio = divide(split.difference, magnitude(split.before), RATIO_DECIMALS);
    const by = figure(magnitude(split.difference));
    const share = ratio === null ? "" : ` (${format.percentChange(ratio)})`;
    const moved = direction > 0 ? told.up(by, share) : direction < 0 ? told.down(by, share) : told.same;
    return {
      moved: sentence(moved),
      verdict: [told.favourable, "", told.unfavourable][direction * unfavourableSign(measure) + 1] ?? "",
      parts: told.parts(
        costPart(signedFigure(split.cost_effect, figure)),
        told.driverPart(signedFigure(split.driver_effect, figure), more),
      ),
    };
  };
  return {
    unitCost: say(splits.unit_cost, unit, told.unitSentence, told.costPart),
    cost: say(splits.cost, money, told.costSentence, told.unitCostPart),
  };
}

/** A unit cost with every digit that the engine gives, two at least. */
export function unitText(value: string | null, format: Formatter): string {
  return value === null ? words.dash : format.full(value);
}

/** The chart's alternative text: first and last, lowest and highest, of each line. */
export function altText(
  title: string,
  lines: readonly { name: string; points: readonly { at: string; value: string | null }[] }[],
  format: Formatter,
): string {
  const said = lines.flatMap(({ name, points }) => {
    const there = points.flatMap(({ at, value }) => (value === null ? [] : [{ at, value }]));
    const [first] = there;
    const last = there.at(-1);
    if (!first || !last) return [];
    const text = (value: string) => unitText(value, format);
    if (there.length === 1) return [words.alt.line(name, words.alt.one(first.at, text(first.value)))];
    const ranked = [...there].sort((left, right) => compare(left.value, right.value));
    const low = ranked[0] ?? first;
    const high = ranked.at(-1) ?? last;
    return [
      words.alt.line(
        name,
        [
          words.alt.span(first.at, text(first.value), last.at, text(last.value)),
          words.alt.range(text(low.value), low.at, text(high.value), high.at),
        ].join("; "),
      ),
    ];
  });
  return [title, ...(said.length > 0 ? said : [words.alt.none])].join(". ");
}
