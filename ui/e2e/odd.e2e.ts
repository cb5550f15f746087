import { rmSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { CURRENCIES, EXTREMES, writeExtremes, writeManyValues, writeOddBill } from "./bill";
import { enter } from "./hand";
import { leaderboard, LONG_MS, scope, showsText } from "./steps";
import { type Bridge, openStage, type Stage, startBridge, startBrowser } from "./stage";

/** A page with a bill of its own, from the first test of a `describe` to the last. */
class Desk {
  bridge!: Bridge;
  stage!: Stage;

  get page(): Page {
    return this.stage.page;
  }

  async goTo(view: string): Promise<void> {
    await this.page.evaluate((to) => (location.hash = to), view);
  }
}

function startDesk(write: () => { path: string; folder: string }): Desk {
  const desk = new Desk();
  let folder = "";
  let close = () => Promise.resolve();
  beforeAll(async () => {
    const bill = write();
    folder = bill.folder;
    desk.bridge = await startBridge();
    const browser = await startBrowser();
    close = () => browser.close();
    desk.stage = await openStage(browser, desk.bridge.address);
    const { page } = desk;
    await page.getByRole("button", { name: "Choose files…" }).click();
    await page.getByLabel("Files or folders, one a line").fill(bill.path);
    await page.getByRole("button", { name: "Load", exact: true }).click();
    await page.getByLabel("Name").fill("Odd");
    await page.getByLabel("Currency").fill("USD");
    await page.getByLabel("Folder to keep it in").fill(join(folder, "engagement"));
    await page.getByRole("button", { name: "Create and load" }).click();
    await page
      .getByRole("table", { name: "Loads" })
      .locator("tbody tr")
      .first()
      .waitFor({ timeout: 2 * LONG_MS });
  }, 4 * LONG_MS);
  afterAll(async () => {
    await close();
    desk.bridge?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });
  return desk;
}

/** Nothing that the page says, shows on hover or tells to a screen reader is what no figure is. */
async function saysOnlyFigures(page: Page): Promise<void> {
  const said = await page.evaluate(() => {
    const spoken = [...document.querySelectorAll("[title], [aria-label], [style]")].flatMap((element) =>
      ["title", "aria-label", "style"].map((name) => element.getAttribute(name) ?? ""),
    );
    return [document.body.innerText, ...spoken].join("\n");
  });
  expect(said).not.toMatch(/\b(NaN|Infinity|undefined|\[object)\b/);
}

/** The page is no wider than the window, whatever a bill's texts are. */
async function fitsTheWindow(page: Page): Promise<void> {
  const [wide, room] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect(wide).toBeLessThanOrEqual(room ?? 0);
}

/** The views of every screen over a scope. */
const screens = (scope: string) => [
  `#/explore?${scope}`,
  `#/explore?${scope}&trend=table&running=yes`,
  `#/explore?${scope}&split=service&grain=month&areas=${encodeURIComponent('["service","resource"]')}`,
  `#/explore?${scope}&cost=${encodeURIComponent("billed_cost/consumed_quantity")}`,
  `#/explore?${scope}&cost=${encodeURIComponent("billed_cost/list_cost")}&below=pivot`,
  `#/explore?${scope}&below=pivot&pivot=${encodeURIComponent('[["service","resource"],"month",["list_cost"],"all",true]')}`,
  `#/change?${scope}`,
];

const where = (dimension: string, value: string) =>
  `where=${encodeURIComponent(JSON.stringify([dimension, "is", value]))}`;

describe("a bill of extremes", () => {
  const desk = startDesk(writeExtremes);

  async function settled(): Promise<void> {
    await desk.page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"]').length === 0);
    await desk.page.locator("main").locator(":scope > *").first().waitFor();
  }

  for (const [what, scope] of [
    ["all of it", ""],
    ["a month of credits alone", "period=2025-05-01..2025-06-01&compare=previous"],
    [
      "the month after credits alone",
      "period=2025-04-01..2025-05-01&compare=2025-05-01..2025-06-01&perday=yes",
    ],
    [
      "a total of zero",
      `${where("service", EXTREMES.cancelled)}&compare=previous&period=2025-04-01..2025-05-01`,
    ],
    ["a filter that matches nothing", where("service", "Nobody")],
    ["a period with no data", "period=2019-01-01..2019-02-01&compare=previous"],
  ] as const) {
    test(`${what}: every screen says figures, dashes or words`, async () => {
      const { page } = desk;
      for (const view of screens(scope)) {
        await desk.goTo(view);
        await settled();
        await saysOnlyFigures(page);
        await fitsTheWindow(page);
      }
    });
  }

  test("shares of credits and of a total of zero are dashes; areas tell what they cannot draw", async () => {
    const { page } = desk;
    await desk.goTo(`#/explore?${where("service", EXTREMES.cancelled)}`);
    await showsText(page, "total", "0.00");
    const resources = leaderboard(page, "Resource");
    if ((await resources.count()) > 0)
      expect([...new Set(await resources.locator("td.share").allTextContents())]).toEqual(["–"]);
    await desk.goTo(`#/explore?period=2025-05-01..2025-06-01&areas=${encodeURIComponent('["service"]')}`);
    await showsText(page, "total", "(40.50)");
    await page.getByText("nothing above zero").first().waitFor();
    await page.getByText(`Not drawn: ${EXTREMES.credits} (40.50)`).first().waitFor();
  });

  test("a zero difference in Change says so, and what has no units says by how much", async () => {
    const { page } = desk;
    await desk.goTo(`#/change?period=2025-04-01..2025-05-01&${where("service", EXTREMES.even)}`);
    await page.getByTestId("change-current").waitFor();
    await page
      .getByText(/^No change/)
      .first()
      .waitFor();
    await saysOnlyFigures(page);
    await desk.goTo(`#/change?period=2025-04-01..2025-05-01&${where("service", EXTREMES.unitless)}`);
    await page
      .getByText(/Rate and volume not separable: USD\s2\.32 in 1 item/)
      .first()
      .waitFor();
    await saysOnlyFigures(page);
  });

  test("five currencies: each by itself, the others named, never added", async () => {
    const { page } = desk;
    for (const currency of CURRENCIES) {
      await desk.goTo(`#/explore?currency=${currency}&period=2025-03-01..2025-04-01`);
      await expect.poll(() => scope(page)).toContain(`in ${currency},`);
      await showsText(page, "total", currency === "USD" ? "20.00" : currency === "JPY" ? "5" : "5.00");
      await page
        .getByText(/in other currencies \(the engagement holds/)
        .first()
        .waitFor();
      await saysOnlyFigures(page);
    }
    await desk.goTo("#/explore");
    await enter(page.getByRole("button", { name: /^Currency/ }));
    for (const currency of CURRENCIES)
      await page.getByRole("menuitemradio", { name: new RegExp(`^${currency}`) }).waitFor();
    await page.keyboard.press("Escape");
  });

  test("a tag of ten thousand characters is cut where it is shown and whole where it is asked for", async () => {
    const { page } = desk;
    const lists = encodeURIComponent('["tag:note","tag:team"]');
    await desk.goTo(`#/explore?lists=${lists}`);
    const value = leaderboard(page, "Tag note").locator("tbody .name").first();
    await value.waitFor();
    expect(await value.getAttribute("title")).toBe(EXTREMES.long);
    await fitsTheWindow(page);
    await value.click();
    await expect
      .poll(() => desk.page.evaluate(() => decodeURIComponent(location.hash)))
      .toContain(EXTREMES.long);
    await fitsTheWindow(page);
    await page.getByRole("button", { name: "Resource as areas" }).count();
    await desk.goTo(`#/explore?lists=${lists}&areas=${encodeURIComponent('["tag:note"]')}`);
    await settled();
    await fitsTheWindow(page);
    expect(desk.stage.complaints).toEqual([]);
  });
});

describe("names of any kind", () => {
  const desk = startDesk(writeOddBill);

  test("from right to left, of emoji and of markup stand on every screen as the text they are", async () => {
    const { page } = desk;
    for (const view of screens("lists=%5B%22sub_account%22%2C%22tag%3Acost-center%22%5D")) {
      await desk.goTo(view);
      await page.waitForFunction(() => document.querySelectorAll('[aria-busy="true"]').length === 0);
      await saysOnlyFigures(page);
      await fitsTheWindow(page);
      expect(await page.locator("main img[src]").count(), "no markup came of it").toBe(0);
    }
    await desk.goTo("#/explore");
    const list = leaderboard(page, "Service");
    await list.locator("tbody tr").first().waitFor();
    for (const name of ["\u{1F469}\u200d\u{1F680} Rocket", "\u05e9\u05d9\u05e8\u05d5\u05ea 42", "<img src=x"])
      expect((await list.textContent()) ?? "").toContain(name);
    expect(desk.stage.complaints).toEqual([]);
  });
});

describe("a dimension with more values than an answer may have", () => {
  const COUNT = 120_000;
  const desk = startDesk(() => writeManyValues(COUNT));
  const name = (number: number) => `instance-${String(number).padStart(7, "0")}`;

  test("is a list of its dearest, with the others as one row", async () => {
    const { page } = desk;
    await desk.goTo(`#/explore?lists=${encodeURIComponent('["resource"]')}`);
    const list = leaderboard(page, "Resource");
    await list.getByRole("button", { name: name(COUNT - 1), exact: true }).waitFor();
    expect(await list.locator("tbody tr").count()).toBeLessThan(30);
    expect(await list.locator("tbody tr").last().textContent()).toContain("Other (119,99");
  });

  test("is searched and paged where a filter is chosen; the page stays small", async () => {
    const { page } = desk;
    await page.keyboard.press("/");
    await page.getByRole("textbox").fill("Resource");
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Resource\b/ })
      .first()
      .click();
    const dialog = page.getByRole("dialog");
    const rows = dialog.getByRole("checkbox");
    await dialog.getByText("Show more (100 of 120,000)").waitFor();
    for (let shown = 100; shown < 1000; shown += 100)
      await dialog.getByText(`Show more (${shown} of 120,000)`).click();
    await dialog.getByText("1,000 of 120,000 values: search to find the others").waitFor();
    await rows.nth(999).waitFor();
    expect(await rows.count()).toBe(1000);
    await dialog.getByRole("textbox").fill("CE-001234");
    await dialog.getByText(name(12_349)).waitFor();
    expect(await rows.count()).toBe(10);
    await dialog.getByText(name(12_345)).click();
    await dialog.getByRole("button", { name: "Only these", exact: true }).click();
    await showsText(page, "total", "12.35");
    expect(desk.stage.complaints).toEqual([]);
  });
});
