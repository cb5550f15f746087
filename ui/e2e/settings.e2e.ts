import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { enter } from "./hand";
import { loadMore, loads, LONG_MS, showPart, startJourney } from "./steps";

/** One use of a service of Google Cloud with a discount on it, as the export writes it. */
const GOOGLE = JSON.stringify({
  billing_account_id: "01-A",
  cost: 10,
  currency: "USD",
  invoice: { month: "202503" },
  service: { description: "Compute" },
  sku: { description: "Core" },
  usage_start_time: "2025-03-03 00:00:00 UTC",
  usage_end_time: "2025-03-03 01:00:00 UTC",
  cost_type: "regular",
  project: { id: "p" },
  usage: { amount: 1, unit: "hour" },
  credits: [{ name: "Sustained", amount: -2, type: "SUSTAINED_USAGE_DISCOUNT", id: "s" }],
});
const RUN = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";

describe("what an engagement chooses, and what came with its bills", () => {
  const journey = startJourney({ loaded: true });
  const settings = () => journey.page.getByRole("dialog", { name: "Settings" });
  const written = () => readFileSync(join(journey.bill.folder, "engagement", "engagement.toml"), "utf8");
  let before = "";

  test("the settings are reached from the engagement's menu, explained, and written", async () => {
    const { page } = journey;
    before = written();
    await enter(page.getByRole("button", { name: "Engagement: Example audit" }));
    await enter(page.getByRole("menuitem", { name: "Settings…" }));
    await settings().getByText("each promotion is a charge of its own").waitFor();
    expect(await settings().getByRole("button", { name: "Save" }).isDisabled(), "nothing to save yet").toBe(
      true,
    );
    await settings()
      .getByRole("radio", { name: /^gross/ })
      .press("Space");
    await settings()
      .getByLabel(/^The currency of Kubernetes allocations/)
      .selectOption("EUR");
    await enter(settings().getByRole("button", { name: "Save" }));
    await settings().waitFor({ state: "detached" });
    expect(written()).toBe(`${before}\n[settings]\ngcp_credits = "gross"\nallocation_currency = "EUR"\n`);
  });

  test("they are reached from the palette too, and the rule leaves no entry", async () => {
    const { page } = journey;
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("settings");
    await page.keyboard.press("Enter");
    await settings().getByRole("radio", { name: /^net/ }).press("Space");
    await settings()
      .getByLabel(/^The currency of Kubernetes allocations/)
      .selectOption("USD");
    await enter(settings().getByRole("button", { name: "Save" }));
    await settings().waitFor({ state: "detached" });
    expect(written()).toBe(before);
  });

  test("a choice of loading says which loads were made otherwise, and the load and the evidence say how", async () => {
    const { page, bill } = journey;
    const path = join(bill.folder, "google.jsonl");
    writeFileSync(path, GOOGLE);
    await loadMore(page, path);
    await loads(page).filter({ hasText: "Google Cloud" }).click({ timeout: LONG_MS });
    const load = page.getByRole("complementary", { name: "Load" });
    await load.getByText("gcp_credits = net").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("settings");
    await page.keyboard.press("Enter");
    await settings()
      .getByRole("radio", { name: /^gross/ })
      .press("Space");
    await enter(settings().getByRole("button", { name: "Save" }));
    await settings()
      .getByText(/^Load \d+ was made under another value than gross/)
      .waitFor();
    await enter(settings().getByRole("button", { name: "Close" }));
    const provider = encodeURIComponent('["provider","is","Google Cloud"]');
    await journey.begin(`#/explore?where=${provider}`);
    await page.getByTestId("total").click();
    await page.getByRole("complementary", { name: "Evidence" }).getByText("gcp_credits = net").waitFor();
    await page.keyboard.press("Escape");
  });

  test("a load that came by a manifest says which delivery it is", async () => {
    const { page, bill } = journey;
    const folder = join(bill.folder, "daily", "20250301-20250331", RUN);
    mkdirSync(folder, { recursive: true });
    copyFileSync(bill.path, join(folder, "part_0_0001.csv"));
    writeFileSync(
      join(folder, "manifest.json"),
      JSON.stringify({
        manifestVersion: "2024-04-01",
        exportConfig: { exportName: "daily", type: "FocusCost" },
        runInfo: { runId: RUN, submittedTime: "2025-05-02T04:00:00Z", startDate: "2025-03-01T00:00:00" },
        blobs: [{ blobName: `costs/daily/20250301-20250331/${RUN}/part_0_0001.csv` }],
      }),
    );
    // The same charges with one more line: another delivery of the same bill.
    const file = join(folder, "part_0_0001.csv");
    const lines = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, [...lines, lines.at(-1)].join("\n"));
    await journey.begin("#/sources");
    await loadMore(page, folder);
    await page.getByText("in 2 loads").waitFor({ timeout: LONG_MS });
    await loads(page).filter({ hasText: "Mar 2025" }).filter({ hasText: "Example Cloud" }).first().click();
    const load = page.getByRole("complementary", { name: "Load" });
    await load.getByText("Azure Cost Management export").waitFor();
    const said = (await load.textContent()) ?? "";
    for (const fact of [RUN, "It names 1 file", "part_0_0001.csv", "2025"]) expect(said).toContain(fact);
    await page.keyboard.press("Escape");
  });

  test("a filter's search finds accounts by their names", async () => {
    const { page } = journey;
    await journey.begin("#/explore");
    await page.getByTestId("total").waitFor();
    await page.keyboard.press("/");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill("sub account");
    await page.keyboard.press("Enter");
    await dialog.getByRole("textbox", { name: "Search values" }).fill("south");
    await expect
      .poll(() => dialog.getByRole("checkbox").count(), { message: "one account is called so" })
      .toBe(1);
    await dialog.getByText("South shop").waitFor();
    await page.keyboard.press("Escape");
  });

  test("a rate table is deleted when it is confirmed", async () => {
    const { page, bill } = journey;
    await journey.begin("#/sources");
    await showPart(page, "Rates");
    const path = join(bill.folder, "bank.csv");
    writeFileSync(path, "date,from,to,rate\n2025-03-01,USD,EUR,0.9\n");
    await page.getByRole("button", { name: "Import a table…" }).click();
    await page.getByLabel("The CSV file of rates").fill(path);
    await page.getByRole("dialog").getByRole("button", { name: "Import" }).click();
    const remove = page.getByRole("button", { name: "Remove bank" });
    await enter(remove);
    await enter(page.getByRole("button", { name: "Cancel" }));
    await expect
      .poll(() => remove.evaluate((button) => button === document.activeElement), {
        message: "the keyboard is back where it was",
      })
      .toBe(true);
    await enter(remove);
    await enter(page.getByRole("button", { name: "Remove it?" }));
    await page.getByText("No rate table yet").waitFor();
    expect(journey.stage.complaints).toEqual([]);
  });
});
