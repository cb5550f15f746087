import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { HOSTILE, ofService } from "./bill";
import { enter } from "./hand";
import { clipboard, startJourney } from "./steps";

describe("the SQL console", () => {
  const journey = startJourney({ loaded: true });
  const editor = () => journey.page.getByRole("textbox", { name: "SQL statement" });
  const result = () => journey.page.getByRole("grid", { name: "Result" });

  /** Writes a statement in place of what is there and runs it by its keys. */
  async function runs(statement: string): Promise<void> {
    await editor().click();
    await journey.page.keyboard.press("Control+a");
    await journey.page.keyboard.insertText(statement);
    await journey.page.keyboard.press("Control+Enter");
  }

  const shows = (text: RegExp) =>
    expect.poll(() => journey.page.getByTestId("sql-rows").textContent()).toMatch(text);

  test("is reached by its keys, and runs by Ctrl+Enter", async () => {
    const { page, bill } = journey;
    await page.keyboard.press("g");
    await page.keyboard.press("q");
    await editor().waitFor();
    await runs(
      "SELECT service_name, sum(billed_cost) AS cost FROM charge WHERE service_name = 'Example Queue' GROUP BY ALL",
    );
    await shows(/1 row/);
    const cost = result().locator("[aria-rowindex='2'] [role=gridcell]").last();
    expect((await cost.getAttribute("title"))?.replace(/0+$/, "")).toBe(
      bill.total(ofService("Example Queue")).replace(/0+$/, ""),
    );
    expect(
      await cost.evaluate((cell) => getComputedStyle(cell).textAlign),
      "figures stand to the right",
    ).toBe("right");
  });

  test("typing does not act as a key of the page, and names are completed", async () => {
    const { page } = journey;
    await editor().click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("SELECT t, e, g, s FROM cha");
    await page
      .getByRole("option", { name: /^charge/ })
      .first()
      .waitFor();
    await page.keyboard.press("Escape");
    expect(await journey.address(), "g s stayed in the statement").toContain("#/sql");
    expect(await editor().textContent()).toContain("SELECT t, e, g, s FROM cha");
  });

  test("says where a statement is wrong and goes there", async () => {
    const { page } = journey;
    await runs("SELECT service_name,\n  nope FROM charge");
    await page.getByRole("button", { name: "Go to line 2, column 3" }).waitFor();
    expect(await page.getByRole("alert").textContent()).toContain('"nope" not found');
    await page.getByRole("button", { name: "Go to line 2, column 3" }).click();
    await page.keyboard.type("billed_cost AS ");
    await page.keyboard.press("Control+Enter");
    await shows(/rows/);
    await runs("DELETE FROM charge");
    await expect.poll(() => page.getByRole("alert").textContent()).toContain("single SELECT");
  });

  test("says when rows are cut off, and tells no rows from none", async () => {
    const { page } = journey;
    await runs("SELECT range AS n FROM range(10001)");
    await shows(/first 10,000 rows/);
    await result().focus();
    await page.keyboard.press("Control+End");
    await result().locator("[aria-rowindex='10001']").waitFor();
    await runs("SELECT service_name FROM charge WHERE false");
    await shows(/0 rows/);
    await result().getByRole("columnheader", { name: "service_name" }).waitFor();
  });

  test("a long statement is stopped by Escape", async () => {
    const { page } = journey;
    await runs("SELECT count(*) FROM range(100000000000) a, range(1000) b");
    await page.getByRole("button", { name: "Cancel" }).waitFor();
    await editor().press("Escape");
    await page.getByText("Cancelled").waitFor();
  });

  test("a result is copied and written without becoming a formula", async () => {
    const { page } = journey;
    await runs(
      "SELECT DISTINCT charge_description AS said, 1.50 AS cost FROM charge WHERE charge_description LIKE '=%'",
    );
    await shows(/1 row/);
    await enter(page.getByRole("button", { name: "Copy or export: Result" }));
    await page.getByRole("menuitem", { name: "Copy as Markdown" }).click();
    await expect.poll(() => clipboard(page)).toContain("| said | cost |\n| --- | ---: |\n| =cmd\\|");
    await enter(page.getByRole("button", { name: "Copy or export: Result" }));
    await page.getByRole("menuitem", { name: "Export CSV" }).click();
    await page.getByRole("button", { name: "Copy the path" }).click();
    await expect.poll(() => clipboard(page)).toMatch(/exports\/sql\.csv$/);
    const text = readFileSync(await clipboard(page), "utf8");
    expect(text).toContain(`"'${HOSTILE.replaceAll('"', '""')}",1.50`);
  });

  test("the history outlives the page, and evidence opens its statement here", async () => {
    const { page, bill } = journey;
    await page.reload();
    await page.getByRole("button", { name: "History" }).click();
    await page.getByRole("menuitem", { name: /^SELECT DISTINCT charge_description/ }).waitFor();
    await page.getByRole("menuitem", { name: /nope/ }).first().click();
    await expect.poll(() => editor().textContent()).toContain("nope");
    await journey.goTo("#/explore");
    await page.getByTestId("total").click();
    await page.getByRole("button", { name: "Open in the SQL console" }).click();
    await expect.poll(() => editor().textContent()).toContain("billed_cost");
    await editor().press("Control+Enter");
    await shows(/^[12] rows?/);
    const [whole] = bill.total().split(".");
    const titles = await result()
      .locator("[role=gridcell]")
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute("title") ?? ""));
    expect(
      titles.some((title) => title.startsWith(whole ?? "?")),
      titles.join(" "),
    ).toBe(true);
    expect(journey.stage.complaints).toEqual([]);
  });
});
