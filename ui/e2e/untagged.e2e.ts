/** Who owns what nobody tagged: on the sample, whose untagged usage is written down. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { Hand } from "./hand";
import { SAMPLE, scope, showsText, startSample } from "./steps";

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
  const sample = startSample();

  for (const keys of [false, true]) {
    test(`from the whole bill to its owner, ${keys ? "by key" : "with the mouse"}`, async () => {
      const { page } = sample.stage;
      await page.goto(`${sample.bridge.address}#/explore?${USAGE}`);
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
