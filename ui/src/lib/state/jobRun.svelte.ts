import { ApiError, type Backend } from "../backend";
import type { JobStatus } from "../backend/commands";

const POLL_MS = 150;

/** Long work whose result stays on a screen: how far it is, what came of it last, and how it is stopped. It outlives the screen. */
export class JobRun<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  status = $state.raw<JobStatus | null>(null);
  running = $state(false);
  startedAt = $state(0);
  #sequence = 0;
  #job: string | null = null;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Runs a job to its end; one that is still running is stopped first. Gives whether it came to its end. */
  async run(start: () => Promise<{ job: string }>): Promise<boolean> {
    this.#drop();
    const sequence = ++this.#sequence;
    this.running = true;
    this.error = null;
    this.status = null;
    this.startedAt = performance.now();
    let ended = false;
    try {
      const { job } = await start();
      if (sequence !== this.#sequence) {
        this.#stop(job);
        return false;
      }
      this.#job = job;
      const status = await this.#watch(job, sequence);
      if (status === null) return false;
      if (status.state === "done") {
        this.value = status.result as T;
        ended = true;
      } else if (status.state === "cancelled") this.error = new ApiError("cancelled", "Cancelled");
      else this.error = ApiError.from(status.error ?? { code: "failed", message: "The job failed" });
    } catch (thrown) {
      if (sequence !== this.#sequence) return false;
      this.error = ApiError.from(thrown);
    }
    this.#job = null;
    this.running = false;
    return ended;
  }

  /** Stops the work at the analyst's wish. What it gave before stays. */
  cancel(): void {
    if (!this.running) return;
    this.#sequence += 1;
    this.#drop();
    this.running = false;
    this.error = new ApiError("cancelled", "Cancelled");
  }

  /** Forgets what came of it: it was about something that is no longer shown. */
  clear(): void {
    this.#sequence += 1;
    this.#drop();
    this.value = null;
    this.error = null;
    this.running = false;
  }

  async #watch(job: string, sequence: number): Promise<JobStatus | null> {
    for (;;) {
      const status = await this.#backend.rpc("job_status", { job });
      if (sequence !== this.#sequence) return null;
      this.status = status;
      if (status.state !== "running") return status;
      await new Promise((wake) => setTimeout(wake, POLL_MS));
      if (sequence !== this.#sequence) return null;
    }
  }

  #drop(): void {
    if (this.#job !== null) this.#stop(this.#job);
    this.#job = null;
  }

  #stop(job: string): void {
    // A job that has ended, or an engine that is gone, changes nothing here.
    this.#backend.rpc("job_cancel", { job }).catch(() => undefined);
  }
}
