import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";

import { violations } from "./axe";
import { DEAREST_RESOURCE, LEDGER, writeRedelivery } from "./bill";
import { enter } from "./hand";
import { check, loadBill, loadMore, loads, LONG_MS, showPart, startJourney } from "./steps";

/** Files that are opened on the way; written before the first screen. */
let invoices = "";
let ledger = "";

/** Each screen, and how to bring it up from an open Explore. */
const SCREENS: [string, (page: Page) => Promise<unknown>][] = [
  [
    "Explore",
    async (page) => {
      await page.getByTestId("list-total").first().waitFor();
      // What is on its way is dimmed, and is not what is read.
      await page.locator("[role=grid][aria-label=Charges][aria-busy=false]").waitFor();
    },
  ],
  [
    "Explore compared and split, with evidence",
    async (page) => {
      await page.evaluate(
        () => (location.hash = "#/explore?compare=previous&split=service&period=2025-04-01..2025-05-01"),
      );
      await page.getByText("Before, ").waitFor();
      await page.getByTestId("total").click();
      await page.getByTestId("evidence-figure").waitFor();
    },
  ],
  [
    "Explore as a table, with a charge's source",
    async (page) => {
      await page.keyboard.press("t");
      await page.getByRole("grid", { name: "Charges" }).getByText(DEAREST_RESOURCE).click();
      await page.getByTestId("source-row").waitFor();
    },
  ],
  [
    "a change, with an effect and a mover open",
    async (page) => {
      await page.evaluate(
        () =>
          (location.hash = `#/change?period=2025-04-01..2025-05-01&change=${encodeURIComponent('["base_first","service","volume",["Example Storage"],"chart"]')}`),
      );
      await page
        .getByTestId("change-items")
        .getByRole("table")
        .or(page.getByText("Nothing is behind it"))
        .waitFor();
      await page.getByTestId("mover-effects").waitFor();
    },
  ],
  [
    "a change as a table",
    async (page) => {
      await page.keyboard.press("t");
      await page.getByRole("table", { name: "What it is made of" }).waitFor();
    },
  ],
  [
    "a change with nothing before",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/change?period=2025-03-01..2025-04-01"));
      await page.getByTestId("change-nothing").waitFor();
    },
  ],
  [
    "a forecast of two months of history",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/forecast"));
      await page.getByTestId("forecast-verdict").waitFor({ timeout: LONG_MS });
      await page.locator(".fan[aria-busy=false]").waitFor({ timeout: LONG_MS });
    },
  ],
  [
    "the forecast as a table, with how it was made",
    async (page) => {
      await page.keyboard.press("t");
      await page.getByTestId("forecast-steps").waitFor();
      await enter(page.getByTestId("forecast-total"));
      await page.getByTestId("forecast-figure").waitFor();
    },
  ],
  [
    "Budgets without any",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.getByRole("tab", { name: "Budgets" }).click();
      await page.getByTestId("budgets-first").locator("pre").waitFor();
      await enter(page.getByRole("button", { name: "Freeze the forecast…" }));
    },
  ],
  [
    "Sources with a load",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/sources"));
      await loads(page).first().click();
      await page.getByText("Rejected rows").waitFor();
    },
  ],
  [
    "Checks before they are read",
    async (page) => {
      await page.keyboard.press("Escape");
      await showPart(page, "Checks");
      await page.getByRole("button", { name: "Check the charges" }).waitFor();
    },
  ],
  [
    "Checks with everything open",
    async (page) => {
      await check(page);
      for (const name of ["How it is worked out", "What is assumed of each provider", "Rules"]) {
        await page.getByRole("button", { name, exact: true }).click();
      }
      const finding = page.locator("button.toggle").first();
      if ((await finding.count()) > 0) await finding.click();
    },
  ],
  [
    "Invoices, with a line open",
    async (page) => {
      await showPart(page, "Invoices");
      await page.getByRole("button", { name: "Choose invoices…" }).click();
      await page.getByLabel("The CSV file of invoices").fill(invoices);
      await page.getByRole("dialog").getByRole("button", { name: "Reconcile" }).click();
      await page.getByRole("table", { name: "Invoices and charges" }).waitFor();
      await page.locator("button.toggle").first().click();
      await page.getByTestId("parts-sum").waitFor();
    },
  ],
  [
    "Tags, with a key open",
    async (page) => {
      await showPart(page, "Tags");
      await page.getByRole("table", { name: "Tag keys" }).locator("button.toggle").first().click();
      await page.getByText("south", { exact: true }).first().waitFor();
    },
  ],
  [
    "Rates",
    async (page) => {
      await showPart(page, "Rates");
      await page.getByText("No rate table yet").waitFor();
    },
  ],
  [
    "Mappings",
    async (page) => {
      await showPart(page, "Mappings");
      await page.getByText("No mapping has been made yet").waitFor();
    },
  ],
  [
    "a mapping made by hand",
    async (page) => {
      await page.evaluate(
        (path) => (location.hash = `#/sources?part=mappings&opened=${encodeURIComponent(`file ${path}`)}`),
        ledger,
      );
      await page.getByTestId("preview-summary").waitFor();
    },
  ],
  [
    "what a re-delivery changed",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/sources"));
      await page
        .getByRole("button", { name: /^What changed: / })
        .first()
        .click();
      await page.getByTestId("changes").waitFor();
    },
  ],
  [
    "Packs",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/packs"));
      await page.getByRole("button", { name: /^Build / }).waitFor();
    },
  ],
  [
    "help",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("F1");
      await page.getByTestId("help").waitFor();
    },
  ],
  [
    "lists as areas, per day, with the saved views",
    async (page) => {
      await page.evaluate(
        () =>
          (location.hash = `#/explore?compare=previous&perday=yes&areas=${encodeURIComponent('["service"]')}&period=2025-04-01..2025-05-01`),
      );
      await page.getByRole("img", { name: /^Service: / }).waitFor();
      await page.getByRole("button", { name: "Saved views" }).click();
      await page.getByRole("menuitem").first().waitFor();
    },
  ],
  [
    "saving a view",
    async (page) => {
      await page.getByRole("menuitem", { name: "Save this view…" }).click();
      await page.getByRole("dialog").getByLabel("Name").fill("South");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("Manage views");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Open the view South" }).waitFor();
    },
  ],
  [
    "an annotation",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Annotate…" }).click();
      await page.getByLabel("What to remember").fill("Price change");
    },
  ],
  [
    "annotated",
    async (page) => {
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("list", { name: "Annotations" }).waitFor();
    },
  ],
  [
    "the pivot, with a row open",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/explore?below=pivot"));
      const grid = page.getByRole("treegrid", { name: "Pivot" });
      await grid.locator("tbody button[data-stop]").first().press("ArrowRight");
      await grid.locator("tr[aria-level='2']").first().waitFor();
    },
  ],
  [
    "the SQL console, with a result",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/sql"));
      await page.getByRole("textbox", { name: "SQL statement" }).press("Control+Enter");
      await page.getByTestId("sql-rows").waitFor();
    },
  ],
  [
    "the period",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/explore"));
      await page.getByRole("button", { name: /^Period/ }).click();
      await page.getByLabel("First day").waitFor();
    },
  ],
  [
    "the cost types",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Cost type/ }).click();
      await page.getByRole("menuitemradio").first().waitFor();
    },
  ],
  [
    "the columns",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Columns…" }).click();
      await page.getByRole("dialog").getByRole("checkbox").first().waitFor();
    },
  ],
  [
    "the keys",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keys" }).waitFor();
    },
  ],
  [
    "the palette",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").getByRole("combobox").waitFor();
    },
  ],
  [
    "the settings",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Engagement: / }).click();
      await page.getByRole("menuitem", { name: "Settings…" }).click();
      await page.getByRole("dialog", { name: "Settings" }).getByRole("radio").first().waitFor();
    },
  ],
  [
    "a filter",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("/");
      await page.getByRole("dialog").getByRole("textbox").fill("region name");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByRole("checkbox").first().waitFor();
    },
  ],
  [
    "a calculated measure in lists, and its dialog",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.evaluate((to) => (location.hash = to), "#/explore?cost=effective_cost%2Fconsumed_quantity");
      await page.getByTestId("list-total").first().waitFor();
      await enter(page.getByRole("button", { name: /^Cost type/ }));
      await page.getByRole("menuitemradio", { name: "Calculated measures…" }).click();
      await page.getByRole("dialog", { name: "Calculated measures" }).waitFor();
    },
  ],
  [
    "the dialog that pins to a pack",
    async (page) => {
      await page.keyboard.press("Escape");
      await enter(page.getByRole("button", { name: "Copy or export: Trend" }));
      await page.getByRole("menuitem", { name: "Pin to a pack…" }).click();
      await page.getByRole("dialog", { name: "Pin to a pack" }).getByRole("combobox").waitFor();
    },
  ],
  [
    "the dialog that saves a table",
    async (page) => {
      await page.keyboard.press("Escape");
      await enter(page.getByRole("button", { name: "Copy or export: Trend" }));
      await page.getByRole("menuitem", { name: "Save as…" }).click();
      await page.getByRole("dialog", { name: "Save as" }).waitFor();
    },
  ],
];

