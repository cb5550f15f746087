import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { violations } from "./axe";
import { enter } from "./hand";
import { type Bridge, openStage, type Stage, startBridge, startBrowser } from "./stage";
import { LONG_MS, showsText } from "./steps";

const BILLS = fileURLToPath(new URL("../../sample-data", import.meta.url));

describe("the tour of the sample", () => {
  let bridge: Bridge;
  let browser: Browser;
  let stage: Stage;
  let home: string;

  beforeAll(async () => {
    expect(existsSync(BILLS), "the sample's bills; `cargo xtask sample-data` writes them").toBe(true);
    home = mkdtempSync(join(tmpdir(), "quarterdeck-tour-"));
    bridge = await startBridge(null, ["--sample-data", BILLS, "--data", home]);
    browser = await startBrowser();
    stage = await openStage(browser, bridge.address);
  });
  afterAll(async () => {
    await browser?.close();
    bridge?.stop();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  test("is offered once, shows each truth of the sample, and can be left", async () => {
    const { page } = stage;
    await page.getByRole("button", { name: /^Open the sample/ }).click();
    await page.getByRole("button", { name: "Take the tour of the sample" }).click({ timeout: 4 * LONG_MS });
    const tour = page.getByRole("complementary", { name: "Tour" });
    const trend = (words: RegExp) => page.getByRole("img", { name: words }).waitFor();
    const next = () => enter(tour.getByRole("button", { name: "Next" }));
    const at = (title: string) => tour.getByRole("heading", { name: title }).waitFor();
    const movers = page.getByRole("grid", { name: /^Movers by/ });
    const items = page.getByTestId("change-items");
    await tour.getByText("1 of 11").waitFor();
    expect(await violations(page)).toEqual([]);
    await next();
    await at("Why did March go up?");
    await showsText(page, "change-headline", "Up 14,275.06 (13.9%), mostly days +9,106.19");
    await next();
    await at("A price change");
    await items.getByText("F49F2DBA11A7").waitFor();
    expect(await items.textContent(), "from the truth's price to the mean of both").toMatch(
      /1\.958.*2\.097/s,
    );
    await tour.getByText("The bar List price").waitFor();
    expect(await violations(page)).toEqual([]);
    await next();
    await at("A launch");
    const launched = movers.getByRole("row").filter({ hasText: "parcel-vision" }).first();
    await launched.getByText("new", { exact: true }).waitFor();
    await next();
    await at("A migration");
    await movers
      .getByRole("row")
      .filter({ hasText: "Google Cloud" })
      .getByText("new", { exact: true })
      .waitFor();
    await movers
      .getByRole("row")
      .filter({ hasText: "Microsoft" })
      .getByText("down", { exact: true })
      .waitFor();
    await next();
    await at("A spike");
    await items.getByText("Log Volume").first().waitFor();
    await next();
    await at("The days of it");
    await trend(/max May (19|20|21)\b/);
    await next();
    await tour.getByRole("heading", { name: "Whose is it?" }).waitFor();
    await page.getByRole("grid", { name: "Sub account" }).getByText("bw-lab").first().waitFor();
    await next();
    await at("A plan that ended");
    await page.getByTestId("commitment-facts").getByText("Jul 1, 2026").first().waitFor();
    expect(await violations(page)).toEqual([]);
    await next();
    await at("What to buy instead");
    await page.getByTestId("curve-figures").waitFor({ timeout: LONG_MS });
    await tour.getByRole("button", { name: "Back" }).click();
    await at("A plan that ended");
    await tour.getByRole("button", { name: "Skip the tour" }).click();
    await expect.poll(() => tour.count()).toBe(0);
    await page.keyboard.press("F1");
    await page.getByRole("button", { name: "Take the tour" }).waitFor();
    expect(stage.complaints).toEqual([]);
  }, 360_000);
});
