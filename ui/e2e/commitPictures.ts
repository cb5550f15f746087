/** Pictures of commitments: what is held, what it covers, what could be bought, and what should be. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { enter } from "./hand";
import type { Picture } from "./pictures";
import { LONG_MS } from "./steps";

const LONG = { timeout: LONG_MS };

/** What a part of Commit shows, as an address has it. */
export function commit(params: object, rest = ""): string {
  return `#/commit?commit=${encodeURIComponent(JSON.stringify(params))}${rest}`;
}

/** Rates of two programmes, and rows that cannot be right. */
export const OFFERS = [
  "provider,program,family,region,term,payment,percent,from",
  "AWS,aws-compute-savings-plan,,,1 year,no_upfront,27,2026-01-01",
  "AWS,aws-compute-savings-plan,,,1 year,all_upfront,31,2026-01-01",
  "AWS,aws-compute-savings-plan,,,3 years,no_upfront,45,2026-01-01",
  "AWS,aws-ec2-instance-savings-plan,m6i,,1 year,no_upfront,36,2026-01-01",
  "AWS,aws-ec2-instance-savings-plan,z9x,,1 year,no_upfront,36,2026-01-01",
  "AWS,aws-compute-savings-plan,,,1 year,partial_upfront,129,2026-01-01",
  "",
].join("\n");

export function writeOffers(): string {
  const path = join(mkdtempSync(join(tmpdir(), "quarterdeck-offers-")), "offer-sheet.csv");
  writeFileSync(path, OFFERS);
  return path;
}

const quiet = async (page: Page, part: string) => {
  await page.getByTestId(part).waitFor(LONG);
  await page.locator("[data-testid=commit][aria-busy=false]").waitFor(LONG);
  await page.locator(`[data-testid=${part}][aria-busy=false]`).waitFor(LONG);
};

/** The inventory stands once its table does. */
export const heldStands = async (page: Page) => {
  await page.locator("[data-testid=commit][aria-busy=false]").waitFor(LONG);
  await page.getByTestId("commitments").waitFor(LONG);
};
export const coverageStands = async (page: Page) => {
  await quiet(page, "commit-coverage");
  await page.getByTestId("heatmap").or(page.getByTestId("hours-table")).first().waitFor(LONG);
  await page.getByTestId("coverage-parts").waitFor(LONG);
};
export const planStands = async (page: Page) => {
  await quiet(page, "commit-plan");
  await page.getByTestId("curve-figures").waitFor(LONG);
};
export const offersStand = (page: Page) => quiet(page, "commit-offers");

export async function importOffers(page: Page, path: string): Promise<void> {
  await enter(page.getByRole("button", { name: "Import offers…" }).first());
  await page.getByLabel("An offer sheet (CSV), or a provider's price list as it was downloaded").fill(path);
  await enter(page.getByRole("button", { name: "Take in" }));
  await page.getByTestId("offer-files").waitFor(LONG);
  await offersStand(page);
}

/** Few ways of demand: each is a replay of its own. */
export async function drawFew(page: Page): Promise<void> {
  const count = page.getByTestId("portfolio").locator('[data-field="count"]');
  if ((await count.count()) === 0) return;
  await count.fill("4");
  await count.press("Tab");
}

/** Searches the cheapest mix of what the rates allow, and puts it into the basket. */
export const planWithMix = async (page: Page) => {
  await planStands(page);
  await enter(page.getByRole("button", { name: "Take what the rates allow" }));
  await page.getByTestId("instruments").waitFor(LONG);
  await drawFew(page);
  await enter(page.getByRole("button", { name: "Search", exact: true }));
  await page.getByTestId("mix").waitFor({ timeout: 3 * LONG_MS });
  await enter(page.getByRole("button", { name: "Put into the basket" }));
  await page.getByTestId("ladder").locator("tbody tr.decided").first().waitFor(LONG);
  await page.locator("[data-testid=basket-part][aria-busy=false]").waitFor(LONG);
  await quiet(page, "commit-plan");
};

/** The plan with rates at hand: they are taken in where the engagement has none yet. */
export async function planWithOffers(page: Page, params: object): Promise<void> {
  const show = (view: string) => page.evaluate((to) => (location.hash = to), view);
  await show(commit({ part: "offers" }));
  await offersStand(page);
  if ((await page.getByTestId("offer-files").count()) === 0) await importOffers(page, writeOffers());
  await show(commit({ part: "plan", program: "aws-compute-savings-plan", ...params }));
  await planStands(page);
}

const settled = (page: Page) => page.locator("[data-testid=commit][aria-busy=false]").waitFor(LONG);

