import { type Backend, requestId } from "../backend";
import type { CommitmentBands } from "../bindings/CommitmentBands";
import type { CommitmentBandsRequest } from "../bindings/CommitmentBandsRequest";
import { JobRun } from "./jobRun.svelte";

/** How far a basket may come out otherwise. It is asked for by hand: each way that demand may go is a replay of its own. */
export class BandsSearch {
  readonly found: JobRun<CommitmentBands>;
  /** What the bands were asked with. */
  asked = $state.raw<CommitmentBandsRequest | null>(null);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.found = new JobRun(backend);
  }

  async search(request: CommitmentBandsRequest): Promise<void> {
    const ended = await this.found.run(() =>
      this.#backend.rpc("commitment_bands_start", request, requestId()),
    );
    if (ended) this.asked = request;
  }

  /** The bands, where they are of this question. */
  of(request: CommitmentBandsRequest | null): CommitmentBands | null {
    return request !== null && JSON.stringify(request) === JSON.stringify(this.asked)
      ? this.found.value
      : null;
  }

  clear(): void {
    this.found.clear();
    this.asked = null;
  }
}
