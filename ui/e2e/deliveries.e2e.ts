import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { LEDGER, shown, writeRedelivery } from "./bill";
import { enter } from "./hand";
import { loadMore, loads, LONG_MS, startJourney } from "./steps";

/** Assemblies of a report, each with the tax of its invoice. */
const ASSEMBLIES = {
  "9c858901-8a57-4791-81fe-4c455b099bc9": "8",
  "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed": "6",
};

/** The lines of an invoice. */
function invoiceDetail(tax: string): string {
  return [
    "InvoiceDetailId,InvoiceId,InvoiceIssueStatus,InvoiceIssuerName,BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory",
    "1,INV-9,Issued,Example Cloud,1234.500000001,billing-1,USD,2025-03-01T00:00:00Z,2025-04-01T00:00:00Z,Usage",
    `2,INV-9,Issued,Example Cloud,${tax},billing-1,USD,2025-03-01T00:00:00Z,2025-04-01T00:00:00Z,Tax`,
  ].join("\n");
}

describe("deliveries after one another", () => {
  const journey = startJourney({ loaded: true });
  let difference = "";

  test("a re-delivery takes the place of the first, and both are told", async () => {
    const { page, bill } = journey;
    const redelivery = writeRedelivery(bill);
    difference = redelivery.difference;
    await loadMore(page, redelivery.path);
    await page
      .getByRole("button", { name: "What changed: Example Cloud, Apr 2025" })
      .waitFor({ timeout: LONG_MS });
    expect(await loads(page).count(), "what was replaced is not listed").toBe(2);
    await page.getByRole("checkbox", { name: "Show superseded" }).check();
    await expect.poll(() => loads(page).count()).toBe(3);
    await loads(page).filter({ hasText: "Apr 2025" }).first().click();
    const load = page.getByRole("complementary", { name: "Load" });
    await load.getByText("counts now").waitFor();
    expect(await load.textContent()).toMatch(/replaced by load \d/);
    await page.keyboard.press("Escape");
    await page.getByRole("checkbox", { name: "Show superseded" }).uncheck();
  });

  test("what it changed is shown by service, account and charge kind, and comes to the difference", async () => {
    const { page } = journey;
    await enter(page.getByRole("button", { name: "What changed: Example Cloud, Apr 2025" }));
    const changes = page.getByTestId("changes");
    await changes.waitFor();
    expect(await page.getByTestId("changes-total").textContent()).toContain(`+${shown(difference)}`);
    const lines = changes.getByRole("table").first();
    expect(await lines.locator("tbody").textContent(), "only what changed").toContain("Example Storage");
    expect(await lines.locator("tbody").textContent()).not.toContain("Example Queue");
    await changes.getByRole("checkbox", { name: /lines are the same$/ }).check();
    await expect.poll(() => lines.locator("tbody").textContent()).toContain("Example Queue");
    for (const list of ["Service", "Account", "Charge kind", "All three"]) {
      await changes.getByRole("tab", { name: list }).click();
      await expect.poll(() => page.getByTestId("changes-sum").textContent()).toContain("to the last digit");
    }
    await changes.getByRole("tab", { name: "All three" }).focus();
    await page.keyboard.press("Home");
    await expect
      .poll(() => changes.getByRole("tab", { name: "Service" }).getAttribute("aria-selected"))
      .toBe("true");
  });

  test("the comparison has an address, and Back leaves it", async () => {
    const { page } = journey;
    expect(await journey.address()).toMatch(/opened=\d+-\d+/);
    await page.reload();
    await page.getByTestId("changes").waitFor();
    await enter(page.getByRole("button", { name: "All loads" }));
    await loads(page).first().waitFor();
  });

  test("a dataset beside the charges is listed with a table of its rows", async () => {
    const { page, bill } = journey;
    const path = join(bill.folder, "invoice-detail.csv");
    writeFileSync(path, invoiceDetail("7"));
    await loadMore(page, path);
    const datasets = page.getByRole("table", { name: "Datasets beside the charges" });
    await datasets.waitFor({ timeout: LONG_MS });
    await enter(page.getByRole("button", { name: "1 dataset beside the charges, below" }));
    await enter(datasets.getByRole("button", { name: "Invoice details", exact: true }));
    const rows = page.getByRole("region", { name: "Invoice details" });
    await rows.waitFor();
    expect(await rows.textContent(), "every digit").toContain("1,234.500000001");
    await page.getByText("2 rows", { exact: true }).waitFor();
    await page.goBack();
    await datasets.waitFor();
  });

  test("a dataset that came by a manifest shows it as a bill does", async () => {
    const { page, bill } = journey;
    const root = join(bill.folder, "lines", "20250301-20250401");
    for (const [assembly, tax] of Object.entries(ASSEMBLIES)) {
      mkdirSync(join(root, assembly), { recursive: true });
      writeFileSync(join(root, assembly, "lines.csv"), invoiceDetail(tax));
    }
    const [current] = Object.keys(ASSEMBLIES);
    writeFileSync(
      join(root, "lines-Manifest.json"),
      JSON.stringify({
        assemblyId: current,
        account: "100",
        reportName: "lines",
        bucket: "bills",
        columns: [],
        billingPeriod: { start: "20250301T000000.000Z", end: "20250401T000000.000Z" },
        reportKeys: [`lines/20250301-20250401/${current}/lines.csv`],
      }),
    );
    await loadMore(page, join(bill.folder, "lines"));
    const datasets = page.getByRole("table", { name: "Datasets beside the charges" });
    const open = datasets.getByRole("button", { name: "Example Cloud: load of Invoice details" });
    const load = page.getByRole("complementary", { name: "Load" });
    await expect
      .poll(
        async () => {
          await enter(open);
          return load.textContent();
        },
        { timeout: LONG_MS },
      )
      .toContain("It names 1 file");
    const told = await load.textContent();
    expect(told, "which delivery it is").toMatch(new RegExp(`Delivery *${current}`));
    expect(told).toContain("1 file beside it passed over: not named by it");
    expect(told, "and the file itself").toContain("lines.csv");
    await page.keyboard.press("Escape");
  });

  test("a folder with files that are no bills loads the rest and says which, and why", async () => {
    const { page, bill } = journey;
    const folder = join(bill.folder, "mixed");
    mkdirSync(folder);
    writeFileSync(join(folder, "ledger.csv"), LEDGER.text);
    writeFileSync(join(folder, "other.csv"), "a,b\n1,2\n");
    const again = writeRedelivery({ ...bill, folder });
    await loadMore(page, folder);
    const jobs = page.getByRole("region", { name: "Work in progress and done" });
    await jobs
      .getByText(/files were passed over/)
      .first()
      .waitFor({ timeout: LONG_MS });
    await enter(jobs.getByRole("button", { name: "Details: Load mixed" }));
    const result = page.getByRole("complementary", { name: "What the load did" });
    await result.getByText("ledger.csv").waitFor();
    expect(await result.textContent()).toContain("None of the known formats");
    expect(
      await result.getByRole("button", { name: `Map it by hand… ${again.path}` }).count(),
      "what is loaded already needs no mapping",
    ).toBe(0);
    await enter(result.getByRole("button", { name: /^Map it by hand… .*ledger\.csv$/ }));
    await page.getByRole("heading", { name: "Map ledger.csv" }).waitFor();
    expect(journey.stage.complaints).toEqual([]);
  });
});
