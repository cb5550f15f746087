/** What the journeys have in common: their beginning and end, and the steps that more than one of them takes. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";

import { type Bill, shown, writeBill } from "./bill";
import { enter } from "./hand";
import { type Bridge, openStage, type Stage, startBridge, startBrowser } from "./stage";

export const LONG_MS = 60_000;
/** The made-up company with its bills. */
export const SAMPLE = fileURLToPath(new URL("../../sample-data", import.meta.url));

/** A bill of its own, the engine, a browser, and a page at the welcome screen; there from the first test to the last. */
export class Journey {
  bill!: Bill;
  bridge!: Bridge;
  browser!: Browser;
  stage!: Stage;

  get page(): Page {
    return this.stage.page;
  }

  /** Another page, at a view of the same engine. */
  open(view: string, options: { dark?: boolean } = {}): Promise<Stage> {
    return openStage(this.browser, `${this.bridge.address}${view}`, options);
  }

  /** Begins a page of its own at a view: no view lies before it, and nothing is open. */
  async begin(view: string): Promise<void> {
    await this.page.goto(`${this.bridge.address}${view}`);
    await this.page.reload();
  }

  /** Goes to a view, as a link within the page does. */
  async goTo(view: string): Promise<void> {
    await this.page.evaluate((to) => (location.hash = to), view);
  }

  /** The address of what is looked at. */
  address(): Promise<string> {
    return this.page.evaluate(() => location.hash);
  }

  /** Waits until the total of what is looked at is this one. */
  async showsTotal(exact: string): Promise<void> {
    await showsText(this.page, "total", shown(exact));
  }

  /** Takes the last step back: the whole bill is looked at again. */
  async undo(): Promise<void> {
    await this.page.keyboard.press("Control+z");
    await this.showsTotal(this.bill.total());
  }
}

/** Sets a journey up before the tests of a `describe` and clears it away after them; `loaded` brings the bill in first. */
export function startJourney(
  options: { loaded?: boolean; bill?: Parameters<typeof writeBill>[0] } = {},
): Journey {
  const journey = new Journey();
  beforeAll(async () => {
    journey.bill = writeBill(options.bill);
    journey.bridge = await startBridge();
    journey.browser = await startBrowser();
    journey.stage = await journey.open("");
    if (options.loaded) await loadBill(journey.page, journey.bill);
  });
  afterAll(async () => {
    await journey.browser?.close();
    journey.bridge?.stop();
    if (journey.bill) rmSync(journey.bill.folder, { recursive: true, force: true });
  });
  return journey;
}

/** The sample company, opened as a newcomer does; there from the first test of a `describe` to the last. */
export class Sample {
  bridge!: Bridge;
  browser!: Browser;
  stage!: Stage;
}

/** Opens the sample before the tests of a `describe` and clears it away after them. */
export function startSample(): Sample {
  const sample = new Sample();
  let home = "";
  beforeAll(async () => {
    expect(existsSync(SAMPLE), "the sample's bills; `cargo xtask sample-data` writes them").toBe(true);
    home = mkdtempSync(join(tmpdir(), "quarterdeck-sample-"));
    sample.bridge = await startBridge(null, ["--sample-data", SAMPLE, "--data", home]);
    sample.browser = await startBrowser();
    sample.stage = await openStage(sample.browser, sample.bridge.address);
    const { page } = sample.stage;
    await page.getByRole("button", { name: /^Open the sample/ }).click();
    // It is offered once the bills are loaded.
    await page.getByRole("button", { name: "Take the tour of the sample" }).waitFor({ timeout: 4 * LONG_MS });
  }, 6 * LONG_MS);
  afterAll(async () => {
    await sample.browser?.close();
    sample.bridge?.stop();
    if (home) rmSync(home, { recursive: true, force: true });
  });
  return sample;
}

/** From the welcome screen to a loaded bill, by the dialogs. */
export async function loadBill(page: Page, bill: Bill): Promise<string> {
  const engagement = join(bill.folder, "engagement");
  await page.getByRole("button", { name: "Choose files…" }).click();
  await page.getByLabel("Files or folders, one a line").fill(bill.path);
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await page.getByLabel("Name").fill("Example audit");
  await page.getByLabel("Folder to keep it in").fill(engagement);
  await page.getByRole("button", { name: "Create and load" }).click();
  await loads(page).first().waitFor({ timeout: LONG_MS });
  return engagement;
}

/** The rows of the list of loads. */
export function loads(page: Page): Locator {
  return page.getByRole("table", { name: "Loads" }).locator("tbody tr");
}

/** Shows a part of Sources. */
export async function showPart(page: Page, name: string): Promise<void> {
  await page.getByRole("tab", { name: new RegExp(`^${name}`) }).click();
}

/** Loads files into the open engagement, by the dialog. */
export async function loadMore(page: Page, path: string): Promise<void> {
  await page.getByRole("button", { name: "Files…" }).click();
  await page.getByLabel("Files or folders, one a line").fill(path);
  await page.getByRole("button", { name: "Load", exact: true }).click();
}

/** Checks the charges, and waits for the score. */
export async function check(page: Page): Promise<void> {
  await enter(page.getByRole("button", { name: "Check the charges" }));
  await page.getByTestId("score").waitFor({ timeout: LONG_MS });
}

/** The leaderboard of a dimension, and in it the button of a value. */
export function leaderboard(page: Page, dimension: string): Locator {
  return page.getByRole("grid", { name: dimension, exact: true });
}

export function valueIn(page: Page, dimension: string, value: string): Locator {
  return leaderboard(page, dimension).getByRole("button", { name: value, exact: true });
}

/** What the filters are said to be. */
export async function scope(page: Page): Promise<string> {
  return (await page.getByRole("group", { name: "Scope" }).textContent()) ?? "";
}

/** Waits for a text that the engine's next answer will bring, and says what was there instead when it does not come. */
export async function showsText(page: Page, testId: string, text: string): Promise<void> {
  await expect
    .poll(() => page.getByTestId(testId).first().textContent(), {
      timeout: 15_000,
      message: `${testId} is ${text}`,
    })
    .toSatisfy((found: string | null) => found?.trim() === text);
}

/** Waits for a charge's source to tell the bill's file, and gives what it says. */
export async function sourceOfBill(page: Page): Promise<string> {
  const source = page.getByTestId("source-row");
  await source.getByText("example-focus.csv", { exact: true }).waitFor();
  return (await source.textContent()) ?? "";
}

export function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}
