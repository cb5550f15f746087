import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { LEDGER, shown } from "./bill";
import { enter } from "./hand";
import { loadMore, loads, LONG_MS, showPart, startJourney } from "./steps";

describe("a bill of no known format", () => {
  const journey = startJourney({ loaded: true });
  const formula = (name: string) => journey.page.getByLabel(`Formula of ${name}`);
  const summary = () => journey.page.getByTestId("preview-summary");

  test("says that it is not recognised, and offers to be mapped by hand", async () => {
    const { page, bill } = journey;
    const path = join(bill.folder, "ledger.csv");
    writeFileSync(path, LEDGER.text);
    await loadMore(page, path);
    await enter(page.getByRole("button", { name: "Map it by hand…" }));
    await page.getByRole("heading", { name: "Map ledger.csv" }).waitFor();
    const columns = page.getByRole("region", { name: "Columns of the file" });
    expect(await columns.textContent(), "with values to go by").toContain("Rack space · Power");
  });

  test("a draft is filled in, and shows what it makes of the file", async () => {
    await expect.poll(() => formula("Charge date").inputValue()).toBe("`Posting Date`");
    await summary().waitFor({ timeout: LONG_MS });
    expect(await summary().textContent()).toContain(`EUR\u00a0${shown(LEDGER.total)}`);
    expect(await summary().textContent()).toContain("3 charges");
  });

  test("a wrong formula is told beside it, and cannot be loaded", async () => {
    const { page } = journey;
    const written = await formula("Billed cost").inputValue();
    await formula("Billed cost").fill("sume(Qty)");
    await page
      .getByRole("alert")
      .getByText(/no function/)
      .waitFor();
    await expect.poll(() => formula("Billed cost").getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByRole("button", { name: "Save and load" }).isDisabled()).toBe(true);
    await formula("Billed cost").fill(written);
    await expect.poll(() => formula("Billed cost").getAttribute("aria-invalid")).toBe("false");
  });

  test("a column of the file is put into the formula that is written", async () => {
    const { page } = journey;
    await formula("Tags").fill("object('team': )");
    await page.keyboard.press("ArrowLeft");
    await page
      .getByRole("region", { name: "Columns of the file" })
      .getByRole("button", { name: /^Team/ })
      .click();
    await expect.poll(() => formula("Tags").inputValue()).toBe("object('team': Team)");
    await page.getByText('{"team":"core"}').first().waitFor();
  });

  test("what is written stays while the analyst looks elsewhere, and can be written as text", async () => {
    const { page } = journey;
    await showPart(page, "Checks");
    await page.goBack();
    await expect.poll(() => formula("Tags").inputValue()).toBe("object('team': Team)");
    await page.getByRole("tab", { name: "Text" }).click();
    const text = page.getByLabel("The mapping file");
    expect(await text.inputValue()).toContain(`Tags = { from = "object('team': Team)" }`);
    await page.getByRole("tab", { name: "Formulas" }).click();
  });

  test("it is named, saved and loads the file", async () => {
    const { page } = journey;
    await formula("Who sells").fill("'Rack & Sons'");
    await page.getByLabel("Name", { exact: true }).fill("Data centre ledger");
    await summary().getByText("3 charges").waitFor();
    await enter(page.getByRole("button", { name: "Save and load" }));
    await expect
      .poll(() => loads(page).filter({ hasText: "Rack & Sons" }).count(), { timeout: LONG_MS })
      .toBe(2);
    await showPart(page, "Mappings");
    await page.getByRole("button", { name: "Open Data centre ledger" }).waitFor();
  });

  test("a saved mapping is opened again, and deleted when it is confirmed", async () => {
    const { page } = journey;
    await enter(page.getByRole("button", { name: "Open Data centre ledger" }));
    await expect.poll(() => formula("Who sells").inputValue()).toBe("'Rack & Sons'");
    await enter(page.getByRole("button", { name: "All mappings" }));
    await enter(page.getByRole("button", { name: "Delete Data centre ledger" }));
    await enter(page.getByRole("button", { name: "Delete it?" }));
    await page.getByText("No mapping has been made yet").waitFor();
    expect(journey.stage.complaints).toEqual([]);
  });
});
