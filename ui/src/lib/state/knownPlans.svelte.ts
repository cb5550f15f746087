import type { Backend } from "../backend";
import type { Planned } from "../bindings/Planned";

/** What there is to hold costs against: the budgets and the frozen forecasts of the engagement, by their names. */
export class KnownPlans {
  known = $state.raw<readonly Planned[]>([]);
  readonly #backend: Backend;
  #asked = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async learn(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const { budgets, forecasts } = await this.#backend.rpc("plans", {});
      if (asked !== this.#asked) return;
      const known: Planned[] = [
        ...budgets.map((budget) => ({ budget })),
        ...forecasts.map((forecast) => ({ forecast })),
      ];
      if (JSON.stringify(known) !== JSON.stringify(this.known)) this.known = known;
    } catch {
      // Without an engagement, or without a folder that can be read, there is nothing to offer.
      if (asked === this.#asked) this.known = [];
    }
  }
}
