import { type Backend, requestId } from "../backend";
import type { MetricsReply } from "../backend/commands";
import { Latest } from "./latest.svelte";

/** The business metrics of the engagement: their files, what they hold, and what was found in them. */
export class Metrics {
  readonly known: Latest<MetricsReply>;
  /** Rises with every file that comes or goes: unit costs are asked for anew. */
  version = $state(0);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.known = new Latest((request) => backend.cancel(request));
  }

  async list(): Promise<void> {
    await this.known.run((id) => this.#backend.rpc("metrics", {}, id));
  }

  /** Takes a file in under its own name; one of the same name is replaced. */
  async import(path: string): Promise<void> {
    this.known.set(await this.#backend.rpc("metrics_import", { path }, requestId()));
    this.version += 1;
  }

  async remove(name: string): Promise<void> {
    this.known.set(await this.#backend.rpc("metrics_remove", { name }, requestId()));
    this.version += 1;
  }
}
