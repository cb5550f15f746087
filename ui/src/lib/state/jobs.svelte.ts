import { ApiError, type Backend, requestId } from "../backend";
import type { Commands, JobStatus, LoadReport, PackFormat, PackReply } from "../backend/commands";
import type { ExportReply } from "../bindings/ExportReply";
import type { Period } from "../bindings/Period";

const POLL_MS = 200;

export type JobKind = "load" | "pack" | "export";

/** A piece of long work. It goes on whatever screen is shown. */
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly startedAt: number;
  readonly elapsedMs: number;
  readonly status: JobStatus | null;
  readonly error: ApiError | null;
}

export function isRunning(job: Job): boolean {
  return job.error === null && (job.status === null || job.status.state === "running");
}

/** What a load gave. What kind of job it is says what its result is. */
export function loadReport(job: Job): LoadReport | null {
  return job.kind === "load" && job.status?.state === "done" ? (job.status.result as LoadReport) : null;
}

export function packFiles(job: Job): PackReply["files"] {
  return job.kind === "pack" && job.status?.state === "done" ? (job.status.result as PackReply).files : [];
}

/** The file that an export wrote. */
export function exportReply(job: Job): ExportReply | null {
  return job.kind === "export" && job.status?.state === "done" ? (job.status.result as ExportReply) : null;
}

/** Rows a second since the job began; null before there is anything to divide. */
export function rowsPerSecond(job: Job): number | null {
  const rows = job.status?.rows ?? 0;
  return rows > 0 && job.elapsedMs > 200 ? (rows * 1000) / job.elapsedMs : null;
}

/** How much of the work is done, by bytes, else by files; null when neither is known. */
export function progress(job: Job): number | null {
  const status = job.status;
  if (!status) return null;
  if (status.state === "done") return 1;
  if (status.bytes_total > 0) return Math.min(status.bytes_done / status.bytes_total, 1);
  return status.files_total > 0 ? Math.min(status.files_done / status.files_total, 1) : null;
}

/** The time left if the rest goes as quickly as what is done. */
export function millisecondsLeft(job: Job): number | null {
  const done = progress(job);
  return done !== null && done > 0.02 && done < 1 ? (job.elapsedMs * (1 - done)) / done : null;
}

export class Jobs {
  list = $state.raw<readonly Job[]>([]);
  readonly running = $derived(this.list.filter(isRunning));
  readonly #backend: Backend;
  readonly #ended: (job: Job) => void;

  constructor(backend: Backend, ended: (job: Job) => void) {
    this.#backend = backend;
    this.#ended = ended;
  }

  async load(paths: string[], title: string): Promise<void> {
    await this.#start("load", title, () =>
      this.#backend.rpc("load_start", { paths, keep_source: false }, requestId()),
    );
  }

  async buildPack(pack: string, title: string, formats: PackFormat[], period: Period | null): Promise<void> {
    await this.#start("pack", title, () =>
      this.#backend.rpc("pack_build", { pack, formats, ...(period ? { period } : {}) }, requestId()),
    );
  }

  async export(request: Commands["export_start"]["request"], title: string): Promise<void> {
    await this.#start("export", title, () => this.#backend.rpc("export_start", request, requestId()));
  }

  async cancel(job: Job): Promise<void> {
    if (!job.status) return;
    try {
      await this.#backend.rpc("job_cancel", { job: job.status.job });
    } catch (thrown) {
      this.#change(job.id, { error: ApiError.from(thrown) });
    }
  }

  /** Takes an ended job off the list. */
  dismiss(job: Job): void {
    this.list = this.list.filter((known) => known.id !== job.id);
  }

  async #start(kind: JobKind, title: string, begin: () => Promise<{ job: string }>): Promise<void> {
    const id = requestId();
    const startedAt = performance.now();
    this.list = [{ id, kind, title, startedAt, elapsedMs: 0, status: null, error: null }, ...this.list];
    try {
      const { job } = await begin();
      await this.#watch(id, job, startedAt);
    } catch (thrown) {
      this.#change(id, { error: ApiError.from(thrown), elapsedMs: performance.now() - startedAt });
    }
    const ended = this.list.find((known) => known.id === id);
    if (ended) this.#ended(ended);
  }

  async #watch(id: string, job: string, startedAt: number): Promise<void> {
    for (;;) {
      const status = await this.#backend.rpc("job_status", { job });
      const error =
        status.state === "failed"
          ? ApiError.from(status.error ?? { code: "failed", message: "The job failed" })
          : null;
      this.#change(id, { status, error, elapsedMs: performance.now() - startedAt });
      if (status.state !== "running") return;
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  }

  #change(id: string, parts: Partial<Job>): void {
    this.list = this.list.map((job) => (job.id === id ? { ...job, ...parts } : job));
  }
}
