/** The screens and states that are pictured, each with what is opened in it. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { LEDGER } from "./bill";
import { COMMIT_PICTURES, ODD_COMMIT_PICTURES } from "./commitPictures";
import { enter } from "./hand";
import { keptScenarios, SCENARIO_PICTURES } from "./scenarioPictures";
import { check, loadMore, loads, LONG_MS } from "./steps";

/** A ledger that no format knows, to be mapped by hand. */
function writeLedger(): string {
  const path = join(mkdtempSync(join(tmpdir(), "quarterdeck-ledger-")), "ledger.csv");
  writeFileSync(path, LEDGER.text);
  return path;
}

/** What unit costs are looked at by, as an address has it. */
function units(metric: string, grain: string, by: string | null, focus: [string] | null, as: string): string {
  return encodeURIComponent(JSON.stringify([metric, grain, by, focus, "base_first", as]));
}

/** What is forecast and how it is shown, as an address has it. */
function forecast(params: object, rest = ""): string {
  return `#/forecast?cost=effective_cost&forecast=${encodeURIComponent(JSON.stringify(params))}${rest}`;
}

/** The forecast stands once its headline does. */
const forecastStands = async (page: Page) => {
  await page.getByTestId("forecast-verdict").waitFor({ timeout: LONG_MS });
  await page.locator(".plot canvas").first().waitFor();
};

/** A picture's name, the view's address, what is opened before it is taken, and whether the screen's question is held back or refused. */
export type Picture = [string, string, ((page: Page) => Promise<unknown>) | null, ("hold" | "refuse")?];

async function palette(page: Page, words: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("combobox").fill(words);
  await page.keyboard.press("Enter");
}

const HALF_DONE = {
  job: "half",
  state: "running",
  result: null,
  error: null,
  phase: "reading",
  file: "aws/focus-2026-10.csv.gz",
  files_done: 3,
  files_total: 8,
  bytes_done: 41_000_000,
  bytes_total: 96_000_000,
  rows: 1_284_000,
};

/** One of the tour's stops. */
function stop(number: number): (page: Page) => Promise<void> {
  return async (page) => {
    await page.keyboard.press("F1");
    await page.getByRole("button", { name: "Take the tour" }).click();
    const tour = page.getByRole("complementary", { name: "Tour" });
    for (let at = 1; at < number; at += 1) await enter(tour.getByRole("button", { name: "Next" }));
    await tour.getByText(`${number} of`).waitFor();
    await page.waitForLoadState("networkidle");
  };
}

