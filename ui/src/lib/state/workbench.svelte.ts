import { createContext } from "svelte";

import { ApiError, type Backend, type Launched, requestId } from "../backend";
import type {
  AppInfo,
  Commands,
  DimensionInfo,
  EngagementInfo,
  ExportFormat,
  LoadSummary,
  SideLoad,
} from "../backend/commands";
import type { ExportRowsRequest } from "../bindings/ExportRowsRequest";
import type { ExportReply } from "../bindings/ExportReply";
import type { ExportTarget } from "../bindings/ExportTarget";
import type { ForecastReply } from "../bindings/ForecastReply";
import type { ForecastRequest } from "../bindings/ForecastRequest";
import type { PinContent } from "../bindings/PinContent";
import type { Question } from "../bindings/Question";
import { NameColours } from "../chart/palette";
import { format } from "../format";
import { messages } from "../messages";
import { viewQuestion } from "../question/question";
import { measureName } from "../question/measures";
import { type DataTable, markdown, tableRequest, tabSeparated } from "../table/table";
import { fromLink } from "../view/address";
import { CHARGED_SCREENS, DEFAULT_VIEW, withParts } from "../view/view";
import { Audit } from "./audit.svelte";
import { Budgets, type BudgetReading } from "./budgets.svelte";
import { Commitments } from "./commitments.svelte";
import { SqlConsole } from "./console.svelte";
import { exportReply, type Job, Jobs } from "./jobs.svelte";
import { KeyFigures } from "./keyFigures.svelte";
import { KnownPlans } from "./knownPlans.svelte";
import { Latest } from "./latest.svelte";
import { Library } from "./library.svelte";
import { Mappings } from "./mappings.svelte";
import { Metrics } from "./metrics.svelte";
import { Names } from "./names.svelte";
import { Rates } from "./rates.svelte";
import { Settings } from "./settings.svelte";
import { Theme } from "./theme.svelte";
import { Tour } from "./tour.svelte";
import { Views } from "./views.svelte";

/** A figure whose evidence is wanted: the question whose total it is. */
export interface EvidenceSubject {
  title: string;
  question: Question;
  /** The figure as it was shown, to be found again; null when it has no question of its own. */
  value: string | null;
  /** Where a figure per day was shown: by how many days it was divided. */
  days?: number | null;
}

/** A forecast whose making is shown, with what was asked for it. */
export interface ForecastSubject {
  request: ForecastRequest;
  reply: ForecastReply;
}

export type Drawer =
  | { kind: "evidence"; subject: EvidenceSubject }
  | { kind: "source"; charge: string }
  | { kind: "load"; load: LoadSummary; earlier: LoadSummary[] }
  | { kind: "dataset"; load: SideLoad }
  | { kind: "result"; job: string }
  | { kind: "kpi"; id: string }
  | { kind: "forecast"; subject: ForecastSubject }
  | { kind: "help" };

/** What a remark is on: a day, or a value of a dimension. */
export interface AnnotationSubject {
  /** Its number where it is there already. */
  id: number | null;
  day: string | null;
  dimension: string | null;
  value: string | null;
  text: string;
}

/** What paths are typed for, where the system's own dialogs are not at hand. */
export type PathsPurpose =
  | "load_paths"
  | "open_path"
  | "invoices_path"
  | "mapping_path"
  | "rates_path"
  | "metrics_path"
  | "commitments_path"
  | "offers_path";

export type DialogRequest =
  | { kind: "palette" }
  | { kind: "keys" }
  | { kind: "filter"; dimension: string | null }
  | { kind: "paths"; purpose: PathsPurpose }
  | { kind: "budget"; path: string }
  | { kind: "compare" }
  | { kind: "convert"; table: string | null }
  | { kind: "columns"; available: string[] }
  | { kind: "settings" }
  | { kind: "save_view" }
  | { kind: "views" }
  | { kind: "annotation"; subject: AnnotationSubject }
  | { kind: "measures" }
  | { kind: "save_as"; what: DataTable | ExportSource }
  | { kind: "pin"; heading: string; content: PinContent }
  | { kind: "new_engagement"; paths: string[] };

/** What is written whole, where the page holds but a part of it. */
export type ExportSource = { sql: string } | { charges: Omit<ExportRowsRequest, "target"> };

/** What a file of it is called. */
export function nameOf(what: DataTable | ExportSource): string {
  return "charges" in what ? messages.explore.grid : "sql" in what ? "sql" : what.title;
}

/** Something that was done, with the place of what came of it. */
export interface Notice {
  text: string;
  path: string | null;
  /** What can be done next. */
  action?: { label: string; run: () => void };
}

