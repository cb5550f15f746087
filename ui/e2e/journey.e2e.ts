import { readFileSync, rmSync } from "node:fs";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Bill, DEAREST_RESOURCE, DEAREST_SERVICE, HOSTILE, shown, writeBill } from "./bill";
import { type Bridge, openStage, type Stage, startBridge, startBrowser } from "./stage";
import { loadBill, LONG_MS, showsText } from "./steps";

describe("from a bill to a pack", () => {
  let bill: Bill;
  let bridge: Bridge;
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    bill = writeBill();
    bridge = await startBridge();
    browser = await startBrowser();
    stage = await openStage(browser, bridge.address);
  });

  afterAll(async () => {
    await browser?.close();
    bridge?.stop();
    if (bill) rmSync(bill.folder, { recursive: true, force: true });
  });

  test("the welcome screen offers three ways in, and a bill loads", async () => {
    const { page } = stage;
    await page.getByRole("heading", { name: "Point it at a cloud bill" }).waitFor();
    await loadBill(page, bill);
    const rows = page.getByRole("table", { name: "Loads" }).locator("tbody tr");
    await expect.poll(() => rows.count(), { message: "one load for each billing period" }).toBe(2);
    await rows.first().click();
    await page.getByRole("complementary").getByText("example-focus.csv").waitFor();
    expect(await page.getByRole("complementary").textContent(), "no row was lost").toContain(
      "No row was rejected",
    );
    await page.keyboard.press("Escape");
  });

  test("Explore shows the total that the bill adds up to", async () => {
    const { page } = stage;
    await page.getByRole("button", { name: "Explore", exact: true }).click();
    await showsText(page, "total", shown(bill.total()));
    await showsText(page, "charges", String(bill.charges));
    const totals = page.getByTestId("list-total");
    await expect.poll(() => totals.count()).toBeGreaterThan(3);
    for (const total of await totals.allTextContents()) {
      expect(total.trim(), "every breakdown adds up to the header").toBe(shown(bill.total()));
    }
  });

  test("a filter made in a list leaves that list its rows, and undo takes it back", async () => {
    const { page } = stage;
    const services = page.getByRole("grid", { name: "Service", exact: true });
    await services.getByRole("button", { name: "Example Storage", exact: true }).click();
    const storage = shown(bill.total((charge) => charge.service === "Example Storage"));
    await showsText(page, "total", storage);
    expect(await services.locator("tbody tr").count(), "the list keeps its own rows").toBe(3);
    expect(await page.getByRole("group", { name: "Scope" }).textContent()).toContain(
      "Service is Example Storage",
    );
    await page.keyboard.press("Control+z");
    await showsText(page, "total", shown(bill.total()));
    await page.goForward();
    await showsText(page, "total", storage);
    await page.goBack();
    await services
      .getByRole("button", { name: "Example Storage", exact: true })
      .click({ modifiers: ["Alt"] });
    await showsText(page, "total", shown(bill.total((charge) => charge.service !== "Example Storage")));
    await page.keyboard.press("Control+z");
    await showsText(page, "total", shown(bill.total()));
  });

  test("a figure explains itself and comes out equal again", async () => {
    const { page } = stage;
    const services = page.getByRole("grid", { name: "Service", exact: true });
    const compute = bill.total((charge) => charge.service === DEAREST_SERVICE);
    await services.getByRole("button", { name: `${shown(compute)}, Evidence of ${DEAREST_SERVICE}` }).click();
    const evidence = page.getByRole("complementary", { name: "Evidence" });
    await evidence.getByText("equals the one you pointed at").waitFor();
    expect(await evidence.textContent(), "the SQL, with its values in it").toContain(`'${DEAREST_SERVICE}'`);
    await evidence.getByRole("button", { name: "Recompute" }).click();
    await page.getByTestId("recompute-verdict").waitFor();
    expect(await page.getByTestId("recompute-verdict").textContent()).toContain("Equal");
    await evidence.getByRole("button", { name: "Show the rows behind this" }).click();
    await showsText(page, "total", shown(compute));
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+z");
  });

  test("the drill path goes down to one charge and its source row", async () => {
    const { page } = stage;
    await page.goto(`${bridge.address}#/explore`);
    await page.reload();
    const drill = async (list: string, value: string) =>
      page
        .getByRole("grid", { name: list, exact: true })
        .getByRole("button", { name: value, exact: true })
        .dblclick();
    await drill("Provider", "Example Cloud");
    await drill("Billing account", "Example billing");
    await drill("Sub account", "North shop");
    await drill("Service", DEAREST_SERVICE);
    await drill("SKU", `sku-${DEAREST_SERVICE}`);
    await drill("Resource", DEAREST_RESOURCE);
    await showsText(page, "total", "500.25");
    await showsText(page, "row-count", "1 charges");
    const path = page.getByRole("navigation", { name: "Drill path" });
    expect((await path.textContent())?.replaceAll(/\s+/g, " "), "the path ends at the charges").toMatch(
      /Charges\s*$/,
    );
    const grid = page.getByRole("grid", { name: "Charges" });
    await grid.getByText(DEAREST_RESOURCE).click();
    const source = page.getByTestId("source-row");
    await source.getByText("example-focus.csv", { exact: true }).waitFor();
    expect(await source.textContent(), "the amount as the provider wrote it").toContain("500.250000");
    await path.getByRole("button", { name: "Service" }).click();
    await showsText(
      page,
      "total",
      shown(bill.total((charge) => charge.service === DEAREST_SERVICE && charge.account === "account-a")),
    );
  });

  test("text from a bill is text, on the page and on the clipboard", async () => {
    const { page } = stage;
    await page.goto(
      `${bridge.address}#/explore?columns=${encodeURIComponent('["charge_description","billed_cost"]')}&where=${encodeURIComponent('["service","is","Example Queue"]')}`,
    );
    await page.reload();
    const grid = page.getByRole("grid", { name: "Charges" });
    await grid.getByText("onerror").first().waitFor();
    expect(await page.locator("img").count(), "no markup came of it").toBe(0);
    await grid.focus();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Control+c");
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toContain("charge_description");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied, "a formula is defused").toContain(`'${HOSTILE}`);
    expect(copied, "the cost with every digit").toMatch(/\t0\.0\d{5,}/);
  });

  test("a pack is built, and its files are there", async () => {
    const { page } = stage;
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByRole("button", { name: /^Build / }).click();
    const files = page.getByTestId("pack-files");
    await files.waitFor({ timeout: LONG_MS });
    const shownFiles = await files.locator("tbody code.path").all();
    const paths = await Promise.all(shownFiles.map(async (file) => (await file.getAttribute("title")) ?? ""));
    expect(paths.map((path) => path.split(".").at(-1)).sort()).toEqual(["pdf", "xlsx"]);
    for (const path of paths) expect(readFileSync(path).length, path).toBeGreaterThan(1000);
    await files.getByRole("button", { name: /^Copy the path of .*pdf$/ }).click();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe(paths.find((path) => path.endsWith(".pdf")));
  });

  test("nothing broke, nothing was refused by the policy, nothing left the machine", () => {
    expect(stage.complaints).toEqual([]);
  });
});
