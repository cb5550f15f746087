import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Bill, shown, writeBill } from "./bill";
import { type Bridge, openStage, type Stage, startBridge, startBrowser } from "./stage";
import { loadBill, LONG_MS, showsText } from "./steps";

/** March as it is, April as it never was. */
function writeInvoices(bill: Bill): string {
  const path = join(bill.folder, "invoices.csv");
  const march = bill.total((charge) => charge.day < "2025-04");
  writeFileSync(
    path,
    [
      "invoice_id,issuer,billing_account_id,billing_period,currency,amount",
      `INV-3,Example Cloud,billing-1,2025-03,USD,${march}`,
      "INV-4,Example Cloud,billing-1,2025-04,USD,0.01",
    ].join("\n"),
  );
  return path;
}

describe("is it right", () => {
  let bill: Bill;
  let bridge: Bridge;
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    bill = writeBill({ undescribed: true });
    bridge = await startBridge();
    browser = await startBrowser();
    stage = await openStage(browser, bridge.address);
    await loadBill(stage.page, bill);
  });

  afterAll(async () => {
    await browser?.close();
    bridge?.stop();
    if (bill) rmSync(bill.folder, { recursive: true, force: true });
  });

  test("the charges are checked on demand, and an example opens its source", async () => {
    const { page } = stage;
    expect(await page.getByRole("region", { name: "Broken rules" }).count(), "nothing is read unasked").toBe(
      0,
    );
    await page.getByRole("button", { name: "Check the charges" }).press("Enter");
    const findings = page.getByRole("region", { name: "Broken rules" });
    await findings.waitFor({ timeout: LONG_MS });
    await findings
      .getByRole("button", { name: /^Source of charge / })
      .first()
      .press("Enter");
    await page.getByTestId("source-row").getByText("example-focus.csv", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
  });

  test("invoices are asked for, set beside the charges, and lead to them", async () => {
    const { page } = stage;
    await page.getByRole("button", { name: "Reconcile", exact: true }).click();
    await page.getByRole("button", { name: "Choose invoices…" }).click();
    await page.getByLabel("The CSV file of invoices").fill(writeInvoices(bill));
    await page.getByRole("dialog").getByRole("button", { name: "Reconcile" }).click();
    const lines = page.getByRole("region", { name: "Invoices and charges" });
    await lines.waitFor();
    expect(await lines.textContent(), "what does not agree is listed").toContain("INV-4");
    await page.getByRole("checkbox", { name: /^All \d+ lines$/ }).check();
    expect(await lines.textContent(), "what is invoiced, to the digit").toContain(
      shown(bill.total((charge) => charge.day < "2025-04")),
    );
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByTestId("reconciled").getByText(/open/).waitFor();
    await page.getByTestId("reconciled").getByRole("button", { name: "See Sources" }).click();
    await lines.waitFor();
  });

  test("a period before all that is loaded is no change", async () => {
    const { page } = stage;
    await page.evaluate(() => (location.hash = "#/explore?period=2025-03-01..2025-04-01&compare=previous"));
    await page.getByText("Before, ").waitFor();
    const march = shown(bill.total((charge) => charge.day < "2025-04"));
    await showsText(page, "total", march);
    const services = page.getByRole("grid", { name: "Service", exact: true });
    const cells = await services.locator("tbody tr").first().locator("td.numeric").allTextContents();
    expect(
      cells.slice(-2).map((cell) => cell.trim()),
      "neither an amount nor a rate",
    ).toEqual(["–", "–"]);
    expect(await page.locator(".headline").textContent(), "why, once").toContain("holds no loaded days");
  });

  test("each row is drawn over time, with its figures to hover", async () => {
    const { page } = stage;
    await page.evaluate(() => (location.hash = "#/explore"));
    const first = page.getByRole("grid", { name: "Service", exact: true }).locator("tbody td.spark").first();
    await expect
      .poll(async () => (await first.getAttribute("title"))?.split("\n").length, {
        message: "a figure for each of the 61 loaded days",
      })
      .toBe(61);
    await first.locator("path.area").waitFor({ state: "attached" });
    expect(stage.complaints).toEqual([]);
  });
});
