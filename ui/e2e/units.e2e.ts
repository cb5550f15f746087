import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { violations } from "./axe";
import { enter } from "./hand";
import { openStage } from "./stage";
import { LONG_MS, SAMPLE, startSample } from "./steps";

const REGION = "us-east-1";
const BROKEN = [
  "date,metric,value,region",
  "2026-01-01,tickets,12,east",
  "2026-01-01,tickets,13,east",
  "2026-01-02,tickets,twelve,east",
  "2026-01-04,tickets,9,east",
  "2026-01-05,tickets,<b>7</b>,east",
].join("\n");

/** The orders of a region as the sample's file states them. */
function ordersOf(region: string): number {
  const [head = "", ...lines] = readFileSync(join(SAMPLE, "metrics.csv"), "utf8").trim().split("\n");
  const at = (name: string) => head.split(",").indexOf(name);
  const cells = lines.map((line) => line.split(","));
  return cells
    .filter((row) => row[at("metric")] === "orders" && row[at("region")] === region)
    .reduce((sum, row) => sum + Number(row[at("value")]), 0);
}

describe("what an order costs by region, and the key figures", () => {
  const sample = startSample();
  const home = mkdtempSync(join(tmpdir(), "quarterdeck-units-"));
  beforeAll(async () => {
    await sample.stage.page.getByRole("button", { name: "Dismiss" }).first().click();
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const values = (page: Page) => page.getByTestId("unit-values");
  const valueRow = (page: Page, button: string | RegExp): Locator =>
    values(page)
      .locator("tbody tr")
      .filter({ has: page.getByRole("button", { name: button }) });
  const settled = async (page: Page) => {
    await page.locator(".units[aria-busy=false]").waitFor();
  };
  const begin = async (view: string) => {
    await sample.stage.page.goto(`${sample.bridge.address}${view}`);
    await sample.stage.page.reload();
  };

  test("with the mouse: from Explore to the region, its evidence and its months", async () => {
    const { page } = sample.stage;
    await begin("#/explore");
    await page
      .getByRole("region", { name: "Key figures" })
      .getByRole("button", { name: "Unit costs" })
      .click();
    await page.getByRole("button", { name: /^Metric/ }).click();
    await page.getByRole("menuitemradio", { name: "orders" }).click();
    await page.getByRole("button", { name: /^By/ }).click();
    await page.getByRole("menuitemradio", { name: "Region" }).click();
    const row = valueRow(page, /^Look at (US East|us-east-1)/);
    await row.waitFor();
    await settled(page);
    const cells = row.getByRole("cell");
    const exact = (await cells.nth(0).getByRole("button").getAttribute("title")) ?? "";
    const units = ordersOf(REGION);
    expect(await cells.nth(1).textContent(), "the units are the file's").toBe(units.toLocaleString("en-US"));
    const each = Number(exact.replaceAll(",", "")) / units;
    expect(Number(await cells.nth(2).textContent()), "cost over units").toBeCloseTo(each, 6);

    // Charges without a region have no units: a dash, and why.
    const missing = valueRow(page, "Look at (missing)");
    expect(await missing.getByTestId("unit-cost-of").textContent()).toBe("–");
    await missing.getByText("no units are known").waitFor();

    await cells.nth(0).getByRole("button").click();
    const evidence = page.getByRole("complementary", { name: "Evidence" });
    await evidence.getByText("The figure asked for alone equals the one you pointed at").waitFor();
    await evidence.getByRole("button", { name: "Recompute" }).click();
    await evidence
      .getByTestId("recompute-verdict")
      .getByText(/^Equal/)
      .waitFor();
    await evidence.getByRole("button", { name: "Close" }).click();

    await row.getByRole("button", { name: /^Look at/ }).click();
    await expect.poll(() => page.getByTestId("units").textContent()).toBe(units.toLocaleString("en-US"));
    await page.getByRole("img", { name: /US East[^;]*: Jul 2025 0\.\d+, Sep 2026 0\.\d+; lowest/ }).waitFor();
    await page.getByRole("button", { name: "Over time as a table" }).click();
    expect(await page.getByTestId("unit-rows").locator("tbody tr").count(), "a row for each month").toBe(15);
    expect(sample.stage.complaints).toEqual([]);
  });

  test("what changed is split into cost and units, and adds up in either order", async () => {
    const { page } = sample.stage;
    const effects = async () => {
      const table = page.getByRole("table", { name: "The unit cost, split" });
      const texts = await table.locator("tbody td.numeric").allTextContents();
      return texts.map((text) => Number(text.replace("−", "-").replace("+", "")));
    };
    for (const order of ["In order", "Midpoint"]) {
      await page.getByRole("button", { name: order, exact: true }).click();
      const [cost = NaN, driver = NaN, difference = NaN] = await effects();
      expect(cost + driver, order).toBeCloseTo(difference, 9);
    }
    expect(await page.getByTestId("unit-change-said").first().textContent()).toMatch(
      /^A unit's cost (rose|fell) by USD\s0\.\d+ \([+\u2212]\d+\.\d%\)\s*(un)?favourable$/,
    );
  });

  test("nothing is claimed from fifteen months, and the days say what they can", async () => {
    const { page } = sample.stage;
    const card = page.getByTestId("elasticity");
    await card.getByText("Nothing may be claimed").waitFor();
    await card.getByText(/^Nothing significant can be claimed from 15 periods; it takes 18/).waitFor();
    await page.getByRole("button", { name: /^Step/ }).click();
    await page.getByRole("menuitemradio", { name: "Day" }).click();
    await expect.poll(() => card.locator("dd").last().textContent()).toMatch(/^4\d\d$/);
    expect(await card.locator(".tag").textContent()).not.toBe("Nothing may be claimed");
    await page.keyboard.press("Control+z");
  });

  test("by keyboard: g u, the metric, the region, chart and table, and back", async () => {
    const { page } = sample.stage;
    await begin("#/explore");
    await page.getByTestId("total").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("u");
    const pick = async (menu: RegExp, name: string) => {
      await enter(page.getByRole("button", { name: menu }));
      const item = page.getByRole("menuitemradio", { name, exact: true });
      // The menu has the focus once one of its items is lit.
      await page.locator("[role=menu] [data-highlighted]").waitFor();
      const most = await page.getByRole("menuitemradio").count();
      for (let step = 0; step < most && (await item.getAttribute("data-highlighted")) === null; step += 1)
        await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
    };
    await pick(/^Metric/, "orders");
    await expect.poll(() => page.getByRole("button", { name: /^Metric/ }).textContent()).toContain("orders");
    await pick(/^By/, "Region");
    const row = valueRow(page, /^Look at (US East|us-east-1)/);
    await enter(row.getByRole("button", { name: /^Look at/ }));
    await expect
      .poll(() => page.getByTestId("units").textContent())
      .toBe(ordersOf(REGION).toLocaleString("en-US"));
    await page.keyboard.press("t");
    await page.getByTestId("unit-rows").waitFor();
    await page.keyboard.press("t");
    await page.getByTestId("unit-rows").waitFor({ state: "detached" });
    // The view is an address: it is restored whole.
    const address = await page.evaluate(() => location.hash);
    await begin(address);
    await expect
      .poll(() => page.getByTestId("units").textContent())
      .toBe(ordersOf(REGION).toLocaleString("en-US"));
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("parcels_delivered");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("button", { name: /^Metric/ }).textContent()).toContain("parcels");
  });

  test("a file with duplicates, gaps and text in numbers says which rows and what to do; it goes as it came", async () => {
    const { page } = sample.stage;
    const path = join(home, "tickets.csv");
    writeFileSync(path, BROKEN);
    await enter(page.getByRole("button", { name: "Import metrics…" }));
    await page.getByLabel("The CSV file of metrics").fill(path);
    await page.keyboard.press("Enter");
    const remarks = page.getByTestId("metric-remarks");
    await remarks.getByText("Text in a number").first().waitFor();
    await remarks.getByText("<b>7</b>", { exact: false }).first().waitFor();
    expect(await remarks.getByText("Duplicate", { exact: false }).count()).toBeGreaterThan(0);
    expect(
      await remarks.getByRole("row").nth(1).getByRole("cell").count(),
      "what, file, row, words, advice",
    ).toBe(5);
    await enter(page.getByRole("button", { name: "Remove tickets" }));
    await enter(page.getByRole("button", { name: "Remove it?" }));
    await page.getByTestId("no-remarks").waitFor();
  });

  test("is pinned to a pack as it is looked at, and listed with it", async () => {
    const { page } = sample.stage;
    await begin(`#/units?units=${encodeURIComponent('["orders","month",null,null,"base_first","chart"]')}`);
    await page.getByTestId("unit-total").waitFor();
    await enter(page.getByRole("button", { name: "Copy or export: Over time" }));
    await page.getByRole("menuitem", { name: "Pin to a pack…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Heading").fill("What an order costs");
    await dialog.getByRole("button", { name: "Pin", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await page.evaluate(() => (location.hash = "#/packs"));
    const pins = page.getByRole("list", { name: "Pinned" });
    await pins.getByText("What an order costs").waitFor();
    await pins.getByRole("button", { name: "Remove the pinned section What an order costs" }).click();
    await pins.getByRole("button", { name: "Remove", exact: true }).first().click();
    await expect.poll(() => pins.count()).toBe(0);
  });

  test("a measure that is no cost has no unit cost, and the costs are offered", async () => {
    const { page } = sample.stage;
    await begin("#/units?cost=charges");
    await page.getByText("Charges is no cost").waitFor();
    await enter(page.getByTestId("units-nothing").getByRole("button", { name: "Effective cost" }));
    await page.getByTestId("unit-cost").waitFor();
    const nothing = `#/units?where=${encodeURIComponent('["region","is","Nothing"]')}`;
    // A metric without the label keeps its units: there is no charge for them.
    await begin(nothing);
    await expect.poll(() => page.getByTestId("unit-cost").textContent()).toBe("–");
    await page.getByText("there is no charge").first().waitFor();
    await begin(
      `${nothing}&units=${encodeURIComponent('["orders","month",null,null,"base_first","chart"]')}`,
    );
    await page.getByTestId("units-nothing").getByRole("button", { name: "Clear all filters" }).waitFor();
    expect(await page.locator("main").textContent()).not.toMatch(/NaN|Infinity/);
  });

  test("the strip of key figures takes its room from the first moment, is moved through by key, and opens each", async () => {
    const { page } = sample.stage;
    await begin("#/explore?cost=effective_cost&compare=previous&period=2026-07-01..2026-10-01");
    const strip = page.getByRole("region", { name: "Key figures" });
    await strip.waitFor();
    const before = (await strip.boundingBox())?.height;
    const tiles = page.getByTestId("kpis").getByRole("button");
    await tiles.first().waitFor({ timeout: LONG_MS });
    expect((await strip.boundingBox())?.height, "nothing moves when the figures come").toBe(before);
    const month = page.locator("[data-kpi=month_to_date]");
    expect(await month.textContent()).toContain("not applicable");
    await tiles.first().focus();
    for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowRight");
    // The reason is said where the figure has the focus.
    await page.locator(".kpi-card").getByText("not applicable, because").waitFor();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    const panel = page.getByTestId("kpi-panel");
    await panel.getByText("the sum over the scope").waitFor();
    await enter(panel.getByRole("button", { name: "Recompute" }).first());
    await panel
      .getByTestId("recompute-verdict")
      .getByText(/^Equal/)
      .waitFor();
    await page.keyboard.press("Escape");
  });

  test("the definitions of the effective savings rate stand side by side, and the choice is the engagement's everywhere", async () => {
    const { page } = sample.stage;
    await page.locator("[data-kpi=effective_savings_rate]").click();
    const variants = page.getByTestId("kpi-variant");
    expect(await variants.count()).toBe(4);
    const chosen = page.locator("[data-testid=kpi-variant][aria-current=true]");
    await chosen.getByText("FinOps Foundation").waitFor();
    const other = variants.filter({ hasText: "Microsoft FinOps toolkit" });
    const value = await other.locator(".value").textContent();
    await enter(other.getByRole("button", { name: /^Use / }));
    await chosen.getByText("Microsoft FinOps toolkit").waitFor();
    await expect.poll(() => page.getByTestId("kpi-figure").textContent()).toContain(value);
    expect(await page.locator("[data-kpi=effective_savings_rate]").textContent()).toContain(value);

    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("settings");
    await page.keyboard.press("Enter");
    const settings = page.getByRole("dialog", { name: "Settings" });
    expect(await settings.getByRole("radio", { name: /^list/ }).isChecked(), "the same list").toBe(true);
    await settings.getByRole("radio", { name: /^contracted/ }).press("Space");
    await settings.getByLabel(/^The tag key that names an owner/).selectOption("team");
    await enter(settings.getByRole("button", { name: "Save" }));
    await settings.waitFor({ state: "detached" });
    await chosen.getByText("FinOps Foundation").waitFor();
    await page.locator("[data-kpi=allocated_share]").click();
    await page.getByTestId("kpi-panel").getByText("the tag team has a value").waitFor();
    await page.getByLabel("Tag key that names an owner").selectOption("application");
    await enter(page.getByRole("button", { name: "Use it", disabled: false }));
    await page.getByTestId("kpi-panel").getByText("the tag application has a value").waitFor();
    await page.keyboard.press("Escape");
  });

  test("figures of an older question are dimmed until the new ones are there; hidden, the strip stays hidden", async () => {
    const { page } = sample.stage;
    const figure = page.locator("[data-kpi=total] .value");
    const old = await figure.textContent();
    await page.evaluate(
      () => (location.hash = "#/explore?cost=effective_cost&period=2026-07-01..2026-08-01"),
    );
    await expect.poll(() => figure.textContent()).not.toBe(old);
    await page.getByTestId("kpis").and(page.locator(":not(.stale)")).waitFor();
    await enter(page.getByRole("button", { name: "Key figures", exact: true }));
    await page.getByTestId("kpis").waitFor({ state: "hidden" });
    await page.reload();
    await page.getByTestId("total").waitFor();
    expect(
      await page.getByRole("button", { name: "Key figures", exact: true }).getAttribute("aria-expanded"),
    ).toBe("false");
    await page.getByRole("button", { name: "Key figures", exact: true }).click();
    await page.getByTestId("kpis").waitFor();
  });

  test("all of it is accessible in both themes", async () => {
    const units = (as: string, focus: string) =>
      `#/units?units=${encodeURIComponent(`["orders","month","region",${focus},"base_first","${as}"]`)}`;
    for (const dark of [false, true]) {
      const own = await openStage(sample.browser, `${sample.bridge.address}${units("chart", "null")}`, {
        dark,
      });
      const { page } = own;
      await values(page).waitFor();
      await settled(page);
      await page.getByRole("button", { name: "Business metrics" }).click();
      expect(await violations(page), `chart, dark: ${dark}`).toEqual([]);
      await page.goto(`${sample.bridge.address}${units("table", '["us-east-1"]')}`);
      await page.getByTestId("unit-rows").waitFor();
      await settled(page);
      expect(await violations(page), `table, dark: ${dark}`).toEqual([]);
      await page.goto(`${sample.bridge.address}#/explore?compare=previous&period=2026-07-01..2026-10-01`);
      await page.locator("[data-kpi=effective_savings_rate]").click();
      await page.getByTestId("kpi-variant").first().waitFor();
      await page.locator("[role=grid][aria-label=Charges][aria-busy=false]").waitFor();
      expect(await violations(page), `key figures, dark: ${dark}`).toEqual([]);
      expect(own.complaints).toEqual([]);
      await own.context.close();
    }
  });
});
