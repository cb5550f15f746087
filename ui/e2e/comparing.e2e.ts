import { describe, expect, test } from "vitest";

import { inApril, inMarch, shown } from "./bill";
import { leaderboard, showsText, startJourney } from "./steps";

const APRIL = "#/explore?period=2025-04-01..2025-05-01&compare=previous&grain=month";

/** A decimal with six digits behind the point, divided by days, to cents. */
function daily(exact: string, days: number): string {
  return (Number(exact) / days).toFixed(2);
}

describe("comparing per day, and adding up", () => {
  const journey = startJourney({ loaded: true });

  test("30 days beside 31 are set side by side per day, and say so", async () => {
    const { page, bill } = journey;
    await journey.goTo(APRIL);
    await page.getByText("Before, Mar 2025").waitFor();
    await page.getByRole("button", { name: "Per day", exact: true }).click();
    await page.getByText("Billed cost per day, USD").first().waitFor();
    expect(await journey.address()).toContain("perday=yes");
    await showsText(page, "total", daily(bill.total(inApril), 30));
    expect(await page.locator(".headline").textContent()).toContain(daily(bill.total(inMarch), 31));
    const totals = await page.getByTestId("list-total").allTextContents();
    expect(new Set(totals.map((total) => total.trim())), "parts equal the header").toEqual(
      new Set([daily(bill.total(inApril), 30)]),
    );
    await leaderboard(page, "Service").getByRole("columnheader", { name: "USD per day" }).waitFor();
    await page.getByTestId("total").click();
    await showsText(page, "evidence-figure", `USD\u00a0${shown(bill.total(inApril))}`);
    await page.getByText(`${daily(bill.total(inApril), 30)} a day, over 30 days`).waitFor();
    await page.keyboard.press("Escape");
  });

  test("without a comparison nothing is per day", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore?period=2025-04-01..2025-05-01&perday=yes");
    await showsText(page, "total", shown(bill.total(inApril)));
    expect(await page.getByRole("button", { name: "Per day", exact: true }).count()).toBe(0);
  });

  test("a period with no data compares with dashes, never with NaN", async () => {
    const { page } = journey;
    await journey.goTo("#/explore?period=2025-04-01..2025-05-01&compare=2019-01-01..2019-02-01&perday=yes");
    await page.getByText("Before, Jan 2019").waitFor();
    expect(await page.locator("main").textContent()).not.toMatch(/NaN|Infinity|undefined/);
    await journey.goTo("#/explore?period=2019-01-01..2019-02-01&compare=previous&perday=yes");
    await page.getByText("Before, Dec 2018").waitFor();
    expect(await page.locator("main").textContent()).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("the trend adds up to the total, and its evidence reaches back to the beginning", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore?grain=month&trend=table&running=yes");
    const table = page.getByRole("region", { name: "Trend as a table" });
    const april = table.locator("tbody tr").nth(1).locator("td").first();
    await expect.poll(async () => (await april.textContent())?.trim()).toBe(shown(bill.total()));
    await april.getByRole("button").click();
    await page.getByText("The figure asked for alone equals the one you pointed at").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Cumulative", exact: true }).first().click();
    await expect.poll(async () => (await april.textContent())?.trim()).toBe(shown(bill.total(inApril)));
    expect(journey.stage.complaints).toEqual([]);
  });
});
