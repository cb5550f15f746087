/**
 * Pictures of every screen, light and dark, of the engagement in QUARTERDECK_ENGAGEMENT, into QUARTERDECK_SCREENSHOTS;
 * QUARTERDECK_SCREENSHOTS_SIZE is the window's, 1280x800 unless told.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openStage, startBridge, startBrowser } from "./stage";
import { LONG_MS } from "./steps";

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
  [
    "sources",
    "#/sources",
    async (page) => {
      await page.getByRole("button", { name: "Check the charges" }).click();
      await page.getByRole("button", { name: "Check again" }).waitFor();
      await page.getByRole("button", { name: "Reconcile" }).click();
      await page.getByRole("button", { name: "Reconcile again" }).waitFor();
    },
  ],
  [
    "load",
    "#/sources",
    async (page) => page.getByRole("table", { name: "Loads" }).locator("tbody tr").first().click(),
  ],
  [
    "packs",
    "#/packs",
    async (page) => {
      await page.getByRole("button", { name: /^Build / }).click();
      await page.getByTestId("pack-files").waitFor({ timeout: LONG_MS });
      await page.getByTestId("reconciled").waitFor();
    },
  ],
  ["uncompared", "#/explore?compare=previous&trend=table", null],
  ["empty", `#/explore?where=${encodeURIComponent('["service","is","Nothing"]')}`, null],
  ["palette", "#/explore", async (page) => page.keyboard.press("Control+k")],
];

/** The welcome screen offers the sample where it is installed. */
const SAMPLE = fileURLToPath(new URL("../../sample-data", import.meta.url));

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => browser?.close());

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
  const loaded = await startBridge(engagement);
  for (const dark of [false, true]) {
    const take = async (name: string, address: string, open: ((page: Page) => Promise<unknown>) | null) => {
      const { page, context, complaints } = await openStage(browser, address, { dark, width, height });
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.waitForLoadState("networkidle");
      await open?.(page);
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: join(folder, `${name}-${dark ? "dark" : "light"}.png`) });
      expect(complaints, name).toEqual([]);
      await context.close();
    };
    await take("welcome", empty.address, null);
    for (const [name, view, open] of PICTURES) await take(name, `${loaded.address}${view}`, open);
  }
  empty.stop();
  loaded.stop();
});
