/** Why a cost moved, down to the charge that did it: on the sample, whose events are written down, and on a bill of our own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { HOSTILE, inApril, inMarch, ofService, shown } from "./bill";
import { enter, Hand } from "./hand";
import { SAMPLE, scope, showsText, startJourney, startSample } from "./steps";

const INTERACTIONS_MAX = 6;

interface Truth {
  events: {
    id: string;
    scope: Record<string, string>;
    effect: Record<string, unknown>;
    date: string;
    last_day?: string;
  }[];
}
const truth = JSON.parse(readFileSync(join(SAMPLE, "truth.json"), "utf8")) as Truth;
const event = (id: string) => {
  const found = truth.events.find((one) => one.id === id);
  if (!found) throw new Error(`truth.json tells of no ${id}`);
  return found;
};

const month = (page: Page, name: string) =>
  page.getByRole("toolbar", { name: "Month" }).getByRole("button", { name: new RegExp(`^${name},`) });
const bar = (page: Page, name: string) =>
  page
    .getByRole("list", { name: "Bars of the bridge" })
    .getByRole("button", { name: new RegExp(`^${name} `) });
const movers = (page: Page) => page.getByRole("grid", { name: /^Movers by/ });
const mover = (page: Page, name: string) => movers(page).getByRole("button", { name, exact: true });
const moverRow = (page: Page, name: string) =>
  movers(page)
    .getByRole("row")
    .filter({ has: page.getByRole("button", { name, exact: true }) });
const by = (page: Page, name: string) =>
  page.getByRole("group", { name: "By" }).getByRole("button", { name, exact: true });
const items = (page: Page) => page.getByTestId("change-items");
const itemButton = (page: Page, name: string) =>
  items(page).getByRole("button", { name: new RegExp(`^Show the charges of ${name} in`) });
const firstCharge = (page: Page) =>
  page.getByRole("grid", { name: "Charges" }).locator("[aria-rowindex='2']");

describe("the sample's events are found in at most six interactions", () => {
  const sample = startSample();

  /** As the sample is first seen: Explore, all that is loaded. */
  async function begin(keys: boolean): Promise<{ page: Page; hand: Hand }> {
    const { page } = sample.stage;
    await page.goto(`${sample.bridge.address}#/explore`);
    await page.reload();
    await page.getByTestId("total").waitFor();
    return { page, hand: new Hand(page, keys) };
  }

  for (const keys of [false, true]) {
    const how = keys ? "by key" : "with the mouse";

    test(`the price change, to the charge at the new price, ${how}`, async () => {
      const { page, hand } = await begin(keys);
      const { scope: where, effect } = event("price-change");
      await hand.room("Change", "c");
      await hand.press(month(page, "Mar 2026"));
      await showsText(page, "change-headline", "Up 14,275.06 (13.9%), mostly days +9,106.19");
      await hand.press(bar(page, "List price"));
      await items(page).getByText(String(where["sku"])).waitFor();
      const row = items(page)
        .getByRole("row")
        .filter({ hasText: String(where["sku"]) });
      expect(await row.textContent(), "the list price before").toContain(String(effect["list_price_before"]));
      expect((await page.getByTestId("items-total").textContent())?.trim()).toBe("+875.51");
      await hand.press(itemButton(page, "InstanceUsage:db.r6g.4xlarge"));
      await expect
        .poll(() => firstCharge(page).textContent(), { message: "the dearest charges are after the change" })
        .toContain("2026-03-1");
      if (keys) {
        await expect
          .poll(() => page.evaluate(() => document.activeElement?.getAttribute("role")), {
            message: "the charges take the focus",
          })
          .toBe("grid");
        hand.done += 1;
        await page.keyboard.press("Enter");
      } else {
        await hand.press(firstCharge(page));
      }
      const source = page.getByTestId("source-row");
      await expect
        .poll(() => source.textContent(), { message: "the charge is at the new list price" })
        .toContain(`ListUnitPrice${String(effect["list_price_after"])}`);
      expect(hand.done, "interactions").toBeLessThanOrEqual(INTERACTIONS_MAX);
      // The way back is the way there, step by step.
      await page.keyboard.press("Escape");
      await page.goBack();
      await page.getByTestId("items-total").waitFor();
    });

    test(`the launch, ${how}`, async () => {
      const { page, hand } = await begin(keys);
      const { scope: where, effect } = event("launch");
      const application = String(where["tag:application"]);
      await hand.room("Change", "c");
      await hand.press(month(page, "Jan 2026"));
      await hand.press(by(page, "Tag application"));
      const row = moverRow(page, application);
      await row.getByText("new", { exact: true }).waitFor();
      const january = (effect["effective_by_month"] as Record<string, string>)["2026-01"] ?? "";
      expect(await row.textContent(), "what it cost in its first month").toContain(shown(january));
      await hand.press(mover(page, application), " ");
      await expect.poll(() => scope(page)).toContain(application);
      await showsText(page, "change-current", shown(january));
      await hand.press(bar(page, "New"));
      await items(page).getByText("Amazon Bedrock").first().waitFor();
      expect(hand.done, "interactions").toBeLessThanOrEqual(INTERACTIONS_MAX);
    });

    test(`the migration, ${how}`, async () => {
      const { page, hand } = await begin(keys);
      const { scope: where, effect } = event("migration");
      const application = String(where["tag:application"]);
      await hand.room("Change", "c");
      await hand.press(month(page, "Feb 2026"));
      await hand.press(by(page, "Tag application"));
      await hand.press(mover(page, application), " ");
      await expect.poll(() => scope(page)).toContain(application);
      await hand.press(by(page, "Provider"));
      const to = moverRow(page, "Google Cloud");
      await to.getByText("new", { exact: true }).waitFor();
      const months = effect["effective_by_month"] as Record<string, Record<string, string>>;
      expect(await to.textContent()).toContain(shown(months["Google Cloud"]?.["2026-02"] ?? ""));
      await moverRow(page, "Microsoft").getByText("down", { exact: true }).waitFor();
      expect(hand.done, "interactions").toBeLessThanOrEqual(INTERACTIONS_MAX);
    });

    test(`the logging spike, to a charge of its days, ${how}`, async () => {
      const { page, hand } = await begin(keys);
      const { scope: where, date, last_day: last } = event("logging-spike");
      await hand.room("Change", "c");
      await hand.press(month(page, "May 2026"));
      await hand.press(mover(page, String(where["service"])), " ");
      await expect.poll(() => scope(page)).toContain(String(where["service"]));
      await hand.press(bar(page, "Volume"));
      await hand.press(itemButton(page, "Log Volume"));
      await firstCharge(page).waitFor();
      await expect
        .poll(() => firstCharge(page).textContent(), { message: "the dearest charge is of those days" })
        .toMatch(/2026-05-(19|20|21)/);
      expect([date, last]).toEqual(["2026-05-19", "2026-05-21"]);
      expect(await firstCharge(page).textContent()).toContain(String(where["sub_account"]));
      expect(hand.done, "interactions").toBeLessThanOrEqual(INTERACTIONS_MAX);
      expect(sample.stage.complaints).toEqual([]);
    });
  }
});

