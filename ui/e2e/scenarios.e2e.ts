import { readFileSync } from "node:fs";

import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";

import { violations } from "./axe";
import { enter, Hand } from "./hand";
import { openStage } from "./stage";
import { clipboard, LONG_MS, startSample } from "./steps";

const LONG = { timeout: LONG_MS };
/** The columns of the table, by their places. */
const COLUMN = { on: 0, id: 1, kind: 2, where: 3, at: 4, likely: 7, from: 9, settings: 11, note: 15 };

const LAUNCH = [
  ["kind", "laun"],
  ["at", "Service = Amazon Bedrock; Provider = AWS; Tag application = dispatch-assistant; new"],
  ["low", "3000"],
  ["likely", "6,000"],
  ["high", "12k"],
  ["from", "Dec 2026"],
  ["settings", "Over months = 4"],
  ["confidence", "80"],
  ["owner", "Platform"],
] as const;
const MIGRATION = [
  ["kind", "migr"],
  ["where", "Service = Amazon Relational Database Service"],
  ["at", "Service = Cloud SQL; Provider = Google Cloud; new"],
  ["likely", "60 %"],
  ["from", "1/2027"],
  ["settings", "Cost there = 70 / 85 / 110; Over months = 3; Double running = 1"],
] as const;
const PRICE = [
  ["kind", "price"],
  ["where", "Service = Amazon Elastic Compute Cloud"],
  ["likely", "-8%"],
  ["from", "2027-02"],
] as const;
const NAMES = [
  "on",
  "id",
  "kind",
  "where",
  "at",
  "figure",
  "low",
  "likely",
  "high",
  "from",
  "to",
  "settings",
  "confidence",
  "slip",
  "owner",
  "note",
];

