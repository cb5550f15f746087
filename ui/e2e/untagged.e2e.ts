/** Who owns what nobody tagged: on the sample, whose untagged usage is written down. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Hand } from "./hand";
import { type Bridge, openStage, type Stage, startBridge, startBrowser } from "./stage";
import { LONG_MS, scope, showsText } from "./steps";

const SAMPLE = fileURLToPath(new URL("../../sample-data", import.meta.url));
const INTERACTIONS_MAX = 6;

interface Truth {
  untagged_usage: { provider: string; billing_period: string; costs: { billed: string } }[];
}
const truth = JSON.parse(readFileSync(join(SAMPLE, "truth.json"), "utf8")) as Truth;
const untagged = truth.untagged_usage.find(
  (one) => one.provider === "AWS" && one.billing_period === "2025-07",
);

/** The usage of a month of one provider. */
const USAGE = new URLSearchParams([
  ["period", "2025-07-01..2025-08-01"],
  ["on", "billing"],
  ["currency", "USD"],
  ["where", JSON.stringify(["provider", "is", "AWS"])],
  ["where", JSON.stringify(["charge_category", "is", "Usage"])],
]);

describe("who owns the untagged spend", () => {
  let bridge: Bridge;
  let browser: Browser;
  let stage: Stage;
  let home: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "quarterdeck-untagged-"));
    bridge = await startBridge(null, ["--sample-data", SAMPLE, "--data", home]);
    browser = await startBrowser();
    stage = await openStage(browser, bridge.address);
    await stage.page.getByRole("button", { name: /^Open the sample/ }).click();
    await stage.page
      .getByRole("button", { name: "Take the tour of the sample" })
      .waitFor({ timeout: 4 * LONG_MS });
  }, 6 * LONG_MS);
  afterAll(async () => {
    await browser?.close();
    bridge?.stop();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  for (const keys of [false, true]) {
    test(`from the whole bill to its owner, ${keys ? "by key" : "with the mouse"}`, async () => {
      const { page } = stage;
      await page.goto(`${bridge.address}#/explore?${USAGE}`);
      await page.reload();
      await page.getByTestId("total").waitFor();
      const hand = new Hand(page, keys);
      if (keys) {
        hand.done += 1;
        await page.keyboard.press("Control+k");
        await page.keyboard.type("List application");
        await page.keyboard.press("Enter");
      } else {
        await hand.press(page.getByRole("button", { name: "Add a list…" }));
        await hand.press(page.getByRole("menuitemradio", { name: /application/i }));
      }
      const list = page.getByRole("grid", { name: /application/i });
      const none = list.getByRole("button", { name: /^\((missing|untagged)\)$/ });
      const row = list.getByRole("row").filter({ hasText: "(missing)" });
      const figure = (await row.locator("td.numeric").first().textContent())?.trim() ?? "";
      const whole = Number(untagged?.costs.billed ?? "NaN");
      expect(
        Number(figure.replaceAll(",", "")),
        "what has no tag at all has no application, either",
      ).toBeGreaterThanOrEqual(whole);
      await hand.press(none);
      await showsText(page, "total", figure);
      expect(await scope(page), "the filter reads as a sentence").toContain("application is missing");
      const owners = page.getByRole("grid", { name: /^(Sub )?account$/i }).locator("tbody tr");
      await expect
        .poll(() => owners.count(), { message: "the accounts that it lies in are listed" })
        .toBeGreaterThan(0);
      const owner = owners.first().getByRole("button").first();
      const name = (await owner.textContent())?.trim() ?? "";
      await hand.press(owner);
      await expect.poll(() => scope(page), { message: "the dearest owner is looked at" }).toContain(name);
      expect(hand.done, "it takes few interactions").toBeLessThanOrEqual(INTERACTIONS_MAX);
    });
  }
});
