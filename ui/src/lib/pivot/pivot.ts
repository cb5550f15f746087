/**
 * A pivot as numbers: rows by columns by measures. The engine gives the totals of rows and of columns and the cells of those that
 * are shown; what "other" is in each follows by subtraction, so that every row and every column comes to its total exactly. What is
 * divided does not add up: its "other" is asked for.
 */
import type { Answer } from "../bindings/Answer";
import type { Filter } from "../bindings/Filter";
import type { Grain } from "../bindings/Grain";
import type { Question } from "../bindings/Question";
import { share, sign, subtract, sum } from "../format/decimal";
import { addsUp } from "../question/measures";
import { stepFilter } from "../view/drill";
import { bucketPeriod, intersection } from "../view/period";
import type { DrillStep, PivotParams, PivotShare } from "../view/view";

/** A figure, or none. */
export type Figure = string | null;

export interface PivotColumn {
  /** A group's value (null is the missing one) or a step of time. */
  readonly key: string | null;
  readonly role: "group" | "other";
}

export interface PivotRow {
  readonly key: string | null;
  readonly role: "group" | "other";
  /** A figure for each column and each measure. */
  readonly cells: readonly (readonly Figure[])[];
  /** A figure for each measure. */
  readonly total: readonly Figure[];
}

/** The rows below one row, or below none. */
export interface PivotLevel {
  readonly rows: readonly PivotRow[];
  /** The row that all of these come to. */
  readonly total: PivotRow;
  /** How many groups there are, those in "other" opened up. */
  readonly groups: number;
}

const TIMES: readonly string[] = ["month", "day"] satisfies Grain[];

export function isTime(column: string | null): column is "month" | "day" {
  return column !== null && TIMES.includes(column);
}

/** The questions whose answers make a level: its columns' totals, its rows' totals. */
export function marginQuestions(
  base: Question,
  pivot: PivotParams,
  path: readonly DrillStep[],
  top: { rows: number; columns: number },
): { columns: Question | null; rows: Question | null } {
  const scope: Question = {
    ...base,
    compare: null,
    grain: null,
    top: null,
    by: [],
    measures: [...new Set([...base.measures, ...pivot.measures])],
    filters: [...base.filters, ...path.map(stepFilter)],
  };
  const dimension = pivot.rows[path.length];
  return {
    columns:
      pivot.column === null
        ? null
        : isTime(pivot.column)
          ? { ...scope, grain: pivot.column }
          : { ...scope, by: [pivot.column], top: top.columns },
    rows: dimension === undefined ? null : { ...scope, by: [dimension], top: top.rows },
  };
}

/** The columns that an answer by them gives. */
export function columnsOf(answer: Answer | null): PivotColumn[] {
  return (answer?.rows ?? []).map((row) => ({ key: row.keys[0] ?? null, role: row.role }));
}

/** The conditions that let just these groups through. A missing value is asked for apart: no condition names it among others. */
function onlyThese(dimension: string, keys: readonly (string | null)[]): Filter[] {
  const values = keys.filter((key) => key !== null);
  return [
    ...(values.length > 0 ? [{ dimension, operator: "is" as const, values }] : []),
    ...(keys.includes(null) ? [{ dimension, operator: "missing" as const, values: [] }] : []),
  ];
}

/** The questions for the cells of the shown rows in the shown columns. */
export function cellQuestions(
  rowsAnswer: Answer,
  columns: readonly PivotColumn[],
  pivot: PivotParams,
): Question[] {
  const [rowDimension] = rowsAnswer.question.by;
  const shown = rowsAnswer.rows.filter((row) => row.role === "group").map((row) => row.keys[0] ?? null);
  if (pivot.column === null || rowDimension === undefined || shown.length === 0) return [];
  const scope: Question = { ...rowsAnswer.question, top: null };
  const byRow = onlyThese(rowDimension, shown);
  const grain = isTime(pivot.column) ? pivot.column : null;
  if (grain) return byRow.map((row) => ({ ...scope, grain, filters: [...scope.filters, row] }));
  const dimension = pivot.column;
  const groups = columns.filter((column) => column.role === "group").map((column) => column.key);
  return byRow.flatMap((row) =>
    onlyThese(dimension, groups).map((column) => ({
      ...scope,
      by: [rowDimension, dimension],
      filters: [...scope.filters, row, column],
    })),
  );
}

/** What no sum tells of a pivot with divided figures: those of "other", which are asked for by themselves. */
export interface RestQuestions {
  /** The shown rows in the columns that are not shown. */
  readonly column: readonly Question[];
  /** The rows that are not shown, in the shown columns. */
  readonly row: readonly Question[];
  /** Those in the columns that are not shown. */
  readonly corner: Question | null;
}

