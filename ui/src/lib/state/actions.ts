/** Every action by name: what the palette lists, and what keys run. */
import type { PackFormat } from "../backend/commands";
import type { Grain } from "../bindings/Grain";
import { format } from "../format";
import { messages } from "../messages";
import { HELD, planName } from "../question/comparison";
import { ADDED_MEASURES } from "../question/measures";
import { viewQuestion } from "../question/question";
import { SAMPLE_NAME } from "../tour/tour";
import { climbTo } from "../view/drill";
import { addDays, presets } from "../view/period";
import {
  DEFAULT_LEADERBOARDS,
  COMMIT_PARTS,
  type CommitParams,
  SCREEN_KEYS,
  SCREENS,
  SOURCES_PARTS,
  FORECAST_PARTS,
  type ForecastParams,
  type ViewParams,
} from "../view/view";
import type { Workbench } from "./workbench.svelte";

export interface Action {
  readonly id: string;
  readonly group: keyof typeof messages.palette.groups;
  readonly label: string;
  readonly keys?: string;
  run(): void;
}

const words = messages.palette.actions;
const GRAINS: readonly Grain[] = ["month", "day", "hour"];
export const PACK_FORMATS: readonly PackFormat[] = ["pdf", "xlsx"];

export function actions(workbench: Workbench, packs: readonly { name: string; title: string }[]): Action[] {
  const loaded = workbench.charged;
  return [
    ...goActions(workbench),
    ...(loaded ? viewActions(workbench) : []),
    ...engagementActions(workbench),
    ...(loaded ? packActions(workbench, packs) : []),
    ...frameActions(workbench),
  ];
}

function goActions(workbench: Workbench): Action[] {
  const parts = SOURCES_PARTS.map((part) => ({
    id: `part ${part}`,
    group: "go" as const,
    label: `${messages.screens.sources}: ${messages.sources.parts[part]}`,
    run: () => workbench.views.go({ screen: "sources", part, opened: null }),
  }));
  const screens = SCREENS.map((screen) => ({
    id: `go ${screen}`,
    group: "go" as const,
    label: messages.screens[screen],
    keys: `g ${SCREEN_KEYS[screen]}`,
    run: () => workbench.views.go({ screen }),
  }));
  const forecasts = FORECAST_PARTS.map((part) => ({
    id: `forecast ${part}`,
    group: "go" as const,
    label: `${messages.screens.forecast}: ${messages.forecast.parts[part]}`,
    run: () =>
      workbench.views.go({ screen: "forecast", forecast: { ...workbench.views.current.forecast, part } }),
  }));
  const commits = COMMIT_PARTS.map((part) => ({
    id: `commit ${part}`,
    group: "go" as const,
    label: `${messages.screens.commit}: ${messages.commit.parts[part]}`,
    run: () => goCommit(workbench, { part }),
  }));
  return [...screens, ...parts, ...(workbench.charged ? [...forecasts, ...commits] : [])];
}

