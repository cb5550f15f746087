/** Rows of a table that open to more, each on its own, by key. */
export class OpenRows {
  #opened = $state.raw<ReadonlySet<string>>(new Set());

  has(key: string): boolean {
    return this.#opened.has(key);
  }

  toggle(key: string): void {
    const next = new Set(this.#opened);
    if (!next.delete(key)) next.add(key);
    this.#opened = next;
  }
}

/** Up and down walk the toggles of a table, past what is open between them. */
export function walkToggles(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const { currentTarget: table, target } = event;
  if (step === undefined || !(table instanceof HTMLElement) || !(target instanceof HTMLElement)) return;
  const toggles = [...table.querySelectorAll<HTMLElement>("button.toggle")];
  const at = toggles.indexOf(target);
  if (at < 0) return;
  event.preventDefault();
  toggles[at + step]?.focus();
}
