import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";

import { format } from "../src/lib/format";
import { divide } from "../src/lib/format/decimal";
import { inApril, inMarch, ofService } from "./bill";
import { enter } from "./hand";
import { leaderboard, scope, showsText, startJourney, valueIn } from "./steps";

const PRICE = "effective_cost/consumed_quantity";
const PIVOT = `#/explore?below=pivot&cost=${encodeURIComponent(PRICE)}&pivot=${encodeURIComponent(
  '[["service"],"month",["effective_cost"],"none",false]',
)}`;

describe("a calculated measure", () => {
  const journey = startJourney({ loaded: true });
  /** Every usage charge of the bill is one hour. The credit has no hours. */
  const hours = (days: number) => String(days);
  const price = (cost: string, days: number) => format.unitCost(divide(cost, hours(days), 12), "USD");
  const figure = (row: Locator) => row.locator("td.numeric").first().textContent();
  const all = () => price(journey.bill.total(), 181);
  const storage = () => price(journey.bill.total(ofService("Example Storage")), 60);

  async function define(name: string, divisor: string): Promise<void> {
    const { page } = journey;
    await enter(page.getByRole("button", { name: /^Cost type/ }));
    await page.getByRole("menuitemradio", { name: "Calculated measures…" }).click();
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByRole("combobox", { name: "By", exact: true }).selectOption(divisor);
    await enter(page.getByRole("button", { name: "Save and show" }));
  }

  test("is defined once and ranks the lists; totals are divided anew", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore");
    await journey.showsTotal(bill.total());
    await define("Price of an <b>hour</b>", "Consumed quantity");
    await showsText(page, "total", all());
    expect(await scope(page)).toContain("Price of an <b>hour</b>");
    expect(await journey.address()).toContain(encodeURIComponent(PRICE));
    const file = join(bill.folder, "engagement", "measures.toml");
    await expect.poll(() => existsSync(file) && readFileSync(file, "utf8")).toContain(PRICE);
    const row = leaderboard(page, "Service").getByRole("row").filter({ hasText: "Example Storage" });
    await expect.poll(async () => (await figure(row))?.trim()).toBe(storage());
    expect(await row.locator("td.share").textContent(), "a part of a quotient is no share of it").toBe("–");
    const names = await leaderboard(page, "Service").locator("tbody .name").allTextContents();
    expect(names.map((name) => name.trim())).toEqual(["Example Compute", "Example Storage", "Example Queue"]);
  });

  test("says in its evidence how it is made, and comes out again", async () => {
    const { page } = journey;
    await page.getByTestId("total").click();
    const panel = page.getByRole("complementary");
    await panel.getByText(`${all()} USD per Hours`).waitFor();
    await panel.getByText("divided by the consumed quantity of the same charges").first().waitFor();
    await panel.getByRole("button", { name: "Recompute" }).click();
    await page.getByTestId("recompute-verdict").waitFor();
    expect(await page.getByTestId("recompute-verdict").textContent()).toContain("Equal");
    await page.keyboard.press("Escape");
  });

  test("has no area, no sum over time, and a trend", async () => {
    const { page } = journey;
    await journey.goTo(`#/explore?grain=month&cost=${encodeURIComponent(PRICE)}`);
    await showsText(page, "total", all());
    expect(await page.getByRole("button", { name: "Cumulative" }).first().isDisabled()).toBe(true);
    const list = page.getByRole("region", { name: "Service", exact: true });
    await enter(list.getByRole("button", { name: "Service as areas" }));
    await list.getByText("An area is a part of a whole; these figures have none").waitFor();
    await enter(list.getByRole("button", { name: "Service as a table" }));
    await page.getByRole("button", { name: "Trend as a table" }).click();
    const trend = page.getByRole("region", { name: "Trend as a table" });
    const march = price(journey.bill.total(inMarch), 90);
    await trend.getByText(march, { exact: true }).waitFor();
    await page.getByRole("button", { name: "Trend as a chart" }).click();
  });

  test("stands in the pivot beside what it is made of", async () => {
    const { page, bill } = journey;
    await journey.goTo(PIVOT);
    const grid = page.getByRole("treegrid", { name: "Pivot" });
    const foot = grid.locator("tfoot tr td");
    const texts = async () => (await foot.allTextContents()).map((text) => text.trim());
    const money = (cost: string) => format.money(cost, "USD");
    await expect
      .poll(texts)
      .toEqual([
        price(bill.total(inMarch), 90),
        money(bill.total(inMarch)),
        price(bill.total(inApril), 91),
        money(bill.total(inApril)),
        all(),
        money(bill.total()),
      ]);
    await enter(page.getByRole("button", { name: /^Show: / }));
    await page.getByRole("menuitemradio", { name: "% of the total" }).click();
    await expect.poll(async () => (await texts()).filter((_, at) => at % 2 === 0)).toEqual(["–", "–", "–"]);
    await page.keyboard.press("Control+z");
  });

  test("is taken away, and the view that shows it keeps its formula", async () => {
    const { page } = journey;
    await journey.goTo("#/explore");
    await valueIn(page, "Service", "Example Storage").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("Calculated measures");
    await page.getByRole("option").first().waitFor();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Show Price of an <b>hour</b>" }).click();
    await showsText(page, "total", all());
    await enter(page.getByRole("button", { name: /^Cost type/ }));
    await page.getByRole("menuitemradio", { name: "Calculated measures…" }).click();
    await dialog.getByRole("button", { name: "Delete the measure Price of an <b>hour</b>" }).click();
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    await dialog.getByText("None yet").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => scope(page)).toContain("Effective cost / consumed quantity");
    await showsText(page, "total", all());
    expect(journey.stage.complaints).toEqual([]);
  });
});