function viewActions(workbench: Workbench): Action[] {
  const { views } = workbench;
  const view = views.current;
  const loaded = workbench.engagement?.period ?? null;
  const act = (
    group: Action["group"],
    id: string,
    label: string,
    run: () => void,
    keys?: string,
  ): Action => ({
    id,
    group,
    label,
    run,
    ...(keys ? { keys } : {}),
  });
  return [
    act("view", "evidence", words.evidence, () => showTotalEvidence(workbench), "e"),
    act("view", "trend", messages.keys.trend, () => toggleTrend(workbench), "t"),
    act(
      "filter",
      "filter",
      messages.frame.addFilter,
      () => (workbench.dialog = { kind: "filter", dimension: null }),
      "/",
    ),
    ...(view.filters.length + view.drill.length > 0
      ? [act("filter", "clear", words.clear, () => views.go({ filters: [], drill: [] }))]
      : []),
    ...(view.drill.length > 0
      ? [act("view", "climb", words.climb, () => views.show(climbTo(view, view.drill.length - 1)))]
      : []),
    act("view", "running", words.running, () =>
      views.go({ cumulative: !view.cumulative, screen: "explore" }),
    ),
    act("view", "pivot", words.below(view.below === "pivot"), () => toggleBelow(workbench), "v"),
    ...changeActions(workbench),
    ...unitActions(workbench),
    ...forecastActions(workbench),
    ...commitActions(workbench),
    act("view", "kpis", messages.kpis.toggle, () => {
      workbench.keyFigures.toggle();
      views.go({ screen: "explore" });
    }),
    act("view", "link", words.copyLink, () => void workbench.copy(views.link, messages.views.linkCopied)),
    act("views", "save view", messages.views.save, () => (workbench.dialog = { kind: "save_view" })),
    ...(workbench.library.views.length > 0
      ? [act("views", "views", messages.views.manage, () => (workbench.dialog = { kind: "views" }))]
      : []),
    ...workbench.library.views.map((saved) =>
      act("views", `view ${saved.name}`, messages.views.view(saved.name), () =>
        views.show(workbench.library.viewOf(saved)),
      ),
    ),
    act("view", "annotate", messages.annotations.add, () => annotateDay(workbench), "n"),
    ...(loaded ? presets(loaded) : []).map(({ name, period }) =>
      act(
        "period",
        `period ${name}`,
        `${messages.presets[name]} (${format.period(period ?? loaded ?? { from: "", to: "" })})`,
        () => views.go({ period }),
      ),
    ),
    act("period", "on charge", words.onCharge, () => views.go({ on: "charge" })),
    act("period", "on billing", words.onBilling, () => views.go({ on: "billing" })),
    ...GRAINS.map((grain) =>
      act("period", `step ${grain}`, words.step(messages.grains[grain]), () => views.go({ grain })),
    ),
    act("compare", "compare none", messages.compare.none, () => views.go({ compare: null })),
    act("compare", "compare previous", messages.compare.previous, () => views.go({ compare: "previous" })),
    act("compare", "compare year", messages.compare.year_ago, () => views.go({ compare: "year_ago" })),
    act("compare", "per day", messages.compare.perDay, () => views.go({ perDay: !view.perDay })),
    ...workbench.plans.known.map((plan) =>
      act("compare", `compare ${JSON.stringify(plan)}`, planName(plan), () =>
        views.go({ compare: plan, ...(HELD.includes(view.screen) ? {} : { screen: "explore" }) }),
      ),
    ),
    act("compare", "compare other", messages.compare.custom, () => (workbench.dialog = { kind: "compare" })),
    ...[...ADDED_MEASURES, ...workbench.library.measures.map((one) => one.measure)].map((measure) =>
      act("cost", `cost ${measure}`, workbench.measureName(measure), () => views.go({ measure })),
    ),
    act("cost", "measures", messages.calculated.open, () => (workbench.dialog = { kind: "measures" })),
    ...workbench.dimensions.map((info) =>
      act("filter", `filter ${info.name}`, words.filterBy(info.label), () => {
        workbench.dialog = { kind: "filter", dimension: info.name };
      }),
    ),
    ...DEFAULT_LEADERBOARDS.map((dimension) =>
      act("split", `split ${dimension}`, words.splitBy(workbench.label(dimension)), () =>
        views.go({ split: dimension, screen: "explore" }),
      ),
    ),
    ...workbench.dimensions
      .filter((info) => !view.leaderboards.includes(info.name))
      .map((info) =>
        act("lists", `list ${info.name}`, words.addList(info.label), () =>
          views.go({ leaderboards: [...view.leaderboards, info.name], screen: "explore" }),
        ),
      ),
  ];
}

/** What can be done on the screen that explains a change. */
function changeActions(workbench: Workbench): Action[] {
  if (workbench.screen !== "change") return [];
  const { change } = workbench.views.current;
  const named = messages.explain.actions;
  const go = (parts: Partial<typeof change>) => workbench.views.go({ change: { ...change, ...parts } });
  return [
    { id: "bridge", group: "view", label: named.table, keys: "t", run: () => toggleBridge(workbench) },
    {
      id: "convention",
      group: "view",
      label: change.convention === "midpoint" ? named.inOrder : named.midpoint,
      run: () => go({ convention: change.convention === "midpoint" ? "base_first" : "midpoint" }),
    },
    ...workbench.dimensions.map((info): Action => ({
      id: `movers ${info.name}`,
      group: "lists",
      label: named.by(info.label),
      run: () => go({ by: info.name, mover: null }),
    })),
  ];
}

