import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";

import { violations } from "./axe";
import {
  commit,
  coverageStands,
  drawFew,
  heldStands,
  importOffers,
  offersStand,
  planStands,
  planWithMix,
  planWithOffers,
  writeOffers,
} from "./commitPictures";
import { enter } from "./hand";
import { openStage } from "./stage";
import { clipboard, LONG_MS, startSample } from "./steps";

/** A figure as it stands behind its rounded text, in hundredths. */
function cents(text: string | null): number {
  return Math.round(Number((text ?? "").replace(/[^\d.\u2212-]/g, "").replace("\u2212", "-")) * 100);
}

describe("what to promise the providers", () => {
  const sample = startSample();
  beforeAll(async () => {
    await sample.stage.page.getByRole("button", { name: "Dismiss" }).first().click();
  });
  const begin = async (view: string, stands: (page: Page) => Promise<void>) => {
    const { page } = sample.stage;
    await page.goto(`${sample.bridge.address}${view}`);
    await page.reload();
    await stands(page);
  };

  test("by key: g m, the plan that ended in July is found, and its facts say from where they are", async () => {
    const { page } = sample.stage;
    await page.goto(`${sample.bridge.address}#/explore`);
    await page.getByTestId("total").waitFor({ timeout: LONG_MS });
    await page.waitForLoadState("networkidle");
    await page.keyboard.press("g");
    await page.keyboard.press("m");
    await heldStands(page);
    const rows = page.getByTestId("commitments").locator("tbody tr[data-commitment]");
    expect(await rows.count(), "commitments of the sample").toBeGreaterThan(1);
    const july = page.getByTestId("expiries").locator("tbody tr").filter({ hasText: "Jun 2026" });
    await enter(july.getByRole("button").first());
    const facts = page.getByTestId("commitment-facts");
    await facts.waitFor();
    expect(await facts.textContent()).toContain("Compute Savings Plan");
    expect(await facts.getByText("Jul 1, 2026").count(), "the end is stated").toBeGreaterThan(0);
    expect(sample.stage.complaints).toEqual([]);
  });

  test("the table is sorted and walked by key, and a key figure tells its formula", async () => {
    const { page } = sample.stage;
    await begin(commit({}), heldStands);
    const table = page.getByTestId("commitments");
    await enter(table.getByRole("button", { name: "Billed" }));
    const billed = async () =>
      (await table.locator("tbody tr[data-commitment] td:nth-of-type(5)").allTextContents()).map(cents);
    const ascending = await billed();
    expect([...ascending].sort((left, right) => left - right)).toEqual(ascending);
    await table.locator("[data-row]").first().focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.getByTestId("commitment-facts").waitFor();
    await enter(page.getByTestId("commit-headline").getByRole("button").first());
    await page.getByTestId("kpi-panel").waitFor();
    expect(await page.getByTestId("kpi-panel").textContent()).toContain("Formula");
    await page.keyboard.press("Escape");
  });

  test("what was billed for a commitment has its evidence", async () => {
    const { page } = sample.stage;
    await begin(commit({}), heldStands);
    const cell = page.getByTestId("commitments").locator("tbody tr[data-commitment]").first();
    await enter(cell.getByRole("button", { name: /Evidence/ }));
    const evidence = page.getByRole("complementary", { name: "Evidence" });
    await evidence
      .getByText("The figure asked for alone equals the one you pointed at")
      .waitFor({ timeout: LONG_MS });
    await page.keyboard.press("Escape");
  });

  test("hours are walked by key and say what they are; the parts add up to the whole", async () => {
    const { page } = sample.stage;
    await begin(commit({ part: "coverage", month: "2026-07" }), coverageStands);
    const map = page.getByTestId("heatmap");
    expect(await map.locator("[data-cell]").count(), "31 days of 24 hours").toBe(31 * 24);
    await map.locator("[data-cell='0 0']").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    const said = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    expect(said).toMatch(/^Jul 2 01:00: .*covered/);
    const parts = page.getByTestId("coverage-parts");
    const figures = async (rows: string) =>
      (
        await parts
          .locator(`${rows} td.numeric:nth-of-type(2)`)
          .evaluateAll((cells) => cells.map((cell) => cell.getAttribute("title")))
      ).map(cents);
    const listed = await figures("tbody tr");
    const total = cents(await parts.locator("tfoot td.numeric").first().getAttribute("title"));
    expect(
      listed.reduce((sum, one) => sum + one, 0),
      "services are the total",
    ).toBe(total);
    await page.keyboard.press("t");
    await page.getByTestId("hours-table").waitFor();
    expect(await page.getByTestId("hours-table").locator("tbody tr").count()).toBe(31 * 24);
    await page.keyboard.press("t");
    await map.waitFor();
  });

  test("an export of days says what it loses", async () => {
    const { page } = sample.stage;
    await begin(commit({ part: "coverage", month: "2026-05" }), coverageStands);
    await page.getByTestId("day-grain").waitFor();
    expect(await page.getByTestId("day-grain").textContent()).toContain("days, not hours");
  });

  test("offers are taken in, wrong rows are told by file and row, and a file is removed", async () => {
    const { page } = sample.stage;
    await begin(commit({ part: "offers" }), offersStand);
    await importOffers(page, writeOffers());
    const findings = page.getByTestId("commit-findings");
    expect(await findings.textContent(), "a family that is not in the bill").toContain("z9x");
    expect(await findings.getByText(/row 7/).count(), "a percentage beyond hundred").toBeGreaterThan(0);
    expect(await page.getByTestId("rates").textContent()).toContain("offer-sheet");
    const file = page.getByTestId("offer-files");
    await enter(file.getByRole("button", { name: "Remove the offers offer-sheet" }));
    await enter(file.getByRole("button", { name: "Remove", exact: true }));
    await file.waitFor({ state: "detached" });
  });

  test("the curve: its optimum saves most, and the slider moves along it by key", async () => {
    const { page } = sample.stage;
    await begin(commit({ part: "offers" }), offersStand);
    await importOffers(page, writeOffers());
    await begin(commit({ part: "plan", program: "aws-compute-savings-plan" }), planStands);
    const savings = (column: string) =>
      page.getByTestId("curve-figures").locator(`[data-figure="${column} 1"]`).textContent();
    const best = cents(await savings("Optimum"));
    expect(best, "the plan that ended is missed").toBeGreaterThan(0);
    expect(cents(await savings("Today")), "nothing bought saves nothing").toBe(0);
    const slider = page.getByRole("slider", { name: "Commitment per hour that is looked at" });
    await slider.focus();
    await page.keyboard.press("End");
    expect(cents(await savings("Chosen")), "too much saves less").toBeLessThan(best);
    await enter(page.getByRole("button", { name: "Back to the optimum" }));
    await page.keyboard.press("t");
    const table = page.getByTestId("curve-table");
    const most = Math.max(...(await table.locator("tbody td:nth-of-type(2)").allTextContents()).map(cents));
    expect(most, "no point of the curve saves more, but for what is not sold").toBeLessThanOrEqual(
      best + 100,
    );
  });

  test("from a plan that ended to a saved, compared, exported purchase plan, by key alone", async () => {
    const { page } = sample.stage;
    await begin(commit({ part: "offers" }), offersStand);
    if ((await page.getByTestId("offer-files").count()) === 0) await importOffers(page, writeOffers());
    await begin(commit({ part: "plan", program: "aws-compute-savings-plan" }), planStands);
    const outcome = page.getByTestId("outcome");
    await outcome.waitFor({ timeout: LONG_MS });
    expect(cents(await page.getByTestId("basket-saves").textContent()), "nothing decided saves nothing").toBe(
      0,
    );

    // The optimum goes into the basket, and the basket is kept.
    await enter(page.getByRole("button", { name: "Add to the basket" }));
    const settled = async () => {
      // The pause that makes quick keys one change, then the answer.
      await expect
        .poll(() => page.getByTestId("basket-saves").textContent(), { timeout: LONG_MS })
        .not.toBe("0.00");
      await page.locator("[data-testid=basket-part][aria-busy=false]").waitFor({ timeout: LONG_MS });
    };
    await settled();
    const atOptimum = cents(await page.getByTestId("basket-saves").textContent());
    const curve = cents(
      await page.getByTestId("curve-figures").locator('[data-figure="Optimum 1"]').textContent(),
    );
    expect(atOptimum, "a year saves what the curve says of three months, and more").toBeGreaterThan(
      3 * curve,
    );
    const named = page.getByTestId("basket-name");
    await named.fill("Optimum");
    await enter(named);
    await expect.poll(() => page.evaluate(() => decodeURIComponent(location.hash))).toContain("Optimum");
    await enter(page.getByRole("button", { name: "Copy or export: What it comes to" }));
    await enter(page.getByRole("menuitem", { name: "Pin to a pack…" }));
    await enter(page.getByRole("dialog").getByRole("button", { name: "Pin", exact: true }));
    await page
      .getByText(/^Pinned to /)
      .first()
      .waitFor();

    // A second one is typed and pasted: half of it, in two steps.
    await enter(page.getByRole("button", { name: /^Saved baskets/ }));
    await enter(page.getByRole("menuitemradio", { name: "New basket" }));
    await enter(page.getByRole("button", { name: "Add a decision" }));
    const cell = (row: number, column: string) =>
      page.getByTestId("basket").locator(`[data-entry="${row} ${column}"]`);
    await cell(0, "at").focus();
    await page.evaluate(
      (text) => navigator.clipboard.writeText(text),
      "Date\tProgramme\tPer hour\n2026-10-01\taws-compute-savings-plan\t2\n2027-01-01\taws-compute-savings-plan\t2",
    );
    await page.keyboard.press("Control+v");
    await cell(1, "hourly").waitFor();
    expect(await cell(1, "at").inputValue()).toBe("2027-01-01");
    await cell(1, "hourly").fill("-2");
    await page.keyboard.press("Enter");
    await page.getByTestId("basket-problems").waitFor();
    await cell(1, "hourly").fill("2");
    await cell(1, "hourly").press("Tab");
    await enter(page.getByRole("button", { name: "Remove row 3" }));
    await settled();
    await named.fill("In two steps");
    await enter(named);
    await expect.poll(() => page.evaluate(() => decodeURIComponent(location.hash))).toContain("In+two+steps");

    // Both stand beside each other, and the difference is exact.
    await enter(page.getByRole("button", { name: /^Set beside/ }));
    await enter(page.getByRole("menuitemradio", { name: "Optimum" }));
    const compared = page.getByTestId("baskets-compared");
    await compared.waitFor({ timeout: LONG_MS });
    const row = compared.locator("tbody tr").first();
    const figures = (
      await row.locator("td").evaluateAll((cells) => cells.map((one) => one.getAttribute("title")))
    ).map((text) => Number((text ?? "").replace(/,/g, "").replace("\u2212", "-")));
    expect(Math.abs((figures[0] ?? 0) - (figures[1] ?? 0) - (figures[2] ?? 0))).toBeLessThan(0.000001);

    // The decision leaves the page: as a file, as text, as a scenario over the forecast.
    const written = page.getByRole("button", { name: /: What it comes to$/ });
    await enter(written);
    await enter(page.getByRole("menuitem", { name: /Excel|XLSX/i }));
    await page
      .getByText(/\.xlsx/)
      .first()
      .waitFor({ timeout: LONG_MS });
    await enter(page.getByRole("button", { name: "Copy as Markdown" }));
    await expect.poll(() => clipboard(page)).toMatch(/^# Commitment plan: In two steps\n\n- [^]*Approved by/);
    await enter(page.getByRole("button", { name: "Save as scenario" }));
    await enter(page.getByRole("button", { name: "Open it" }));
    await expect.poll(() => page.evaluate(() => decodeURIComponent(location.hash))).toContain("scenarios");
    expect(sample.stage.complaints).toEqual([]);
  }, 240_000);

  test("the cheapest mix is searched by key, lies above its bound, and goes into the basket", async () => {
    const { page } = sample.stage;
    await begin(commit({ part: "offers" }), offersStand);
    if ((await page.getByTestId("offer-files").count()) === 0) await importOffers(page, writeOffers());
    await begin(commit({ part: "plan", program: "aws-compute-savings-plan" }), planStands);
    await enter(page.getByRole("button", { name: "Take what the rates allow" }));
    const instruments = page.getByTestId("instruments").locator("tbody tr");
    await instruments.first().waitFor({ timeout: LONG_MS });
    expect(await instruments.count(), "terms and payments of the sheet").toBeGreaterThan(3);
    const field = (name: string) => page.getByTestId("portfolio").locator(`[data-field="${name}"]`);

    // A limit that nothing keeps to is refused, and named.
    await drawFew(page);
    await field("longest").fill("6");
    await field("coverage").fill("90");
    await field("coverage").press("Tab");
    await enter(page.getByRole("button", { name: "Search", exact: true }));
    const refused = page.getByTestId("commit-plan").getByRole("alert");
    await refused.waitFor({ timeout: LONG_MS });
    expect(await refused.textContent()).toMatch(/coverage of 0\.9 cannot be met/);
    await field("longest").fill("12");
    await field("coverage").fill("");
    await field("ladder").fill("0, 3");
    await field("ladder").press("Tab");
    await enter(page.getByRole("button", { name: "Search", exact: true }));
    const mix = page.getByTestId("mix");
    await mix.waitFor({ timeout: 3 * LONG_MS });
    const figure = async (name: string) => cents(await page.getByTestId(name).getAttribute("title"));
    expect(await figure("mix-saves"), "the plan that ended is missed").toBeGreaterThan(0);
    expect(await mix.getByTestId("mix-alone").textContent()).toContain("comes to");
    await page.getByTestId("frontier").waitFor();
    const bought = await page.getByTestId("purchases").locator("tbody tr").count();
    await enter(page.getByRole("button", { name: "Put into the basket" }));
    await page.getByTestId("basket").waitFor();
    expect(await page.getByTestId("basket").locator("tbody tr").count(), "each purchase a decision").toBe(
      bought,
    );
    await expect
      .poll(() => page.getByTestId("basket-saves").textContent(), { timeout: LONG_MS })
      .not.toBe("0.00");
    expect(cents(await page.getByTestId("basket-saves").textContent())).toBeGreaterThan(0);
    // Its bands put it on the frontier, on the same ways of demand.
    await enter(page.getByRole("button", { name: "Work out bands" }));
    const bands = page.getByTestId("bands");
    await bands.getByText(/of 4 ways it saves from/).waitFor({ timeout: 3 * LONG_MS });
    const months = page.getByTestId("basket-months").locator("tbody tr");
    const [cost, low, high] = (
      await months
        .first()
        .locator("td.numeric")
        .evaluateAll((cells) => cells.map((one) => one.getAttribute("title")))
    )
      .slice(1, 4)
      .map(cents);
    expect(low, "what is likely lies within its band").toBeLessThanOrEqual(cost ?? 0);
    expect(high).toBeGreaterThanOrEqual(cost ?? 0);
    await page.keyboard.press("t");
    const weights = page.getByTestId("frontier-table").locator("tbody tr");
    await weights.first().waitFor();
    expect(await weights.filter({ hasText: "Basket" }).count(), "the basket is on the frontier").toBe(1);
    const tails = (await weights.locator("td:nth-of-type(2)").allTextContents()).map(cents);
    const least = Math.min(...tails);
    expect(tails.at(-1), "nothing bought has the dearest tail").toBeGreaterThan(least);

    // The same over scenarios: a basket that was saved as one buys, and moves no demand.
    await enter(page.getByRole("button", { name: /^Demand: / }));
    await enter(page.getByRole("menuitemradio", { name: "drawn from scenarios" }));
    const scenarios = page.getByTestId("scenario-weights");
    await scenarios.getByLabel("Weight of Nothing decided").waitFor({ timeout: LONG_MS });
    const own = scenarios.getByRole("textbox").nth(1);
    await own.fill("much");
    await own.press("Tab");
    await scenarios.getByText(/write a whole number/).waitFor();
    expect(await page.getByRole("button", { name: "Search again" }).isDisabled()).toBe(true);
    await own.fill("3");
    await own.press("Tab");
    await enter(page.getByRole("button", { name: "Search again" }));
    await mix.getByText(/1 of 4 ways are drawn from the forecast alone/).waitFor({ timeout: 3 * LONG_MS });
    await mix.getByText(/Left out of it, as it moves no demand/).waitFor();

    // A search that takes too long is stopped by key, and what was found before stays.
    await field("count").fill("500");
    await field("count").press("Tab");
    await enter(page.getByRole("button", { name: "Search again" }));
    await enter(page.getByTestId("portfolio").getByRole("button", { name: /^(Cancel|Stop)/ }));
    await page.locator("[data-testid=portfolio][aria-busy=false]").waitFor({ timeout: LONG_MS });
    expect(await mix.getByText(/1 of 4 ways are drawn/).count(), "what was found before").toBe(1);
    expect(sample.stage.complaints).toEqual([]);
  }, 240_000);

  test("fewer than 14 days are refused, and why is said", async () => {
    const { page } = sample.stage;
    await begin(commit({ part: "plan", basis: null }, "&period=2026-09-20..2026-09-28"), async (found) => {
      await found.getByRole("alert").waitFor({ timeout: LONG_MS });
    });
    expect(await page.getByRole("alert").first().textContent()).toContain("needs 14");
    expect(await page.getByTestId("curve-figures").count(), "no recommendation beside it").toBe(0);
  });

  test("tables leave the page as they stand", async () => {
    const { page } = sample.stage;
    await begin(commit({}), heldStands);
    await enter(page.getByRole("button", { name: /: Commitments$/ }));
    await enter(page.getByRole("menuitem").first());
    await expect
      .poll(() => clipboard(page))
      .toContain("ComputeSavingsPlans-1yr-2025\tAWS\tended\t2026-07-01");
  });

  test("every part passes axe, light and dark", async () => {
    for (const dark of [false, true]) {
      const stage = await openStage(sample.browser, sample.bridge.address, { dark });
      const parts: [object, (page: Page) => Promise<void>][] = [
        [{}, heldStands],
        [{ part: "coverage" }, coverageStands],
        [{ part: "coverage", as: "table", by: null }, coverageStands],
        [{ part: "offers" }, offersStand],
        [{ part: "plan" }, (page) => planWithOffers(page, {}).then(() => planWithMix(page))],
        [
          { part: "plan", as: "table" },
          (page) => planWithOffers(page, { as: "table" }).then(() => planWithMix(page)),
        ],
      ];
      for (const [params, stands] of parts) {
        await stage.page.goto(`${sample.bridge.address}${commit(params)}`);
        await stage.page.reload();
        await stands(stage.page);
        expect(await violations(stage.page), JSON.stringify(params)).toEqual([]);
      }
      expect(stage.complaints).toEqual([]);
      await stage.context.close();
    }
  }, 480_000);
});
