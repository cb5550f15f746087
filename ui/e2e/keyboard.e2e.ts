import { describe, expect, test } from "vitest";

import { notOfService, ofAccount, ofService } from "./bill";
import { enter } from "./hand";
import { showsText, startJourney } from "./steps";

describe("without a mouse", () => {
  const journey = startJourney({ loaded: true });

  /** Presses Tab until what has the focus passes, within as many stops as a page may have. */
  async function tabTo(wanted: (label: string) => boolean): Promise<void> {
    for (let stop = 0; stop < 120; stop += 1) {
      await journey.page.keyboard.press("Tab");
      const label = await journey.page.evaluate(() => {
        const active = document.activeElement;
        const list = active?.closest("table")?.getAttribute("aria-label") ?? "";
        return `${list}|${active?.getAttribute("aria-label") ?? active?.textContent ?? ""}`;
      });
      if (wanted(label)) return;
    }
    throw new Error("Tab never came to it");
  }

  test("rooms, help and palette open by key", async () => {
    const { page, bill } = journey;
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await journey.showsTotal(bill.total());
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").waitFor();
    await page.keyboard.type("list cost");
    await page.keyboard.press("Enter");
    await expect.poll(() => journey.address()).toContain("cost=list_cost");
    await page.keyboard.press("Control+z");
    await expect.poll(() => journey.address()).not.toContain("cost=list_cost");
  });

  test("a row is filtered, excluded and drilled into from its list", async () => {
    const { page, bill } = journey;
    await tabTo((label) => label.startsWith("Service|"));
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await journey.showsTotal(bill.total(ofService("Example Storage")));
    await page.keyboard.press("Space");
    await journey.showsTotal(bill.total());
    await page.keyboard.press("Alt+Space");
    await journey.showsTotal(bill.total(notOfService("Example Storage")));
    await page.keyboard.press("Alt+Space");
    await journey.showsTotal(bill.total());
    await page.keyboard.press("Enter");
    await expect.poll(() => journey.address()).toContain("drill=");
    await journey.showsTotal(bill.total(ofService("Example Storage")));
    await journey.undo();
  });

  test("the trend is a table one key away, and / finds a value", async () => {
    const { page, bill } = journey;
    // Within a list the same key turns the list.
    await page.locator("#main").focus();
    await page.keyboard.press("t");
    await page.getByRole("region", { name: "Trend as a table" }).waitFor();
    await page.keyboard.press("t");
    await page.keyboard.press("/");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").waitFor();
    await page.keyboard.type("Sub account name");
    await page.keyboard.press("Enter");
    await dialog.getByRole("checkbox", { name: /^North shop/ }).waitFor();
    const focused = () =>
      page.evaluate(() => document.activeElement?.closest("label")?.textContent?.trim() ?? "");
    for (let stop = 0; stop < 20 && !(await focused()).startsWith("North shop"); stop += 1) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Space");
    await enter(dialog.getByRole("button", { name: "Only these" }));
    await journey.showsTotal(bill.total(ofAccount("account-a")));
    await journey.undo();
  });

  test("the charge grid is walked, its row opened, and the drawer closed", async () => {
    const { page, bill } = journey;
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
    expect(journey.stage.complaints).toEqual([]);
  });
});
