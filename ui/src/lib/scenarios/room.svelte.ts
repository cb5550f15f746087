import { type Backend, requestId } from "../backend";
import { Latest } from "../state/latest.svelte";
import type { Workbench } from "../state/workbench.svelte";
import { OpenScenario } from "./open.svelte";
import type { ScenarioDraft, ScenarioKind, ScenarioList, ScenarioReply } from "./wire";

/** The scenarios of the engagement: which there are, and those that are open. */
export class ScenarioRoom {
  readonly list: Latest<ScenarioList>;
  readonly kinds: Latest<ScenarioKind[]>;
  readonly #backend: Backend;
  #open = new Map<string, OpenScenario>();
  #path = "";
  /** Rises with what outcomes rest on besides the scenarios themselves: the rules, the baselines. */
  turns = $state(0);

  constructor(backend: Backend) {
    this.#backend = backend;
    this.list = new Latest((request) => backend.cancel(request));
    this.kinds = new Latest((request) => backend.cancel(request));
  }

  /** Learns what there is. What was open in another engagement is gone. */
  async begin(path: string): Promise<void> {
    if (path !== this.#path) {
      this.#open = new Map();
      this.list.clear();
    }
    this.#path = path;
    await Promise.all([
      this.list.run((id) => this.#backend.rpc("scenarios", {}, id)),
      this.kinds.value
        ? Promise.resolve()
        : this.kinds.run((id) => this.#backend.rpc("scenario_kinds", {}, id)),
    ]);
  }

  /** Something that outcomes rest on is another. */
  turn(): void {
    this.turns += 1;
  }

  open(name: string): OpenScenario {
    let found = this.#open.get(name);
    if (!found) {
      found = new OpenScenario(this.#backend, name);
      this.#open.set(name, found);
    }
    return found;
  }

  /** Whether a scenario has changes that are not kept. */
  isDirty(name: string): boolean {
    return this.#open.get(name)?.dirty ?? false;
  }

  /** Keeps a scenario under a name; one that it replaces is renamed. */
  async save(name: string, scenario: ScenarioDraft, replaces: string | null): Promise<ScenarioReply> {
    const reply = await this.#backend.rpc("scenario_save", { name, scenario, replaces }, requestId());
    if (replaces !== null && replaces !== name) this.#open.delete(replaces);
    await this.relist();
    return reply;
  }

  async saveText(name: string, text: string): Promise<ScenarioReply> {
    const reply = await this.#backend.rpc("scenario_save_text", { name, text }, requestId());
    await this.relist();
    return reply;
  }

  async remove(name: string): Promise<void> {
    this.list.set(await this.#backend.rpc("scenario_delete", { name }, requestId()));
    this.#open.delete(name);
  }

  async relist(): Promise<void> {
    await this.list.run((id) => this.#backend.rpc("scenarios", {}, id));
  }
}

const rooms = new WeakMap<Workbench, ScenarioRoom>();

/** The scenarios of a workbench: they stay while another screen is shown. */
export function scenarioRoom(workbench: Workbench): ScenarioRoom {
  let room = rooms.get(workbench);
  if (!room) {
    room = new ScenarioRoom(workbench.backend);
    rooms.set(workbench, room);
  }
  return room;
}
