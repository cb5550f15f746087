import { describe, expect, test } from "vitest";

import type { Answer } from "../bindings/Answer";
import type { Cell } from "../bindings/Cell";
import type { Question } from "../bindings/Question";
import type { Row } from "../bindings/Row";
import { normalise, sameValue, sum } from "../format/decimal";
import { DEFAULT_PIVOT, type PivotParams } from "../view/view";
import {
  cellQuestions,
  columnsOf,
  figureQuestion,
  marginQuestions,
  pivotLevel,
  type PivotRow,
  restQuestions,
  shownRow,
} from "./pivot";

const QUESTION: Question = {
  measures: ["billed_cost"],
  by: [],
  grain: null,
  period: { from: "2025-01-01", to: "2025-04-01" },
  on: "charge",
  filters: [],
  compare: null,
  top: null,
  currency: "USD",
};

const cell = (value: string | null): Cell => ({
  value,
  previous: null,
  change: null,
  change_ratio: null,
  share: null,
});

/** A charge of the tests' own engine: a row's value, a column's value, its cost. */
interface Charge {
  row: string | null;
  column: string | null;
  cost: string;
}

/** Groups charges as the engine does: by keys, ranked by cost, the rest in "other". */
function answer(question: Question, charges: Charge[], keys: (charge: Charge) => (string | null)[]): Answer {
  const groups = new Map<string, { keys: (string | null)[]; costs: string[] }>();
  for (const charge of charges) {
    const key = JSON.stringify(keys(charge));
    const group = groups.get(key) ?? { keys: keys(charge), costs: [] };
    group.costs.push(charge.cost);
    groups.set(key, group);
  }
  const all = [...groups.values()]
    .map((group) => ({ keys: group.keys, value: sum(group.costs) }))
    .sort((left, right) => Number(right.value) - Number(left.value));
  const top = question.top ?? all.length;
  const rows: Row[] = all
    .slice(0, top)
    .map((group) => ({ keys: group.keys, role: "group", cells: [cell(group.value)] }));
  if (all.length > top)
    rows.push({ keys: [null], role: "other", cells: [cell(sum(all.slice(top).map((one) => one.value)))] });
  return {
    question,
    currency: "USD",
    period: { from: "2025-01-01", to: "2025-04-01" },
    compared_with: null,
    keys: [],
    measures: [{ name: "billed_cost", label: "Billed cost", kind: "currency", unit: null }],
    rows,
    total: [cell(sum(charges.map((charge) => charge.cost)))],
    groups: all.length,
    notes: [],
    evidence: {
      id: "e",
      definition: [],
      scope: "",
      sql: "",
      source: "charge",
      loads: [],
      charges: 0,
      rates: null,
      rules: [],
    },
  };
}

