import { type Backend, requestId } from "../backend";
import type { CommitmentPortfolio } from "../bindings/CommitmentPortfolio";
import type { CommitmentPortfolioRequest } from "../bindings/CommitmentPortfolioRequest";
import { EMPTY_PORTFOLIO, type PortfolioDraft } from "../commit/portfolio";
import { JobRun } from "./jobRun.svelte";

/** The search for the cheapest mix: what is asked of it, and what it found. It outlives the screen, and goes on while others are shown. */
export class PortfolioSearch {
  readonly found: JobRun<CommitmentPortfolio>;
  draft = $state.raw<PortfolioDraft>(EMPTY_PORTFOLIO);
  /** What the result was asked with. */
  asked = $state.raw<CommitmentPortfolioRequest | null>(null);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.found = new JobRun(backend);
  }

  change(parts: Partial<PortfolioDraft>): void {
    this.draft = { ...this.draft, ...parts };
  }

  async search(request: CommitmentPortfolioRequest): Promise<void> {
    const ended = await this.found.run(() =>
      this.#backend.rpc("commitment_portfolio_start", request, requestId()),
    );
    if (ended) this.asked = request;
  }

  clear(): void {
    this.found.clear();
    this.draft = EMPTY_PORTFOLIO;
    this.asked = null;
  }
}
