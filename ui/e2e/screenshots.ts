/**
 * Pictures of every screen, light and dark, of the engagement in QUARTERDECK_ENGAGEMENT, into QUARTERDECK_SCREENSHOTS;
 * QUARTERDECK_SCREENSHOTS_SIZE is the window's, 1280x800 unless told; QUARTERDECK_SCREENSHOTS_ONLY names some, comma separated.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Bridge, openStage, startBridge, startBrowser } from "./stage";
import { type Bill, writeOddBill } from "./bill";
import { FIRST, MOMENTS, ODD, type Picture, PICTURES } from "./pictures";
import { loadBill, SAMPLE } from "./steps";

/** The questions of the screens. */
const ASKED = /\/rpc\/(explore|change|unit_cost|sql)$/;
const REFUSAL = {
  code: "out_of_memory",
  message: "The question needs more memory than the engine may use (2.0 GB)",
  hint: "Choose a shorter period or fewer lists, or raise the limit in Settings",
  details: null,
};

const engagement = process.env["QUARTERDECK_ENGAGEMENT"];
const folder = process.env["QUARTERDECK_SCREENSHOTS"];
if (!engagement || !folder) {
  throw new Error(
    "QUARTERDECK_ENGAGEMENT names what to picture, QUARTERDECK_SCREENSHOTS where the pictures go",
  );
}
const [width, height] = (process.env["QUARTERDECK_SCREENSHOTS_SIZE"] ?? "1280x800").split("x").map(Number);
mkdirSync(folder, { recursive: true });
const only = process.env["QUARTERDECK_SCREENSHOTS_ONLY"]?.split(",");
const THEMES = ["light", "dark"] as const;

/** The pictures that are wanted, in both themes. */
function wanted(pictures: Picture[]): [string, (typeof THEMES)[number], Picture][] {
  return pictures
    .filter(([name]) => !only || only.includes(name))
    .flatMap((picture) =>
      THEMES.map((theme) => [picture[0], theme, picture] satisfies [unknown, unknown, unknown]),
    );
}

let browser: Browser;
let odd: Bill | undefined;
const bridges: Bridge[] = [];
async function bridge(...options: Parameters<typeof startBridge>): Promise<Bridge> {
  const started = await startBridge(...options);
  bridges.push(started);
  return started;
}
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  bridges.forEach((started) => started.stop());
  if (odd) rmSync(odd.folder, { recursive: true, force: true });
});

async function take(address: string, theme: string, [name, view, open, how]: Picture): Promise<void> {
  const stage = await openStage(browser, how ? "about:blank" : `${address}${view}`, {
    dark: theme === "dark",
    width,
    height,
  });
  const { page, context, complaints } = stage;
  try {
    if (how) {
      await page.route(ASKED, (route) =>
        how === "hold" ? undefined : route.fulfill({ status: 400, json: REFUSAL }),
      );
      await page.goto(`${address}${view}`);
    } else {
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.waitForLoadState("networkidle");
    }
    await open?.(page);
    // Nothing is to look pointed at.
    await page.mouse.move(0, 0);
    if (!how) await page.waitForLoadState("networkidle");
    await page.screenshot({ path: join(folder ?? "", `${name}-${theme}.png`) });
    if (!how) expect(complaints, name).toEqual([]);
  } finally {
    await context.close();
  }
}

describe.runIf(wanted(FIRST).length > 0)("nothing loaded", () => {
  let address = "";
  beforeAll(async () => {
    address = (await bridge(null, ["--sample-data", SAMPLE])).address;
  });
  test.for(wanted(FIRST))("%s, %s", async ([, theme, picture]) => take(address, theme, picture));
});

describe.runIf(wanted([...PICTURES, ...MOMENTS]).length > 0)("the engagement", () => {
  let address = "";
  beforeAll(async () => {
    address = (await bridge(engagement)).address;
  });
  test.for(wanted([...PICTURES, ...MOMENTS]))("%s, %s", async ([, theme, picture]) =>
    take(address, theme, picture),
  );
});

describe.runIf(wanted(ODD).length > 0)("odd names and figures", () => {
  let address = "";
  beforeAll(async () => {
    address = (await bridge()).address;
    odd = writeOddBill();
    const { page, context } = await openStage(browser, address);
    await loadBill(page, odd);
    await context.close();
  });
  test.for(wanted(ODD))("%s, %s", async ([, theme, picture]) => take(address, theme, picture));
});