/** Numbers that are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % sides;
  };
}

function randomCharges(seed: number): Charge[] {
  const roll = dice(seed);
  const name = (most: number, kind: string) => {
    const drawn = roll(most + 1);
    return drawn === most ? null : `${kind}${drawn}`;
  };
  return Array.from({ length: 5 + roll(120) }, () => {
    const units = roll(2_000_000) - 700_000;
    return {
      row: name(9, "r"),
      column: name(6, "c"),
      cost: `${units < 0 ? "-" : ""}${Math.abs(units)}.${roll(1000) + 1000}`,
    };
  });
}

function levelOf(charges: Charge[], pivot: PivotParams, top = { rows: 4, columns: 3 }) {
  const margins = marginQuestions(QUESTION, pivot, [], top);
  if (!margins.rows) throw new Error("there are rows");
  const rows = answer(margins.rows, charges, (charge) => [charge.row]);
  const totals = margins.columns ? answer(margins.columns, charges, (charge) => [charge.column]) : null;
  const columns = columnsOf(totals);
  const passes = (question: Question, charge: Charge) =>
    question.filters.every((filter) => {
      const value = filter.dimension === "service" ? charge.row : charge.column;
      return filter.operator === "missing" ? value === null : value !== null && filter.values.includes(value);
    });
  const cells = cellQuestions(rows, columns, pivot).map((question) =>
    answer(
      question,
      charges.filter((charge) => passes(question, charge)),
      (charge) => [charge.row, charge.column],
    ),
  );
  return { level: pivotLevel(columns, totals, rows, cells), columns, rows };
}

const BY_REGION: PivotParams = { ...DEFAULT_PIVOT, rows: ["service", "resource"], column: "region" };

describe("a pivot", () => {
  const row = (total: string, ...cells: (string | null)[]): PivotRow => ({
    key: "r",
    role: "group",
    cells: cells.map((value) => [value]),
    total: [total],
  });

  test("every margin equals its cells, over random charges", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const charges = randomCharges(seed);
      const { level, columns, rows } = levelOf(charges, BY_REGION);
      const headline = rows.total[0]?.value ?? null;
      for (const row of [...level.rows, level.total]) {
        expect(
          sameValue(sum(row.cells.map((one) => one[0] ?? null)), row.total[0] ?? "0"),
          `seed ${seed}: row ${row.role} ${row.key}`,
        ).toBe(true);
      }
      for (const [at, column] of columns.entries()) {
        expect(
          sameValue(
            sum(level.rows.map((row) => row.cells[at]?.[0] ?? null)),
            sum([level.total.cells[at]?.[0] ?? null]),
          ),
          `seed ${seed}: column ${column.role} ${column.key}`,
        ).toBe(true);
      }
      expect(sameValue(sum(level.rows.map((row) => row.total[0] ?? null)), headline), `seed ${seed}`).toBe(
        true,
      );
      for (const row of level.rows.filter((one) => one.role === "group")) {
        for (const [at, column] of columns.entries()) {
          if (column.role !== "group") continue;
          const own = charges.filter((charge) => charge.row === row.key && charge.column === column.key);
          expect(normalise(sum([row.cells[at]?.[0] ?? null])), `seed ${seed}: a cell is its charges`).toBe(
            normalise(sum(own.map((charge) => charge.cost))),
          );
        }
      }
    }
  });

  test("what is divided is asked for where sums would tell it", () => {
    const charges = randomCharges(5);
    const margins = marginQuestions(QUESTION, BY_REGION, [], { rows: 3, columns: 2 });
    if (!margins.rows || !margins.columns) throw new Error("there are margins");
    const divided = (one: Answer): Answer => ({
      ...one,
      measures: one.measures.map((measure) => ({ ...measure, kind: "unit_cost" as const })),
    });
    const rows = divided(answer(margins.rows, charges, (charge) => [charge.row]));
    const totals = divided(answer(margins.columns, charges, (charge) => [charge.column]));
    const columns = columnsOf(totals);
    const wanted = restQuestions(rows, columns, BY_REGION);
    // A missing value is asked for apart, so that there may be two questions for the shown ones.
    for (const question of wanted.column)
      expect(question.filters.map((filter) => filter.operator)).toContain("is_not");
    expect(wanted.row.every((question) => question.by[0] === "region")).toBe(true);
    expect(wanted.corner?.by).toEqual([]);
    const said = (question: Question, keys: string[], value: string): Answer => ({
      ...divided(answer(question, [], () => [])),
      rows: keys.map((key) => ({ keys: [key], role: "group", cells: [cell(value)] })),
      total: [cell(value)],
    });
    const shownRows = rows.rows.filter((row) => row.role === "group").map((row) => row.keys[0] ?? "");
    const shownColumns = columns
      .filter((column) => column.role === "group")
      .map((column) => column.key ?? "");
    const level = pivotLevel(columns, totals, rows, [], {
      column: wanted.column.slice(0, 1).map((question) => said(question, shownRows, "0.25")),
      row: wanted.row.slice(0, 1).map((question) => said(question, shownColumns, "0.5")),
      corner: wanted.corner && said(wanted.corner, [], "0.75"),
    });
    const other = columns.findIndex((column) => column.role === "other");
    const firstRow = level.rows.find((row) => row.role === "group" && row.key !== null);
    const otherRow = level.rows.find((row) => row.role === "other");
    expect(firstRow?.cells[other]).toEqual(["0.25"]);
    expect(otherRow?.cells[other]).toEqual(["0.75"]);
    expect(otherRow?.cells[columns.findIndex((column) => column.key !== null)]).toEqual(["0.5"]);
    expect(level.total.cells[other]).toEqual([totals.rows.at(-1)?.cells[0]?.value]);
    const sums = answer(margins.rows, charges, (charge) => [charge.row]);
    expect(restQuestions(sums, columns, BY_REGION)).toEqual({ column: [], row: [], corner: null });
  });

  test("what is divided has neither shares nor sums", () => {
    const shown = shownRow(row("6", "1", "2"), row("6"), { cumulative: true, share: "all", added: [false] });
    expect([...shown.cells.flat(), ...shown.total]).toEqual([null, null, null]);
  });

  test("without columns it is its rows and their total", () => {
    const { level, columns } = levelOf(randomCharges(3), { ...BY_REGION, column: null });
    expect(columns).toEqual([]);
    expect(sameValue(sum(level.rows.map((row) => row.total[0] ?? null)), level.total.total[0] ?? null)).toBe(
      true,
    );
  });

  test("nothing that passes the filters is an empty level", () => {
    const { level } = levelOf([], BY_REGION);
    expect(level.rows).toEqual([]);
  });

  test("shares are of the row, of the column, of all; of nothing and of credits there are none", () => {
    const total = row("100", "40", "60");
    const one = row("25", "20", "5");
    const shares = (share: PivotParams["share"], of = total) => {
      const shown = shownRow(one, of, { cumulative: false, share, added: [true] });
      return [...shown.cells.flat(), ...shown.total];
    };
    expect(shares("row")).toEqual(["0.800000", "0.200000", "1.000000"]);
    expect(shares("column")).toEqual(["0.500000", "0.083333", "0.250000"]);
    expect(shares("all")).toEqual(["0.200000", "0.050000", "0.250000"]);
    expect(shares("column", row("-10", "0", "-10"))).toEqual([null, null, null]);
    expect(shares("all", row("0", "5", "-5"))).toEqual([null, null, null]);
  });

  test("adding up from left to right ends at the total", () => {
    const shown = shownRow(row("6", "1", null, "2", "3"), row("6"), {
      cumulative: true,
      share: "none",
      added: [true],
    });
    expect(shown.cells.flat()).toEqual(["1", "1", "3", "6"]);
    const late = shownRow(row("2", null, "2"), row("2"), { cumulative: true, share: "none", added: [true] });
    expect(late.cells.flat(), "before the first charge there is no figure").toEqual([null, "2"]);
  });

  test("a figure's own question is narrowed to its row and its column", () => {
    const level = {
      question: { ...QUESTION, by: ["service"], top: 4 },
      rows: [row("1"), { ...row("2"), key: null }, { ...row("3"), key: null, role: "other" as const }],
      columns: [{ key: "2025-01", role: "group" as const }],
      period: { from: "2025-01-10", to: "2025-04-01" },
    };
    const pivot = { ...DEFAULT_PIVOT, rows: ["service"], column: "month" };
    const [column = null] = level.columns;
    const asked = (of: PivotRow | null, cumulative = false) =>
      figureQuestion(level, pivot, { row: of, column, measure: 0, cumulative });
    expect(asked(level.rows[0] ?? null)?.filters).toEqual([
      { dimension: "service", operator: "is", values: ["r"] },
    ]);
    expect(asked(level.rows[0] ?? null)?.period, "a step that is cut by the period").toEqual({
      from: "2025-01-10",
      to: "2025-02-01",
    });
    expect(asked(level.rows[2] ?? null)?.filters, "what the listed rows leave").toEqual([
      { dimension: "service", operator: "is_not", values: ["r"] },
      { dimension: "service", operator: "present", values: [] },
    ]);
    expect(asked(null)?.filters).toEqual([]);
  });
});
