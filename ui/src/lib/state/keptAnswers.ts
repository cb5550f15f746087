const KEPT_MAX = 60;

/** Answers of the views seen last, so that undo shows them at once. The key names the engagement's generation. */
export class KeptAnswers<T> {
  readonly #answers = new Map<string, T>();

  get(key: string): T | undefined {
    const found = this.#answers.get(key);
    if (found !== undefined) this.#keep(key, found);
    return found;
  }

  put(key: string, answer: T): T {
    this.#keep(key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > KEPT_MAX && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }

  /** Puts it at the young end: a map goes by order of insertion. */
  #keep(key: string, answer: T): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
  }
}
