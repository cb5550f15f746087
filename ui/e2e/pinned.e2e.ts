import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { enter } from "./hand";
import { LONG_MS, startJourney } from "./steps";

describe("what is pinned to a pack", () => {
  const journey = startJourney({ loaded: true });
  const file = () => readFileSync(join(journey.bill.folder, "engagement", "packs", "qbr.toml"), "utf8");

  /** Fills the dialog that is open. */
  async function pin(heading: string, follows = false): Promise<void> {
    const dialog = journey.page.getByRole("dialog");
    await dialog.getByLabel("Heading").fill(heading);
    await dialog.getByLabel("What to say of it").fill("As <b>looked</b> at");
    if (follows) await dialog.getByLabel("Of the pack's period").check();
    await dialog.getByRole("button", { name: "Pin", exact: true }).click();
    await expect.poll(() => file()).toContain(`heading = "${heading}"`);
  }

  async function fromMenu(of: string): Promise<void> {
    const { page } = journey;
    await enter(page.getByRole("button", { name: `Copy or export: ${of}` }).first());
    await page.getByRole("menuitem", { name: "Pin to a pack…" }).click();
  }

  test("is a list, a trend, a change and a statement's result, and stands in the file", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore");
    await journey.showsTotal(bill.total());
    await fromMenu("Service");
    await pin("Services as listed", true);
    expect(file()).toContain('kind = "pinned_figures"');
    await fromMenu("Trend");
    await pin("The trend");
    expect(file(), "its own days").toContain("2025-03-01");
    await journey.goTo("#/change?period=2025-04-01..2025-05-01");
    await page.getByTestId("change-current").waitFor();
    await fromMenu("What it is made of");
    await pin("Why April");
    expect(file()).toContain('kind = "pinned_change"');
    await journey.goTo("#/sql");
    const editor = page.getByRole("textbox", { name: "SQL" });
    await editor.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("SELECT service_name, sum(billed_cost) AS cost FROM charge GROUP BY 1");
    await page.keyboard.press("Control+Enter");
    await page.getByTestId("sql-rows").getByText("3 rows").waitFor();
    await fromMenu("Result");
    await pin("By statement");
    expect(file()).toContain('kind = "pinned_sql"');
  });

  test("is a pivot and a forecast, too", async () => {
    const { page } = journey;
    await journey.goTo("#/explore?below=pivot");
    await page.getByRole("treegrid").waitFor();
    await fromMenu("Pivot");
    await pin("Providers by month", true);
    expect(file()).toContain('kind = "pinned_pivot"');
    await journey.goTo("#/forecast");
    await page.getByText("80% interval").first().waitFor({ timeout: LONG_MS });
    await fromMenu("Forecast");
    await pin("What comes");
    expect(file()).toContain('kind = "pinned_forecast"');
  });

  test("is listed with the pack, built with it, and taken out again", async () => {
    const { page } = journey;
    await journey.goTo("#/packs");
    const pins = page.getByRole("list", { name: "Pinned" });
    await expect.poll(() => pins.getByRole("listitem").count()).toBe(6);
    await enter(page.getByRole("button", { name: "Period: As the pack says" }));
    await page
      .getByRole("menuitemradio", { name: /Apr – Jun 2025|Q2 2025|Apr/ })
      .first()
      .click();
    await page.getByRole("button", { name: /^Build / }).click();
    await page.getByText(/\.pdf/).first().waitFor({ timeout: LONG_MS });
    await page
      .getByText(/\.xlsx/)
      .first()
      .waitFor({ timeout: LONG_MS });
    await pins.getByRole("button", { name: "Remove the pinned section Why April" }).click();
    await pins.getByRole("button", { name: "Remove", exact: true }).first().click();
    await expect.poll(() => pins.getByRole("listitem").count()).toBe(5);
    expect(file()).not.toContain("Why April");
    expect(journey.stage.complaints).toEqual([]);
  });
});