describe("what is not listed at first", () => {
  const sample = startSample();
  const view = (by: string, effect: string | null) =>
    `#/change?period=2026-03-01..2026-04-01&change=${encodeURIComponent(JSON.stringify(["base_first", by, effect, null, "chart"]))}`;

  test("is listed when it is asked for, and every total stays the difference", async () => {
    const { page } = sample.stage;
    await page.evaluate((to) => (location.hash = to), view("resource", "days"));
    const names = movers(page).locator("tbody button[data-stop]");
    await expect.poll(() => names.count(), { timeout: 30_000 }).toBe(20);
    const total = await page.getByTestId("movers-total").textContent();
    await enter(movers(page).getByRole("button", { name: /^Other \(.*show more$/ }));
    await expect.poll(() => names.count(), { timeout: 30_000 }).toBe(70);
    expect(await page.getByTestId("movers-total").textContent()).toBe(total);
    const rows = items(page).locator("tbody button[data-stop]");
    await expect.poll(() => rows.count()).toBe(50);
    const amount = await page.getByTestId("items-total").textContent();
    await items(page)
      .getByRole("button", { name: /^Other \(.*show more$/ })
      .click();
    await expect.poll(() => rows.count()).toBeGreaterThan(50);
    expect(await page.getByTestId("items-total").textContent()).toBe(amount);
    // Another question begins with the first ones again.
    await page.evaluate((to) => (location.hash = to), view("sku", null));
    await expect.poll(() => names.count(), { timeout: 30_000 }).toBe(20);
    expect(sample.stage.complaints).toEqual([]);
  });
});

describe("Change", () => {
  const journey = startJourney({ loaded: true });
  const APRIL = "#/change?period=2025-04-01..2025-05-01";
  const difference = () => {
    const millionths = (exact: string) => BigInt(exact.replace(".", ""));
    const moved = millionths(journey.bill.total(inApril)) - millionths(journey.bill.total(inMarch));
    const digits = moved.toString().padStart(7, "0");
    return `+${shown(`${digits.slice(0, -6)}.${digits.slice(-6)}`)}`;
  };

  test("explains the last month where none is named, and every total is the difference", async () => {
    const { page, bill } = journey;
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await showsText(page, "change-current", shown(bill.total(inApril)));
    await showsText(page, "change-base", shown(bill.total(inMarch)));
    await page.getByText("No period was named").waitFor();
    expect(await page.getByTestId("change-difference").textContent()).toContain(difference());
    expect((await page.getByTestId("movers-total").textContent())?.trim()).toBe(difference());
    await page.keyboard.press("t");
    expect((await page.getByTestId("bridge-total").last().textContent())?.trim()).toBe(difference());
    expect(await page.getByTestId("convention").textContent()).toContain("Order: ");
    await page.keyboard.press("t");
    await page.getByRole("img", { name: /Before, Mar 2025 USD.* Now, Apr 2025 USD/ }).waitFor();
  });

  test("both costs have evidence that comes back equal", async () => {
    const { page, bill } = journey;
    await journey.goTo(APRIL);
    for (const [which, total] of [
      ["base", bill.total(inMarch)],
      ["current", bill.total(inApril)],
    ] as const) {
      await page.getByTestId(`change-${which}`).click();
      await showsText(page, "evidence-figure", `USD\u00a0${shown(total)}`);
      await page.getByText("The figure asked for alone equals the one you pointed at").waitFor();
      await page.getByRole("button", { name: "Recompute" }).click();
      await showsText(page, "recompute-verdict", "Equal: the same figure again");
      await page.keyboard.press("Escape");
    }
    await page.locator("body").press("e");
    await showsText(page, "evidence-figure", `USD\u00a0${shown(bill.total(inApril))}`);
    await page.keyboard.press("Escape");
  });

  test("the order of effects is a toggle, printed and in the address", async () => {
    const { page } = journey;
    await journey.goTo(APRIL);
    await page.getByRole("button", { name: "Midpoint", exact: true }).click();
    await page.getByTestId("convention").getByText("Symmetric").waitFor();
    expect(decodeURIComponent(await journey.address())).toContain('["midpoint"');
    await page.getByRole("button", { name: "Recompute" }).waitFor({ state: "detached" });
    expect((await page.getByTestId("movers-total").textContent())?.trim(), "the sum is the same").toBe(
      difference(),
    );
  });

  test("a link restores convention, movers and what is open", async () => {
    const { page } = journey;
    await journey.goTo(APRIL);
    await by(page, "Region").click();
    await page.getByRole("button", { name: "Midpoint", exact: true }).click();
    await page.getByRole("button", { name: "Effects of (missing)" }).click();
    await page.getByTestId("mover-effects").waitFor();
    const effect = page.getByTestId("mover-effects").getByRole("button").first();
    await effect.waitFor();
    const bars = page.getByRole("list", { name: "Bars of the bridge" }).getByRole("button");
    await bars.nth(1).click();
    await items(page).waitFor();
    const title = await items(page).getByRole("heading").textContent();
    const other = await journey.open(await journey.address());
    await other.page.getByTestId("mover-effects").waitFor();
    await items(other.page)
      .getByRole("heading", { name: title ?? "" })
      .waitFor();
    expect(
      await other.page.getByRole("button", { name: "Midpoint", exact: true }).getAttribute("aria-pressed"),
    ).toBe("true");
    expect(other.complaints).toEqual([]);
    await other.context.close();
  });

  test("an effect's items add up to it and lead to charges and back", async () => {
    const { page, bill } = journey;
    await journey.begin(APRIL);
    const first = page.getByRole("list", { name: "Bars of the bridge" }).getByRole("button").nth(1);
    const said = (await first.getAttribute("aria-label")) ?? "";
    await first.click();
    await page.getByTestId("items-total").waitFor();
    const total = (await page.getByTestId("items-total").textContent())?.trim() ?? "";
    expect(said, "the bar is the sum of its items").toContain(total);
    await items(page)
      .getByRole("button", { name: /^Before: Show the charges of .* in Mar 2025/ })
      .first()
      .click();
    await expect.poll(() => journey.address()).toContain("#/explore?period=2025-03-01..2025-04-01");
    expect(await scope(page)).toContain("Service is");
    await page.goBack();
    await page.getByTestId("items-total").waitFor();
    expect(decodeURIComponent(await journey.address())).toContain("#/change?");
    expect(shown(bill.total(inApril))).toBe((await page.getByTestId("change-current").textContent())?.trim());
  });

  test("a mover filters, Alt-click excludes, and its effect opens with its filter", async () => {
    const { page, bill } = journey;
    await journey.begin(APRIL);
    await mover(page, "Example Storage").click();
    const storage = bill.total((charge) => inApril(charge) && ofService("Example Storage")(charge));
    await showsText(page, "change-current", shown(storage));
    await page.keyboard.press("Control+z");
    await showsText(page, "change-current", shown(bill.total(inApril)));
    await mover(page, "Example Storage").click({ modifiers: ["Alt"] });
    await expect.poll(() => scope(page)).toContain("Service is not Example Storage");
    await page.keyboard.press("Control+z");
    await page.getByRole("button", { name: "Effects of Example Storage" }).click();
    await page.getByTestId("mover-effects").getByRole("button").first().click();
    await expect.poll(() => scope(page)).toContain("Service is Example Storage");
    await page.getByTestId("change-items").waitFor();
  });

  test("nothing to compare with, nothing to show and no cost are told in words", async () => {
    const { page } = journey;
    const told = page.getByTestId("change-nothing");
    const clean = async () =>
      expect(await page.locator("main").textContent()).not.toMatch(/NaN|Infinity|undefined|null/);
    await journey.goTo("#/change?period=2025-03-01..2025-04-01");
    await told.getByText("Nothing is loaded for Feb 2025").waitFor();
    await clean();
    await told.getByRole("button", { name: "Explain Apr 2025" }).click();
    await page.getByTestId("change-current").waitFor();
    await journey.goTo(`${APRIL}&where=${encodeURIComponent('["service","is","Nobody"]')}`);
    await told.getByText("No charge passes these filters").waitFor();
    await clean();
    await told.getByRole("button", { name: "Clear all filters" }).click();
    await page.getByTestId("change-current").waitFor();
    await journey.goTo("#/change?cost=charges");
    await told.getByRole("button", { name: "Effective cost" }).click();
    await page.getByTestId("change-current").waitFor();
    await journey.goTo(`${APRIL}&compare=2019-01-01..2019-02-01`);
    await told.getByText("Nothing is loaded for Jan 2019").waitFor();
    await clean();
    await journey.goTo("#/change?period=2025-05-01..2025-06-01");
    await told.getByText("Nothing is loaded for May 2025").waitFor();
    await clean();
    await journey.goTo(
      `${APRIL}&change=${encodeURIComponent('["base_first","service","no_such",null,"chart"]')}`,
    );
    await page.getByText("there is no effect").waitFor();
  });

  test("the bridge goes along as a table and as a picture with its names", async () => {
    const { page } = journey;
    await journey.begin(APRIL);
    const menu = page.getByRole("button", { name: /: What it is made of$/ });
    await page.locator(".plot canvas").waitFor();
    await menu.click();
    await page.getByRole("menuitem", { name: "Copy as TSV" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split("\n").at(-1), "the last line is the cost now").toContain("Now, Apr 2025");
    await menu.click();
    await page.getByRole("menuitem", { name: "Export PNG" }).click();
    await page.getByText(/^Picture in .*\.png/).waitFor();
  });

  test("text from a bill is text, and what is long is cut with its whole on hover", async () => {
    const { page } = journey;
    await journey.goTo(
      `${APRIL}&change=${encodeURIComponent('["base_first","charge_description",null,null,"chart"]')}`,
    );
    const row = movers(page).getByRole("button", { name: HOSTILE, exact: true });
    await row.waitFor();
    expect(await row.getAttribute("title")).toBe(HOSTILE);
    expect(await page.locator("main img[src]").count(), "no markup came of it").toBe(0);
    expect(journey.stage.complaints).toEqual([]);
  });
});
