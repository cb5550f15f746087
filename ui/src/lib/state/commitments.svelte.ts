import { type Backend, requestId } from "../backend";
import type { CommitmentFinding } from "../bindings/CommitmentFinding";
import type { CommitmentOffers } from "../bindings/CommitmentOffers";
import type { Question } from "../bindings/Question";
import { BandsSearch } from "./bands.svelte";
import { Basket } from "./basket.svelte";
import { Latest } from "./latest.svelte";
import { PortfolioSearch } from "./portfolio.svelte";

/** What the analyst adds to the commitments of the bill: a file of what it does not tell, and what could be bought at which price. */
export class Commitments {
  readonly offers: Latest<CommitmentOffers>;
  readonly basket: Basket;
  readonly portfolio: PortfolioSearch;
  readonly bands: BandsSearch;
  /** What was found in the file that completed the commitments last; null before there was one. */
  completed = $state.raw<CommitmentFinding[] | null>(null);
  /** What came of the offers that were taken in last, a file each. */
  taken = $state.raw<CommitmentOffers[]>([]);
  /** Rises with every file that comes or goes: what rests on it is asked for anew. */
  version = $state(0);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.basket = new Basket(backend);
    this.portfolio = new PortfolioSearch(backend);
    this.bands = new BandsSearch(backend);
    this.offers = new Latest((request) => backend.cancel(request));
  }

  async complete(path: string): Promise<CommitmentFinding[]> {
    const findings = await this.#backend.rpc("commitments_import", { path }, requestId());
    this.completed = findings;
    this.version += 1;
    return findings;
  }

  /** Takes files of offers in, one after the other. What is wrong with their rows is told by this alone: only good rows are kept. */
  async importOffers(paths: readonly string[], question: Question): Promise<void> {
    this.taken = [];
    for (const path of paths) {
      const reply = await this.#backend.rpc("commitment_offer_import", { path, question }, requestId());
      this.taken = [...this.taken, reply];
      this.offers.set(reply);
    }
    this.version += 1;
  }

  async removeOffers(name: string, question: Question): Promise<void> {
    this.offers.set(await this.#backend.rpc("commitment_offer_remove", { name, question }, requestId()));
    this.taken = [];
    this.version += 1;
  }

  clear(): void {
    this.offers.clear();
    this.completed = null;
    this.taken = [];
    this.basket.clear();
    this.portfolio.clear();
    this.bands.clear();
  }
}
