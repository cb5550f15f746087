import { SvelteMap, SvelteSet } from "svelte/reactivity";

import { ApiError, type Backend } from "../backend";
import type { Answer } from "../bindings/Answer";
import type { Question } from "../bindings/Question";
import {
  cellQuestions,
  columnsOf,
  marginQuestions,
  type PivotColumn,
  type PivotLevel,
  pivotLevel,
  type PivotRow,
  restQuestions,
} from "../pivot/pivot";
import type { DrillStep, PivotParams } from "../view/view";
import { Latest } from "./latest.svelte";

const ROWS_FIRST = 15;
const ROWS_MORE = 25;

/** A level with what it was asked as. */
export interface LoadedLevel extends PivotLevel {
  /** The question by the level's dimension, as it was answered. */
  readonly question: Question;
  readonly rowTotals: Answer;
}

export interface PivotRoot {
  readonly base: Question;
  readonly pivot: PivotParams;
  readonly columns: readonly PivotColumn[];
  readonly level: LoadedLevel;
}

/** A level below a row: there, on its way, or refused. */
export interface PivotBranch {
  readonly level: LoadedLevel | null;
  readonly error: ApiError | null;
}

export function pathText(path: readonly DrillStep[]): string {
  return JSON.stringify(path.map((step) => [step.dimension, step.value]));
}

/** The pivot's rows as they were opened: each level is asked for when its row is opened, and again when the scope changes. */
export class PivotTree {
  readonly root: Latest<PivotRoot>;
  readonly open = new SvelteSet<string>();
  readonly branches = new SvelteMap<string, PivotBranch>();
  readonly #limits = new Map<string, number>();
  readonly #backend: Backend;
  #columnsTop = 8;
  #shape = "";
  #generation = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.root = new Latest((request) => backend.cancel(request));
  }

  /** Asks for the pivot of a scope. Rows that were open stay open, where they are still there. */
  async load(base: Question, pivot: PivotParams, columnsTop: number): Promise<void> {
    const shape = JSON.stringify([pivot.rows, pivot.column]);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.open.clear();
      this.#limits.clear();
    }
    const generation = ++this.#generation;
    this.#columnsTop = columnsTop;
    await this.root.run(async (id) => {
      const margins = this.#margins(base, pivot, []);
      const totals = margins.columns && (await this.#ask(margins.columns, id));
      const columns = columnsOf(totals);
      const level = await this.#level(margins.rows, columns, totals, pivot, id);
      return { base, pivot, columns, level };
    });
    if (generation !== this.#generation || !this.root.value) return;
    this.branches.clear();
    for (const path of this.#openPaths()) await this.#loadBranch(path, generation);
  }

  async toggle(path: readonly DrillStep[]): Promise<void> {
    const key = pathText(path);
    if (this.open.delete(key)) return;
    this.open.add(key);
    if (!this.branches.get(key)?.level) await this.#loadBranch(path, this.#generation);
  }

  /** Shows more rows of a level before "other". */
  async more(path: readonly DrillStep[]): Promise<void> {
    const key = pathText(path);
    this.#limits.set(key, (this.#limits.get(key) ?? ROWS_FIRST) + ROWS_MORE);
    const root = this.root.value;
    if (path.length > 0) await this.#loadBranch(path, this.#generation);
    else if (root) await this.load(root.base, root.pivot, this.#columnsTop);
  }

  /** The row at the end of a path, if it is there. */
  rowAt(path: readonly DrillStep[]): PivotRow | null {
    const last = path.at(-1);
    if (!last) return null;
    const above = path.slice(0, -1);
    const level = above.length === 0 ? this.root.value?.level : this.branches.get(pathText(above))?.level;
    return level?.rows.find((row) => row.role === "group" && row.key === last.value) ?? null;
  }

  #openPaths(): DrillStep[][] {
    return [...this.open]
      .map((text) =>
        (JSON.parse(text) as [string, string | null][]).map(([dimension, value]) => ({ dimension, value })),
      )
      .sort((left, right) => left.length - right.length);
  }

  async #loadBranch(path: readonly DrillStep[], generation: number): Promise<void> {
    const root = this.root.value;
    const parent = this.rowAt(path);
    const key = pathText(path);
    if (!root || !parent) return;
    const known = this.branches.get(key)?.level ?? null;
    this.branches.set(key, { level: known, error: null });
    try {
      const { rows } = this.#margins(root.base, root.pivot, path);
      const level = await this.#level(rows, root.columns, parent, root.pivot);
      if (generation === this.#generation) this.branches.set(key, { level, error: null });
    } catch (thrown) {
      if (generation === this.#generation)
        this.branches.set(key, { level: known, error: ApiError.from(thrown) });
    }
  }

  #margins(base: Question, pivot: PivotParams, path: readonly DrillStep[]) {
    const rows = this.#limits.get(pathText(path)) ?? ROWS_FIRST;
    return marginQuestions(base, pivot, path, { rows, columns: this.#columnsTop });
  }

  async #level(
    rows: Question | null,
    columns: readonly PivotColumn[],
    totals: Answer | PivotRow | null,
    pivot: PivotParams,
    id?: string,
  ): Promise<LoadedLevel> {
    if (!rows) throw new ApiError("internal", "the pivot has no rows at this depth");
    const rowTotals = await this.#ask(rows, id);
    const cells: Answer[] = [];
    for (const question of cellQuestions(rowTotals, columns, pivot))
      cells.push(await this.#ask(question, id));
    const wanted = restQuestions(rowTotals, columns, pivot);
    const answers = async (questions: readonly Question[]): Promise<Answer[]> => {
      const found: Answer[] = [];
      for (const question of questions) found.push(await this.#ask(question, id));
      return found;
    };
    const rests = {
      column: await answers(wanted.column),
      row: await answers(wanted.row),
      corner: wanted.corner && (await this.#ask(wanted.corner, id)),
    };
    return {
      ...pivotLevel(columns, totals, rowTotals, cells, rests),
      question: rowTotals.question,
      rowTotals,
    };
  }

  #ask(question: Question, id?: string): Promise<Answer> {
    return this.#backend.rpc("ask", { question }, id);
  }
}
