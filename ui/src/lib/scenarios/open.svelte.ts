import { ApiError, type Backend } from "../backend";
import { Latest } from "../state/latest.svelte";
import { Conveyor } from "./conveyor";
import type { Tongue } from "./columns";
import { overlaid } from "./outcome";
import { problemsIn } from "./refusal";
import { begin, type Draft, draftOf, NO_DRAFT, type Past, redo, sameDraft, step, undo } from "./draft";
import type {
  ScenarioBasis,
  ScenarioDraft,
  ScenarioProblem,
  ScenarioReply,
  ScenarioRun,
  ScenarioRunRequest,
} from "./wire";

/** What is asked of a run besides the scenario itself. */
export interface Asked {
  readonly basis: ScenarioBasis;
  /** The dimension whose groups are shown; null is the first of the baseline. */
  readonly by: string | null;
  readonly limit: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

/** So long after the last change the scenario is worked out in full. */
const REST_MS = 450;

/**
 * A scenario that is open: what it is kept as, what it has become, and what comes of that. It stays while the analyst looks
 * elsewhere, with every step that can be taken back.
 */
export class OpenScenario {
  readonly name: string;
  readonly kept: Latest<ScenarioReply>;
  readonly full: Latest<ScenarioRun>;
  past = $state.raw<Past>(begin(NO_DRAFT));
  /** What the engine refused when it was to be kept or worked out. */
  refused = $state.raw<readonly ScenarioProblem[]>([]);
  /** The text as it is being changed; null where it is as it is kept. */
  text = $state<string | null>(null);
  asked = $state.raw<Asked>({ basis: "effective", by: null, limit: null, from: null, to: null });
  /** The newest answer, quick or full. */
  run = $state.raw<ScenarioRun | null>(null);
  /** Whether it is of the scenario as it stands, and in full. */
  settled = $state(false);
  error = $state.raw<ApiError | null>(null);
  #saved = $state.raw<Draft>(NO_DRAFT);
  #wish = 0;
  #rest: ReturnType<typeof setTimeout> | null = null;
  readonly #backend: Backend;
  readonly #quick: Conveyor<{ wish: number; request: ScenarioRunRequest }>;

  constructor(backend: Backend, name: string) {
    this.#backend = backend;
    this.name = name;
    this.kept = new Latest((request) => backend.cancel(request));
    this.full = new Latest((request) => backend.cancel(request));
    this.#quick = new Conveyor((asked) => this.#answerQuickly(asked));
  }

  get draft(): Draft {
    return this.past.now;
  }

  get loaded(): boolean {
    return this.kept.value !== null;
  }

  get dirty(): boolean {
    return !sameDraft(this.past.now, this.#saved);
  }

  async load(tongue: Tongue): Promise<void> {
    await this.kept.run((id) => this.#backend.rpc("scenario", { name: this.name }, id));
    if (this.kept.value && !this.kept.error) this.adopt(this.kept.value, tongue);
  }

  /** Takes up what is kept; what was changed here is gone. */
  adopt(reply: ScenarioReply, tongue: Tongue): void {
    this.kept.set(reply);
    this.past = begin(draftOf(reply, tongue));
    this.#saved = this.past.now;
    this.refused = [];
    this.text = null;
  }

  /** The draft was kept: its steps can still be taken back, and what was changed meanwhile is not kept yet. */
  keptAs(reply: ScenarioReply, draft: Draft): void {
    this.kept.set(reply);
    this.#saved = draft;
    this.refused = [];
    this.text = null;
  }

  change(draft: Draft, tag: string | null = null): void {
    this.past = step(this.past, draft, tag);
  }

  undo(): void {
    this.past = undo(this.past);
  }

  redo(): void {
    this.past = redo(this.past);
  }

  /** Works the scenario out: at once as far as is quick, in full once nothing changes any more. */
  follow(scenario: ScenarioDraft, asked: Asked): void {
    const wish = ++this.#wish;
    const request: ScenarioRunRequest = {
      name: this.name,
      draft: scenario,
      basis: asked.basis,
      by: asked.by,
      limit: asked.limit,
      limit_from: asked.from,
      limit_to: asked.to,
    };
    this.settled = false;
    this.full.cancel();
    if (this.run) this.#quick.put({ wish, request: { ...request, quick: true } });
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#answerFully(wish, request), this.run ? REST_MS : 0);
  }

  /** Nothing is asked any more: it is not looked at. */
  rest(): void {
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#quick.drop();
    this.full.cancel();
  }

  async #answerQuickly({ wish, request }: { wish: number; request: ScenarioRunRequest }): Promise<void> {
    try {
      const run = await this.#backend.rpc("scenario_run", request);
      if (this.settled || wish > this.#wish) return;
      this.run = overlaid(run, this.full.value);
      this.error = null;
    } catch (thrown) {
      // What is wrong is told by the run in full, which follows.
      ApiError.from(thrown);
    }
  }

  async #answerFully(wish: number, request: ScenarioRunRequest): Promise<void> {
    await this.full.run((id) => this.#backend.rpc("scenario_run", request, id));
    if (wish !== this.#wish) return;
    if (this.full.error) {
      if (!this.full.error.cancelled) this.#refuse(this.full.error);
      return;
    }
    if (!this.full.value) return;
    this.#quick.drop();
    this.run = this.full.value;
    this.settled = true;
    this.error = null;
  }

  /** What is listed is told where it belongs, else the error as a whole. */
  #refuse(error: ApiError): void {
    const listed = problemsIn(error);
    this.refused = listed;
    this.error = listed.length === 0 ? error : null;
  }
}