/** The questions for the figures of "other" that cannot be told from sums; none where all measures add up. */
export function restQuestions(
  rowsAnswer: Answer,
  columns: readonly PivotColumn[],
  pivot: PivotParams,
): RestQuestions {
  const none: RestQuestions = { column: [], row: [], corner: null };
  const [rowDimension] = rowsAnswer.question.by;
  if (pivot.column === null || rowDimension === undefined || rowsAnswer.measures.every(addsUp)) return none;
  const scope: Question = { ...rowsAnswer.question, top: null };
  const rows = columnsOf(rowsAnswer);
  const shown = rows.filter((row) => row.role === "group").map((row) => row.key);
  const dimension = pivot.column;
  const grain = isTime(dimension) ? dimension : null;
  const otherRow = rows.some((row) => row.role === "other")
    ? narrow(rowDimension, { key: null, role: "other" }, rows)
    : null;
  const otherColumn = columns.some((column) => column.role === "other")
    ? narrow(dimension, { key: null, role: "other" }, columns)
    : null;
  const groups = columns.filter((column) => column.role === "group").map((column) => column.key);
  const inColumns = (more: readonly Filter[]): Question[] =>
    grain
      ? [{ ...scope, by: [], grain, filters: [...scope.filters, ...more] }]
      : onlyThese(dimension, groups).map((column) => ({
          ...scope,
          by: [dimension],
          filters: [...scope.filters, ...more, column],
        }));
  return {
    column:
      otherColumn === null
        ? []
        : onlyThese(rowDimension, shown).map((row) => ({
            ...scope,
            filters: [...scope.filters, row, ...otherColumn],
          })),
    row: otherRow === null ? [] : inColumns(otherRow),
    corner:
      otherRow && otherColumn
        ? { ...scope, by: [], filters: [...scope.filters, ...otherRow, ...otherColumn] }
        : null,
  };
}

/** The answers to those questions. */
export interface Rests {
  readonly column: readonly Answer[];
  readonly row: readonly Answer[];
  readonly corner: Answer | null;
}

const text = (key: string | null) => (key === null ? "null" : `text ${key}`);

/**
 * Puts a level together. `columns` are the pivot's. What the level's columns come to is an answer by them, or the row that it
 * opens.
 */
export function pivotLevel(
  columns: readonly PivotColumn[],
  columnTotals: Answer | PivotRow | null,
  rowTotals: Answer,
  cells: readonly Answer[],
  rests: Rests = { column: [], row: [], corner: null },
): PivotLevel {
  const measures = rowTotals.measures.length;
  const added = rowTotals.measures.map(addsUp);
  const places = Array.from({ length: measures }, (_, place) => place);
  const values = (row: { cells: readonly { value: Figure }[] } | undefined): Figure[] =>
    places.map((place) => row?.cells[place]?.value ?? null);
  const found = new Map<string, Figure[]>();
  for (const answer of cells) {
    const timed = Boolean(answer.question.grain);
    for (const row of answer.rows) {
      // With a column of time the time stands first, else the rows' dimension.
      const [first = null, second = null] = row.keys;
      const [key, column] = timed ? [second, first] : [first, second];
      found.set(`${text(key)}\n${text(column)}`, values(row));
    }
  }
  const grand = values({ cells: rowTotals.total });
  /** Figures of "other": what is left of sums, and of what is divided the figures that were asked for. */
  const left = (
    total: readonly Figure[],
    shown: readonly (readonly Figure[] | null)[],
    divided: readonly Figure[],
  ): Figure[] =>
    places.map((place) =>
      added[place]
        ? rest(
            total[place] ?? null,
            shown.map((cell) => cell?.[place] ?? null),
          )
        : (divided[place] ?? null),
    );
  /** The figures of the shown groups of columns, and of "other". */
  const across = (
    total: readonly Figure[],
    of: (column: PivotColumn) => Figure[],
    other: readonly Figure[],
  ): Figure[][] => {
    const shown = columns.map((column) => (column.role === "group" ? of(column) : null));
    return shown.map((one) => one ?? left(total, shown, other));
  };
  const byKey = (answers: readonly Answer[]) =>
    new Map(answers.flatMap((answer) => answer.rows.map((row) => [text(row.keys[0] ?? null), values(row)])));
  const [otherColumn, otherRow] = [byKey(rests.column), byKey(rests.row)];
  const corner = values(rests.corner ? { cells: rests.corner.total } : undefined);
  const total: PivotRow =
    columnTotals && "role" in columnTotals
      ? columnTotals
      : {
          key: null,
          role: "group",
          total: grand,
          cells: across(
            grand,
            totalsBy(columnTotals, values, places),
            values(columnTotals?.rows.find((row) => row.role === "other")),
          ),
        };
  const groups = rowTotals.rows
    .filter((row) => row.role === "group")
    .map((row): PivotRow => {
      const key = row.keys[0] ?? null;
      return {
        key,
        role: "group",
        total: values(row),
        cells: across(
          values(row),
          (column) => found.get(`${text(key)}\n${text(column.key)}`) ?? places.map(() => null),
          otherColumn.get(text(key)) ?? [],
        ),
      };
    });
  const others = rowTotals.rows
    .filter((row) => row.role === "other")
    .map((row): PivotRow => ({
      key: null,
      role: "other",
      total: values(row),
      cells: total.cells.map((cell, at) =>
        left(
          cell,
          groups.map((group) => group.cells[at] ?? null),
          columns[at]?.role === "other" ? corner : (otherRow.get(text(columns[at]?.key ?? null)) ?? []),
        ),
      ),
    }));
  return { rows: [...groups, ...others], total, groups: rowTotals.groups };
}

