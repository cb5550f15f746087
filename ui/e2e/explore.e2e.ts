import { describe, expect, test } from "vitest";

import { inApril, inMarch, ofAccount, ofService, shown } from "./bill";
import { leaderboard, scope, showsText, startJourney, valueIn } from "./steps";

const HALF_MARCH = "#/explore?period=2025-03-01..2025-04-16&grain=month";

describe("Explore", () => {
  const journey = startJourney({ loaded: true });

  test("dragging over the trend sets the period", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore?grain=month");
    const plot = page.locator(".plot");
    await plot.locator("canvas").waitFor();
    const box = await plot.boundingBox();
    if (!box) throw new Error("the trend has no place on the page");
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(() => journey.address(), { message: "the second of two months" })
      .toContain("period=2025-04-01..2025-05-01");
    await journey.showsTotal(bill.total(inApril));
  });

  test("a partial month is labelled in the table and in the chart's words", async () => {
    const { page } = journey;
    await journey.goTo(HALF_MARCH);
    await page.getByRole("img", { name: /Apr 2025 .*1–15 of 30 days/ }).waitFor();
    await page.keyboard.press("t");
    await page.getByRole("region", { name: "Trend as a table" }).getByText("1–15 of 30 days").waitFor();
    await page.keyboard.press("t");
  });

  test("comparing sets each list's change beside its value", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore?period=2025-04-01..2025-05-01&compare=previous");
    await page.getByText("Before, Mar 2025").waitFor();
    expect(await page.locator(".headline").textContent()).toContain(shown(bill.total(inMarch)));
    const totals = await page.getByTestId("list-total").allTextContents();
    const april = shown(bill.total(inApril));
    expect(new Set(totals.map((total) => total.trim())), "parts equal the header").toEqual(new Set([april]));
  });

  test("a missing value is a row, can be filtered by, and a link restores it", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore");
    await valueIn(page, "Region", "(missing)").click();
    const missing = bill.total((charge) => charge.region === null);
    await journey.showsTotal(missing);
    const other = await journey.open(await journey.address());
    await showsText(other.page, "total", shown(missing));
    expect(await scope(other.page)).toContain("Region is missing");
    await other.context.close();
  });

  test("accounts go by their names, filters by their ids", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore");
    const south = valueIn(page, "Sub account", "South shop");
    expect(await south.getAttribute("title"), "the id is one hover away").toBe("South shop, account-b");
    await south.click();
    await journey.showsTotal(bill.total(ofAccount("account-b")));
    expect(decodeURIComponent(await journey.address())).toContain('["sub_account","is","account-b"]');
    expect(await scope(page)).toContain("Sub account is South shop");
  });

  test("another value of a drilled dimension takes the place of the first", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore");
    await leaderboard(page, "Service").getByRole("button", { name: "Drill into Example Queue" }).click();
    await journey.showsTotal(bill.total(ofService("Example Queue")));
    await valueIn(page, "Service", "Example Storage").click();
    await journey.showsTotal(bill.total(ofService("Example Storage")));
  });

  test("the charges are sorted by their header", async () => {
    const { page } = journey;
    await journey.goTo("#/explore");
    const grid = page.getByRole("grid", { name: "Charges" });
    const cost = grid.getByRole("columnheader", { name: "Billed cost" });
    const top = () => grid.locator("[aria-rowindex='2'] [role=gridcell]").last().getAttribute("title");
    await expect.poll(() => cost.getAttribute("aria-sort")).toBe("descending");
    await expect.poll(top, { message: "the dearest first" }).toMatch(/^500\.250*$/);
    await cost.getByRole("button").click();
    await expect.poll(() => cost.getAttribute("aria-sort")).toBe("ascending");
    await expect.poll(top, { message: "the credit first" }).toMatch(/^-25\.50*$/);
    expect(await journey.address(), "the order is part of the view").toContain("order=billed_cost");
    expect(journey.stage.complaints).toEqual([]);
  });
});
