import { type Backend, requestId } from "../backend";
import type { BudgetImportReply } from "../bindings/BudgetImportReply";
import type { BudgetImportRequest } from "../bindings/BudgetImportRequest";
import type { BudgetList } from "../bindings/BudgetList";
import { Latest } from "./latest.svelte";

/** How a file is to be read where it does not say itself, and the name that it is kept under. */
export type BudgetReading = Omit<BudgetImportRequest, "path">;

/** The budgets of the engagement: their files, and what was found in the one that was taken in last. */
export class Budgets {
  readonly known: Latest<BudgetList>;
  /** What came of the last import; null before there is one. */
  imported = $state.raw<BudgetImportReply | null>(null);
  /** Rises with every file that comes or goes: scorecards are asked for anew. */
  version = $state(0);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.known = new Latest((request) => backend.cancel(request));
  }

  async list(): Promise<void> {
    await this.known.run((id) => this.#backend.rpc("budgets", {}, id));
  }

  /** Takes a file in, under its own name where none is given; one of the same name is replaced. */
  async import(path: string, how: BudgetReading): Promise<BudgetImportReply> {
    const made = await this.#backend.rpc("budget_import", { ...how, path }, requestId());
    this.imported = made;
    this.known.set(made.list);
    this.version += 1;
    return made;
  }

  async remove(file: string): Promise<void> {
    this.known.set(await this.#backend.rpc("budget_remove", { file }, requestId()));
    if (this.imported?.imported.file === file) this.imported = null;
    this.version += 1;
  }

  clear(): void {
    this.known.clear();
    this.imported = null;
  }
}
