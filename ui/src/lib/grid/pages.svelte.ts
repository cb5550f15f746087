import { SvelteMap } from "svelte/reactivity";

import { ApiError, requestId } from "../backend";
import { type ChargeColumn, type ChargePage, readChargePage } from "./arrow";
import type { GridRows } from "./rows";

export const PAGE_ROWS = 300;
const PAGES_KEPT = 40;
/** Windows that are asked for at once: the engine has each of its cores work on one. */
const RUNNING_AT_ONCE = 2;

export type ReadWindow = (offset: number, limit: number, request: string) => Promise<Uint8Array>;

/**
 * The rows of one ordered result, fetched by windows as they are looked at. Only what is looked at now is asked for: a window that was scrolled
 * past is cancelled, so that a hand on the scroll bar never waits for all that it passed. A new result empties everything.
 */
export class ChargePages implements GridRows {
  columns = $state.raw<readonly ChargeColumn[]>([]);
  /** The most decimals that a column was seen to have; it never falls, so that no column moves back and forth. */
  decimals = $state.raw<readonly number[]>([]);
  error = $state.raw<ApiError | null>(null);
  waiting = $state(0);
  /** Counts the results that were opened. */
  opened = $state(0);
  readonly #pages = new SvelteMap<number, ChargePage>();
  /** Windows on their way, with their requests. */
  readonly #fetching = new Map<number, string>();
  /** Windows that are looked at. */
  #shown: number[] = [];
  #read: ReadWindow | null = null;
  readonly #running = new Set<string>();
  readonly #cancel: (request: string) => Promise<void>;
  #generation = 0;

  constructor(cancel: (request: string) => Promise<void>) {
    this.#cancel = cancel;
  }

  /** Turns to another result. What was shown stays until its first window is there. */
  async open(read: ReadWindow): Promise<void> {
    this.drop();
    const generation = this.#generation;
    this.#read = read;
    this.error = null;
    this.waiting = 1;
    try {
      const page = await this.#window(read, 0, PAGE_ROWS, requestId());
      if (generation !== this.#generation) return;
      this.#pages.clear();
      this.#pages.set(0, page);
      this.columns = page.columns;
      this.decimals = page.columns.map((_, column) => page.decimals(column));
      this.opened += 1;
    } catch (thrown) {
      if (generation !== this.#generation) return;
      this.error = ApiError.from(thrown);
    }
    this.waiting = 0;
  }

  /** Stops what is asked for and takes no answer any more. */
  drop(): void {
    this.#generation += 1;
    this.waiting = 0;
    this.#shown = [];
    this.#fetching.clear();
    for (const request of this.#running) this.#stop(request);
    this.#running.clear();
  }

  /** Asks for the windows that hold these rows, unless they are there or on their way, and for no others any more. */
  want(first: number, count: number): void {
    if (!this.#read || this.#pages.size === 0) return;
    const from = Math.floor(first / PAGE_ROWS);
    const pages = Math.ceil((first + count) / PAGE_ROWS) - from;
    this.#shown = Array.from({ length: Math.max(pages, 0) }, (_, index) => from + index);
    for (const [page, request] of this.#fetching) if (!this.#shown.includes(page)) this.#stop(request);
    this.#fetchNext();
  }

  cell(column: number, row: number): string | null | undefined {
    const page = this.#pages.get(Math.floor(row / PAGE_ROWS));
    const within = row % PAGE_ROWS;
    return page && within < page.length ? page.text(column, within) : undefined;
  }

  /** Rows as text for copying, fetched where they are not at hand. */
  async rows(first: number, count: number): Promise<(string | null)[][]> {
    if (!this.#read) return [];
    const page = await this.#window(this.#read, first, count, requestId());
    return Array.from({ length: page.length }, (_, row) =>
      page.columns.map((_column, column) => page.text(column, row)),
    );
  }

  async #window(read: ReadWindow, offset: number, limit: number, request: string): Promise<ChargePage> {
    this.#running.add(request);
    try {
      return readChargePage(await read(offset, limit, request));
    } finally {
      this.#running.delete(request);
    }
  }

  /** What is cancelled holds its place until it has ended: the engine never has more than a few of them. */
  #fetchNext(): void {
    for (const page of this.#shown) {
      if (this.#fetching.size >= RUNNING_AT_ONCE) return;
      if (!this.#pages.has(page) && !this.#fetching.has(page)) void this.#fetch(page);
    }
  }

  async #fetch(index: number): Promise<void> {
    const generation = this.#generation;
    const read = this.#read;
    if (!read) return;
    const request = requestId();
    this.#fetching.set(index, request);
    this.waiting = this.#fetching.size;
    try {
      const page = await this.#window(read, index * PAGE_ROWS, PAGE_ROWS, request);
      if (generation !== this.#generation) return;
      this.#pages.set(index, page);
      this.decimals = this.decimals.map((known, column) => Math.max(known, page.decimals(column)));
      this.#forgetFarthest(index);
    } catch (thrown) {
      if (generation !== this.#generation) return;
      const error = ApiError.from(thrown);
      if (!error.cancelled) {
        this.error = error;
        // Asked for again when it is looked at again, not at once.
        this.#shown = this.#shown.filter((page) => page !== index);
      }
    }
    this.#fetching.delete(index);
    this.waiting = this.#fetching.size;
    this.#fetchNext();
  }

  #stop(request: string): void {
    // Stopping is a courtesy to the engine: what has ended by itself changes nothing here.
    this.#cancel(request).catch(() => undefined);
  }

  #forgetFarthest(index: number): void {
    if (this.#pages.size <= PAGES_KEPT) return;
    const farthest = [...this.#pages.keys()].reduce((far, page) =>
      Math.abs(page - index) > Math.abs(far - index) ? page : far,
    );
    this.#pages.delete(farthest);
  }
}
