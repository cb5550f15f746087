import type { Backend } from "../backend";
import type { CheckReport, EngagementInfo, ReconcileReply } from "../backend/commands";
import { Latest } from "./latest.svelte";

/** Whether what is loaded is right: the rules that charges break, and the invoices beside their charges. Read on demand. */
export class Audit {
  readonly report: Latest<CheckReport>;
  readonly reconciliation: Latest<ReconcileReply>;
  #generation = "";
  #reconciled = "";
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    const cancel = (request: string) => backend.cancel(request);
    this.report = new Latest(cancel);
    this.reconciliation = new Latest(cancel);
  }

  /** Another engagement, or a load into this one, makes the results those of charges that are not there any more. */
  begin(engagement: EngagementInfo): void {
    const generation = `${engagement.path} ${engagement.generation}`;
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.report.clear();
    this.reconciliation.clear();
  }

  async check(): Promise<void> {
    await this.report.run((id) => this.#backend.rpc("check_report", {}, id));
  }

  /** Sets the invoices beside the charges: those of a file, which the engagement then keeps, or those it kept before. */
  async reconcile(invoices?: string): Promise<void> {
    this.#reconciled = this.#generation;
    const request = invoices === undefined ? {} : { invoices_path: invoices };
    await this.reconciliation.run((id) => this.#backend.rpc("reconcile", request, id));
  }

  /** The same with the invoices that are kept, unless it was asked already. */
  async reconcileOnce(): Promise<void> {
    if (this.#reconciled === this.#generation) return;
    await this.reconcile();
  }
}