export const COMMIT_PICTURES: Picture[] = [
  ["commit-held", commit({}), heldStands],
  [
    "commit-facts",
    commit({}),
    async (page) => {
      await heldStands(page);
      await enter(page.getByTestId("commitments").locator("[data-row]").first());
      await page.getByTestId("commitment-facts").evaluate((facts) => facts.scrollIntoView({ block: "end" }));
    },
  ],
  [
    "commit-kpi",
    commit({}),
    async (page) => {
      await heldStands(page);
      await page.getByTestId("commit-headline").getByRole("button").first().click();
      await page.getByTestId("kpi-panel").waitFor();
    },
  ],
  ["commit-coverage", commit({ part: "coverage" }), coverageStands],
  [
    "commit-open",
    commit({ part: "coverage", shade: "open", month: "2026-07" }),
    async (page) => {
      await coverageStands(page);
      await page.getByTestId("heatmap").locator("[data-cell='9 4']").focus();
    },
  ],
  ["commit-days", commit({ part: "coverage", month: "2026-05", by: null }), coverageStands],
  [
    "commit-parts",
    commit({ part: "coverage", by: "sub_account", as: "table" }),
    async (page) => {
      await coverageStands(page);
      await page
        .getByTestId("usage-lines")
        .or(page.getByRole("button", { name: "Lines of usage" }))
        .first()
        .waitFor();
      await enter(page.getByRole("button", { name: "Lines of usage" }));
      await page.getByTestId("usage-lines").evaluate((lines) => lines.scrollIntoView({ block: "end" }));
    },
  ],
  [
    "commit-offers",
    commit({ part: "offers" }),
    async (page) => {
      await offersStand(page);
      await importOffers(page, writeOffers());
    },
  ],
  ["commit-plan", commit({ part: "plan" }), (page) => planWithOffers(page, {})],
  [
    "commit-plan-table",
    commit({ part: "plan", as: "table" }),
    (page) => planWithOffers(page, { as: "table" }),
  ],
  [
    "commit-basket",
    commit({ part: "plan" }),
    async (page) => {
      await planWithOffers(page, {});
      await enter(page.getByRole("button", { name: "Add to the basket" }));
      await enter(page.getByRole("button", { name: "Demand falls or grows" }));
      await page.getByTestId("outcome").waitFor(LONG);
      await page.getByTestId("ladder").locator("tbody tr.decided").waitFor(LONG);
      await page.locator("[data-testid=basket-part][aria-busy=false]").waitFor(LONG);
      await page.getByTestId("basket-part").evaluate((part) => part.scrollIntoView({ block: "start" }));
    },
  ],
  [
    "commit-outcome",
    commit({ part: "plan" }),
    async (page) => {
      await planWithOffers(page, {});
      await enter(page.getByRole("button", { name: "Add to the basket" }));
      await page.getByTestId("ladder").locator("tbody tr.decided").waitFor(LONG);
      await page.locator("[data-testid=basket-part][aria-busy=false]").waitFor(LONG);
      await page.getByTestId("memo").evaluate((part) => part.scrollIntoView({ block: "center" }));
    },
  ],
  [
    "commit-mix",
    commit({ part: "plan" }),
    async (page) => {
      await planWithOffers(page, {});
      await planWithMix(page);
      await page.getByTestId("portfolio").evaluate((part) => part.scrollIntoView({ block: "start" }));
    },
  ],
  [
    "commit-scenarios",
    commit({ part: "plan" }),
    async (page) => {
      await planWithOffers(page, {});
      await planStands(page);
      await enter(page.getByRole("button", { name: /^Demand: / }));
      await enter(page.getByRole("menuitemradio", { name: "drawn from scenarios" }));
      await page.getByTestId("scenario-weights").locator("tbody tr").nth(1).waitFor(LONG);
      await planWithMix(page);
      await page.getByTestId("portfolio").evaluate((part) => part.scrollIntoView({ block: "start" }));
    },
  ],
  [
    "commit-payments",
    commit({ part: "plan" }),
    async (page) => {
      await planWithOffers(page, {});
      await page.getByText("Ways to pay", { exact: true }).click();
      await page.getByTestId("payments").evaluate((part) => part.scrollIntoView({ block: "center" }));
    },
  ],
  [
    "commit-mix-table",
    commit({ part: "plan", as: "table" }),
    async (page) => {
      await planWithOffers(page, { as: "table" });
      await enter(page.getByRole("button", { name: /^Demand: / }));
      await enter(page.getByRole("menuitemradio", { name: "as written below" }));
      await planWithMix(page);
      await page.getByTestId("mix").evaluate((part) => part.scrollIntoView({ block: "center" }));
    },
  ],
  [
    "commit-months",
    commit({ part: "plan" }),
    async (page) => {
      await planWithOffers(page, {});
      await planWithMix(page);
      await enter(page.getByRole("button", { name: "Work out bands" }));
      await page
        .getByTestId("bands")
        .getByText(/ways it saves from/)
        .waitFor(LONG);
      await page.getByTestId("outcome").evaluate((part) => part.scrollIntoView({ block: "start" }));
    },
  ],
  [
    "commit-ladder",
    commit({ part: "plan" }),
    async (page) => {
      await planWithOffers(page, {});
      await planWithMix(page);
      await page.getByTestId("ladder").evaluate((part) => part.scrollIntoView({ block: "end" }));
    },
  ],
  ["commit-euro", commit({}, "&currency=EUR"), settled],
  ["commit-euro-plan", commit({ part: "plan" }, "&currency=EUR"), settled],
  [
    "commit-refused",
    commit({ part: "plan", basis: null }, "&period=2026-09-20..2026-09-28"),
    async (page) => page.getByRole("alert").waitFor(LONG),
  ],
];

/** A bill that has no commitment, with names of any length. */
export const ODD_COMMIT_PICTURES: Picture[] = [
  ["odd-commit", commit({}), settled],
  ["odd-commit-coverage", commit({ part: "coverage" }), settled],
  ["odd-commit-offers", commit({ part: "offers" }), settled],
  ["odd-commit-plan", commit({ part: "plan" }), settled],
];
