import type { Backend } from "../backend";
import type { KpisReply } from "../backend/commands";
import type { Question } from "../bindings/Question";
import { keep, kept } from "./kept";
import { KeptAnswers } from "./keptAnswers";
import { Latest } from "./latest.svelte";

const HIDDEN = "quarterdeck.keyfigures.hidden";

/** The key figures of the question in view, and whether they are shown. */
export class KeyFigures {
  readonly figures: Latest<KpisReply>;
  hidden = $state(kept(HIDDEN) === "yes");
  /** What the figures that are shown are the answer to. */
  #answered = $state<string | null>(null);
  readonly #known = new KeptAnswers<KpisReply>();
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.figures = new Latest((request) => backend.cancel(request));
  }

  toggle(): void {
    this.hidden = !this.hidden;
    keep(HIDDEN, this.hidden ? "yes" : null);
  }

  /** Whether what is shown belongs to another question than this one. */
  isStale(key: string): boolean {
    return this.#answered !== key;
  }

  /** Shows the figures of a question that were answered before. Gives whether there are any. */
  recall(key: string): boolean {
    const known = this.#known.get(key);
    if (!known) return false;
    this.figures.set(known);
    this.#answered = key;
    return true;
  }

  async ask(key: string, question: Question): Promise<void> {
    await this.figures.run(async (id) => {
      const reply = await this.#backend.rpc("kpis", { question }, id);
      return this.#known.put(key, reply);
    });
    // A later question, or none, may have taken its place meanwhile.
    if (!this.figures.running && this.figures.error === null && this.figures.value === this.#known.get(key))
      this.#answered = key;
  }

  /** Shows figures that came with another answer: of a question of their own, so that the strip asks anew for its own. */
  adopt(reply: KpisReply): void {
    this.figures.set(reply);
    this.#answered = null;
  }

  /** Forgets what is shown: it was of another engagement. */
  clear(): void {
    this.figures.clear();
    this.#answered = null;
  }

  /** Stops what runs: the question it is about is no longer in view. What is shown stays. */
  drop(): void {
    this.figures.cancel();
  }
}
