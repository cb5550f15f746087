import { untrack } from "svelte";

import type { BudgetReply } from "../bindings/BudgetReply";
import { budgetByMonth, chosenFile, lineFor } from "../budgets/budgets";
import type { Filter } from "../bindings/Filter";
import type { Measure } from "../bindings/Measure";
import { COST_TYPES } from "../question/measures";
import { Latest } from "./latest.svelte";
import type { Workbench } from "./workbench.svelte";

/** What was budgeted for what is looked at, by month: of every year that the chosen file has. */
export class BudgetedMonths {
  readonly #workbench: Workbench;
  readonly #found: Latest<BudgetReply[]>;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    this.#found = workbench.latest();
  }

  /** Asks anew; nothing is asked where no budget is held against this cost. */
  ask(measure: string, currency: string | null): void {
    const costs: readonly string[] = COST_TYPES;
    const { budgets, views } = this.#workbench;
    const file = chosenFile(budgets.known.value?.files ?? [], views.current.forecast.budget);
    if (!file || file.problem !== null || !costs.includes(measure)) {
      untrack(() => this.#found.clear());
      return;
    }
    const cost = measure as Measure;
    untrack(
      () =>
        void this.#found.run(async (id) => {
          const replies: BudgetReply[] = [];
          for (const year of file.years) {
            const request = { file: file.file, year, cost, currency };
            replies.push(await this.#workbench.backend.rpc("budget_scorecard", request, id));
          }
          return replies;
        }),
    );
  }

  cancel(): void {
    this.#found.cancel();
  }

  /** The budgets of the line that is for just these filters; null where there is none. */
  months(filters: readonly Filter[], currency: string): { name: string; values: Map<string, string> } | null {
    const replies = (this.#found.value ?? []).filter((reply) => reply.currency === currency);
    const values = new Map<string, string>();
    for (const reply of replies) {
      const line = lineFor(reply, filters);
      if (line) for (const [month, budget] of budgetByMonth(reply, line)) values.set(month, budget);
    }
    const name = replies[0]?.file;
    return values.size > 0 && name !== undefined ? { name, values } : null;
  }
}
