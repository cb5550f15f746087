import { describe, expect, test } from "vitest";

import { ofService, shown } from "./bill";
import { enter } from "./hand";
import { clipboard, leaderboard, showsText, startJourney, valueIn } from "./steps";

describe("a list as areas", () => {
  const journey = startJourney({ loaded: true });
  const picture = (name: RegExp) => journey.page.getByRole("img", { name });

  test("is one key away, says its numbers, and goes back by the same key", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore");
    await valueIn(page, "Service", "Example Compute").focus();
    await page.keyboard.press("t");
    const areas = picture(/^Service: Example Compute /);
    await areas.waitFor();
    const said = (await areas.getAttribute("aria-label")) ?? "";
    for (const service of ["Example Compute", "Example Storage", "Example Queue"])
      expect(said).toContain(`${service} ${shown(bill.total(ofService(service)))}`);
    const totals = await page.getByTestId("list-total").allTextContents();
    expect(new Set(totals.map((total) => total.trim())), "its total stays").toEqual(
      new Set([shown(bill.total())]),
    );
    await page.getByRole("button", { name: "Service as a table" }).focus();
    await page.keyboard.press("t");
    await leaderboard(page, "Service").waitFor();
  });

  test("a click filters, a double click drills", async () => {
    const { page, bill } = journey;
    await journey.goTo(`#/explore?areas=${encodeURIComponent('["service"]')}`);
    const areas = picture(/^Service: /);
    await areas.locator("canvas").waitFor();
    const box = await areas.boundingBox();
    if (!box) throw new Error("the areas have no place on the page");
    // The dearest lies at the left and is the widest.
    const dearest = { x: box.x + box.width * 0.2, y: box.y + box.height / 2 };
    await page.mouse.click(dearest.x, dearest.y);
    await journey.showsTotal(bill.total(ofService("Example Compute")));
    await journey.undo();
    await page.mouse.dblclick(dearest.x, dearest.y);
    await expect.poll(() => journey.address()).toContain("drill=");
    await journey.showsTotal(bill.total(ofService("Example Compute")));
  });

  test("the areas are taken along as a picture", async () => {
    const { page } = journey;
    await journey.goTo(`#/explore?areas=${encodeURIComponent('["service"]')}`);
    await picture(/^Service: /)
      .locator("canvas")
      .waitFor();
    await enter(page.getByRole("button", { name: "Copy or export: Service" }));
    await page.getByRole("menuitem", { name: "Copy as SVG" }).click();
    await expect.poll(() => clipboard(page)).toMatch(/^<svg[\s\S]*Example Compute/);
    await enter(page.getByRole("button", { name: "Copy or export: Service" }));
    await page.getByRole("menuitem", { name: "Copy as PNG" }).click();
    const types = () =>
      page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => [...item.types]));
    await expect.poll(types).toContain("image/png");
  });

  test("what is below zero is told beside, and a part of credits is a dash", async () => {
    const { page } = journey;
    const only = encodeURIComponent('["resource","is","credit-1"]');
    await journey.goTo(`#/explore?where=${only}&areas=${encodeURIComponent('["service"]')}`);
    await page.getByText("Not drawn: Example Compute (25.50)").waitFor();
    const shares = leaderboard(page, "Region").locator("td.share");
    await expect
      .poll(async () => new Set((await shares.allTextContents()).map((text) => text.trim())))
      .toEqual(new Set(["–"]));
    expect(await page.locator("main").textContent()).not.toMatch(/NaN|Infinity/);
  });

  test("a list is copied and written exactly", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore");
    await enter(page.getByRole("button", { name: "Copy or export: Service" }));
    await page.getByRole("menuitem", { name: "Copy as TSV" }).click();
    await expect.poll(() => clipboard(page)).toContain("Example Storage\tExample Storage\t");
    const lines = (await clipboard(page)).split("\n");
    expect(Number(lines.at(-1)?.split("\t")[2]), "the total is the last line").toBe(Number(bill.total()));
    await enter(page.getByRole("button", { name: "Copy or export: Service" }));
    await page.getByRole("menuitem", { name: "Export XLSX" }).click();
    await page
      .getByTestId("notice")
      .getByText(/4 rows in .*billed-cost-service\.xlsx$/)
      .waitFor();
    await page.getByTestId("notice").getByRole("button", { name: "Dismiss" }).click();
    await showsText(page, "notice", "");
    expect(journey.stage.complaints).toEqual([]);
  });
});