/** What can be done where units are looked at. */
function unitActions(workbench: Workbench): Action[] {
  if (workbench.screen !== "units") return [];
  const { units } = workbench.views.current;
  const named = messages.units;
  const go = (parts: Partial<typeof units>) => workbench.views.go({ units: { ...units, ...parts } });
  const metrics = workbench.metrics.known.value?.metrics ?? [];
  return [
    {
      id: "units as",
      group: "view",
      label: named.actions.table,
      keys: "t",
      run: () => toggleUnits(workbench),
    },
    ...metrics.map((metric): Action => ({
      id: `metric ${metric.name}`,
      group: "view",
      label: named.actions.metric(metric.name),
      run: () => go({ metric: metric.name, by: null, focus: null }),
    })),
  ];
}

function engagementActions(workbench: Workbench): Action[] {
  const act = (id: string, label: string, run: () => void): Action => ({
    id,
    group: "engagement",
    label,
    run,
  });
  return [
    act("load files", words.loadFiles, () => void workbench.chooseBills("files")),
    act("load folder", words.loadFolder, () => void workbench.chooseBills("folder")),
    act(
      "new",
      messages.frame.newEngagement,
      () => (workbench.dialog = { kind: "new_engagement", paths: [] }),
    ),
    act("open", messages.frame.openEngagement, () => void workbench.chooseEngagement()),
    ...(workbench.app?.sample_available
      ? [act("sample", messages.frame.openSample, () => void workbench.openSample())]
      : []),
    ...(workbench.app?.recent ?? []).map((known) =>
      act(`recent ${known.path}`, known.name, () => void workbench.openEngagement(known.path)),
    ),
    ...(workbench.charged
      ? [
          act("check", words.check, () => {
            workbench.views.go({ screen: "sources", part: "checks", opened: null });
            void workbench.audit.check();
          }),
          act("reconcile", words.reconcile, () => {
            workbench.views.go({ screen: "sources", part: "invoices", opened: null });
            void workbench.audit.reconcile();
          }),
          act("invoices", words.invoices, () => {
            workbench.views.go({ screen: "sources", part: "invoices", opened: null });
            void workbench.chooseInvoices();
          }),
        ]
      : []),
    ...(workbench.engagement
      ? [act("settings", messages.settings.open, () => (workbench.dialog = { kind: "settings" }))]
      : []),
    ...(workbench.engagement
      ? [act("metrics", messages.units.files.import, () => void workbench.chooseMetrics())]
      : []),
    act("map", words.mapFile, () => void workbench.chooseToMap()),
    act("import rates", messages.sources.rates.import, () => void workbench.chooseRates()),
    ...(workbench.charged
      ? [
          act("convert", messages.sources.rates.convert.menu, () => {
            workbench.dialog = { kind: "convert", table: null };
          }),
        ]
      : []),
    act("superseded", words.superseded, () =>
      workbench.views.go({
        screen: "sources",
        part: "loads",
        opened: null,
        superseded: !workbench.views.current.superseded,
      }),
    ),
  ];
}

function packActions(workbench: Workbench, packs: readonly { name: string; title: string }[]): Action[] {
  return packs.map((pack) => ({
    id: `pack ${pack.name}`,
    group: "packs",
    label: words.build(pack.title, PACK_FORMATS.join(", ").toUpperCase()),
    run: () => {
      workbench.views.go({ screen: "packs" });
      void workbench.jobs.buildPack(pack.name, messages.jobs.pack(pack.title), [...PACK_FORMATS], null);
    },
  }));
}

function frameActions(workbench: Workbench): Action[] {
  const act = (id: string, label: string, run: () => void, keys?: string): Action => ({
    id,
    group: "frame",
    label,
    run,
    ...(keys ? { keys } : {}),
  });
  return [
    act("undo", messages.frame.undo, () => workbench.views.undo(), "Ctrl Z"),
    act("redo", messages.frame.redo, () => workbench.views.redo(), "Ctrl Shift Z"),
    act("theme", messages.frame.toggleTheme, () => workbench.theme.toggle()),
    ...(workbench.engagement
      ? [act("help", messages.help.open, () => (workbench.drawer = { kind: "help" }), "F1")]
      : []),
    ...(workbench.engagement?.name === SAMPLE_NAME && workbench.charged
      ? [act("tour", messages.tour.start, () => workbench.tour.go(0))]
      : []),
    act("keys", messages.keys.help, () => (workbench.dialog = { kind: "keys" }), "?"),
    ...(workbench.drawer ? [act("drawer", words.closeDrawer, () => (workbench.drawer = null), "Esc")] : []),
  ];
}

