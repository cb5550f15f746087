import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { type Bill, ILLEGIBLE, inMarch, shown } from "./bill";
import { enter } from "./hand";
import { check, leaderboard, loads, LONG_MS, showPart, sourceOfBill, startJourney } from "./steps";

/** March as it is, April as it never was. */
function writeInvoices(bill: Bill): string {
  const path = join(bill.folder, "invoices.csv");
  writeFileSync(
    path,
    [
      "invoice_id,issuer,billing_account_id,billing_period,currency,amount",
      `INV-3,Example Cloud,billing-1,2025-03,USD,${bill.total(inMarch)}`,
      "INV-4,Example Cloud,billing-1,2025-04,USD,0.01",
    ].join("\n"),
  );
  return path;
}

/** Opens the first finding that counts charges, by its key, and gives its examples. */
async function openFinding(page: Page) {
  const findings = page.getByRole("region", { name: "Broken rules" });
  const row = findings.locator("tr.finding", { hasText: /\d\s+charges?/ }).first();
  await enter(row.getByRole("button"));
  return findings.getByRole("button", { name: /^Source of charge / });
}

describe("is it right", () => {
  const journey = startJourney({ loaded: true, bill: { flawed: true } });

  test("a refused value is told when the load is over, and listed with the load", async () => {
    const { page } = journey;
    await page
      .getByRole("region", { name: "Work in progress and done" })
      .getByText("1 value refused in rows that count")
      .waitFor();
    await loads(page).filter({ hasText: "Mar 2025" }).click();
    const load = page.getByRole("complementary", { name: "Load" });
    await load.getByText(ILLEGIBLE).waitFor();
    expect(await load.textContent(), "its row is a charge all the same").toContain("No row was rejected");
    await page.keyboard.press("Escape");
  });

  test("the charges are checked on demand, and an example opens its source", async () => {
    const { page } = journey;
    await showPart(page, "Checks");
    expect(await page.getByTestId("score").count(), "nothing is read unasked").toBe(0);
    await check(page);
    const examples = await openFinding(page);
    await enter(examples.first());
    await sourceOfBill(page);
    await page.keyboard.press("Escape");
  });

  test("the score is 100 less the lines that are shown", async () => {
    const { page } = journey;
    await enter(page.getByRole("button", { name: "How it is worked out" }));
    const lines = page.getByRole("region", { name: "Lines of the score" });
    const cells = await lines.locator("tbody td:last-child").allTextContents();
    const cents = (text: string) => Math.round(Number(text) * 100);
    const lost = cells.reduce((sum, cell) => sum + cents(cell), 0);
    const score = cents((await page.getByTestId("score").locator("strong").textContent()) ?? "");
    expect(lost, "a broken bill loses points").toBeGreaterThan(0);
    expect(score).toBe(10_000 - lost);
  });

  test("findings are narrowed by severity and walked by arrow keys", async () => {
    const { page } = journey;
    const findings = page.getByRole("region", { name: "Broken rules" });
    const rows = findings.locator("tr.finding");
    const all = await rows.count();
    const chip = findings.locator("button.chip:enabled").nth(1);
    const [count = "", severity = ""] = ((await chip.textContent()) ?? "").trim().split(" ");
    await enter(chip);
    await expect.poll(() => rows.count()).toBe(Number(count));
    expect(new Set(await rows.locator(".tag").allTextContents())).toEqual(
      new Set([severity.replace(/s$/, "")]),
    );
    await enter(findings.getByRole("button", { name: /^All \d+$/ }));
    await expect.poll(() => rows.count()).toBe(all);
    await rows.nth(0).getByRole("button").focus();
    await page.keyboard.press("ArrowDown");
    expect(
      await rows
        .nth(1)
        .getByRole("button")
        .evaluate((button) => button === document.activeElement),
    ).toBe(true);
  });

  test("what is assumed of a provider is chosen, counts at once, stays in the engagement, and is taken back", async () => {
    const { page, bill } = journey;
    const written = () => readFileSync(join(bill.folder, "engagement", "engagement.toml"), "utf8");
    const before = written();
    await enter(page.getByRole("button", { name: "What is assumed of each provider" }));
    const table = page.getByRole("region", { name: "What is assumed of each provider" });
    const regions = table.getByLabel("Example Cloud has regions");
    expect(await regions.locator("option:checked").textContent()).toBe("assumed: supported");
    const asked = page.getByRole("button", { name: "Rules", exact: true }).locator("..").locator("..");
    const rules = await asked.textContent();
    await regions.selectOption("not supported");
    await page.getByText("1 chosen by you").waitFor({ timeout: LONG_MS });
    expect(written()).toBe(`${before}\n[applicability."Example Cloud"]\nREGION_SUPPORTED = false\n`);
    await expect
      .poll(() => asked.textContent(), { message: "rules about regions are not asked any more" })
      .not.toBe(rules);
    await regions.selectOption("assumed: supported");
    await expect.poll(() => page.getByText("chosen by you").count(), { timeout: LONG_MS }).toBe(0);
    await expect.poll(() => asked.textContent()).toBe(rules);
    expect(written()).toBe(before);
  });

  test("invoices are asked for, set beside the charges, and the parts come to the difference", async () => {
    const { page, bill } = journey;
    await showPart(page, "Invoices");
    await page.getByRole("button", { name: "Choose invoices…" }).click();
    await page.getByLabel("The CSV file of invoices").fill(writeInvoices(bill));
    await page.getByRole("dialog").getByRole("button", { name: "Reconcile" }).click();
    const lines = page.getByRole("table", { name: "Invoices and charges" });
    await lines.waitFor();
    expect(await lines.textContent(), "what is open is listed").toContain("INV-4");
    await enter(page.getByRole("button", { name: /^All \d+$/ }));
    expect(await lines.textContent(), "what is invoiced, to the digit").toContain(shown(bill.total(inMarch)));
    await enter(lines.getByRole("button", { name: "INV-4" }));
    await page.getByText(/^The parts come to USD.*, to the last digit$/).waitFor();
  });

  test("a note is written on an open line, kept, and taken away", async () => {
    const { page } = journey;
    const note = page.getByLabel("Note on invoice INV-4");
    await note.fill("Asked the provider on Monday");
    await page.getByLabel("What is unknown is").selectOption("credit");
    await enter(page.getByRole("button", { name: "Save note" }));
    await page.getByRole("button", { name: "INV-4 , has a note" }).waitFor();
    await page.reload();
    await enter(page.getByRole("button", { name: "Reconcile", exact: true }));
    const line = page.getByRole("button", { name: /^INV-4/ });
    await enter(line);
    await expect.poll(() => note.inputValue()).toBe("Asked the provider on Monday");
    await enter(page.getByRole("button", { name: "Remove note" }));
    await expect.poll(() => page.getByText("has a note").count()).toBe(0);
  });

  test("the packs tell how the invoices stand, and lead back to them", async () => {
    const { page } = journey;
    await page.locator("h1").first().click();
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByTestId("reconciled").getByText(/open/).waitFor();
    await page.getByTestId("reconciled").getByRole("button", { name: "See Sources" }).click();
    await page.getByRole("table", { name: "Invoices and charges" }).waitFor();
  });

  test("a period before all that is loaded is no change", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore?period=2025-03-01..2025-04-01&compare=previous");
    await page.getByText("Before, ").waitFor();
    await journey.showsTotal(bill.total(inMarch));
    const cells = await leaderboard(page, "Service")
      .locator("tbody tr")
      .first()
      .locator("td.numeric")
      .allTextContents();
    expect(
      cells.slice(-2).map((cell) => cell.trim()),
      "neither an amount nor a rate",
    ).toEqual(["–", "–"]);
    expect(await page.locator(".headline").textContent(), "why, once").toContain("holds no loaded days");
  });

  test("each row is drawn over time, with its figures to hover", async () => {
    const { page } = journey;
    await journey.goTo("#/explore");
    const first = leaderboard(page, "Service").locator("tbody td.spark").first();
    await expect
      .poll(async () => (await first.getAttribute("title"))?.split("\n").length, {
        message: "a figure for each of the 61 loaded days",
      })
      .toBe(61);
    await first.locator("path.area").waitFor({ state: "attached" });
    expect(journey.stage.complaints).toEqual([]);
  });
});
