import { ApiError, requestId } from "../backend";

/**
 * The answer to the latest of a series of questions. The last good answer stays until a newer one is there, so that a
 * screen can dim it rather than go blank; answers that come late are dropped by their number.
 */
export class Latest<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  running = $state(false);
  /** When the question now running was asked, or how long the last one took. */
  startedAt = $state(0);
  tookMs = $state(0);
  #sequence = 0;
  #running: string | null = null;
  readonly #cancel: (request: string) => Promise<void>;

  constructor(cancel: (request: string) => Promise<void>) {
    this.#cancel = cancel;
  }

  /** Whether what is shown belongs to an older question. */
  get stale(): boolean {
    return this.value !== null && (this.running || this.error !== null);
  }

  async run(ask: (request: string) => Promise<T>): Promise<void> {
    const sequence = ++this.#sequence;
    this.#drop();
    const request = requestId();
    this.#running = request;
    this.running = true;
    this.error = null;
    this.startedAt = performance.now();
    try {
      const value = await ask(request);
      if (sequence !== this.#sequence) return;
      this.value = value;
    } catch (thrown) {
      if (sequence !== this.#sequence) return;
      this.error = ApiError.from(thrown);
    }
    this.tookMs = performance.now() - this.startedAt;
    this.#running = null;
    this.running = false;
  }

  /** Shows an answer that is known already. */
  set(value: T): void {
    this.#sequence += 1;
    this.#drop();
    this.value = value;
    this.error = null;
    this.running = false;
  }

  /** Forgets question and answer: they were about something that is no longer shown. */
  clear(): void {
    this.#sequence += 1;
    this.#drop();
    this.value = null;
    this.error = null;
    this.running = false;
  }

  /** Stops the question at the analyst's wish. */
  cancel(): void {
    if (!this.running) return;
    this.#sequence += 1;
    this.#drop();
    this.running = false;
    this.error = new ApiError("cancelled", "Cancelled");
  }

  #drop(): void {
    if (this.#running === null) return;
    const request = this.#running;
    this.#running = null;
    // Stopping is a courtesy to the engine: a request that has ended, or an engine that is gone, changes nothing here.
    this.#cancel(request).catch(() => undefined);
  }
}
