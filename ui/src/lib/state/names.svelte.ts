import type { Backend } from "../backend";
import type { DimensionInfo, EngagementInfo } from "../backend/commands";
import { NAMED_BY, namesIn, namesQuestion, sharedNames } from "../names/names";
import { afterPaint } from "./afterPaint";

/** Dimensions of more values than this are named as their values are shown. */
const ASKED_WHOLE_MAX = 2000;

interface Known {
  readonly names: ReadonlyMap<string, string>;
  readonly shared: ReadonlySet<string>;
}

/** The names that the loaded bills give their ids, asked for once in each generation of the engagement. */
export class Names {
  #known = $state.raw<Readonly<Record<string, Known>>>({});
  #generation = "";
  #currencies: readonly string[] = [];
  /** The dimensions that are named value by value, each with the ids that were asked for already. */
  #byValue = new Map<string, Set<string>>();
  /** The ids that were told and are not asked for yet: those of one paint are one question. */
  #wanted = new Map<string, string[]>();
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Learns the names anew for another engagement or another generation of it. */
  begin(engagement: EngagementInfo, dimensions: readonly DimensionInfo[]): void {
    const generation = `${engagement.path} ${engagement.generation}`;
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#currencies = engagement.currencies;
    this.#known = {};
    this.#byValue = new Map();
    this.#wanted = new Map();
    if (engagement.charges === 0) return;
    const present = new Map(dimensions.map((info) => [info.name, info]));
    for (const [dimension, name] of Object.entries(NAMED_BY)) {
      const values = present.get(dimension)?.values ?? null;
      if (!present.has(name) || values === 0) continue;
      if (values !== null && values <= ASKED_WHOLE_MAX) void this.#learn(dimension, null);
      else this.#byValue.set(dimension, new Set());
    }
  }

  /** The name of an id; null where the bills give none. */
  of(dimension: string, id: string): string | null {
    return this.#known[dimension]?.names.get(id) ?? null;
  }

  /** Whether other ids have the same name. */
  isShared(dimension: string, name: string): boolean {
    return this.#known[dimension]?.shared.has(name) ?? false;
  }

  /** Tells which ids are shown. Those of a dimension with too many values to name at once are named now. */
  want(dimension: string, ids: readonly (string | null)[]): void {
    const asked = this.#byValue.get(dimension);
    if (!asked) return;
    const wanted = ids.filter((id) => id !== null).filter((id) => !asked.has(id));
    if (wanted.length === 0) return;
    wanted.forEach((id) => asked.add(id));
    if (this.#wanted.size === 0) afterPaint(() => this.#learnWanted());
    this.#wanted.set(dimension, [...(this.#wanted.get(dimension) ?? []), ...wanted]);
  }

  #learnWanted(): void {
    const wanted = this.#wanted;
    this.#wanted = new Map();
    for (const [dimension, ids] of wanted) void this.#learn(dimension, ids);
  }

  async #learn(dimension: string, ids: readonly string[] | null): Promise<void> {
    const generation = this.#generation;
    try {
      const answers = await Promise.all(
        this.#currencies.map((currency) =>
          this.#backend.rpc("ask", { question: namesQuestion(dimension, currency, ids) }),
        ),
      );
      if (generation !== this.#generation) return;
      const names = new Map([...(this.#known[dimension]?.names ?? []), ...namesIn(answers)]);
      this.#known = { ...this.#known, [dimension]: { names, shared: sharedNames(names) } };
    } catch {
      // A name is a courtesy: without it the id is shown, which is what the bill says.
    }
  }
}
