import { type Backend, requestId } from "../backend";
import type { RateTableInfo } from "../backend/commands";
import { Latest } from "./latest.svelte";

/** The rate tables of the engagement: listed in Sources, chosen from where costs are converted. */
export class Rates {
  readonly tables: Latest<RateTableInfo[]>;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.tables = new Latest((request) => backend.cancel(request));
  }

  async list(): Promise<void> {
    await this.tables.run((id) => this.#backend.rpc("rate_tables", {}, id));
  }

  /** Takes a table in under its file's name; one of the same name is replaced. */
  async import(path: string): Promise<RateTableInfo> {
    const made = await this.#backend.rpc("rates_import", { path }, requestId());
    await this.list();
    return made;
  }

  async remove(name: string): Promise<void> {
    this.tables.set(await this.#backend.rpc("rates_remove", { name }, requestId()));
  }
}