describe("a scenario on the sample company, from the keyboard alone", () => {
  const sample = startSample();
  beforeAll(async () => {
    await enter(sample.stage.page.getByRole("button", { name: "Dismiss" }).first());
  });

  const cell = (page: Page, row: number, column: number): Locator =>
    page.locator(`[data-cell="${row}:${column}"]`);
  const row = (page: Page, name: string): Locator =>
    page.getByTestId("operations").locator("tbody tr").filter({ hasText: name });
  const exact = async (page: Page, testId: string): Promise<string> =>
    ((await page.getByTestId(testId).first().getAttribute("title")) ?? "").replaceAll(",", "");
  const settled = async (page: Page) => {
    await page.locator(".editor[aria-busy=false]").waitFor(LONG);
    await expect.poll(() => page.locator(".stale").count(), LONG).toBe(0);
  };
  const view = (parts: object) =>
    `#/forecast?forecast=${encodeURIComponent(JSON.stringify({ part: "scenarios", ...parts }))}`;
  const begin = async (parts: object) => {
    const { page } = sample.stage;
    // From another page: within one document the address alone would change, and the page might write it anew.
    await page.goto("about:blank");
    await page.goto(`${sample.bridge.address}${view(parts)}`);
  };

  /** Types an operation into the row that the cursor is in, cell by cell, from its first one. */
  async function typeRow(page: Page, texts: readonly (readonly [string, string])[]): Promise<void> {
    await page.keyboard.press("Home");
    let at = 0;
    for (const [column, text] of texts) {
      for (; at < NAMES.indexOf(column); at += 1) await page.keyboard.press("Tab");
      await page.keyboard.type(text);
      if (column === "kind") await page.getByRole("listbox", { name: "Suggestions" }).waitFor();
      await page.keyboard.press("Tab");
      at += 1;
    }
  }

  test("a launch, a migration and a price change are typed, worked out, compared with the baseline and exported", async () => {
    const { page } = sample.stage;
    const hand = new Hand(page, true);
    await hand.room("Forecast", "f");
    await hand.press(page.getByRole("tab", { name: "Forecast" }), "ArrowRight");
    await hand.press(page.getByRole("button", { name: "New scenario…" }));
    await page.getByRole("dialog").getByLabel("Name").waitFor();
    await page.keyboard.type("Growth 2027");
    await page.keyboard.press("Enter");

    const grid = page.getByTestId("operations");
    await grid.waitFor(LONG);
    await page.getByTestId("scenario-total").waitFor(LONG);
    await settled(page);
    expect(await exact(page, "scenario-total"), "without an operation it is the baseline").toBe(
      await exact(page, "baseline-total"),
    );

    await hand.press(cell(page, 0, 1), "Home");
    await typeRow(page, LAUNCH);
    await page.keyboard.press("Control+End");
    await typeRow(page, MIGRATION);
    await page.keyboard.press("Control+End");
    await typeRow(page, PRICE);
    await page.getByTestId("operation-problems").waitFor({ state: "detached" });
    expect(await cell(page, 0, COLUMN.likely).textContent()).toContain("6,000");
    expect(await cell(page, 0, COLUMN.from).textContent()).toContain("2026-12");
    expect(await cell(page, 1, COLUMN.settings).textContent()).toContain("Cost there = 70% / 85% / 110%");
    await settled(page);
    await expect.poll(() => page.getByTestId("effects").locator("tbody tr").count(), LONG).toBe(3);
    const difference = subtracted(await exact(page, "scenario-total"), await exact(page, "baseline-total"));
    expect(cents(await exact(page, "effects-sum")), "the effects add up to the difference").toBe(difference);
    await page.keyboard.press("Control+s");
    await page.getByTestId("dirty").waitFor({ state: "detached" });

    // The odds: a limit a little above what is likely.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await hand.press(page.getByLabel(/^Limit/), "Control+a");
    const limit = Math.round(Number(await exact(page, "scenario-total")) * 1.05);
    await page.keyboard.type(limit.toLocaleString("en-US"));
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.getByTestId("odds").textContent(), LONG)
      .toMatch(
        /^\s*Odds of (\d{1,2}|over 99|100|under 1)% that Oct 2026 to Sep 2027 stay under USD\s[\d,.]+\s*$/,
      );

    await hand.press(page.getByRole("button", { name: "Compare", exact: true }));
    await page.getByTestId("difference").waitFor(LONG);
    expect(cents(await exact(page, "difference")), "the same difference").toBe(difference);
    expect(await page.getByTestId("dearer").textContent()).toMatch(/%$/);
    await hand.press(page.getByLabel(/^Limit/), "Control+a");
    await page.keyboard.type(limit.toLocaleString("en-US"));
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.getByTestId("compare-odds").textContent(), LONG)
      .toMatch(/Baseline\s+(\d{1,2}|over 99|100|under 1)%.*Growth 2027\s+(\d{1,2}|over 99|100|under 1)%/);
    await page.getByTestId("tornado").getByText("Interaction").waitFor();
    await hand.press(page.getByRole("button", { name: "Contributions as a table" }));
    await page.getByTestId("contributions").waitFor();
    expect(cents(await exact(page, "contributions-sum")), "to the cent").toBe(difference);

    await hand.press(page.getByRole("button", { name: "Export XLSX" }));
    const notice = page.getByText(/^Written to .*\.xlsx$/);
    await notice.waitFor(LONG);
    const path = ((await notice.textContent()) ?? "").replace("Written to ", "").trim();
    expect(readFileSync(path).subarray(0, 2).toString(), "a workbook").toBe("PK");
    expect(sample.stage.complaints).toEqual([]);
  });

  test("a block from a spreadsheet is pasted: what cannot be read is marked at its cell, and one step takes it all back", async () => {
    const { page } = sample.stage;
    await begin({ scenario: "Growth 2027" });
    await page.getByTestId("operations").waitFor(LONG);
    await settled(page);
    const total = await exact(page, "scenario-total");
    await cell(page, 0, 0).press("Control+End");
    await page.keyboard.press("Home");
    const block = [
      "Name\tKind\tWhich lines\tLikely\tFrom\tNote",
      "from-sheet\tScale\teverything\t2,5 %\t10/2026\t=1+1",
      "unread\tScale\tServce = X\tplenty\tspring\tkeep me",
    ].join("\n");
    await page.evaluate((text) => navigator.clipboard.writeText(text), block);
    await page.keyboard.press("Control+v");
    await row(page, "from-sheet").waitFor();
    expect(await row(page, "from-sheet").textContent()).toContain("2.5%");
    const marked = page.locator("td[aria-invalid=true]");
    await expect.poll(() => marked.count()).toBe(3);
    expect(await row(page, "unread").textContent(), "nothing is lost").toContain("keep me");
    await page.getByTestId("operation-problems").getByText("1 operation is not counted").waitFor();
    await enter(page.getByTestId("operation-problems").getByRole("button", { name: "unread, From" }));
    await expect
      .poll(() => cell(page, 4, COLUMN.from).evaluate((td) => td === document.activeElement))
      .toBe(true);
    await page.keyboard.type("Mar 2027");
    await page.keyboard.press("Enter");
    await expect.poll(() => marked.count()).toBe(2);
    await settled(page);
    expect(await exact(page, "scenario-total"), "what can be read counts").not.toBe(total);

    // Copied rows are text: nothing in them is a formula to a spreadsheet.
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+c");
    const copied = (await clipboard(page)).split("\n");
    expect(copied).toHaveLength(5);
    expect(copied[3]?.split("\t").at(-1)).toBe("'=1+1");
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    await expect.poll(() => row(page, "from-sheet").count()).toBe(0);
    await page.getByTestId("dirty").waitFor({ state: "detached" });
    await settled(page);
    expect(await exact(page, "scenario-total"), "as it was").toBe(total);
  });

  test("a slider moves the figure, the chart follows, and one step takes the drag back", async () => {
    const { page } = sample.stage;
    await cell(page, 0, COLUMN.likely).press("Control+Home");
    const total = await exact(page, "scenario-total");
    const slider = page.getByRole("slider", { name: "Plateau, likely" });
    await slider.focus();
    for (let press = 0; press < 12; press += 1) await page.keyboard.press("ArrowRight");
    await expect.poll(() => exact(page, "scenario-total"), LONG).not.toBe(total);
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^[\d,.]+ USD$/);
    expect(await cell(page, 0, COLUMN.likely).textContent()).not.toContain("6,000");
    await cell(page, 0, COLUMN.likely).press("Control+z");
    await expect.poll(() => cell(page, 0, COLUMN.likely).textContent()).toContain("6,000");
    await settled(page);
    expect(await exact(page, "scenario-total")).toBe(total);
  });

  test("rows are moved, duplicated, switched off and removed by key; what is typed can be taken back", async () => {
    const { page } = sample.stage;
    const names = () =>
      page
        .getByTestId("operations")
        .locator("tbody td.id")
        .allTextContents()
        .then((texts) => texts.map((text) => text.trim()).slice(0, -1));
    const before = await names();
    await cell(page, 0, COLUMN.id).press("F2");
    await page.keyboard.type("-typed");
    await page.keyboard.press("Escape");
    expect(await names(), "Escape takes it back").toEqual(before);
    await page.keyboard.press("Alt+ArrowDown");
    expect(await names()).toEqual([before[1], before[0], before[2]]);
    await page.keyboard.press("Control+Shift+d");
    expect(await names()).toHaveLength(4);
    await page.keyboard.press("Space");
    expect(await cell(page, 2, COLUMN.on).textContent()).toContain("no");
    await page.keyboard.press("Control+Delete");
    expect(await names()).toHaveLength(3);
    for (let step = 0; step < 4; step += 1) await page.keyboard.press("Control+z");
    expect(await names(), "step by step").toEqual(before);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    const inside = () => page.evaluate(() => document.activeElement?.closest("[role=grid]") !== null);
    expect(await inside(), "Escape and Tab leave the table").toBe(false);
  });

  test("a branch inherits, overrides and leaves out, and two scenarios are compared", async () => {
    const { page } = sample.stage;
    await begin({});
    await enter(page.getByRole("button", { name: "Branch from Growth 2027" }));
    await page.getByRole("dialog").getByLabel("Name").waitFor();
    await page.keyboard.type("Without the move");
    await page.keyboard.press("Enter");
    await page.getByTestId("operations").waitFor(LONG);
    await settled(page);
    await expect.poll(() => page.getByText("inherited").count()).toBe(3);
    await cell(page, 1, COLUMN.id).press("Control+Delete");
    await row(page, "left out").waitFor();
    await cell(page, 0, COLUMN.likely).press("F2");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("9000");
    await page.keyboard.press("Enter");
    await row(page, "overridden").waitFor();
    await page.keyboard.press("Control+s");
    await page.getByTestId("dirty").waitFor({ state: "detached" });
    await begin({ scenario: "Without the move", against: "Growth 2027", as: "table" });
    await page.getByTestId("contributions").waitFor(LONG);
    expect(await exact(page, "contributions-sum")).toBe(await exact(page, "difference"));
    const kinds = await page.getByTestId("contributions").locator("tbody td:nth-child(2)").allTextContents();
    expect(kinds).toContain("removed");
    expect(kinds).toContain("altered");
    await begin({});
    await enter(page.getByRole("button", { name: "Delete Growth 2027" }));
    await enter(page.getByRole("button", { name: "Delete it?" }));
    await page
      .getByRole("alert")
      .getByText(/Without the move/)
      .waitFor();
    await enter(page.getByRole("button", { name: "Dismiss" }).first());
  });

  test("as text: a mistake is told with its line, and what is right is kept", async () => {
    const { page } = sample.stage;
    await begin({ scenario: "Growth 2027" });
    await page.getByTestId("operations").waitFor(LONG);
    const tab = page.getByRole("tab", { name: "Table" });
    await tab.press("ArrowRight");
    const text = page.getByRole("textbox", { name: "Scenario as text" });
    const kept = await text.inputValue();
    await text.fill(kept.replace('kind = "price_change"', 'kind = "price_chang"'));
    await text.press("Control+s");
    const problems = page.getByTestId("text-problems");
    await problems
      .getByText(/price_chang/)
      .first()
      .waitFor();
    await enter(problems.getByRole("button", { name: /^Line \d+$/ }).first());
    expect(await text.evaluate((area) => area === document.activeElement)).toBe(true);
    await text.fill(`# What finance plans with\n${kept}`);
    await text.press("Control+s");
    await problems.waitFor({ state: "detached" });
    // The problems go when saving begins; it is over when there is nothing to discard.
    await page.getByRole("button", { name: "Discard changes" }).waitFor({ state: "detached" });
    await begin({ scenario: "Growth 2027" });
    await page.getByRole("tab", { name: "Table" }).press("ArrowRight");
    await expect
      .poll(() => text.inputValue(), { message: "comments stay" })
      .toContain("# What finance plans with");
  });

  test("the list, the editor with its problems, and the comparison pass axe in both themes", async () => {
    for (const dark of [false, true]) {
      const { page, context, complaints } = await openStage(
        sample.browser,
        `${sample.bridge.address}${view({})}`,
        { dark },
      );
      const where = dark ? "dark" : "light";
      await page.getByTestId("scenarios").waitFor();
      expect(await violations(page), `list, ${where}`).toEqual([]);
      await page.goto(`${sample.bridge.address}${view({ scenario: "Growth 2027" })}`);
      await page.getByTestId("scenario-total").waitFor(LONG);
      await page.getByTestId("operations").waitFor();
      await cell(page, 0, COLUMN.likely).press("x");
      await page.keyboard.press("Enter");
      await page.getByTestId("operation-problems").waitFor();
      await cell(page, 1, COLUMN.kind).press("F2");
      await settled(page);
      expect(await violations(page), `editor, ${where}`).toEqual([]);
      await page.goto(`${sample.bridge.address}${view({ scenario: "Growth 2027", against: "" })}`);
      await page.getByTestId("difference").waitFor(LONG);
      expect(await violations(page), `comparison, ${where}`).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    }
  });

  test("a baseline of one's own has filters and drivers; a credit is kept with its balance and drawn", async () => {
    const { page } = sample.stage;
    await begin({});
    await page.getByTestId("baselines").waitFor(LONG);
    await page.getByRole("button", { name: "New baseline…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Baseline", { exact: true }).fill("Orders");
    await dialog.getByRole("button", { name: "Filter", exact: true }).click();
    await dialog.getByPlaceholder("Search dimensions").fill("Provider");
    await dialog.getByRole("button", { name: /^Provider/ }).click();
    await dialog.getByRole("checkbox").first().waitFor(LONG);
    await dialog.getByRole("checkbox").first().check();
    await dialog.getByRole("button", { name: "Only these" }).click();
    await dialog.getByTestId("baseline-filters").getByText("Provider").waitFor();
    expect(await dialog.getByLabel("Baseline", { exact: true }).inputValue(), "nothing is lost").toBe(
      "Orders",
    );
    await dialog.getByRole("button", { name: "Driver", exact: true }).click();
    await dialog.getByLabel("Metric").selectOption("orders");
    await dialog.getByLabel("Lines that follow it").fill("Service = Amazon DynamoDB");
    await dialog.getByLabel("Cost of a unit").fill("0.0025");
    await dialog.getByRole("button", { name: "Create" }).click();
    await page.getByTestId("baselines").getByText("driven by orders").waitFor(LONG);

    await page.getByRole("button", { name: "Credits and agreements…" }).click();
    await dialog.getByTestId("credits-on-bill").waitFor(LONG);
    await dialog.getByRole("button", { name: "Credit", exact: true }).click();
    await dialog.getByRole("textbox", { name: "Credit", exact: true }).fill("Programme");
    await dialog.getByRole("textbox", { name: "Left" }).fill("plenty");
    await dialog.getByText("“plenty” is not an amount").waitFor();
    await dialog.getByRole("textbox", { name: "Left" }).fill("25,000");
    await dialog.getByRole("textbox", { name: "Until" }).fill("2027-06");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await begin({ scenario: "Growth 2027" });
    const lines = page.getByTestId("scenario-lines");
    await lines.waitFor(LONG);
    await lines.getByRole("button", { name: "Lines", exact: true }).click();
    await lines.getByLabel("Search lines").fill("credit:");
    await lines.getByText("credit:Programme").waitFor(LONG);
  });
});

/** An amount in whole cents. */
function cents(text: string): bigint {
  const [whole = "0", fraction = ""] = text.replace("\u2212", "-").replace("+", "").split(".");
  return BigInt(`${whole}${fraction.padEnd(2, "0").slice(0, 2)}`);
}

function subtracted(left: string, right: string): bigint {
  return cents(left) - cents(right);
}