/** What each column of an answer by columns comes to. */
function totalsBy(
  answer: Answer | null,
  values: (row: Answer["rows"][number]) => Figure[],
  places: readonly number[],
): (column: PivotColumn) => Figure[] {
  const groups = (answer?.rows ?? []).filter((row) => row.role === "group");
  const known = new Map(groups.map((row) => [text(row.keys[0] ?? null), values(row)]));
  return (column) => known.get(text(column.key)) ?? places.map(() => null);
}

/** What is left of a total; nothing, where nothing is. */
function rest(total: Figure, parts: readonly Figure[]): Figure {
  const left = subtract(total, sum(parts));
  return sign(left) === 0 ? null : left;
}

/** A row as it is shown: adding up from left to right where it is to, as parts of a total where it is to. */
export function shownRow(
  row: PivotRow,
  total: PivotRow,
  options: {
    cumulative: boolean;
    share: PivotShare;
    /** Of each measure, whether it adds up: what is divided has neither parts nor sums. */
    added: readonly boolean[];
  },
): PivotRow {
  const summed = (one: PivotRow) => (options.cumulative ? running(one, options.added) : one);
  const own = summed(row);
  if (options.share === "none") return own;
  const whole = summed(total);
  const base = (column: number | null, place: number): Figure => {
    if (options.share === "row") return own.total[place] ?? null;
    if (options.share === "all" || column === null) return whole.total[place] ?? null;
    return whole.cells[column]?.[place] ?? null;
  };
  const part = (value: Figure, column: number | null, place: number): Figure =>
    options.added[place] ? share(value, base(column, place)) : null;
  return {
    ...own,
    cells: own.cells.map((cell, column) => cell.map((value, place) => part(value, column, place))),
    total: own.total.map((value, place) => part(value, null, place)),
  };
}

function running(row: PivotRow, added: readonly boolean[]): PivotRow {
  const soFar: (string | null)[] = row.total.map(() => null);
  return {
    ...row,
    cells: row.cells.map((cell) =>
      cell.map((value, place) => {
        if (!added[place]) return null;
        const before = soFar[place] ?? null;
        soFar[place] = value === null && before === null ? null : sum([before, value]);
        return soFar[place] ?? null;
      }),
    ),
  };
}

/** The question whose total is one figure of the pivot; null for a step of time that no question can be of. */
export function figureQuestion(
  level: {
    question: Question;
    rows: readonly PivotRow[];
    columns: readonly PivotColumn[];
    period: { from: string; to: string };
  },
  pivot: PivotParams,
  place: { row: PivotRow | null; column: PivotColumn | null; measure: number; cumulative: boolean },
): Question | null {
  const { question } = level;
  const measure = question.measures[place.measure];
  const dimension = question.by[0];
  if (measure === undefined) return null;
  const narrowed: Question = {
    ...question,
    measures: [measure],
    by: [],
    grain: null,
    top: null,
    period: level.period,
  };
  const filters: Filter[] = [...question.filters];
  if (place.row && dimension !== undefined) {
    filters.push(...narrow(dimension, place.row, level.rows));
  }
  if (place.column && pivot.column !== null) {
    if (isTime(pivot.column)) {
      const bucket = bucketPeriod(place.column.key ?? "", pivot.column);
      const period = intersection(
        level.period,
        place.cumulative ? { ...bucket, from: level.period.from } : bucket,
      );
      if (!period) return null;
      narrowed.period = period;
    } else {
      filters.push(...narrow(pivot.column, place.column, level.columns));
    }
  }
  return { ...narrowed, filters };
}

function narrow(
  dimension: string,
  one: { key: string | null; role: "group" | "other" },
  all: readonly { key: string | null; role: "group" | "other" }[],
): Filter[] {
  if (one.role === "group") return [stepFilter({ dimension, value: one.key })];
  const listed = all.filter((other) => other.role === "group").map((other) => other.key);
  const values = listed.filter((key) => key !== null);
  return [
    ...(values.length > 0 ? [{ dimension, operator: "is_not" as const, values }] : []),
    ...(listed.includes(null) ? [{ dimension, operator: "present" as const, values: [] }] : []),
  ];
}
