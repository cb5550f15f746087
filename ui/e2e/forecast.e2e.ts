import { existsSync } from "node:fs";

import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";

import { violations } from "./axe";
import { enter } from "./hand";
import { openStage } from "./stage";
import { clipboard, LONG_MS, startSample } from "./steps";

/** What is forecast and how it is shown, as an address has it. */
function forecast(params: object, rest = ""): string {
  return `#/forecast?cost=effective_cost&forecast=${encodeURIComponent(JSON.stringify(params))}${rest}`;
}

/** A figure as it stands behind its rounded text, in hundredths. */
function cents(text: string | null): number {
  return Math.round(Number((text ?? "").replace(/[^\d.\u2212-]/g, "").replace("\u2212", "-")) * 100);
}

describe("where the cost is heading", () => {
  const sample = startSample();
  beforeAll(async () => {
    await sample.stage.page.getByRole("button", { name: "Dismiss" }).first().click();
  });

  const stands = async (page: Page) => {
    await page.getByTestId("forecast-verdict").waitFor({ timeout: LONG_MS });
    await page.locator(".fan[aria-busy=false]").waitFor({ timeout: LONG_MS });
  };
  const begin = async (view: string) => {
    const { page } = sample.stage;
    await page.goto(`${sample.bridge.address}${view}`);
    await page.reload();
    await stands(page);
  };
  const exact = (page: Page, testId: string) => page.getByTestId(testId).getAttribute("title");

  test("by key: g f, the headline, the table with the same sum, and the parts add up to the cent", async () => {
    const { page } = sample.stage;
    await page.goto(`${sample.bridge.address}#/explore?cost=effective_cost`);
    await page.getByTestId("total").waitFor({ timeout: LONG_MS });
    await page.waitForLoadState("networkidle");
    await page.keyboard.press("g");
    await page.keyboard.press("f");
    await stands(page);
    const total = cents(await exact(page, "forecast-total"));
    expect(total).toBeGreaterThan(0);
    await page.keyboard.press("t");
    const steps = page.getByTestId("forecast-steps");
    await steps.waitFor();
    expect(cents(await page.getByTestId("forecast-sum").textContent()), "the table's sum").toBe(total);
    expect(await steps.locator("tbody tr").count(), "fifteen months and twelve ahead").toBe(27);
    await page.keyboard.press("t");
    const parts = page.getByTestId("forecast-parts");
    const figures = await parts
      .locator("tbody tr td:nth-of-type(3) button")
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute("title")));
    expect(figures.length).toBeGreaterThan(3);
    expect(
      figures.reduce((sum, text) => sum + cents(text), 0),
      "services and other are the total",
    ).toBe(total);
    expect(sample.stage.complaints).toEqual([]);
  });

  test("the record is said in figures and words, coverage measured beside what was promised", async () => {
    const { page } = sample.stage;
    const card = page.getByTestId("backtest");
    for (const key of ["wape", "bias", "mase", "naive", "run_rate"])
      expect(await card.locator(`[data-record=${key}] dd`).first().textContent(), key).toMatch(/\d/);
    expect(await card.getByText(/% measured$/).count(), "80 and 95").toBe(2);
    expect(await page.getByTestId("forecast-verdict").textContent()).toMatch(/\d+(\.\d+)?%/);
    await page.getByText(/cannot tell a trend from a season/).waitFor();
  });

  test("step, horizon and band are chosen by key, are the address, and are undone", async () => {
    const { page } = sample.stage;
    const pick = async (menu: RegExp, name: RegExp) => {
      await enter(page.getByRole("button", { name: menu }));
      const item = page.getByRole("menuitemradio", { name });
      await page.locator("[role=menu] [data-highlighted]").waitFor();
      const most = await page.getByRole("menuitemradio").count();
      for (let at = 0; at < most && (await item.getAttribute("data-highlighted")) === null; at += 1)
        await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
    };
    await pick(/^Ahead/, /^6 months/);
    await page.getByText(/^Next 6 months, Oct 2026/).waitFor();
    await stands(page);
    await enter(page.getByRole("button", { name: "95% interval" }));
    const address = await page.evaluate(() => location.hash);
    expect(decodeURIComponent(address)).toContain('"horizon":6');
    await begin(address);
    await page.getByText(/^Next 6 months/).waitFor();
    expect(await page.getByRole("button", { name: "95% interval" }).getAttribute("aria-pressed")).toBe(
      "true",
    );
    await pick(/^Step/, /^Day/);
    await page.getByText(/^Next 90 days/).waitFor({ timeout: LONG_MS });
    await page.keyboard.press("Control+z");
    await page.getByText(/^Next 6 months/).waitFor();
  });

  test("a month of the past has its evidence, and the forecast is made again the same", async () => {
    const { page } = sample.stage;
    await begin(forecast({ as: "table" }));
    await enter(
      page
        .getByTestId("forecast-steps")
        .locator("tbody tr")
        .nth(3)
        .getByRole("button", { name: /Evidence/ }),
    );
    const evidence = page.getByRole("complementary", { name: "Evidence" });
    await evidence.getByText("The figure asked for alone equals the one you pointed at").waitFor();
    await page.keyboard.press("Escape");
    await enter(page.getByTestId("forecast-total"));
    const panel = page.getByRole("complementary", { name: "Forecast evidence" });
    await enter(panel.getByRole("button", { name: "Recompute" }));
    await panel
      .getByTestId("forecast-again")
      .getByText(/^Equal/)
      .waitFor({ timeout: LONG_MS });
    expect(cents(await panel.getByTestId("forecast-figure").textContent())).toBe(
      cents(await exact(page, "forecast-total")),
    );
    await page.keyboard.press("Escape");
  });

  test("a part's sum is held: it stays, everything still adds up, and it is released", async () => {
    const { page } = sample.stage;
    await begin(forecast({}));
    const first = page.getByTestId("forecast-parts").locator("tbody tr").first();
    const key = (await first.getAttribute("data-part")) ?? "";
    const row = page.getByTestId("forecast-parts").locator(`tbody tr[data-part="${key}"]`);
    await enter(row.getByRole("button", { name: /^Hold the sum of/ }));
    const input = row.getByRole("textbox");
    await input.fill("12x");
    expect(await input.getAttribute("aria-invalid")).toBe("true");
    await input.fill("400,000");
    await enter(input);
    const held = row.getByRole("button", { name: /is held: release it$/ });
    await held.waitFor({ timeout: LONG_MS });
    await stands(page);
    const parts = await page
      .getByTestId("forecast-parts")
      .locator("tbody tr td:nth-of-type(3) button")
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute("title")));
    expect(
      cents(await row.locator("td").nth(2).getByRole("button").getAttribute("title")),
      "what was typed",
    ).toBe(40_000_000);
    expect(parts.reduce((sum, text) => sum + cents(text), 0)).toBe(
      cents(await exact(page, "forecast-total")),
    );
    await enter(held);
    await row.getByRole("button", { name: /^Hold the sum of/ }).waitFor({ timeout: LONG_MS });
  });

  test("parts consist of others, the total is held, and all of it still adds up", async () => {
    const { page } = sample.stage;
    await begin(forecast({ by: "provider" }));
    await enter(page.getByRole("button", { name: /^Then by/ }));
    await enter(page.getByRole("menuitemradio", { name: "Service", exact: true }));
    const table = page.getByTestId("forecast-parts");
    await table.locator('tr[data-part="value AWS / other"]').waitFor({ timeout: LONG_MS });
    await stands(page);
    const sumOf = async (selector: string) => {
      const buttons = table.locator(`${selector} td:nth-of-type(3) button`);
      const titles = await buttons.evaluateAll((all) => all.map((one) => one.getAttribute("title")));
      expect(titles.length, selector).toBeGreaterThan(1);
      return titles.reduce((sum, text) => sum + cents(text), 0);
    };
    const aws = 'tr[data-part="value AWS"]';
    const awsSum = cents(await table.locator(`${aws} td:nth-of-type(3) button`).getAttribute("title"));
    expect(await sumOf('tr[data-part^="value AWS / "]'), "services of AWS are AWS").toBe(awsSum);

    const total = table.locator('tr[data-part="total"]');
    await enter(total.getByRole("button", { name: "Hold the total" }));
    await total.getByRole("textbox").fill("1,700,000");
    await enter(total.getByRole("textbox"));
    await total.getByRole("button", { name: "The total is held: release it" }).waitFor({ timeout: LONG_MS });
    await stands(page);
    expect(cents(await exact(page, "forecast-total")), "what was typed").toBe(170_000_000);
    expect(await sumOf("tbody tr:not(.below)"), "the parts gave way").toBe(170_000_000);
    await enter(page.getByRole("button", { name: "Release all" }));
    await total.getByRole("button", { name: "Hold the total" }).waitFor({ timeout: LONG_MS });
  });

  test("the cost by what drives it: a metric, its growth, and no significance from fifteen months", async () => {
    const { page } = sample.stage;
    const card = page.getByTestId("driver");
    await card.getByRole("button", { name: /^Metric/ }).click();
    await page.getByRole("menuitemradio", { name: "orders" }).click();
    await card.getByText("A unit of orders").waitFor({ timeout: LONG_MS });
    await stands(page);
    const growth = card.getByRole("textbox");
    const before = await card.locator("dd").first().textContent();
    await growth.fill("5");
    await enter(growth);
    await expect.poll(() => card.locator("dd").first().textContent(), { timeout: LONG_MS }).not.toBe(before);
    expect(await card.textContent()).toMatch(/too few|18/);
    await page.getByRole("img", { name: /By orders: / }).waitFor();
  });

  test("days have their trend, season and rest, as a chart and as a table", async () => {
    const { page } = sample.stage;
    await begin(forecast({ grain: "day", horizon: 30, by: null }));
    await enter(page.getByRole("button", { name: "What it is made of" }));
    const components = page.getByTestId("components");
    await components.getByRole("img", { name: /^Trend from/ }).waitFor();
    await enter(components.getByRole("button", { name: "Forecast as a table" }));
    expect(await components.locator("tbody tr").count()).toBeGreaterThan(100);
  });

  test("an annotation stands on the time line", async () => {
    const { page } = sample.stage;
    await begin(forecast({ by: null }));
    await page.keyboard.press("n");
    await page.getByLabel("On the day").fill("2026-07-15");
    await page.getByLabel("What to remember").fill("Plan ran out");
    await enter(page.getByRole("dialog").getByRole("button", { name: "Save" }));
    await page.getByRole("list", { name: "Events on the time line" }).getByText("Plan ran out").waitFor({
      timeout: LONG_MS,
    });
  });

  test("a scenario is laid over it, in the chart and in the table", async () => {
    const { page } = sample.stage;
    const address = new URL(sample.bridge.address);
    const text = [
      'baseline = "forecast"',
      "[[operation]]",
      'id = "growth"',
      'kind = "scale"',
      'where = "everything"',
      'change = "15 %"',
      'from = "2026-11"',
    ].join("\n");
    const saved = await page.request.post(`${address.origin}/rpc/scenario_save_text`, {
      data: { name: "Peak season", text },
      headers: { "x-quarterdeck-token": address.searchParams.get("token") ?? "" },
    });
    expect(saved.ok(), await saved.text()).toBe(true);
    await begin(forecast({ by: null }));
    await page.getByRole("button", { name: /^Scenario/ }).click();
    await page.getByRole("menuitemradio", { name: "Peak season" }).click();
    await page.getByRole("img", { name: /Scenario Peak season: Oct 2026/ }).waitFor({ timeout: LONG_MS });
    await page.keyboard.press("t");
    const column = page
      .getByTestId("forecast-steps")
      .getByRole("columnheader", { name: "Scenario Peak season" });
    await column.waitFor();
    await page.keyboard.press("t");
  });

  test("it leaves the page: copied, and as a workbook that goes on calculating", async () => {
    const { page } = sample.stage;
    await begin(forecast({}));
    await enter(page.getByRole("button", { name: "Copy or export: Forecast" }));
    await enter(page.getByRole("menuitem", { name: "Copy as TSV" }));
    await expect.poll(() => clipboard(page)).toMatch(/^Period\tWhat it is\tActual, USD/);
    await enter(page.getByRole("button", { name: "Copy or export: Forecast" }));
    await enter(page.getByRole("menuitem", { name: "Excel workbook that goes on calculating" }));
    const said = page.getByText(/^Written to .*\.xlsx/);
    await said.waitFor({ timeout: LONG_MS });
    const path = /Written to (.*\.xlsx)/.exec((await said.textContent()) ?? "")?.[1] ?? "";
    expect(existsSync(path), path).toBe(true);
  });

  test("what is no cost, and what nothing passes, says so and leads on", async () => {
    const { page } = sample.stage;
    await page.goto(`${sample.bridge.address}#/forecast?cost=charges`);
    await page.reload();
    await page.getByText("Charges is no cost").waitFor();
    await enter(page.getByTestId("forecast-nothing").getByRole("button", { name: "Effective cost" }));
    await stands(page);
    await page.goto(
      `${sample.bridge.address}${forecast({}, `&where=${encodeURIComponent('["service","is","Nothing"]')}`)}`,
    );
    await page.reload();
    await page.locator(".fan[aria-busy=false]").waitFor({ timeout: LONG_MS });
    expect(await page.locator("main").textContent()).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("all of it is accessible in both themes", async () => {
    for (const dark of [false, true]) {
      const own = await openStage(sample.browser, `${sample.bridge.address}${forecast({ wide: true })}`, {
        dark,
      });
      const { page } = own;
      await stands(page);
      await page.getByTestId("forecast-parts").waitFor();
      expect(await violations(page), `chart, dark: ${dark}`).toEqual([]);
      await page.keyboard.press("t");
      await page.getByTestId("forecast-steps").waitFor();
      await page.getByTestId("forecast-total").click();
      await page.getByTestId("forecast-figure").waitFor();
      expect(await violations(page), `table and evidence, dark: ${dark}`).toEqual([]);
      await page.goto(`${sample.bridge.address}${forecast({ grain: "day", by: null })}`);
      await stands(page);
      await page.getByRole("button", { name: "What it is made of" }).click();
      expect(await violations(page), `days, dark: ${dark}`).toEqual([]);
      expect(own.complaints).toEqual([]);
      await own.context.close();
    }
  });
});
