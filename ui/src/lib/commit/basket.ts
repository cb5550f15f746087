/** A basket of decisions as a table of cells that people type and paste, and as the engine takes it. */
import type { CommitmentBasket } from "../bindings/CommitmentBasket";
import type { CommitmentDecision } from "../bindings/CommitmentDecision";
import type { CommitmentDecisionKind } from "../bindings/CommitmentDecisionKind";
import type { CommitmentDemand } from "../bindings/CommitmentDemand";
import { compare, divide, isDecimal, normalise, sign, subtract, sum } from "../format/decimal";
import { messages } from "../messages";
import { isDay } from "../view/period";
import { COMMIT_PAYMENTS } from "../view/view";
import { type EntryRow, type EntryRules, withBlock, withEntry } from "./entries";

const words = messages.commit.basket;
const PERCENT_DECIMALS = 10;

export const BASKET_KINDS = [
  "buy",
  "renew",
  "let_expire",
  "exchange",
  "return",
] as const satisfies readonly CommitmentDecisionKind[];

export const BASKET_COLUMNS = [
  "kind",
  "commitment",
  "at",
  "program",
  "family",
  "region",
  "term",
  "payment",
  "hourly",
  "discount",
  "refund",
] as const;
export type BasketColumn = (typeof BASKET_COLUMNS)[number];
export type BasketCells = Readonly<Record<BasketColumn, string>>;

/** What a decision may say that has no column: it is kept as it came. */
type DecisionRest = Pick<CommitmentDecision, "account" | "instance_type" | "upfront">;

/** A decision. Its `id` is its name. */
export interface BasketRow extends EntryRow<BasketColumn> {
  readonly rest?: DecisionRest;
}

export const EMPTY_ROW: BasketCells = {
  kind: "buy",
  commitment: "",
  at: "",
  program: "",
  family: "",
  region: "",
  term: "12",
  payment: "no_upfront",
  hourly: "",
  discount: "",
  refund: "",
};

/** Which cells say something of a decision. The others are left out, whatever stands in them. */
const USED: Record<CommitmentDecisionKind, readonly BasketColumn[]> = {
  buy: ["at", "program", "family", "region", "term", "payment", "hourly", "discount"],
  renew: ["commitment", "program", "family", "region", "term", "payment", "hourly", "discount"],
  let_expire: ["commitment"],
  exchange: ["commitment", "at", "program", "family", "region", "term", "payment", "hourly", "discount"],
  return: ["commitment", "at", "refund"],
};

export function kindOf(row: BasketRow): CommitmentDecisionKind {
  return BASKET_KINDS.find((kind) => kind === row.cells.kind) ?? "buy";
}

export function isUsed(row: BasketRow, column: BasketColumn): boolean {
  return column === "kind" || USED[kindOf(row)].includes(column);
}

/** The next free name: `buy-1`, `renew-2`. */
export function freeId(rows: readonly BasketRow[], kind: string): string {
  const taken = new Set(rows.map((row) => row.id));
  for (let number = 1; ; number += 1) {
    const id = `${kind.replace("_", "-")}-${number}`;
    if (!taken.has(id)) return id;
  }
}

export function withRow(rows: readonly BasketRow[], cells: Partial<BasketCells>): BasketRow[] {
  const whole = { ...EMPTY_ROW, ...cells };
  return [...rows, { id: freeId(rows, whole.kind), cells: whole }];
}

export function withCell(
  rows: readonly BasketRow[],
  place: number,
  column: BasketColumn,
  text: string,
): BasketRow[] {
  return withEntry(rows, place, column, text, BASKET_RULES);
}

/** A length in months: `12`, `1 year`, `3y`, `36 months`; null where it is none. */
export function monthsFrom(text: string): number | null {
  const [, number, unit] = /^\s*(\d{1,3})\s*(y|years?|m|months?)?\s*$/i.exec(text) ?? [];
  if (number === undefined) return null;
  const months = Number(number) * (unit?.toLowerCase().startsWith("y") ? 12 : 1);
  return months >= 1 && months <= 120 ? months : null;
}

/** What is typed as it is kept: words of people become those of the engine, everything else stays. */
export function understood(column: BasketColumn, text: string): string {
  const typed = text.trim();
  const plain = typed.toLowerCase().replace(/[\s-]+/g, "_");
  if (column === "kind") {
    const named = BASKET_KINDS.find(
      (kind) => kind === plain || words.kinds[kind].toLowerCase() === typed.toLowerCase(),
    );
    return named ?? typed;
  }
  if (column === "payment") {
    const named = COMMIT_PAYMENTS.find(
      (payment) => payment === plain || messages.commit.payments[payment] === typed.toLowerCase(),
    );
    return named ?? typed;
  }
  if (column === "term") {
    const months = monthsFrom(typed);
    return months === null ? typed : String(months);
  }
  if (column === "program") return typed.toLowerCase().replace(/[\s_]+/g, "-");
  if (column === "discount") return typed.replace(/\s*%$/, "");
  return typed;
}

