/**
 * One question at a time, the newest next: while an answer is on its way only the latest wish is kept, so that what is dragged is
 * followed as fast as answers come, and none comes after a later one.
 */
export class Conveyor<Wish> {
  #waiting: { wish: Wish } | null = null;
  #running = false;
  #stopped = false;
  readonly #run: (wish: Wish) => Promise<void>;

  /** `run` must not throw. */
  constructor(run: (wish: Wish) => Promise<void>) {
    this.#run = run;
  }

  put(wish: Wish): void {
    if (this.#stopped) return;
    this.#waiting = { wish };
    if (!this.#running) void this.#go();
  }

  /** Nothing that waits is asked any more. */
  drop(): void {
    this.#waiting = null;
  }

  stop(): void {
    this.#stopped = true;
    this.drop();
  }

  async #go(): Promise<void> {
    this.#running = true;
    for (let next = this.#waiting; next !== null; next = this.#waiting) {
      this.#waiting = null;
      await this.#run(next.wish);
    }
    this.#running = false;
  }
}