/** All that the screens share: the engine, the engagement, the view, running work, and what is open over the page. */
export class Workbench {
  readonly backend: Backend;
  readonly views = new Views();
  readonly theme = new Theme();
  readonly tour = new Tour((view) => this.views.show(view));
  readonly jobs: Jobs;
  readonly names: Names;
  readonly audit: Audit;
  readonly mappings: Mappings;
  readonly rates: Rates;
  readonly metrics: Metrics;
  readonly budgets: Budgets;
  readonly commitments: Commitments;
  readonly plans: KnownPlans;
  readonly keyFigures: KeyFigures;
  readonly settings: Settings;
  readonly console: SqlConsole;
  readonly library: Library;
  /** Names keep their colours for as long as an engagement is open. */
  colours = new NameColours();
  app = $state.raw<AppInfo | null>(null);
  engagement = $state.raw<EngagementInfo | null>(null);
  dimensions = $state.raw<DimensionInfo[]>([]);
  drawer = $state.raw<Drawer | null>(null);
  dialog = $state.raw<DialogRequest | null>(null);
  problem = $state.raw<ApiError | null>(null);
  /** Said aloud to screen readers and shown for a moment. */
  announcement = $state("");
  /** What was done and where it lies, shown until it is dismissed or something else is. */
  notice = $state.raw<Notice | null>(null);
  /** Whether the charges are what is gone to: they take the focus once they stand. */
  revealCharges = false;
  /** Rises when something was pinned to a pack. */
  packsVersion = $state(0);
  started = $state(false);
  /** The sample engagement, where it was opened as such: its tour is offered once it has charges. */
  #sample: string | null = null;
  readonly charged = $derived((this.engagement?.charges ?? 0) > 0);
  /** The currency of views that name none; null where there is but one to be in. */
  readonly ownCurrency = $derived(
    (this.engagement?.currencies.length ?? 0) > 1 ? (this.engagement?.currency ?? null) : null,
  );
  /** The room that is shown: without charges there is nothing to explore yet. */
  readonly screen = $derived.by(() => {
    const { screen } = this.views.current;
    return CHARGED_SCREENS.includes(screen) && !this.charged ? "sources" : screen;
  });

