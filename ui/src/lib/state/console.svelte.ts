import type { Backend } from "../backend";
import type { EngagementInfo } from "../backend/commands";
import type { SqlReply } from "../bindings/SqlReply";
import {
  type ConsoleTable,
  DOCUMENTED_VIEWS,
  readHistory,
  ROWS_SHOWN,
  SCHEMA_STATEMENT,
  tablesOf,
  viewOf,
  viewStatement,
  withStatement,
} from "../console/console";
import { messages } from "../messages";
import { Latest } from "./latest.svelte";
import { keep, kept } from "./kept";

const SCHEMA_ROWS = 5000;

/** The SQL console as it was left: the statement, what was run before, the last result. */
export class SqlConsole {
  text = $state<string>(messages.sql.first);
  history = $state.raw<readonly string[]>([]);
  tables = $state.raw<readonly ConsoleTable[]>([]);
  /** The statement whose result is shown. */
  shown = $state("");
  readonly result: Latest<SqlReply>;
  #generation = "";
  #path = "";
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.result = new Latest((request) => backend.cancel(request));
  }

  /** Another engagement has a history of its own; a load may have given it other columns. */
  begin(engagement: EngagementInfo): void {
    if (this.#path !== engagement.path) {
      this.#path = engagement.path;
      this.history = readHistory(kept(this.#key));
      this.text = this.history[0] ?? messages.sql.first;
      this.shown = "";
      this.result.clear();
    }
    const generation = `${engagement.path} ${engagement.generation}`;
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.tables = [];
  }

  /** Learns the tables, once for each generation of the engagement. */
  async learn(): Promise<void> {
    if (this.tables.length > 0) return;
    const generation = this.#generation;
    try {
      const ask = (text: string) => this.#backend.rpc("sql", { text, limit: SCHEMA_ROWS });
      const views = await Promise.all(
        DOCUMENTED_VIEWS.map(async (name) => viewOf(name, await ask(viewStatement(name)))),
      );
      const tables = tablesOf(await ask(SCHEMA_STATEMENT));
      if (generation === this.#generation) this.tables = [...views, ...tables];
    } catch {
      // Without the list nothing is offered; the statement itself is still run, and tells what is wrong.
    }
  }

  async run(): Promise<void> {
    const text = this.text;
    if (text.trim() === "") return;
    this.history = withStatement(this.history, text);
    keep(this.#key, JSON.stringify(this.history));
    await this.result.run(async (id) => {
      const reply = await this.#backend.rpc("sql", { text, limit: ROWS_SHOWN }, id);
      this.shown = text;
      return reply;
    });
  }

  forget(): void {
    this.history = [];
    keep(this.#key, null);
  }

  get #key(): string {
    return `quarterdeck.sql ${this.#path}`;
  }
}