function forecastActions(workbench: Workbench): Action[] {
  const { actions: told } = messages.forecast;
  const act = (id: string, label: string, run: () => void, keys?: string): Action => ({
    id: `forecast ${id}`,
    group: "view",
    label,
    run,
    ...(keys ? { keys } : {}),
  });
  return [
    act("table", told.table, () => toggleForecast(workbench), "t"),
    act("wide", told.wide, () =>
      goForecast(workbench, { part: "forecast", wide: !workbench.views.current.forecast.wide }),
    ),
    ...(["month", "day"] as const).map((grain) =>
      act(grain, told.by[grain], () => goForecast(workbench, { part: "forecast", grain, horizon: null })),
    ),
    act("budget", told.importBudget, () => void workbench.chooseBudget()),
  ];
}

function commitActions(workbench: Workbench): Action[] {
  const { actions: told } = messages.commit;
  const act = (id: string, label: string, run: () => void, keys?: string): Action => ({
    id: `commit ${id}`,
    group: "view",
    label,
    run,
    ...(keys ? { keys } : {}),
  });
  return [
    act("table", told.table, () => toggleCommit(workbench), "t"),
    act("import", told.complete, () => void workbench.chooseCommitments()),
    act("offers", told.offers, () => void workbench.chooseOffers()),
  ];
}

export function showTotalEvidence(
  workbench: Workbench,
  value: string | null = null,
  days: number | null = null,
): void {
  const view = workbench.views.current;
  workbench.showEvidence({
    title: workbench.measureName(view.measure),
    question: viewQuestion(view, workbench.ownCurrency),
    value,
    days,
  });
}

/** A remark on a day: the last of what is looked at, unless told otherwise. */
export function annotateDay(workbench: Workbench, day: string | null = null): void {
  const period = workbench.views.current.period ?? workbench.engagement?.period ?? null;
  workbench.dialog = {
    kind: "annotation",
    subject: {
      id: null,
      day: day ?? (period && addDays(period.to, -1)),
      dimension: null,
      value: null,
      text: "",
    },
  };
}

/** Lists or the pivot, below the trend. */
export function toggleBelow(workbench: Workbench): void {
  workbench.views.go({
    screen: "explore",
    below: workbench.views.current.below === "pivot" ? "lists" : "pivot",
  });
}

/** Goes to a view of Explore and there to its charges. */
export function showCharges(workbench: Workbench, view: ViewParams): void {
  workbench.revealCharges = true;
  workbench.views.show(view);
}

/** The bridge as a chart or as a table. */
export function toggleBridge(workbench: Workbench): void {
  const { change } = workbench.views.current;
  workbench.views.go({
    screen: "change",
    change: { ...change, as: change.as === "chart" ? "table" : "chart" },
  });
}

/** Shows the forecast with some of its choices replaced. */
export function goForecast(workbench: Workbench, parts: Partial<ForecastParams>): void {
  workbench.views.go({ screen: "forecast", forecast: { ...workbench.views.current.forecast, ...parts } });
}

/** The forecast as a chart or as a table. */
export function toggleForecast(workbench: Workbench): void {
  const { as } = workbench.views.current.forecast;
  goForecast(workbench, { part: "forecast", as: as === "chart" ? "table" : "chart" });
}

/** What a unit cost over time, as a chart or as a table. */
export function toggleUnits(workbench: Workbench): void {
  const { units } = workbench.views.current;
  workbench.views.go({ screen: "units", units: { ...units, as: units.as === "chart" ? "table" : "chart" } });
}

/** Shows Commit with some of its choices replaced. */
export function goCommit(workbench: Workbench, parts: Partial<CommitParams>): void {
  workbench.views.go({ screen: "commit", commit: { ...workbench.views.current.commit, ...parts } });
}

/** The chart of Commit's part as a table, and back. */
export function toggleCommit(workbench: Workbench): void {
  const { as, part } = workbench.views.current.commit;
  goCommit(workbench, { part: part === "plan" ? part : "coverage", as: as === "chart" ? "table" : "chart" });
}

export function toggleTrend(workbench: Workbench): void {
  workbench.views.go({ trendAs: workbench.views.current.trendAs === "chart" ? "table" : "chart" });
}

/** A remark on a value of a dimension: the one that is there, or a new one. */
export function annotateValue(workbench: Workbench, dimension: string, value: string | null): void {
  const [first] = workbench.library.on(dimension, value);
  workbench.dialog = {
    kind: "annotation",
    subject: { id: first?.id ?? null, day: first?.day ?? null, dimension, value, text: first?.text ?? "" },
  };
}