/** What is wrong with a cell; null where it can be used. */
export function cellProblem(row: BasketRow, column: BasketColumn): string | null {
  if (!isUsed(row, column)) return null;
  const text = row.cells[column];
  const { wrong } = words;
  const renews = kindOf(row) === "renew";
  if (text === "") {
    if (column === "commitment") return wrong.commitment;
    if (!renews && column === "program") return wrong.program;
    if (!renews && column === "hourly") return wrong.hourly;
    if (kindOf(row) !== "buy" && column === "at") return wrong.at;
    return null;
  }
  switch (column) {
    case "kind":
      return BASKET_KINDS.some((kind) => kind === text) ? null : wrong.kind;
    case "at":
      return isDay(text) ? null : wrong.day;
    case "term":
      return monthsFrom(text) === null ? wrong.term : null;
    case "payment":
      return COMMIT_PAYMENTS.some((payment) => payment === text) ? null : wrong.payment;
    case "hourly":
      return isDecimal(text) && sign(text) > 0 ? null : wrong.amount;
    case "discount":
      return isDecimal(text) && sign(text) >= 0 && compare(text, "100") < 0 ? null : wrong.percent;
    case "refund":
      return isDecimal(text) && sign(text) >= 0 ? null : wrong.refund;
    default:
      return null;
  }
}

/** The cells that cannot be used, as `row column`. */
export function problemsOf(rows: readonly BasketRow[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [index, row] of rows.entries())
    for (const column of BASKET_COLUMNS) {
      const problem = cellProblem(row, column);
      if (problem !== null) found.set(`${index} ${column}`, problem);
    }
  return found;
}

function fraction(percent: string): string | null {
  return percent === "" ? null : divide(percent, "100", PERCENT_DECIMALS);
}

function decisionOf(row: BasketRow): CommitmentDecision {
  const cell = (column: BasketColumn) =>
    isUsed(row, column) && row.cells[column] !== "" ? row.cells[column] : null;
  const discount = fraction(cell("discount") ?? "");
  const term = cell("term");
  const decision: CommitmentDecision = { ...row.rest, id: row.id, kind: kindOf(row), at: cell("at") };
  const put = <Key extends keyof CommitmentDecision>(key: Key, value: CommitmentDecision[Key] | null) => {
    if (value !== null) decision[key] = value;
  };
  put("commitment", cell("commitment"));
  put("program", cell("program"));
  put("family", cell("family"));
  put("region", cell("region"));
  put("term_months", term === null ? null : monthsFrom(term));
  put("payment", cell("payment"));
  put("hourly", cell("hourly"));
  put("discount", discount === null ? null : normalise(discount));
  put("refund", cell("refund"));
  return decision;
}

/** What is assumed of demand: from a month on so many per cent more or less, or a share that moves to another family. */
export interface DemandRow {
  readonly kind: "scale" | "move";
  /** A day; empty is the first ahead. */
  readonly from: string;
  /** Per cent: the change of demand, or the share that moves. */
  readonly percent: string;
  /** Of what moves: the family, and what it costs in per cent of before. */
  readonly toFamily: string;
  readonly cost: string;
  /** Only these families; empty is all. */
  readonly family: string;
  /** What an assumption may say that has no field: it is kept as it came. */
  readonly rest?: Pick<CommitmentDemand, "until" | "services" | "regions" | "accounts" | "to_region">;
}

export const FALL: DemandRow = {
  kind: "scale",
  from: "",
  percent: "-30",
  toFamily: "",
  cost: "",
  family: "",
};
export const MOVE: DemandRow = {
  kind: "move",
  from: "",
  percent: "50",
  toFamily: "",
  cost: "80",
  family: "",
};

/** What is wrong with an assumption; null where it can be used. */
export function demandProblem(row: DemandRow): string | null {
  const { wrong } = words;
  if (row.from !== "" && !isDay(row.from)) return wrong.day;
  if (!isDecimal(row.percent)) return wrong.percent;
  if (row.kind === "scale") return compare(row.percent, "-100") > 0 ? null : wrong.fall;
  if (sign(row.percent) <= 0 || compare(row.percent, "100") > 0) return wrong.share;
  if (row.toFamily.trim() === "") return wrong.toFamily;
  return row.cost === "" || (isDecimal(row.cost) && sign(row.cost) > 0) ? null : wrong.percent;
}

