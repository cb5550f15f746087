import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { DEAREST_RESOURCE, DEAREST_SERVICE, HOSTILE, notOfService, ofService, shown } from "./bill";
import {
  clipboard,
  leaderboard,
  loadBill,
  loads,
  LONG_MS,
  scope,
  showsText,
  sourceOfBill,
  startJourney,
  valueIn,
} from "./steps";

describe("from a bill to a pack", () => {
  const journey = startJourney();

  test("the welcome screen offers three ways in, and a bill loads", async () => {
    const { page, bill } = journey;
    await page.getByRole("heading", { name: "Point it at a cloud bill" }).waitFor();
    await loadBill(page, bill);
    const rows = loads(page);
    await expect.poll(() => rows.count(), { message: "one load for each billing period" }).toBe(2);
    await rows.first().click();
    const load = page.getByRole("complementary", { name: "Load" });
    await load.getByText("example-focus.csv").waitFor();
    await load.getByText("No row was rejected").waitFor();
    await page.keyboard.press("Escape");
  });

  test("Explore shows the total that the bill adds up to", async () => {
    const { page, bill } = journey;
    await page.getByRole("button", { name: "Explore", exact: true }).click();
    await journey.showsTotal(bill.total());
    await showsText(page, "charges", String(bill.charges));
    const totals = page.getByTestId("list-total");
    await expect.poll(() => totals.count()).toBeGreaterThan(3);
    for (const total of await totals.allTextContents()) {
      expect(total.trim(), "every breakdown adds up to the header").toBe(shown(bill.total()));
    }
  });

  test("a filter made in a list leaves that list its rows, and undo takes it back", async () => {
    const { page, bill } = journey;
    const storageRow = valueIn(page, "Service", "Example Storage");
    await storageRow.click();
    const storage = bill.total(ofService("Example Storage"));
    await journey.showsTotal(storage);
    expect(
      await leaderboard(page, "Service").locator("tbody tr").count(),
      "the list keeps its own rows",
    ).toBe(3);
    expect(await scope(page)).toContain("Service is Example Storage");
    await journey.undo();
    await page.goForward();
    await journey.showsTotal(storage);
    await page.goBack();
    await storageRow.click({ modifiers: ["Alt"] });
    await journey.showsTotal(bill.total(notOfService("Example Storage")));
    await journey.undo();
  });

  test("a figure explains itself and comes out equal again", async () => {
    const { page, bill } = journey;
    const compute = bill.total(ofService(DEAREST_SERVICE));
    await valueIn(page, "Service", `${shown(compute)}, Evidence of ${DEAREST_SERVICE}`).click();
    const evidence = page.getByRole("complementary", { name: "Evidence" });
    await evidence.getByText("equals the one you pointed at").waitFor();
    expect(await evidence.textContent(), "the SQL, with its values in it").toContain(`'${DEAREST_SERVICE}'`);
    await evidence.getByRole("button", { name: "Recompute" }).click();
    await page.getByTestId("recompute-verdict").waitFor();
    expect(await page.getByTestId("recompute-verdict").textContent()).toContain("Equal");
    await evidence.getByRole("button", { name: "Show the rows behind this" }).click();
    await journey.showsTotal(compute);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+z");
  });

  test("the drill path goes down to one charge and its source row", async () => {
    const { page, bill } = journey;
    await journey.begin("#/explore");
    const drill = (dimension: string, value: string) => valueIn(page, dimension, value).dblclick();
    await drill("Provider", "Example Cloud");
    await drill("Billing account", "Example billing");
    await drill("Sub account", "North shop");
    await drill("Service", DEAREST_SERVICE);
    await drill("SKU", `sku-${DEAREST_SERVICE}`);
    await drill("Resource", DEAREST_RESOURCE);
    await journey.showsTotal("500.25");
    await showsText(page, "row-count", "1 charge");
    const path = page.getByRole("navigation", { name: "Drill path" });
    expect((await path.textContent())?.replaceAll(/\s+/g, " "), "the path ends at the charges").toMatch(
      /Charges\s*$/,
    );
    const grid = page.getByRole("grid", { name: "Charges" });
    await grid.getByText(DEAREST_RESOURCE).click();
    expect(await sourceOfBill(page), "the amount as the provider wrote it").toContain("500.250000");
    await path.getByRole("button", { name: "Service" }).click();
    await journey.showsTotal(
      bill.total((charge) => charge.service === DEAREST_SERVICE && charge.account === "account-a"),
    );
  });

  test("text from a bill is text, on the page and on the clipboard", async () => {
    const { page } = journey;
    const columns = encodeURIComponent('["charge_description","billed_cost"]');
    const where = encodeURIComponent('["service","is","Example Queue"]');
    await journey.begin(`#/explore?columns=${columns}&where=${where}`);
    const grid = page.getByRole("grid", { name: "Charges" });
    await grid.getByText("onerror").first().waitFor();
    expect(await page.locator("img").count(), "no markup came of it").toBe(0);
    await grid.focus();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Control+c");
    await expect.poll(() => clipboard(page)).toContain("charge_description");
    const copied = await clipboard(page);
    expect(copied, "a formula is defused").toContain(`'${HOSTILE}`);
    expect(copied, "the cost with every digit").toMatch(/\t0\.0\d{5,}/);
  });

  test("a pack is built, and its files are there", async () => {
    const { page } = journey;
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
    await expect.poll(() => clipboard(page)).toBe(paths.find((path) => path.endsWith(".pdf")));
  });

  test("nothing broke, nothing was refused by the policy, nothing left the machine", () => {
    expect(journey.stage.complaints).toEqual([]);
  });
});
