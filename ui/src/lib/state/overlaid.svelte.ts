import { untrack } from "svelte";

import type { ScenarioInfo } from "../bindings/ScenarioInfo";
import type { ScenarioRun } from "../bindings/ScenarioRun";
import { Latest } from "./latest.svelte";
import type { Workbench } from "./workbench.svelte";

/** The scenario that is drawn over the forecast, and which there are to choose from. */
export class OverlaidScenario {
  readonly #workbench: Workbench;
  readonly #known: Latest<ScenarioInfo[]>;
  readonly run: Latest<ScenarioRun>;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    this.#known = workbench.latest();
    this.run = workbench.latest();
  }

  /** Those that can be run. */
  get names(): string[] {
    return (this.#known.value ?? []).filter((info) => info.problem === null).map((info) => info.name);
  }

  list(): void {
    const { backend } = this.#workbench;
    untrack(() => void this.#known.run(async (id) => (await backend.rpc("scenarios", {}, id)).scenarios));
  }

  /** Runs a scenario for its line; none is run for no name. Bills are run as cash, every other cost as it is used. */
  ask(name: string | null, measure: string): void {
    const { backend } = this.#workbench;
    untrack(() => {
      if (name === null) return this.run.clear();
      const basis = measure === "billed_cost" ? ("billed" as const) : ("effective" as const);
      void this.run.run((id) => backend.rpc("scenario_run", { name, basis, quick: true }, id));
    });
  }

  cancel(): void {
    this.#known.cancel();
    this.run.cancel();
  }

  /** What it is likely to cost, by month; null where it is none, or in another currency. */
  months(name: string | null, currency: string): Map<string, string> | null {
    const run = this.run.value;
    if (name === null || run?.name !== name || run.currency !== currency) return null;
    return new Map(run.months.map((month, index) => [month, run.likely[index] ?? "0"]));
  }
}
