import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { violations } from "./axe";
import { type Bridge, openStage, type Stage, startBridge, startBrowser } from "./stage";
import { LONG_MS } from "./steps";

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
    const next = () => tour.getByRole("button", { name: "Next" }).press("Enter");
    await tour.getByText("1 of 7").waitFor();
    expect(await violations(page)).toEqual([]);
    await next();
    await tour.getByRole("heading", { name: "A spike" }).waitFor();
    await trend(/max May (19|20|21)\b/);
    await next();
    await tour.getByRole("heading", { name: "A launch" }).waitFor();
    await trend(/Billed cost; Jan 2026 .* → Sep 2026/);
    await next();
    await tour.getByRole("heading", { name: "A migration" }).waitFor();
    await page.getByRole("grid", { name: "Provider" }).getByText("Google Cloud").waitFor();
    await next();
    await tour.getByRole("heading", { name: "A price change" }).waitFor();
    await trend(/min Mar [1-9]\b/);
    await next();
    await tour.getByRole("heading", { name: "Whose is it?" }).waitFor();
    await page.getByRole("grid", { name: "Sub account" }).getByText("bw-lab").first().waitFor();
    await tour.getByRole("button", { name: "Back" }).click();
    await tour.getByRole("heading", { name: "A price change" }).waitFor();
    await tour.getByRole("button", { name: "Skip the tour" }).click();
    await expect.poll(() => tour.count()).toBe(0);
    await page.keyboard.press("F1");
    await page.getByRole("button", { name: "Take the tour" }).waitFor();
    expect(stage.complaints).toEqual([]);
  }, 360_000);
});
