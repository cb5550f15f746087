import { describe, expect, test } from "vitest";

import type { Locator } from "playwright-core";

import { inApril, inMarch, ofAccount, ofService, shown } from "./bill";
import { enter } from "./hand";
import { clipboard, showsText, startJourney } from "./steps";

const PIVOT = (rows: string[], column: string | null, more = '[],"none",false') =>
  `#/explore?below=pivot&pivot=${encodeURIComponent(`[${JSON.stringify(rows)},${JSON.stringify(column)},${more}]`)}`;

describe("the pivot", () => {
  const journey = startJourney({ loaded: true });
  const grid = () => journey.page.getByRole("treegrid", { name: "Pivot" });
  const row = (name: string): Locator =>
    grid()
      .locator("tbody tr")
      .filter({ has: journey.page.getByRole("button", { name, exact: true }) });
  const figures = async (of: Locator): Promise<string[]> =>
    (await of.locator("td").allTextContents()).map((text) => text.trim());
  const foot = () => grid().locator("tfoot tr");

  test("is reached by its key and shows months by default", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore");
    await page.getByTestId("list-total").first().waitFor();
    await page.locator("body").press("v");
    await grid().waitFor();
    await expect
      .poll(() => figures(foot()))
      .toEqual([shown(bill.total(inMarch)), shown(bill.total(inApril)), shown(bill.total())]);
    expect(await journey.address()).toContain("below=pivot");
  });

  test("rows open along the path, and every level comes to its row", async () => {
    const { page, bill } = journey;
    await journey.goTo(PIVOT(["sub_account", "service", "resource"], "month"));
    const north = row("North shop");
    const cells = (account: string, more: Parameters<typeof bill.total>[0] = () => true) =>
      [inMarch, inApril, () => true].map((month) =>
        bill.total((charge) => ofAccount(account)(charge) && month(charge) && (more?.(charge) ?? true)),
      );
    await expect.poll(() => figures(north)).toEqual(cells("account-a").map(shown));
    await north.getByRole("button", { name: "North shop", exact: true }).focus();
    await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => figures(row("Example Storage")))
      .toEqual(cells("account-a", ofService("Example Storage")).map(shown));
    expect(await north.getAttribute("aria-expanded")).toBe("true");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await row("instance-dear").waitFor();
    expect(await row("instance-dear").getAttribute("aria-level")).toBe("3");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => row("instance-dear").count()).toBe(0);
    await page.keyboard.press("ArrowLeft");
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe("North shop");
  });

  test("a figure's evidence is the figure, asked for alone", async () => {
    const { page, bill } = journey;
    await row("Example Storage").locator("td").nth(1).getByRole("button").press("e");
    await page.getByText("The figure asked for alone equals the one you pointed at").waitFor();
    const april = bill.total(
      (charge) => ofAccount("account-a")(charge) && ofService("Example Storage")(charge) && inApril(charge),
    );
    await showsText(page, "evidence-figure", `USD\u00a0${shown(april)}`);
    await page.keyboard.press("Escape");
  });

  test("columns of a dimension have an other, and all margins equal what the engine says", async () => {
    const { page, bill } = journey;
    await journey.goTo(`${PIVOT(["service"], "region")}&top=1`);
    await grid().getByRole("columnheader", { name: "Other" }).waitFor();
    await expect.poll(async () => (await figures(foot())).at(-1)).toBe(shown(bill.total()));
    const missing = bill.total((charge) => charge.region === null);
    const heads = (await grid().locator("thead th").allTextContents()).map((head) => head.trim());
    expect(heads.slice(1), "the dearest region, the rest, the total").toEqual([
      "example-1",
      "Other",
      "Total, USD",
    ]);
    expect((await figures(foot()))[1]).toBe(shown(missing));
    await grid().locator("tfoot td").nth(1).getByRole("button").click();
    await page.getByText("The figure asked for alone equals the one you pointed at").waitFor();
    await page.keyboard.press("Escape");
  });

  test("shares, running sums and further measures", async () => {
    const { page, bill } = journey;
    await journey.goTo(PIVOT(["service"], "month", '["charges"],"none",true'));
    await expect.poll(async () => (await figures(foot())).length).toBe(6);
    const [march, , both] = await figures(foot());
    expect([march, both]).toEqual([shown(bill.total(inMarch)), shown(bill.total())]);
    await page.getByRole("button", { name: /^Show: Figures/ }).click();
    await page.getByRole("menuitemradio", { name: "% of the column" }).click();
    await expect.poll(() => figures(foot())).toEqual(Array.from({ length: 6 }, () => "100.0%"));
  });

  test("a part of nothing and of credits is a dash, never NaN", async () => {
    const { page } = journey;
    await journey.goTo(
      `${PIVOT(["resource"], "day", '[],"all",false')}&where=${encodeURIComponent('["resource","is","credit-1"]')}`,
    );
    await expect.poll(async () => [...new Set(await figures(foot()))]).toEqual(["–"]);
    expect(await page.locator("main").textContent()).not.toMatch(/NaN|Infinity/);
    await journey.goTo(
      `${PIVOT(["service"], "month")}&where=${encodeURIComponent('["service","is","Nothing"]')}`,
    );
    await page.getByRole("region", { name: "Pivot" }).getByText("No charge passes these filters").waitFor();
  });

  test("a row has its remark, by key and by its button, the same as in the lists", async () => {
    const { page } = journey;
    await journey.goTo(PIVOT(["service", "resource"], "month"));
    const name = row("Example Storage").getByRole("button", { name: "Example Storage", exact: true });
    await name.press("n");
    await page.getByLabel("What to remember").fill("Moves to <b>cold</b> storage");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const note = row("Example Storage").getByRole("button", {
      name: "Change the annotation: Moves to <b>cold</b> storage",
    });
    await note.waitFor();
    await journey.goTo("#/explore");
    await page
      .getByRole("grid", { name: "Service", exact: true })
      .getByRole("button", { name: "Change the annotation: Moves to <b>cold</b> storage" })
      .waitFor();
    await journey.goTo(PIVOT(["service", "resource"], "month"));
    await note.click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await expect.poll(() => note.count()).toBe(0);
  });

  test("a row filters everything, and the table is copied exactly", async () => {
    const { page, bill } = journey;
    await journey.goTo(PIVOT(["sub_account", "service"], "month"));
    await row("South shop").getByRole("button", { name: "South shop", exact: true }).press(" ");
    await journey.showsTotal(bill.total(ofAccount("account-b")));
    await expect
      .poll(async () => (await figures(foot())).at(-1))
      .toBe(shown(bill.total(ofAccount("account-b"))));
    await enter(page.getByRole("button", { name: "Copy or export: Pivot" }));
    await page.getByRole("menuitem", { name: "Copy as TSV" }).click();
    await expect.poll(() => clipboard(page)).toContain("South shop\t");
    const last = (await clipboard(page)).split("\n").at(-1)?.split("\t").at(-1) ?? "";
    expect(Number(last)).toBe(Number(bill.total(ofAccount("account-b"))));
    expect(journey.stage.complaints).toEqual([]);
  });
});