describe("every screen passes axe", () => {
  const journey = startJourney();

  beforeAll(() => {
    invoices = join(journey.bill.folder, "invoices.csv");
    ledger = join(journey.bill.folder, "ledger.csv");
    writeFileSync(
      invoices,
      "invoice_id,issuer,billing_account_id,billing_period,currency,amount\nINV-4,Example Cloud,billing-1,2025-04,USD,0.01\n",
    );
    writeFileSync(ledger, LEDGER.text);
  });

  test("the welcome screen, light and dark", async () => {
    for (const dark of [false, true]) {
      const { page, context } = await journey.open("", { dark });
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(await violations(page), dark ? "dark" : "light").toEqual([]);
      if (dark) {
        await loadBill(page, journey.bill);
        await loadMore(page, writeRedelivery(journey.bill).path);
        await page.getByRole("button", { name: /^What changed: / }).waitFor({ timeout: LONG_MS });
      }
      await context.close();
    }
  });

  for (const dark of [false, true]) {
    test(`the rooms, ${dark ? "dark" : "light"}`, async () => {
      const { page, context, complaints } = await journey.open("#/explore", { dark });
      for (const [name, show] of SCREENS) {
        await show(page);
        expect(await violations(page), name).toEqual([]);
      }
      expect(complaints).toEqual([]);
      await context.close();
    });
  }
});
