/** Mappings that are being written. They stay while the analyst looks elsewhere, for as long as the engagement is open. */
export class Mappings {
  /** The text, by what it is opened as: a file, or a mapping that was saved. */
  #texts = $state.raw<ReadonlyMap<string, string>>(new Map());
  #path = "";

  begin(path: string): void {
    if (path !== this.#path) this.#texts = new Map();
    this.#path = path;
  }

  text(opened: string): string | null {
    return this.#texts.get(opened) ?? null;
  }

  write(opened: string, text: string): void {
    this.#texts = new Map(this.#texts).set(opened, text);
  }

  forget(opened: string): void {
    const left = new Map(this.#texts);
    left.delete(opened);
    this.#texts = left;
  }
}
