import { type Backend, requestId } from "../backend";
import type { CommitmentBasketReply } from "../bindings/CommitmentBasketReply";
import { type BasketDraft, basketOf, draftOf, EMPTY_DRAFT } from "../commit/basket";
import { Latest } from "./latest.svelte";

/** The basket that is edited, and those that the engagement keeps. It outlives the screen: what was typed is not lost on the way. */
export class Basket {
  readonly kept: Latest<CommitmentBasketReply[]>;
  draft = $state.raw<BasketDraft>(EMPTY_DRAFT);
  /** The name that it is kept under; empty for a new one. */
  name = $state("");
  /** What was kept last, to tell whether something changed. */
  #known = $state.raw<BasketDraft>(EMPTY_DRAFT);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.kept = new Latest((request) => backend.cancel(request));
  }

  readonly dirty = $derived(JSON.stringify(this.draft) !== JSON.stringify(this.#known));

  async list(): Promise<void> {
    await this.kept.run((id) => this.#backend.rpc("commitment_baskets", {}, id));
  }

  change(parts: Partial<BasketDraft>): void {
    this.draft = { ...this.draft, ...parts };
  }

  /** Shows a basket that is kept; an empty name begins a new one. Gives whether there is such a one that can be read. */
  open(name: string): boolean {
    const found = this.kept.value?.find((one) => one.name === name);
    if (name !== "" && !found?.basket) return false;
    this.draft = found?.basket ? draftOf(found.basket) : EMPTY_DRAFT;
    this.#known = this.draft;
    this.name = name;
    return true;
  }

  async save(name: string): Promise<void> {
    const { draft } = this;
    const basket = basketOf(draft);
    if (basket === null) return;
    this.kept.set(await this.#backend.rpc("commitment_basket_save", { name, basket }, requestId()));
    this.name = name;
    this.#known = draft;
  }

  async remove(name: string): Promise<void> {
    this.kept.set(await this.#backend.rpc("commitment_basket_delete", { name }, requestId()));
    if (this.name === name) this.name = "";
  }

  clear(): void {
    this.kept.clear();
    this.draft = EMPTY_DRAFT;
    this.#known = EMPTY_DRAFT;
    this.name = "";
  }
}