function demandOf(row: DemandRow): CommitmentDemand {
  const family = row.family.trim();
  const where = {
    from: row.from === "" ? null : row.from,
    until: null,
    services: [],
    families: family === "" ? [] : [family],
    regions: [],
    accounts: [],
    ...row.rest,
  };
  if (row.kind === "move") {
    const cost = fraction(row.cost);
    return {
      name: words.demand.moved(row.percent, row.toFamily.trim()),
      ...where,
      move_share: normalise(fraction(row.percent) ?? "0"),
      to_family: row.toFamily.trim(),
      ...(cost === null ? {} : { cost_factor: normalise(cost) }),
    };
  }
  const percent = row.percent.replace(/^\+/, "");
  return {
    name: words.demand.scaled(percent),
    ...where,
    factor: normalise(fraction(sum(["100", percent])) ?? "1"),
  };
}

export interface BasketDraft {
  readonly rows: readonly BasketRow[];
  readonly demand: readonly DemandRow[];
  readonly note: string;
  readonly approver: string;
  readonly horizon: number;
}

export const EMPTY_DRAFT: BasketDraft = { rows: [], demand: [], note: "", approver: "", horizon: 12 };

/** A draft as the engine takes it; null where a cell cannot be used. */
export function basketOf(draft: BasketDraft): CommitmentBasket | null {
  if (problemsOf(draft.rows).size > 0 || draft.demand.some((row) => demandProblem(row) !== null)) return null;
  return {
    note: draft.note.trim(),
    approver: draft.approver.trim(),
    horizon_months: draft.horizon,
    decision: draft.rows.map(decisionOf),
    demand: draft.demand.map(demandOf),
  };
}

/** A fraction in per cent, exact; nothing of nothing. */
const percentOf = (value: string | null | undefined): string =>
  value === null || value === undefined ? "" : normalise(divide(value, "0.01", PERCENT_DECIMALS) ?? "");

function restOf({ account, instance_type, upfront }: CommitmentDecision): { rest?: DecisionRest } {
  const rest: DecisionRest = {
    ...(account ? { account } : {}),
    ...(instance_type ? { instance_type } : {}),
    ...(upfront ? { upfront } : {}),
  };
  return Object.keys(rest).length > 0 ? { rest } : {};
}

function rowOf(one: CommitmentDecision): BasketRow {
  return {
    id: one.id ?? "",
    ...restOf(one),
    cells: {
      kind: one.kind ?? "buy",
      commitment: one.commitment ?? "",
      at: one.at ?? "",
      program: one.program ?? "",
      family: one.family ?? "",
      region: one.region ?? "",
      term: one.term_months ? String(one.term_months) : "",
      payment: one.payment ?? "",
      hourly: one.hourly ?? "",
      discount: percentOf(one.discount),
      refund: one.refund ?? "",
    },
  };
}

/** The rows with further decisions, under names that are free. */
export function withDecisions(
  rows: readonly BasketRow[],
  decisions: readonly CommitmentDecision[],
): BasketRow[] {
  return decisions.reduce<BasketRow[]>(
    (all, one) => [...all, { ...rowOf(one), id: freeId(all, one.kind ?? "buy") }],
    [...rows],
  );
}

/** A basket that is kept, as cells. */
export function draftOf(basket: CommitmentBasket): BasketDraft {
  return {
    note: basket.note ?? "",
    approver: basket.approver ?? "",
    horizon: basket.horizon_months || EMPTY_DRAFT.horizon,
    rows: (basket.decision ?? []).map(rowOf),
    demand: (basket.demand ?? []).map((one) => {
      const family = one.families?.[0] ?? "";
      const { until, services = [], regions = [], accounts = [], to_region } = one;
      const narrowed = Boolean(until || to_region) || services.length + regions.length + accounts.length > 0;
      const rest = narrowed
        ? { rest: { until, services, regions, accounts, ...(to_region ? { to_region } : {}) } }
        : {};
      return one.move_share
        ? {
            kind: "move" as const,
            from: one.from ?? "",
            percent: percentOf(one.move_share),
            toFamily: one.to_family ?? "",
            cost: percentOf(one.cost_factor),
            family,
            ...rest,
          }
        : {
            kind: "scale" as const,
            from: one.from ?? "",
            percent: normalise(subtract(percentOf(one.factor ?? "1"), "100") ?? "0"),
            toFamily: "",
            cost: "",
            family,
            ...rest,
          };
    }),
  };
}

const BASKET_RULES: EntryRules<BasketColumn, BasketRow> = {
  columns: BASKET_COLUMNS,
  names: words.columns,
  understood,
  withRow,
};

/** A spreadsheet's block put into the rows from a cell on; with a header its columns go where they belong. */
export function pasted(
  rows: readonly BasketRow[],
  text: string,
  to: { row: number; column: BasketColumn },
): { rows: BasketRow[]; count: number } {
  return withBlock(rows, text, to, BASKET_RULES);
}