export const FIRST: Picture[] = [
  ["welcome", "", null],
  [
    "choose-files",
    "",
    async (page) => {
      await page.getByRole("button", { name: "Choose files…" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  [
    "new-engagement",
    "",
    async (page) => {
      await page.getByRole("button", { name: "Choose files…" }).click();
      await page.getByLabel("Files or folders, one a line").fill("/srv/bills/2026-09");
      await page.getByRole("button", { name: "Load", exact: true }).click();
      await page.getByLabel("Name").waitFor();
    },
  ],
];

export const PICTURES: Picture[] = [
  ["explore", "#/explore", null],
  ["compare", "#/explore?compare=previous&split=provider&grain=month&period=2026-07-01..2026-10-01", null],
  [
    "compare-budget",
    "#/explore?cost=effective_cost&currency=USD&compare=budget&period=2026-01-01..2026-04-01&grain=month",
    null,
  ],
  [
    "change-budget",
    "#/change?cost=effective_cost&currency=USD&compare=budget&period=2026-02-01..2026-03-01",
    async (page) => page.getByTestId("plan-difference").waitFor({ timeout: LONG_MS }),
  ],
  [
    "change-budget-none",
    "#/change?cost=effective_cost&currency=USD&compare=budget&period=2019-01-01..2019-02-01",
    async (page) => page.getByRole("alert").first().waitFor(),
  ],
  [
    "pin",
    "#/explore",
    async (page) => {
      await page.getByTestId("table-menu").first().click();
      await page.getByRole("menuitem", { name: "Pin to a pack…" }).click();
      await page.getByRole("dialog").getByLabel("What to say of it").fill("Compute leads, storage grows");
    },
  ],
  [
    "evidence",
    "#/explore",
    async (page) => {
      await page.getByTestId("total").click();
      await page.getByRole("button", { name: "Recompute" }).click();
      await page.getByTestId("recompute-verdict").waitFor();
    },
  ],
  [
    "charges",
    `#/explore?${[
      ["provider", "AWS"],
      ["billing_account", "418200100100"],
      ["sub_account", "418200100130"],
      ["service", "Amazon Elastic Compute Cloud"],
    ]
      .map((step) => `drill=${encodeURIComponent(JSON.stringify(step))}`)
      .join("&")}`,
    async (page) => page.locator("#charges").evaluate((charges) => charges.scrollIntoView({ block: "end" })),
  ],
  [
    "source",
    "#/explore?trend=table",
    async (page) => {
      const grid = page.getByRole("grid", { name: "Charges" });
      await grid.scrollIntoViewIfNeeded();
      await grid.locator("[aria-rowindex='2']").click();
      await page.getByTestId("source-row").waitFor();
    },
  ],
  ["change", "#/change?period=2026-03-01..2026-04-01", null],
  [
    "change-items",
    `#/change?cost=effective_cost&period=2026-07-01..2026-08-01&change=${encodeURIComponent('["base_first","service","commitment_coverage",null,"chart"]')}`,
    async (page) => page.getByTestId("items-total").waitFor(),
  ],
  [
    "change-table",
    `#/change?cost=effective_cost&period=2026-05-01..2026-06-01&change=${encodeURIComponent('["midpoint","tag:application",null,["route-planner"],"table"]')}`,
    async (page) => page.getByTestId("mover-effects").waitFor(),
  ],
  [
    "change-movers",
    "#/change?period=2026-01-01..2026-07-01&compare=previous",
    async (page) =>
      page
        .getByRole("region", { name: /^Movers by/ })
        .evaluate((movers) => movers.scrollIntoView({ block: "end" })),
  ],
  [
    "change-evidence",
    "#/change?period=2026-03-01..2026-04-01",
    async (page) => {
      await page.getByTestId("change-base").click();
      await page.getByRole("button", { name: "Recompute" }).click();
      await page.getByTestId("recompute-verdict").waitFor();
    },
  ],
  ["change-one", "#/change?period=2025-07-01..2025-08-01", null],
  ["change-empty", `#/change?where=${encodeURIComponent('["service","is","Nothing"]')}`, null],
  ["change-measure", "#/change?cost=savings", null],
  [
    "kpi",
    "#/explore?cost=effective_cost&compare=previous&period=2026-07-01..2026-10-01",
    async (page) => {
      await page.locator("[data-kpi=effective_savings_rate]").click();
      await page.getByTestId("kpi-variant").first().waitFor();
    },
  ],
  [
    "kpi-hover",
    "#/explore?cost=effective_cost&compare=previous&period=2026-07-01..2026-10-01",
    async (page) => {
      await page.locator("[data-kpi=total]").focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await page.getByRole("tooltip").or(page.locator(".kpi-card")).first().waitFor();
    },
  ],
  ["units", `#/units?units=${units("orders", "month", null, null, "chart")}`, null],
  ["units-by", `#/units?units=${units("orders", "month", "region", null, "chart")}`, null],
  [
    "units-value",
    `#/units?compare=previous&period=2026-04-01..2026-07-01&units=${units("orders", "day", "region", ["us-east-1"], "chart")}`,
    null,
  ],
  [
    "units-table",
    `#/units?units=${units("orders", "month", "region", null, "table")}`,
    async (page) => {
      const files = page.getByRole("button", { name: "Business metrics" });
      await files.click();
      await page.getByTestId("metrics").waitFor();
    },
  ],
  [
    "units-files",
    `#/units?units=${units("orders", "month", "region", null, "table")}`,
    async (page) => {
      await page.getByRole("button", { name: "Business metrics" }).click();
      await page.getByTestId("metrics").evaluate((table) => table.scrollIntoView({ block: "end" }));
    },
  ],
  ["sources", "#/sources", null],
  [
    "changes",
    "#/sources",
    async (page) => {
      await page
        .getByRole("button", { name: /^What changed: / })
        .first()
        .click();
      await page.getByTestId("changes").waitFor();
    },
  ],
  ["checks", "#/sources?part=checks", check],
  [
    "finding",
    "#/sources?part=checks",
    async (page) => {
      await check(page);
      await page.getByRole("button", { name: "How it is worked out" }).click();
      await page.locator("button.toggle").first().click();
    },
  ],
  [
    "invoices",
    "#/sources?part=invoices",
    async (page) => {
      await page.getByRole("button", { name: "Reconcile", exact: true }).click();
      await page.getByRole("button", { name: "Reconcile again" }).waitFor({ timeout: LONG_MS });
      await page.locator("button.toggle").first().click();
    },
  ],
  [
    "tags",
    "#/sources?part=tags",
    async (page) => {
      await page.getByRole("table", { name: "Tag keys" }).locator("button.toggle").first().click();
    },
  ],
  ["rates", "#/sources?part=rates", null],
  [
    "mapping",
    `#/sources?part=mappings&opened=${encodeURIComponent(`file ${writeLedger()}`)}`,
    async (page) => page.getByTestId("preview-summary").waitFor({ timeout: LONG_MS }),
  ],
  [
    "flags",
    "#/sources?part=checks",
    async (page) => {
      await check(page);
      await enter(page.getByRole("button", { name: "What is assumed of each provider" }));
      const table = page.getByRole("region", { name: "What is assumed of each provider" });
      await table.evaluate((region) => region.scrollIntoView({ block: "center" }));
    },
  ],
  [
    "settings",
    "#/explore",
    async (page) => {
      await page.getByRole("button", { name: /^Engagement: / }).click();
      await page.getByRole("menuitem", { name: "Settings…" }).click();
      await page.getByRole("dialog", { name: "Settings" }).getByRole("radio").first().waitFor();
    },
  ],
  ["load", "#/sources", async (page) => loads(page).first().click()],
  [
    "packs",
    "#/packs",
    async (page) => {
      await page.getByRole("button", { name: /^Build / }).click();
      await page.getByTestId("pack-files").waitFor({ timeout: LONG_MS });
      await page.getByTestId("reconciled").waitFor();
    },
  ],
  [
    "help",
    "#/explore",
    async (page) => {
      await page.keyboard.press("F1");
      await page.getByTestId("help").waitFor();
    },
  ],
  ["per-day", "#/explore?compare=previous&perday=yes&grain=month&period=2026-07-01..2026-10-01", null],
  ["running", "#/explore?running=yes&split=provider&grain=month", null],
  ["views", "#/explore", async (page) => page.getByRole("button", { name: "Saved views" }).click()],
  [
    "save-view",
    "#/explore",
    async (page) => {
      await page.getByRole("button", { name: "Saved views" }).click();
      await page.getByRole("menuitem", { name: "Save this view…" }).click();
      await page.getByRole("dialog").getByRole("textbox").fill("Quarter by service");
    },
  ],
  [
    "annotation",
    "#/explore",
    async (page) => {
      await page.locator(".plot canvas").waitFor();
      await page.locator("body").press("n");
      await page.getByLabel("What to remember").fill("Price change");
    },
  ],
  [
    "areas",
    `#/explore?areas=${encodeURIComponent('["provider","service","charge_category"]')}`,
    async (page) =>
      page
        .getByRole("img", { name: /^Service: / })
        .evaluate((areas) => areas.scrollIntoView({ block: "center" })),
  ],
  [
    "pivot",
    "#/explore?below=pivot&period=2026-04-01..2026-10-01",
    async (page) => {
      const grid = page.getByRole("treegrid", { name: "Pivot" });
      await grid.getByRole("button", { name: "AWS", exact: true }).press("ArrowRight");
      await grid.locator("tr[aria-level='2']").first().waitFor();
      await grid.evaluate((table) => table.scrollIntoView({ block: "center" }));
    },
  ],
  [
    "pivot-columns",
    `#/explore?below=pivot&top=4&pivot=${encodeURIComponent('[["service"],"provider",["list_cost"],"row",false]')}`,
    async (page) => {
      const grid = page.getByRole("treegrid", { name: "Pivot" });
      await grid.locator("tfoot td").first().waitFor();
      await grid.evaluate((table) => table.scrollIntoView({ block: "center" }));
    },
  ],
  [
    "sql",
    "#/sql",
    async (page) => {
      await page.getByRole("textbox", { name: "SQL statement" }).press("Control+Enter");
      await page.getByTestId("sql-rows").waitFor();
    },
  ],
  [
    "sql-wrong",
    "#/sql",
    async (page) => {
      const editor = page.getByRole("textbox", { name: "SQL statement" });
      await editor.press("Control+a");
      await page.keyboard.insertText("SELECT service_name,\n  nope\nFROM charge");
      await editor.press("Control+Enter");
      await page.getByRole("button", { name: /^Go to line/ }).waitFor();
    },
  ],
  ["forecast", forecast({}), forecastStands],
  [
    "forecast-kinds",
    forecast({ by: null }),
    async (page) => {
      await forecastStands(page);
      await page.getByRole("button", { name: "Lines of Percentages of the bill" }).click();
      await page.getByTestId("forecast-kinds").evaluate((table) => table.scrollIntoView({ block: "end" }));
    },
  ],
  [
    "forecast-parts",
    forecast({ by: "service", wide: true, driver: { metric: "orders", growth: "0.02" } }),
    async (page) => {
      await forecastStands(page);
      await page.getByTestId("forecast-parts").evaluate((table) => table.scrollIntoView({ block: "end" }));
    },
  ],
  [
    "forecast-tree",
    forecast({ by: "provider", then: "service", holdTotal: "1700000" }),
    async (page) => {
      await forecastStands(page);
      await page.getByTestId("forecast-parts").evaluate((table) => table.scrollIntoView({ block: "end" }));
    },
  ],
  [
    "forecast-components",
    forecast({ grain: "day", by: null }),
    async (page) => {
      await forecastStands(page);
      await enter(page.getByRole("button", { name: "What it is made of" }));
      await page.getByTestId("components").locator("canvas").waitFor();
      await page.getByTestId("components").evaluate((part) => part.scrollIntoView({ block: "end" }));
    },
  ],
  [
    "forecast-overlay",
    forecast({ overlay: "Plan 2027", wide: true }),
    async (page) => {
      await keptScenarios(page);
      await forecastStands(page);
      // The line itself, as the drawing is told in words: its name is in the menu also where it was refused.
      await page.getByRole("img", { name: /Scenario Plan 2027: / }).waitFor({ timeout: LONG_MS });
    },
  ],
  ["forecast-month-end", forecast({}, "&period=2025-07-01..2026-09-16"), forecastStands],
  [
    "forecast-days",
    forecast({ grain: "day", horizon: 60 }, "&where=" + encodeURIComponent('["provider","is","AWS"]')),
    forecastStands,
  ],
  [
    "forecast-table",
    forecast({ as: "table" }),
    async (page) => page.getByTestId("forecast-steps").waitFor({ timeout: LONG_MS }),
  ],
  [
    "forecast-evidence",
    forecast({}),
    async (page) => {
      await forecastStands(page);
      await page.getByTestId("forecast-total").click();
      await page.getByRole("button", { name: "Recompute" }).click();
      await page.getByTestId("forecast-again").waitFor({ timeout: LONG_MS });
    },
  ],
  [
    "budgets-first",
    forecast({ part: "budgets" }),
    async (page) => {
      // A page that knows no budget, whatever the engagement has.
      await page.route("**/rpc/budgets", (route) =>
        route.fulfill({ json: { files: [], fiscal_year_start: 1 } }),
      );
      await page.reload();
      await page.getByTestId("budgets-first").locator("pre").waitFor({ timeout: LONG_MS });
    },
  ],
  [
    "budgets",
    forecast({ part: "budgets" }),
    async (page) => page.getByTestId("scorecard").waitFor({ timeout: LONG_MS }),
  ],
  [
    "budgets-import",
    forecast({ part: "budgets" }),
    async (page) => {
      await page.getByTestId("scorecard").waitFor({ timeout: LONG_MS });
      await page.getByRole("button", { name: "Import…" }).click();
      await page.getByLabel("The CSV or Excel file of budgets").fill("/srv/finance/budget-2027.xlsx");
    },
  ],
  [
    "budgets-accuracy",
    forecast({ part: "budgets" }),
    async (page) => {
      await page.getByTestId("scorecard").waitFor({ timeout: LONG_MS });
      await page.getByTestId("accuracy").evaluate((part) => part.scrollIntoView({ block: "start" }));
    },
  ],
  [
    "budgets-frozen",
    forecast({ part: "budgets", frozen: "Lock mid 2026" }),
    async (page) => {
      await page.getByTestId("judged").waitFor({ timeout: LONG_MS });
      await page.getByTestId("frozen").evaluate((part) => part.scrollIntoView({ block: "start" }));
    },
  ],
  ["uncompared", "#/explore?compare=previous&trend=table", null],
  ["empty", `#/explore?where=${encodeURIComponent('["service","is","Nothing"]')}`, null],
  ["palette", "#/explore", async (page) => page.keyboard.press("Control+k")],
  ["keys", "#/explore", async (page) => page.keyboard.press("?")],
  ["period", "#/explore", async (page) => page.getByRole("button", { name: /^Period/ }).click()],
  ["measures", "#/explore", async (page) => page.getByRole("button", { name: /^Cost type/ }).click()],
  [
    "calculated",
    "#/explore",
    async (page) => {
      await page.getByRole("button", { name: /^Cost type/ }).click();
      await page.getByRole("menuitemradio", { name: /^Calculated measures/ }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  ["columns", "#/explore", async (page) => page.getByRole("button", { name: "Columns…" }).click()],
  [
    "filter",
    "#/explore",
    async (page) => {
      await page.keyboard.press("/");
      await page.getByRole("dialog").getByRole("textbox").fill("sub account");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByRole("checkbox").first().check();
    },
  ],
  ["compare-dialog", "#/explore", async (page) => palette(page, "another period")],
  ["convert", "#/sources?part=rates", async (page) => palette(page, "convert")],
  [
    "engagement-menu",
    "#/explore",
    async (page) => page.getByRole("button", { name: /^Engagement: / }).click(),
  ],
  ["add-list", "#/explore", async (page) => page.getByRole("button", { name: /^Add a list/ }).click()],
  ["table-menu", "#/explore", async (page) => page.getByTestId("table-menu").first().click()],
  [
    "loading",
    "#/sources",
    async (page) => {
      // A load that is half done, whenever the picture is taken.
      await page.route("**/rpc/load_start", (route) => route.fulfill({ json: { job: "half" } }));
      await page.route("**/rpc/job_status", (route) => route.fulfill({ json: HALF_DONE }));
      await loadMore(page, "/srv/bills/2026-10");
      await page.getByRole("progressbar").waitFor();
    },
  ],
  [
    "not-loaded",
    "#/sources",
    async (page) => {
      const path = join(mkdtempSync(join(tmpdir(), "quarterdeck-unknown-")), "notes.csv");
      writeFileSync(path, "what,when\nRack moved,yesterday\n");
      await loadMore(page, path);
      await page.getByRole("button", { name: /^Details/ }).click({ timeout: LONG_MS });
    },
  ],
  [
    "marked",
    "#/explore?period=2026-02-01..2026-06-01&grain=day",
    async (page) => page.locator(".plot canvas").waitFor(),
  ],
  [
    "views-dialog",
    "#/explore",
    async (page) => {
      await page.getByRole("button", { name: "Saved views" }).click();
      await page.getByRole("menuitem").last().click();
    },
  ],
  ["tour-1", "#/explore", stop(1)],
  ["tour-2", "#/explore", stop(2)],
  ["tour-7", "#/explore", stop(7)],
  ["sql-empty", "#/sql", null],
  ["packs-first", "#/packs", null],
  ...SCENARIO_PICTURES,
  ...COMMIT_PICTURES,
  ["no-units", `#/units?where=${encodeURIComponent('["service","is","Nothing"]')}`, null],
  ["daily", "#/explore?grain=day&split=service&period=2026-08-01..2026-10-01&cost=effective_cost", null],
];

/** What the page can only be seen at for a moment, or where something went wrong: the engine's answer is held back or refused. */
export const MOMENTS: Picture[] = [
  ["waiting", "#/explore", (page) => page.getByRole("button", { name: "Cancel" }).first().waitFor(), "hold"],
  ["waiting-change", "#/change", (page) => page.locator(".skeleton").first().waitFor(), "hold"],
  ["refused", "#/explore", (page) => page.getByRole("alert").first().waitFor(), "refuse"],
  ["refused-change", "#/change", (page) => page.getByRole("alert").first().waitFor(), "refuse"],
  ["refused-units", "#/units", (page) => page.getByRole("alert").first().waitFor(), "refuse"],
];
/** Odd names and figures. */
export const ODD: Picture[] = [
  ["odd", "#/explore", null],
  [
    "odd-areas",
    `#/explore?areas=${encodeURIComponent('["service","sub_account"]')}`,
    (page) => page.getByRole("grid", { name: "Charge category" }).scrollIntoViewIfNeeded(),
  ],
  [
    "odd-charges",
    "#/explore",
    (page) => page.locator("#charges").evaluate((charges) => charges.scrollIntoView({ block: "end" })),
  ],
  ["odd-change", "#/change", null],
  [
    "odd-forecast",
    "#/forecast",
    (page) => page.getByTestId("forecast-verdict").waitFor({ timeout: LONG_MS }),
  ],
  ["odd-tags", "#/sources?part=tags", null],
  ...ODD_COMMIT_PICTURES,
];
