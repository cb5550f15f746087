/** What the journeys have in common. */
import { join } from "node:path";

import type { Page } from "playwright-core";
import { expect } from "vitest";

import type { Bill } from "./bill";

export const LONG_MS = 60_000;

/** From the welcome screen to a loaded bill, by the dialogs. */
export async function loadBill(page: Page, bill: Bill): Promise<string> {
  const engagement = join(bill.folder, "engagement");
  await page.getByRole("button", { name: "Choose files…" }).click();
  await page.getByLabel("Files or folders, one a line").fill(bill.path);
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await page.getByLabel("Name").fill("Example audit");
  await page.getByLabel("Folder to keep it in").fill(engagement);
  await page.getByRole("button", { name: "Create and load" }).click();
  await page.getByRole("table", { name: "Loads" }).locator("tbody tr").first().waitFor({ timeout: LONG_MS });
  return engagement;
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