  constructor(backend: Backend) {
    this.backend = backend;
    this.names = new Names(backend);
    this.audit = new Audit(backend);
    this.mappings = new Mappings();
    this.rates = new Rates(backend);
    this.metrics = new Metrics(backend);
    this.budgets = new Budgets(backend);
    this.commitments = new Commitments(backend);
    this.plans = new KnownPlans(backend);
    this.keyFigures = new KeyFigures(backend);
    this.settings = new Settings(backend);
    this.console = new SqlConsole(backend);
    this.library = new Library(backend);
    this.jobs = new Jobs(backend, (job) => void this.#jobEnded(job));
  }

  /** What a measure is called: by the analyst where it has a name of its own. */
  measureName(measure: string): string {
    return measureName(measure, this.library.measures);
  }

  latest<T>(): Latest<T> {
    return new Latest<T>((request) => this.backend.cancel(request));
  }

  /** Learns what is open already: the shell or the command line may have opened an engagement. */
  async start(): Promise<void> {
    await this.attempt(async () => {
      this.app = await this.backend.rpc("app_info", {});
      try {
        await this.#adopt(await this.backend.rpc("engagement_info", {}));
      } catch (thrown) {
        // Nothing open yet is the usual beginning, not a problem.
        if (ApiError.from(thrown).code !== "no_engagement") throw thrown;
      }
    });
    this.started = true;
    await this.attempt(async () => this.#take(await this.backend.launchedWith()));
  }

  /** Shows what a second start of the program asks for, for as long as the page stands. Returns how to stop. */
  followLaunches(): () => void {
    return this.backend.onLaunched((launched) => {
      void this.attempt(async () => {
        if (launched.engagement) await this.#enter(launched.engagement);
        this.#take(launched);
      });
    });
  }

  async openSample(): Promise<void> {
    await this.attempt(async () => {
      const engagement = await this.backend.rpc("engagement_open_sample", {}, requestId());
      this.#sample = engagement.path;
      await this.#enter(engagement);
      // The first time it is opened its bills are still to be loaded; naming none means the sample's own.
      if (engagement.charges === 0) void this.jobs.load([], messages.jobs.load(engagement.name));
    });
  }

  async openEngagement(path: string): Promise<void> {
    await this.attempt(async () =>
      this.#enter(await this.backend.rpc("engagement_open", { path }, requestId())),
    );
  }

  async chooseEngagement(): Promise<void> {
    if (!this.backend.capabilities.nativeDialogs) {
      this.dialog = { kind: "paths", purpose: "open_path" };
      return;
    }
    const [path] = await this.#picked(() => this.backend.pickFolder());
    if (path !== undefined) await this.openEngagement(path);
  }

  async createEngagement(path: string, name: string, currency: string, bills: string[]): Promise<boolean> {
    return this.attempt(async () => {
      await this.#enter(await this.backend.rpc("engagement_new", { path, name, currency }, requestId()));
      this.views.go({ screen: "sources" });
      if (bills.length > 0) void this.load(bills);
    });
  }

  /** Lets the analyst choose bills and loads them. */
  async chooseBills(what: "files" | "folder"): Promise<void> {
    if (!this.backend.capabilities.nativeDialogs) {
      this.dialog = { kind: "paths", purpose: "load_paths" };
      return;
    }
    const paths = await this.#picked(() =>
      what === "files" ? this.backend.pickFiles() : this.backend.pickFolder(),
    );
    if (paths.length > 0) await this.load(paths);
  }

  /** Lets the analyst choose the invoices to set beside the charges. */
  async chooseInvoices(): Promise<void> {
    if (!this.backend.capabilities.nativeDialogs) {
      this.dialog = { kind: "paths", purpose: "invoices_path" };
      return;
    }
    const [path] = await this.#picked(() => this.backend.pickFiles());
    if (path !== undefined) await this.audit.reconcile(path);
  }

  /** Lets the analyst choose a file to be mapped by hand. */
  async chooseToMap(): Promise<void> {
    if (!this.backend.capabilities.nativeDialogs) {
      this.dialog = { kind: "paths", purpose: "mapping_path" };
      return;
    }
    const [path] = await this.#picked(() => this.backend.pickFiles());
    if (path !== undefined) this.mapByHand(path);
  }

  /** Lets the analyst choose a table of exchange rates to take in. */
  async chooseRates(): Promise<void> {
    if (!this.backend.capabilities.nativeDialogs) {
      this.dialog = { kind: "paths", purpose: "rates_path" };
      return;
    }
    const [path] = await this.#picked(() => this.backend.pickFiles());
    if (path !== undefined) await this.importRates(path);
  }

  async importRates(path: string): Promise<void> {
    await this.attempt(async () => {
      const made = await this.rates.import(path);
      this.announce(messages.sources.rates.imported(made.name));
    });
  }

  /** Takes a rate table away; a view that converts by it goes back to what was billed. */
  async removeRates(name: string): Promise<void> {
    await this.attempt(async () => {
      await this.rates.remove(name);
      if (this.views.current.convert?.table === name) this.views.go({ convert: null });
      this.announce(messages.sources.rates.removed(name));
    });
  }

  /** Lets the analyst choose a file of business metrics to take in. */
  async chooseMetrics(): Promise<void> {
    if (!this.backend.capabilities.nativeDialogs) {
      this.dialog = { kind: "paths", purpose: "metrics_path" };
      return;
    }
    const [path] = await this.#picked(() => this.backend.pickFiles());
    if (path !== undefined) await this.importMetrics([path]);
  }

  /** Takes files of business metrics in, one after the other, and shows what units cost by them. */
  async importMetrics(paths: readonly string[]): Promise<void> {
    await this.attempt(async () => {
      for (const path of paths) await this.metrics.import(path);
      this.views.go({ screen: "units" });
      this.announce(messages.units.files.imported);
    });
  }

  async removeBudget(file: string): Promise<void> {
    await this.attempt(async () => {
      await this.budgets.remove(file);
      const { forecast } = this.views.current;
      if (forecast.budget === file) this.views.go({ forecast: { ...forecast, budget: null, year: null } });
      this.announce(messages.budgets.removed(file));
    });
  }

  /** Writes a workbook whose formulas live, and says where it lies. */
  async writeBook(write: (target: ExportTarget) => Promise<ExportReply>, name: string): Promise<void> {
    await this.attempt(async () => {
      const { path } = await write({ format: "xlsx", name });
      this.notice = { text: messages.forecast.export.written(path), path };
    });
  }

  async removeMetrics(name: string): Promise<void> {
    await this.attempt(async () => {
      await this.metrics.remove(name);
      this.announce(messages.units.files.removed(name));
    });
  }

  /** Lets the analyst choose a file of budgets to take in, and say how it is to be read. */
  async chooseBudget(): Promise<void> {
    if (!this.backend.capabilities.nativeDialogs) {
      this.dialog = { kind: "budget", path: "" };
      return;
    }
    const [path] = await this.#picked(() => this.backend.pickFiles());
    if (path !== undefined) this.dialog = { kind: "budget", path };
  }

  /** Takes a file of budgets in and shows how the cost stands against it. */
  async importBudget(path: string, how: BudgetReading = {}): Promise<boolean> {
    return this.attempt(async () => {
      const { file, rows } = (await this.budgets.import(path, how)).imported;
      this.views.go({
        screen: "forecast",
        forecast: { ...this.views.current.forecast, part: "budgets", budget: file, year: null },
      });
      this.announce(messages.budgets.imported(file, rows, format.count(rows)));
    });
  }

  /** Lets the analyst choose the file of what the bill does not tell of its commitments. */
  async chooseCommitments(): Promise<void> {
    if (!this.backend.capabilities.nativeDialogs) {
      this.dialog = { kind: "paths", purpose: "commitments_path" };
      return;
    }
    const [path] = await this.#picked(() => this.backend.pickFiles());
    if (path !== undefined) await this.importCommitments(path);
  }

  /** Takes in what the bill does not tell of its commitments and shows them. */
  async importCommitments(path: string): Promise<void> {
    await this.attempt(async () => {
      const findings = await this.commitments.complete(path);
      this.views.go({ screen: "commit", commit: { ...this.views.current.commit, part: "held" } });
      this.announce(messages.commit.complete.imported(findings.length, format.count(findings.length)));
    });
  }

  /** Lets the analyst choose offer sheets and price lists to take in. */
  async chooseOffers(): Promise<void> {
    if (!this.backend.capabilities.nativeDialogs) {
      this.dialog = { kind: "paths", purpose: "offers_path" };
      return;
    }
    const paths = await this.#picked(() => this.backend.pickFiles());
    if (paths.length > 0) await this.importOffers(paths);
  }

  /** Takes in offer sheets and price lists, one after the other, and shows the rates. */
  async importOffers(paths: readonly string[]): Promise<void> {
    await this.attempt(async () => {
      const question = viewQuestion(this.views.current, this.ownCurrency);
      await this.commitments.importOffers(paths, question);
      this.views.go({ screen: "commit", commit: { ...this.views.current.commit, part: "offers" } });
      this.announce(messages.commit.offers.imported);
    });
  }

  async removeOffers(name: string): Promise<void> {
    await this.attempt(async () => {
      await this.commitments.removeOffers(name, viewQuestion(this.views.current, this.ownCurrency));
      this.announce(messages.commit.offers.removed(name));
    });
  }

  /** Loads bills into the open engagement; without one, asks for a new one first. */
  async load(paths: string[]): Promise<void> {
    if (!this.engagement) {
      this.dialog = { kind: "new_engagement", paths };
      return;
    }
    this.views.go({ screen: "sources", part: "loads", opened: null });
    const first = paths[0]?.split(/[/\\]/).filter(Boolean).at(-1) ?? "";
    await this.jobs.load(paths, messages.jobs.load(paths.length > 1 ? `${first} …` : first));
  }

  /** Opens a file that no format knows beside the columns of a charge, to be mapped by the analyst. */
  mapByHand(path: string): void {
    this.drawer = null;
    this.views.go({ screen: "sources", part: "mappings", opened: `file ${path}` });
  }

  /** Learns anew what the engagement holds: a rule or a load changed what its dimensions are. */
  async refresh(): Promise<void> {
    await this.#adopt(await this.backend.rpc("engagement_info", {}));
  }

  /** The label of a dimension, or its name where it has none. */
  label(dimension: string): string {
    const known = this.dimensions.find((info) => info.name === dimension);
    return known?.label ?? dimension.replace(/^(tag|extra):/, "");
  }

  /** What a person calls a value of a dimension: the name that the bills give its id, else the value itself. */
  valueName(dimension: string, value: string): string {
    return this.names.of(dimension, value) ?? value;
  }

  showEvidence(subject: EvidenceSubject): void {
    this.drawer = { kind: "evidence", subject };
  }

  announce(text: string): void {
    this.announcement = "";
    queueMicrotask(() => (this.announcement = text));
  }

  async copy(text: string, said: string = messages.copied): Promise<void> {
    await this.attempt(async () => {
      await navigator.clipboard.writeText(text);
      this.announce(said);
    });
  }

  /** Puts a table on the clipboard. */
  async copyTable(table: DataTable, form: "tsv" | "markdown"): Promise<void> {
    const text = form === "tsv" ? tabSeparated(table) : markdown(table);
    await this.copy(text, messages.tables.copied(table.rows.length, format.count(table.rows.length)));
  }

  /** Writes a chart's picture to a new file of the engagement. */
  async exportPicture(name: string, form: "png" | "svg", made: () => Promise<Blob>): Promise<void> {
    await this.attempt(async () => {
      const bytes = [...new Uint8Array(await (await made()).arrayBuffer())];
      const { path } = await this.backend.rpc("export_picture", { name, format: form, bytes }, requestId());
      this.notice = { text: messages.pictures.written(path), path };
    });
  }

  /** Puts a chart's picture on the clipboard: as dots, or as the text of an SVG. */
  async copyPicture(made: () => Promise<Blob>): Promise<void> {
    await this.attempt(async () => {
      const blob = await made();
      if (blob.type === "image/png")
        await navigator.clipboard.write([new ClipboardItem({ [blob.type]: blob })]);
      else await navigator.clipboard.writeText(await blob.text());
      this.announce(messages.pictures.copied);
    });
  }

  /**
   * Writes a table, or all that a statement gives, to a new file of the engagement or to `path`, and says where it lies. It is a job:
   * watched and stopped like any other.
   */
  async export(
    what: DataTable | ExportSource,
    form: ExportFormat,
    path: string | null = null,
  ): Promise<void> {
    const target = (name: string) => ({ format: form, name, path });
    const request: Commands["export_start"]["request"] =
      "charges" in what
        ? { rows: { ...what.charges, target: target(messages.explore.grid) } }
        : "sql" in what
          ? { sql: { text: what.sql, target: target("sql") } }
          : { table: { ...tableRequest(what, form), target: target(what.title) } };
    await this.jobs.export(request, messages.tables.writing(nameOf(what)));
  }

  /** Runs something whose failure is told at the top of the page. Gives whether it went well. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (thrown) {
      const error = ApiError.from(thrown);
      if (!error.cancelled) this.problem = error;
      return false;
    }
  }

  async #picked(pick: () => Promise<string[]>): Promise<string[]> {
    let paths: string[] = [];
    await this.attempt(async () => {
      paths = await pick();
    });
    return paths;
  }

  /** Takes up what the program was started with beyond an engagement. */
  #take(launched: Launched): void {
    if (launched.error) this.problem = ApiError.from(launched.error);
    if (launched.files.length > 0) void this.load(launched.files);
    const linked = launched.link === null ? null : fromLink(launched.link);
    if (linked) this.views.show(linked);
    else if (launched.link !== null) this.announce(messages.views.noLink);
  }

