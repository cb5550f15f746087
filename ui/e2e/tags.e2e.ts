import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { shown, writeForeign } from "./bill";
import { enter } from "./hand";
import { loadMore, loads, LONG_MS, showPart, startJourney, valueIn } from "./steps";

describe("tags and rates", () => {
  const journey = startJourney({ loaded: true });
  const keys = () => journey.page.getByRole("table", { name: "Tag keys" });

  test("keys are listed with what they cover, and a key opens to its values", async () => {
    const { page } = journey;
    await showPart(page, "Tags");
    await keys().waitFor({ timeout: LONG_MS });
    expect(await keys().locator("tbody tr").first().textContent()).toMatch(/team/);
    await enter(keys().getByRole("button", { name: "team", exact: true }));
    await keys().getByText("south", { exact: true }).first().waitFor();
  });

  test("a suggested alias is accepted, follows into Explore, and is undone", async () => {
    const { page, bill } = journey;
    const suggestions = page.getByRole("list", { name: "Spellings that look alike" });
    await enter(suggestions.getByRole("button", { name: "Accept: count Team as team" }));
    await page.getByTestId("tags-summary").getByText("1 spelling counts as another").waitFor();
    await keys().getByRole("button", { name: "Explore by team", exact: true }).first().click();
    const list = page.getByRole("grid", { name: /team$/i });
    await list.waitFor();
    await expect
      .poll(() => list.getByTestId("list-total").textContent())
      .toSatisfy((text: string | null) => text?.trim() === shown(bill.total()));
    expect(await list.textContent(), "no charge is without the key now").not.toContain("(missing)");
    await page.goBack();
    await enter(keys().getByRole("button", { name: "Undo: let Team count as itself again" }));
    await suggestions.getByRole("button", { name: "Accept: count Team as team" }).waitFor();
  });

  test("what a key counts as can be written by hand", async () => {
    const { page } = journey;
    const field = keys().getByLabel("What Team counts as", { exact: true });
    await field.fill("crew");
    await page.keyboard.press("Tab");
    await keys().getByRole("button", { name: "Undo: let Team count as itself again" }).waitFor();
    await enter(keys().getByRole("button", { name: "Undo: let Team count as itself again" }));
    await expect.poll(() => field.inputValue()).toBe("");
  });

  test("a rate table is imported, looked at, and used by an explicit choice", async () => {
    const { page, bill } = journey;
    const path = join(bill.folder, "example-rates.csv");
    writeFileSync(
      path,
      "date,from,to,rate,source\n2025-03-01,USD,EUR,0.5,Example Bank\n2025-04-01,USD,EUR,0.5,Example Bank\n",
    );
    await showPart(page, "Rates");
    await page.getByRole("button", { name: "Import a table…" }).click();
    await page.getByLabel("The CSV file of rates").fill(path);
    await page.getByRole("dialog").getByRole("button", { name: "Import" }).click();
    await enter(page.getByRole("button", { name: "Rates of example-rates" }));
    await page.getByText("EUR for one USD").first().waitFor();
    await enter(page.getByRole("button", { name: "All tables" }));
    await enter(page.getByRole("button", { name: "Convert with it…" }));
    const dialog = page.getByRole("dialog", { name: "Convert costs" });
    await dialog.getByLabel("Into").selectOption("EUR");
    await dialog.getByLabel("the first day of its billing month").check();
    await enter(dialog.getByRole("button", { name: "Convert", exact: true }));
    const half = (text: string) => {
      const millionths = BigInt(text.replace(".", "")) * 5n;
      const digits = millionths.toString().padStart(8, "0");
      return `${digits.slice(0, -7)}.${digits.slice(-7)}`;
    };
    await journey.showsTotal(half(bill.total()));
    expect(await journey.address(), "a link carries the choice").toContain("convert=");
    await page.getByTestId("total").click();
    const evidence = page.getByRole("complementary", { name: "Evidence" });
    await evidence.getByText("USD into EUR by example-rates").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Currency/ }).click();
    await page.getByRole("menuitemradio", { name: /^USD/ }).click();
    await journey.showsTotal(bill.total());
  });

  test("a second currency is never added, and each figure can still explain itself", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/sources");
    const foreign = writeForeign(bill);
    await loadMore(page, foreign.path);
    await loads(page).filter({ hasText: "EUR" }).first().waitFor({ timeout: LONG_MS });
    await journey.goTo("#/explore?split=service");
    await journey.showsTotal(bill.total());
    await page.getByTestId("total").click();
    const evidence = page.getByRole("complementary", { name: "Evidence" });
    await evidence.getByText("equals the one you pointed at").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Currency/ }).click();
    await page.getByRole("menuitemradio", { name: /^EUR/ }).click();
    await journey.showsTotal(foreign.total);
    await page.getByTestId("total").click();
    await evidence.getByText("equals the one you pointed at").waitFor();
    await page.keyboard.press("Escape");
    await journey.goTo("#/explore");
  });

  test("each column of a charge tells which cells it was made from", async () => {
    const { page } = journey;
    await valueIn(page, "Service", "Example Queue").waitFor();
    const grid = page.getByRole("grid", { name: "Charges" });
    await grid.scrollIntoViewIfNeeded();
    await grid.locator("[aria-rowindex='2']").click();
    const source = page.getByTestId("source-row");
    await source.waitFor();
    await source.getByLabel("Find a column or a value").fill("BillingAccountName");
    await expect
      .poll(async () => (await source.textContent())?.replaceAll(/\s+/g, " "))
      .toMatch(/BillingAccountName.*Example billing.*BillingAccountName as it is/);
    expect(journey.stage.complaints).toEqual([]);
  });
});
