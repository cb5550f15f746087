import { describe, expect, test } from "vitest";

import { violations } from "./axe";
import { enter } from "./hand";
import { openStage } from "./stage";
import { LONG_MS, startSample } from "./steps";

/** A figure as it is shown, in hundredths. */
function cents(text: string | null): number {
  const plain = (text ?? "").replace(/[^\d.\u2212-]/g, "").replace("\u2212", "-");
  return Math.round(Number(plain) * 100);
}

const FEBRUARY = "cost=effective_cost&currency=USD&period=2026-02-01..2026-03-01";

describe("cost held against what was planned", () => {
  const sample = startSample();
  const begin = async (address: string) => {
    await sample.stage.page.goto(`${sample.bridge.address}${address}`);
    await sample.stage.page.reload();
  };

  test("is chosen from the menu: lists, trend and header have what was planned, and what was not says so", async () => {
    const { page } = sample.stage;
    await begin(`#/explore?${FEBRUARY}&grain=month`);
    await page.getByTestId("total").waitFor({ timeout: LONG_MS });
    await enter(page.getByRole("button", { name: /^Compare with/ }));
    await page.getByRole("menuitemradio", { name: "Budget: budgets" }).click();
    await page.getByText("Budget: budgets, Feb 2026").waitFor({ timeout: LONG_MS });
    expect(await page.evaluate(() => location.hash)).toContain("compare=budget%3Abudgets");
    const aws = page.getByRole("grid", { name: "Provider" }).getByRole("row").filter({ hasText: "AWS" });
    expect(await aws.getByRole("gridcell").nth(4).getAttribute("title")).toBe("Budget: budgets: 71,200.00");
    const services = page.getByRole("grid", { name: "Service", exact: true });
    expect(await services.getByText("not planned").count()).toBeGreaterThan(3);
    expect(await page.locator("main").textContent()).not.toMatch(/NaN|Infinity|undefined/);
    await page.keyboard.press("t");
    await page
      .getByRole("region", { name: "Trend as a table" })
      .getByRole("columnheader", { name: "Budget: budgets" })
      .waitFor();
    await page.keyboard.press("t");
  });

  test("is explained line by line without a remainder, and each line leads to its charges", async () => {
    const { page } = sample.stage;
    await begin(`#/change?${FEBRUARY}&compare=budget:budgets`);
    await page.getByTestId("plan-difference").waitFor({ timeout: LONG_MS });
    const lines = page.getByRole("table", { name: "Line of the plan" });
    const differences = await lines.locator("tbody tr td:nth-of-type(3)").allTextContents();
    const whole = cents(await page.getByTestId("plan-total").textContent());
    const sum = differences.reduce((sum, text) => sum + cents(text), 0);
    expect(Math.abs(sum - whole), "rounded lines come to the rounded whole").toBeLessThan(differences.length);
    await page.getByTestId("plan-separable").getByText("not separable").waitFor();
    await page.getByRole("button", { name: "By provider" }).click();
    const line = lines.getByRole("row").filter({ hasText: "provider = Google Cloud" });
    const actual = (await line.locator("td:nth-of-type(2)").textContent())?.trim() ?? "";
    await enter(line.getByRole("button", { name: /^Show the charges/ }));
    await page.locator("#charges").waitFor();
    await expect.poll(async () => (await page.getByTestId("total").textContent())?.trim()).toBe(actual);
    expect(await page.evaluate(() => location.hash)).toContain("Google+Cloud");
    await page.keyboard.press("Control+z");
    await page.getByTestId("plan-difference").waitFor();
  });

  test("is pinned to a pack from its bridge, which says so and leads there", async () => {
    const { page } = sample.stage;
    await begin(`#/change?${FEBRUARY}&compare=budget:budgets`);
    await page.getByTestId("plan-difference").waitFor({ timeout: LONG_MS });
    await enter(page.getByRole("button", { name: "Copy or export: Where it differs from the plan" }));
    await page.getByRole("menuitem", { name: "Pin to a pack…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Heading").fill("February beside the budget");
    await dialog.getByRole("button", { name: "Pin", exact: true }).click();
    const notice = page.getByTestId("notice");
    await notice.getByText("Pinned to", { exact: false }).waitFor({ timeout: LONG_MS });
    await notice.getByRole("button", { name: "Packs", exact: true }).click();
    const pins = page.getByRole("list", { name: "Pinned" });
    await pins.getByText("February beside the budget").waitFor();
    await pins.getByRole("button", { name: "Remove the pinned section February beside the budget" }).click();
    await pins.getByRole("button", { name: "Remove", exact: true }).first().click();
    await expect.poll(() => pins.count()).toBe(0);
  });

  test("a period that the plan is not for is told in words, and there is a way on", async () => {
    const { page } = sample.stage;
    await begin("#/change?cost=effective_cost&currency=USD&period=2019-01-01..2019-02-01&compare=budget");
    await page.getByText("Choose a period within 2025-07-01 to 2026-09-30").waitFor({ timeout: LONG_MS });
    await enter(page.getByRole("button", { name: "Previous period instead" }));
    await page.getByTestId("change-nothing").waitFor({ timeout: LONG_MS });
  });

  test("all of it is accessible in both themes", async () => {
    for (const dark of [false, true]) {
      for (const room of ["explore", "change"]) {
        const address = `${sample.bridge.address}#/${room}?${FEBRUARY}&compare=budget:budgets`;
        const stage = await openStage(sample.browser, address, { dark });
        await stage.page.getByText("Budget: budgets, Feb 2026").waitFor({ timeout: LONG_MS });
        await stage.page.waitForLoadState("networkidle");
        expect(await violations(stage.page)).toEqual([]);
        await stage.page.close();
      }
    }
  });
});