  /** Shows another engagement from its beginning. */
  async #enter(engagement: EngagementInfo): Promise<void> {
    await this.#adopt(engagement);
    this.app = await this.backend.rpc("app_info", {});
    this.drawer = null;
    this.problem = null;
    this.keyFigures.clear();
    this.metrics.known.clear();
    this.budgets.clear();
    this.commitments.clear();
    this.colours = new NameColours();
    this.views.begin(withParts(DEFAULT_VIEW, { screen: engagement.charges > 0 ? "explore" : "sources" }));
    this.#offerTour();
  }

  /** Offers the tour where the sample was opened and has its charges, once on this machine. */
  #offerTour(): void {
    if (this.#sample === null || this.#sample !== this.engagement?.path || !this.charged) return;
    this.#sample = null;
    if (!this.tour.offered()) return;
    this.notice = {
      text: messages.tour.offer,
      path: null,
      action: { label: messages.tour.start, run: () => this.tour.go(0) },
    };
  }

  async #adopt(engagement: EngagementInfo): Promise<void> {
    this.dimensions = await this.backend.rpc("dimensions", {});
    this.engagement = engagement;
    this.names.begin(engagement, this.dimensions);
    this.audit.begin(engagement);
    this.console.begin(engagement);
    // What is kept is told when it is there; that a file of it cannot be read keeps nobody from the charges.
    void this.attempt(() => this.library.begin(engagement));
    this.mappings.begin(engagement.path);
  }

  async #jobEnded(job: Job): Promise<void> {
    if (job.error) return;
    const made = exportReply(job);
    if (made) {
      this.jobs.dismiss(job);
      this.notice = {
        text: messages.tables.written(made.rows, format.count(made.rows), made.path),
        path: made.path,
      };
    }
    if (job.kind === "load") {
      await this.attempt(() => this.refresh());
      this.#offerTour();
    }
    if (job.status?.state === "done") this.announce(`${job.title}: ${messages.jobs.done}`);
  }
}

export const [useWorkbench, provideWorkbench] = createContext<Workbench>();
