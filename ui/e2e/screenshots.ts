/**
 * Pictures of every screen, light and dark, of the engagement in QUARTERDECK_ENGAGEMENT, into QUARTERDECK_SCREENSHOTS;
 * QUARTERDECK_SCREENSHOTS_SIZE is the window's, 1280x800 unless told; QUARTERDECK_SCREENSHOTS_ONLY names some, comma separated.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { type Bridge, openStage, startBridge, startBrowser } from "./stage";
import { LEDGER } from "./bill";
import { check, loads, LONG_MS } from "./steps";

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

/** A picture's name, the view's address, and what is opened before it is taken. */
const PICTURES: [string, string, ((page: Page) => Promise<unknown>) | null][] = [
  ["explore", "#/explore", null],
  ["compare", "#/explore?compare=previous&split=provider&grain=month&period=2026-07-01..2026-10-01", null],
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
      await page.getByRole("button", { name: "What is assumed of each provider" }).press("Enter");
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
  ["uncompared", "#/explore?compare=previous&trend=table", null],
  ["empty", `#/explore?where=${encodeURIComponent('["service","is","Nothing"]')}`, null],
  ["palette", "#/explore", async (page) => page.keyboard.press("Control+k")],
  ["keys", "#/explore", async (page) => page.keyboard.press("?")],
  ["period", "#/explore", async (page) => page.getByRole("button", { name: /^Period/ }).click()],
  ["measures", "#/explore", async (page) => page.getByRole("button", { name: /^Cost type/ }).click()],
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
  ["daily", "#/explore?grain=day&split=service&period=2026-08-01..2026-10-01&cost=effective_cost", null],
];

/** The welcome screen offers the sample where it is installed. */
const SAMPLE = fileURLToPath(new URL("../../sample-data", import.meta.url));

let browser: Browser;
const bridges: Bridge[] = [];
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  bridges.forEach((bridge) => bridge.stop());
});

test("every screen, light and dark", async () => {
  const engagement = process.env["QUARTERDECK_ENGAGEMENT"];
  const folder = process.env["QUARTERDECK_SCREENSHOTS"];
  if (!engagement || !folder) {
    throw new Error(
      "QUARTERDECK_ENGAGEMENT names what to picture, QUARTERDECK_SCREENSHOTS where the pictures go",
    );
  }
  const [width, height] = (process.env["QUARTERDECK_SCREENSHOTS_SIZE"] ?? "1280x800").split("x").map(Number);
  mkdirSync(folder, { recursive: true });
  const empty = await startBridge(null, ["--sample-data", SAMPLE]);
  bridges.push(empty);
  const loaded = await startBridge(engagement);
  bridges.push(loaded);
  for (const dark of [false, true]) {
    const take = async (name: string, address: string, open: ((page: Page) => Promise<unknown>) | null) => {
      const { page, context, complaints } = await openStage(browser, address, { dark, width, height });
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.waitForLoadState("networkidle");
      await open?.(page);
      // Nothing is to look pointed at.
      await page.mouse.move(0, 0);
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: join(folder, `${name}-${dark ? "dark" : "light"}.png`) });
      expect(complaints, name).toEqual([]);
      await context.close();
    };
    const only = process.env["QUARTERDECK_SCREENSHOTS_ONLY"]?.split(",");
    const wanted = (name: string) => !only || only.includes(name);
    if (wanted("welcome")) await take("welcome", empty.address, null);
    for (const [name, view, open] of PICTURES) {
      if (wanted(name)) await take(name, `${loaded.address}${view}`, open);
    }
  }
});
