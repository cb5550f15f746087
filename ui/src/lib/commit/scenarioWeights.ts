/** Scenarios that ways of demand are drawn from: how often each counts beside the others. */
import type { CommitmentScenario } from "../bindings/CommitmentScenario";
import { messages } from "../messages";

const WEIGHT_MAX = 1_000_000;
const WEIGHT = "1";

export interface ScenarioWeight {
  /** Without one: what is expected when nothing is decided. */
  readonly name: string | null;
  /** As it is typed; empty or 0 does not count. */
  readonly weight: string;
}

/** The weights for the scenarios there are, the baseline alone first: what was typed stays, what is new counts once. */
export function weightsOf(known: readonly ScenarioWeight[], names: readonly string[]): ScenarioWeight[] {
  const of = (name: string | null) => known.find((one) => one.name === name) ?? { name, weight: WEIGHT };
  return [of(null), ...names.map(of)];
}

export function weightProblem(row: ScenarioWeight): string | null {
  const sound = row.weight === "" || (/^\d{1,7}$/.test(row.weight) && Number(row.weight) <= WEIGHT_MAX);
  return sound ? null : messages.commit.portfolio.wrong.scenario(row.name ?? "");
}

/** What counts, as the engine takes it. */
export function counted(rows: readonly ScenarioWeight[]): CommitmentScenario[] {
  return rows.map((row) => ({ name: row.name, weight: Number(row.weight) })).filter((row) => row.weight > 0);
}
