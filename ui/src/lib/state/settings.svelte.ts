import { type Backend, requestId } from "../backend";
import type { SettingInfo } from "../backend/commands";
import { Latest } from "./latest.svelte";

/** What the engagement chooses: how its bills are read, and what is assumed of each provider in the checks. */
export class Settings {
  readonly known: Latest<SettingInfo[]>;
  /** Rises with every choice: figures that rest on one are asked for anew. */
  version = $state(0);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.known = new Latest((request) => backend.cancel(request));
  }

  async list(): Promise<void> {
    await this.known.run((id) => this.#backend.rpc("settings", {}, id));
  }

  /** Chooses a value; null takes the choice back. Gives whether it was written. */
  async choose(key: string, value: string | null): Promise<boolean> {
    await this.known.run(() => this.#backend.rpc("setting_set", { key, value }, requestId()));
    if (this.known.error === null) this.version += 1;
    return this.known.error === null;
  }
}
