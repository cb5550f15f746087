import { rmSync } from "node:fs";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Bill, shown, writeBill } from "./bill";
import { type Bridge, openStage, type Stage, startBridge, startBrowser } from "./stage";
import { loadBill, showsText } from "./steps";

describe("without a mouse", () => {
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

  /** Presses Tab until what has the focus passes, within as many stops as a page may have. */
  async function tabTo(wanted: (label: string) => boolean): Promise<void> {
    for (let stop = 0; stop < 120; stop += 1) {
      await stage.page.keyboard.press("Tab");
      const label = await stage.page.evaluate(() => {
        const active = document.activeElement;
        const list = active?.closest("table")?.getAttribute("aria-label") ?? "";
        return `${list}|${active?.getAttribute("aria-label") ?? active?.textContent ?? ""}`;
      });
      if (wanted(label)) return;
    }
    throw new Error("Tab never came to it");
  }

  test("rooms, help and palette open by key", async () => {
    const { page } = stage;
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await showsText(page, "total", shown(bill.total()));
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").waitFor();
    await page.keyboard.type("list cost");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => location.hash)).toContain("cost=list_cost");
    await page.keyboard.press("Control+z");
    await expect.poll(() => page.evaluate(() => location.hash)).not.toContain("cost=list_cost");
  });

  test("a row is filtered, excluded and drilled into from its list", async () => {
    const { page } = stage;
    await tabTo((label) => label.startsWith("Service|"));
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await showsText(page, "total", shown(bill.total((charge) => charge.service === "Example Storage")));
    await page.keyboard.press("Space");
    await showsText(page, "total", shown(bill.total()));
    await page.keyboard.press("Alt+Space");
    await showsText(page, "total", shown(bill.total((charge) => charge.service !== "Example Storage")));
    await page.keyboard.press("Alt+Space");
    await showsText(page, "total", shown(bill.total()));
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => location.hash)).toContain("drill=");
    await showsText(page, "total", shown(bill.total((charge) => charge.service === "Example Storage")));
    await page.keyboard.press("Control+z");
    await showsText(page, "total", shown(bill.total()));
  });

  test("the trend is a table one key away, and / finds a value", async () => {
    const { page } = stage;
    await page.keyboard.press("t");
    await page.getByRole("region", { name: "Trend as a table" }).waitFor();
    await page.keyboard.press("t");
    await page.keyboard.press("/");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").waitFor();
    await page.keyboard.type("Sub account name");
    await page.keyboard.press("Enter");
    await dialog.getByRole("checkbox").first().waitFor();
    await page.keyboard.press("Tab");
    while (!(await page.evaluate(() => document.activeElement?.matches("input[type=checkbox]")))) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Space");
    await dialog.getByRole("button", { name: "Only these" }).press("Enter");
    await showsText(page, "total", shown(bill.total((charge) => charge.account === "account-a")));
    await page.keyboard.press("Control+z");
    await showsText(page, "total", shown(bill.total()));
  });

  test("the charge grid is walked, its row opened, and the drawer closed", async () => {
    const { page } = stage;
    // Another result begins at its top: the rows of the view that was undone to must be there first.
    await showsText(page, "row-count", `${bill.charges} charges`);
    await page.locator("[role=grid][aria-label=Charges][aria-busy=false]").waitFor();
    await tabTo((label) => label === "|Charges");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    const active = () =>
      page.evaluate(() => {
        const grid = document.activeElement;
        const cell = document.getElementById(grid?.getAttribute("aria-activedescendant") ?? "");
        return [
          cell?.closest("[role=row]")?.getAttribute("aria-rowindex"),
          cell?.getAttribute("aria-colindex"),
        ];
      });
    expect(await active(), "the second charge, the second column; the header is row 1").toEqual(["3", "2"]);
    await page.keyboard.press("Control+End");
    await expect.poll(async () => (await active())[0]).toBe(String(bill.charges + 1));
    await page.keyboard.press("Enter");
    await page.getByTestId("source-row").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByTestId("source-row").count()).toBe(0);
    expect(stage.complaints).toEqual([]);
  });
});
