import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { violations } from "./axe";
import { enter } from "./hand";
import { openStage } from "./stage";
import { clipboard, LONG_MS, SAMPLE, startSample } from "./steps";

const FILE = join(SAMPLE, "budgets.csv");

/** The budget of a scope in dollars over a year, as the file states it, in hundredths. */
function budgeted(scope: string, year: string): number {
  const [, ...lines] = readFileSync(FILE, "utf8").trim().split("\n");
  return lines
    .map((line) => line.split(","))
    .filter(([month, of, , currency]) => month?.startsWith(year) && of === scope && currency === "USD")
    .reduce((sum, [, , amount]) => sum + Math.round(Number(amount) * 100), 0);
}

function cents(text: string | null): number {
  return Math.round(Number((text ?? "").replace(/[^\d.\u2212-]/g, "").replace("\u2212", "-")) * 100);
}

const BROKEN = [
  "month,scope,amount,currency",
  "2026-08,total,100000,USD",
  "2026-08,provider=AWSS,70000,USD",
  "2026-08,provider=<b>Cloud</b>,1,USD",
  "2026-08,provider=Microsoft,twelve,USD",
].join("\n");

describe("what was planned beside what it cost", () => {
  const sample = startSample();
  const home = mkdtempSync(join(tmpdir(), "quarterdeck-budgets-"));
  beforeAll(async () => {
    await sample.stage.page.getByRole("button", { name: "Dismiss" }).first().click();
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const view = (params: object, rest = "") =>
    `#/forecast?cost=effective_cost&forecast=${encodeURIComponent(JSON.stringify({ part: "budgets", ...params }))}${rest}`;
  const begin = async (address: string) => {
    await sample.stage.page.goto(`${sample.bridge.address}${address}`);
    await sample.stage.page.reload();
  };
  const settled = (page: Page) => page.locator(".budgets[aria-busy=false]").waitFor({ timeout: LONG_MS });
  const importFile = async (page: Page, path: string, button: string | RegExp) => {
    await enter(page.getByRole("button", { name: button }));
    await page.getByLabel("The CSV or Excel file of budgets").fill(path);
    await page.keyboard.press("Enter");
  };
  const line = (page: Page, name: string) =>
    page
      .getByTestId("scorecard")
      .locator("tbody tr")
      .and(page.locator(`[data-line="${name}"]`));

  test("without any, the file's shape is taught, with a template of the engagement's own figures", async () => {
    const { page } = sample.stage;
    await begin("#/explore?cost=effective_cost");
    await page.getByTestId("total").waitFor({ timeout: LONG_MS });
    await page.waitForLoadState("networkidle");
    await page.keyboard.press("g");
    await page.keyboard.press("f");
    await page.getByRole("tab", { name: "Forecast" }).press("ArrowLeft");
    // The sample brings its own: it is taken away first.
    await page.getByTestId("scorecard").waitFor({ timeout: LONG_MS });
    await enter(page.getByRole("button", { name: "Files", exact: true }));
    await enter(page.getByRole("button", { name: "Remove budgets" }));
    await enter(page.getByRole("button", { name: "Remove it?" }));
    await page.getByTestId("budgets-first").getByText("No budget yet").waitFor();
    await enter(page.getByRole("button", { name: "Copy the template" }));
    await expect.poll(() => clipboard(page)).toMatch(/^month\tscope\tamount\tcurrency\n2026-10\ttotal\t\d/);
    expect((await clipboard(page)).split("\n").some((row) => row.includes("provider=AWS"))).toBe(true);
  });

  test("a file is taken in by key; the year's budget is the file's, parts stand below their whole", async () => {
    const { page } = sample.stage;
    await importFile(page, FILE, "Choose a file…");
    await page.getByTestId("scorecard").waitFor({ timeout: LONG_MS });
    await settled(page);
    const total = await page.getByTestId("budget-total").getAttribute("title");
    expect(cents(total), "the whole of 2026").toBe(budgeted("total", "2026"));
    const aws = line(page, "AWS");
    expect(await aws.locator("td").nth(1).textContent()).not.toBe("–");
    expect(await page.getByTestId("scorecard").locator("tbody tr").count()).toBeGreaterThan(8);
    expect(await page.locator("main").textContent()).not.toMatch(/NaN|Infinity|undefined/);
    expect(sample.stage.complaints).toEqual([]);
  });

  test("a month's actual cost has its evidence, and a scope leads to its forecast", async () => {
    const { page } = sample.stage;
    const whole = line(page, "Everything");
    await enter(whole.getByRole("button", { name: /Evidence of the cost of Everything in Mar 2026/ }));
    const evidence = page.getByRole("complementary", { name: "Evidence" });
    await evidence.getByText("The figure asked for alone equals the one you pointed at").waitFor();
    await page.keyboard.press("Escape");
    const scope = page
      .getByTestId("scorecard")
      .getByRole("button", { name: /^Forecast of / })
      .first();
    await enter(scope);
    await page.getByTestId("forecast-verdict").waitFor({ timeout: LONG_MS });
    await page.keyboard.press("Control+z");
    await page.getByTestId("scorecard").waitFor({ timeout: LONG_MS });
  });

  test("a month's second line shows the budget or the forecast instead of the variance", async () => {
    const { page } = sample.stage;
    const cell = line(page, "Everything").locator("td.cell").nth(2).locator(".below");
    expect(await cell.textContent()).toMatch(/%$/);
    await enter(page.getByRole("button", { name: "Budget", exact: true }));
    await expect.poll(() => cell.textContent()).toMatch(/K$/);
    await enter(page.getByRole("button", { name: "Variance %" }));
  });

  test("accuracy is told in bands, the top line apart from the scopes", async () => {
    const { page } = sample.stage;
    const card = page.getByTestId("accuracy");
    await card.getByText(/came in the periods that are over$/).waitFor();
    const counts = await card.locator("[data-band]").allTextContents();
    expect(counts.length).toBeGreaterThanOrEqual(5);
    const scopes = await card.getByTestId("scores").locator("tbody tr").count();
    const counted = counts.reduce((sum, text) => sum + Number(/(\d+) scopes?/.exec(text)?.[1] ?? 0), 0);
    expect(counted, "each scope is in one band").toBe(scopes);
    expect(await card.locator("[data-band].top").count(), "the top line is in one of them").toBe(1);
  });

  test("a forecast is frozen, judged against what came since, and taken away", async () => {
    const { page } = sample.stage;
    await begin(view({}, "&period=2025-07-01..2026-07-01"));
    await page.getByTestId("scorecard").waitFor({ timeout: LONG_MS });
    await enter(page.getByRole("button", { name: "Freeze the forecast…" }));
    const form = page.getByTestId("freeze");
    await form.getByRole("textbox").fill("Lock mid 2026");
    await form.getByLabel("Scopes").selectOption({ label: "Provider" });
    await enter(form.getByRole("button", { name: "Freeze" }));
    const judged = page.getByTestId("judged");
    await judged.waitFor({ timeout: LONG_MS });
    expect(await judged.getByTestId("judged-words").textContent()).toMatch(/\d/);
    const rows = await judged.getByTestId("frozen-steps").locator("tbody tr").allTextContents();
    expect(rows).toHaveLength(12);
    expect(
      rows.filter((row) => /inside|outside/.test(row)),
      "July to September have come",
    ).toHaveLength(3);
    // One of the name is there already: it is never written over.
    await enter(page.getByRole("button", { name: "Freeze the forecast…" }));
    await form.getByRole("textbox").fill("Lock mid 2026");
    await enter(form.getByRole("button", { name: "Freeze" }));
    await page.getByRole("alert").first().waitFor({ timeout: LONG_MS });
    await enter(page.getByRole("button", { name: "Dismiss" }).first());
    await enter(form.getByRole("button", { name: "Cancel" }));
    await enter(page.getByRole("button", { name: "Remove Lock mid 2026" }));
    await enter(page.getByRole("button", { name: "Remove it?" }));
    await page.getByText("No forecast is frozen yet").waitFor({ timeout: LONG_MS });
  });

  test("it leaves the page as a workbook that goes on calculating", async () => {
    const { page } = sample.stage;
    await begin(view({}));
    await page.getByTestId("scorecard").waitFor({ timeout: LONG_MS });
    await enter(page.getByRole("button", { name: "Copy or export: Budgets" }));
    await enter(page.getByRole("menuitem", { name: "Excel workbook that goes on calculating" }));
    const said = page.getByText(/^Written to .*\.xlsx/);
    await said.waitFor({ timeout: LONG_MS });
    const path = /Written to (.*\.xlsx)/.exec((await said.textContent()) ?? "")?.[1] ?? "";
    expect(existsSync(path), path).toBe(true);
  });

  test("unknown scopes and text in numbers are told by row with the nearest known value; the file goes as it came", async () => {
    const { page } = sample.stage;
    const path = join(home, "broken.csv");
    writeFileSync(path, BROKEN);
    await importFile(page, path, "Import…");
    const unmatched = page.getByTestId("unmatched");
    await unmatched.getByText("AWSS", { exact: true }).waitFor({ timeout: LONG_MS });
    expect(await unmatched.locator("tbody tr").first().textContent()).toMatch(/^3.*AWS/);
    await unmatched.getByText("<b>Cloud</b>", { exact: false }).first().waitFor();
    await page
      .getByTestId("budget-remarks")
      .getByText(/twelve/)
      .waitFor();
    await enter(page.getByRole("button", { name: "Files", exact: true }));
    await enter(page.getByRole("button", { name: "Remove broken" }));
    await enter(page.getByRole("button", { name: "Remove it?" }));
    await page.getByRole("button", { name: "Remove broken" }).waitFor({ state: "detached" });
  });

  test("an amount for a year is put on its months as the dialog says", async () => {
    const { page } = sample.stage;
    const path = join(home, "yearly.csv");
    writeFileSync(path, "provider,amount\nAWS,1200000\n");
    await enter(page.getByRole("button", { name: "Import…" }));
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("The CSV or Excel file of budgets").fill(path);
    await dialog.getByLabel("Name", { exact: true }).fill("Next year");
    await dialog.getByLabel("Fiscal year").fill("27");
    expect(await dialog.getByRole("button", { name: "Import" }).isDisabled(), "27 is no year").toBe(true);
    await dialog.getByLabel("Fiscal year").fill("2027");
    await dialog.getByLabel("An amount for a year falls").selectOption("by_days");
    await enter(dialog.getByRole("button", { name: "Import" }));
    await dialog.waitFor({ state: "detached", timeout: LONG_MS });
    const aws = line(page, "Provider AWS");
    await aws.waitFor({ timeout: LONG_MS });
    await settled(page);
    expect(cents(await page.getByTestId("budget-total").getAttribute("title")), "the year").toBe(120_000_000);
    const kept = page.getByRole("button", { name: "Files", exact: true });
    if ((await kept.getAttribute("aria-expanded")) !== "true") await enter(kept);
    await enter(page.getByRole("button", { name: "Remove Next year" }));
    await enter(page.getByRole("button", { name: "Remove it?" }));
    await page.getByRole("button", { name: "Remove Next year" }).waitFor({ state: "detached" });
  });

  test("the budget stands in the forecast's chart and table", async () => {
    const { page } = sample.stage;
    await begin(
      `#/forecast?cost=effective_cost&forecast=${encodeURIComponent(JSON.stringify({ as: "table", by: null }))}`,
    );
    await page
      .getByTestId("forecast-steps")
      .getByRole("columnheader", { name: "Budget", exact: true })
      .waitFor({ timeout: 2 * LONG_MS });
  });

  test("all of it is accessible in both themes", async () => {
    for (const dark of [false, true]) {
      const own = await openStage(sample.browser, `${sample.bridge.address}${view({})}`, { dark });
      const { page } = own;
      await page.getByTestId("scorecard").waitFor({ timeout: LONG_MS });
      await settled(page);
      await page.getByRole("button", { name: "Files", exact: true }).click();
      await page.getByRole("button", { name: "Freeze the forecast…" }).click();
      expect(await violations(page), `scorecard, dark: ${dark}`).toEqual([]);
      expect(own.complaints).toEqual([]);
      await own.context.close();
    }
  });
});
