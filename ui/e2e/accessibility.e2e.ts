import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Bill, DEAREST_RESOURCE, writeBill } from "./bill";
import { type Bridge, openStage, startBridge, startBrowser } from "./stage";
import { loadBill } from "./steps";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  help: string;
  nodes: { target: string[]; failureSummary?: string }[];
}

async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger's protocol, which the page's policy does not govern.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe;
    return (await axe.run()).violations;
  });
  return found.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary ?? ""}`).join("; ")}`,
  );
}

/** Each screen, and how to bring it up from an open Explore. */
const SCREENS: [string, (page: Page) => Promise<unknown>][] = [
  ["Explore", async (page) => page.getByTestId("list-total").first().waitFor()],
  [
    "Explore compared and split, with evidence",
    async (page) => {
      await page.evaluate(
        () => (location.hash = "#/explore?compare=previous&split=service&period=2025-04-01..2025-05-01"),
      );
      await page.getByText("Before, ").waitFor();
      await page.getByTestId("total").click();
      await page.getByTestId("evidence-figure").waitFor();
    },
  ],
  [
    "Explore as a table, with a charge's source",
    async (page) => {
      await page.keyboard.press("t");
      await page.getByRole("grid", { name: "Charges" }).getByText(DEAREST_RESOURCE).click();
      await page.getByTestId("source-row").waitFor();
    },
  ],
  [
    "Sources with a load",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/sources"));
      await page.getByRole("table", { name: "Loads" }).locator("tbody tr").first().click();
      await page.getByText("Rejected rows").waitFor();
    },
  ],
  [
    "Sources with its checks and its invoices",
    async (page) => {
      await page.getByRole("button", { name: "Check the charges" }).click();
      await page.getByRole("button", { name: "Check again" }).waitFor();
      await page.getByRole("button", { name: "Reconcile" }).click();
      await page.getByRole("button", { name: "Choose invoices…" }).waitFor();
    },
  ],
  [
    "Packs",
    async (page) => {
      await page.evaluate(() => (location.hash = "#/packs"));
      await page.getByRole("button", { name: /^Build / }).waitFor();
    },
  ],
  [
    "the palette",
    async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").getByRole("combobox").waitFor();
    },
  ],
  [
    "a filter",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.keyboard.press("/");
      await page.getByRole("dialog").getByRole("textbox").fill("region name");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByRole("checkbox").first().waitFor();
    },
  ],
];

describe("every screen passes axe", () => {
  let bill: Bill;
  let bridge: Bridge;
  let browser: Browser;

  beforeAll(async () => {
    bill = writeBill();
    bridge = await startBridge();
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    bridge?.stop();
    if (bill) rmSync(bill.folder, { recursive: true, force: true });
  });

  test("the welcome screen, light and dark", async () => {
    for (const dark of [false, true]) {
      const { page, context } = await openStage(browser, bridge.address, { dark });
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(await violations(page), dark ? "dark" : "light").toEqual([]);
      if (dark) await loadBill(page, bill);
      await context.close();
    }
  });

  for (const dark of [false, true]) {
    test(`the rooms, ${dark ? "dark" : "light"}`, async () => {
      const { page, context, complaints } = await openStage(browser, `${bridge.address}#/explore`, { dark });
      for (const [name, show] of SCREENS) {
        await show(page);
        expect(await violations(page), name).toEqual([]);
      }
      expect(complaints).toEqual([]);
      await context.close();
    });
  }
});
