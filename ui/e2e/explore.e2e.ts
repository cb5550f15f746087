import { rmSync } from "node:fs";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Bill, shown, writeBill } from "./bill";
import { type Bridge, openStage, type Stage, startBridge, startBrowser } from "./stage";
import { loadBill, showsText } from "./steps";

const HALF_MARCH = "#/explore?period=2025-03-01..2025-04-16&grain=month";

describe("Explore", () => {
  let bill: Bill;
  let bridge: Bridge;
  let browser: Browser;
  let stage: Stage;

  beforeAll(async () => {
    bill = writeBill();
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

  const hash = () => stage.page.evaluate(() => location.hash);
  const goTo = (address: string) => stage.page.evaluate((to) => (location.hash = to), address);

  test("dragging over the trend sets the period", async () => {
    const { page } = stage;
    await goTo("#/explore?grain=month");
    const plot = page.locator(".plot");
    await plot.locator("canvas").waitFor();
    const box = await plot.boundingBox();
    if (!box) throw new Error("the trend has no place on the page");
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(hash, { message: "the second of two months" })
      .toContain("period=2025-04-01..2025-05-01");
    await showsText(page, "total", shown(bill.total((charge) => charge.day >= "2025-04")));
  });

  test("a partial month is labelled in the table and in the chart's words", async () => {
    const { page } = stage;
    await goTo(HALF_MARCH);
    await page.getByRole("img", { name: /Apr 2025 .*1–15 of 30 days/ }).waitFor();
    await page.keyboard.press("t");
    await page.getByRole("region", { name: "Trend as a table" }).getByText("1–15 of 30 days").waitFor();
    await page.keyboard.press("t");
  });

  test("comparing sets each list's change beside its value", async () => {
    const { page } = stage;
    await goTo("#/explore?period=2025-04-01..2025-05-01&compare=previous");
    const march = bill.total((charge) => charge.day < "2025-04");
    await page.getByText("Before, Mar 2025").waitFor();
    expect(await page.locator(".headline").textContent()).toContain(shown(march));
    const totals = await page.getByTestId("list-total").allTextContents();
    const april = shown(bill.total((charge) => charge.day >= "2025-04"));
    expect(new Set(totals.map((total) => total.trim())), "parts equal the header").toEqual(new Set([april]));
  });

  test("a missing value is a row, can be filtered by, and a link restores it", async () => {
    const { page } = stage;
    await goTo("#/explore");
    const regions = page.getByRole("grid", { name: "Region", exact: true });
    await regions.getByRole("button", { name: "(missing)", exact: true }).click();
    const missing = shown(bill.total((charge) => charge.region === null));
    await showsText(page, "total", missing);
    const link = await hash();
    const other = await openStage(browser, `${bridge.address}${link}`);
    await showsText(other.page, "total", missing);
    expect(await other.page.getByRole("group", { name: "Scope" }).textContent()).toContain(
      "Region is missing",
    );
    await other.context.close();
  });

  test("accounts go by their names, filters by their ids", async () => {
    const { page } = stage;
    await goTo("#/explore");
    const accounts = page.getByRole("grid", { name: "Sub account", exact: true });
    const south = accounts.getByRole("button", { name: "South shop", exact: true });
    expect(await south.getAttribute("title"), "the id is one hover away").toBe("South shop, account-b");
    await south.click();
    await showsText(page, "total", shown(bill.total((charge) => charge.account === "account-b")));
    expect(decodeURIComponent(await hash())).toContain('["sub_account","is","account-b"]');
    expect(await page.getByRole("group", { name: "Scope" }).textContent()).toContain(
      "Sub account is South shop",
    );
  });

  test("another value of a drilled dimension takes the place of the first", async () => {
    const { page } = stage;
    await goTo("#/explore");
    const services = page.getByRole("grid", { name: "Service", exact: true });
    await services.getByRole("button", { name: "Drill into Example Queue" }).click();
    await showsText(page, "total", shown(bill.total((charge) => charge.service === "Example Queue")));
    await services.getByRole("button", { name: "Example Storage", exact: true }).click();
    await showsText(page, "total", shown(bill.total((charge) => charge.service === "Example Storage")));
  });

  test("the charges are sorted by their header", async () => {
    const { page } = stage;
    await goTo("#/explore");
    const grid = page.getByRole("grid", { name: "Charges" });
    const cost = grid.getByRole("columnheader", { name: "Billed cost" });
    const top = () => grid.locator("[aria-rowindex='2'] [role=gridcell]").last().getAttribute("title");
    await expect.poll(() => cost.getAttribute("aria-sort")).toBe("descending");
    await expect.poll(top, { message: "the dearest first" }).toMatch(/^500\.250*$/);
    await cost.getByRole("button").click();
    await expect.poll(() => cost.getAttribute("aria-sort")).toBe("ascending");
    await expect.poll(top, { message: "the credit first" }).toMatch(/^-25\.50*$/);
    expect(await hash(), "the order is part of the view").toContain("order=billed_cost");
    expect(stage.complaints).toEqual([]);
  });
});
