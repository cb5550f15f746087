import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { HOSTILE, ofAccount, ofService, shown } from "./bill";
import { enter } from "./hand";
import { clipboard, leaderboard, scope, startJourney, valueIn } from "./steps";

const SOUTH = `#/explore?cost=effective_cost&where=${encodeURIComponent('["sub_account","is","account-b"]')}`;

describe("what is taken along and what is kept", () => {
  const journey = startJourney({ loaded: true });
  const engagement = () => join(journey.bill.folder, "engagement");

  /** Runs an action of the palette by its words. */
  async function palette(words: string): Promise<void> {
    const { page } = journey;
    await page.keyboard.press("Control+k");
    const dialog = page.getByRole("dialog", { name: "Find an action" });
    await dialog.getByRole("combobox").fill(words);
    await dialog.getByRole("option").first().waitFor();
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
  }

  test("a view travels as a link that the palette opens", async () => {
    const { page, bill } = journey;
    await journey.goTo(SOUTH);
    await journey.showsTotal(bill.total(ofAccount("account-b")));
    await palette("Copy a link");
    await expect.poll(() => clipboard(page)).toMatch(/^quarterdeck:\/\/view\/explore\?/);
    const link = await clipboard(page);
    await journey.goTo("#/explore");
    await journey.showsTotal(bill.total());
    await palette(link);
    await journey.showsTotal(bill.total(ofAccount("account-b")));
    expect(await scope(page)).toContain("Effective cost");
  });

  test("a pasted charge opens its source, a pasted statement the console", async () => {
    const { page } = journey;
    await journey.goTo("#/explore");
    await page.getByTestId("total").waitFor();
    await palette("1.3");
    await page.getByTestId("source-row").getByText("example-focus.csv", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await palette("select 1 as one");
    await expect.poll(() => journey.address()).toContain("#/sql");
    await page.getByRole("textbox", { name: "SQL" }).getByText("select 1 as one").waitFor();
    await journey.goTo("#/explore");
  });

  test("a list is saved where it is wanted, and what is there is replaced", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/explore");
    await journey.showsTotal(bill.total());
    for (const form of ["CSV", "XLSX", "Parquet"]) {
      await enter(page.getByRole("button", { name: "Copy or export: Service" }));
      await page.getByRole("menuitem", { name: "Save as…" }).click();
      const dialog = page.getByRole("dialog");
      expect(await dialog.getByRole("textbox", { name: "File" }).inputValue()).toMatch(/exports\/.*\.csv$/);
      await dialog.getByRole("combobox", { name: "Form" }).selectOption(form);
      const path = join(bill.folder, `services.${form.toLowerCase()}`);
      await dialog.getByRole("textbox", { name: "File" }).fill(path);
      await enter(dialog.getByRole("button", { name: "Save" }));
      await page.getByTestId("notice").getByText(path).waitFor();
      expect(existsSync(path)).toBe(true);
    }
    expect(readFileSync(join(bill.folder, "services.csv"), "utf8")).toContain("Example Compute");
    for (const [ending, begins] of [
      ["xlsx", "PK"],
      ["parquet", "PAR1"],
    ] as const)
      expect(readFileSync(join(bill.folder, `services.${ending}`)).toString("latin1")).toMatch(
        new RegExp(`^${begins}`),
      );
    await enter(page.getByRole("button", { name: "Copy or export: Service" }));
    await page.getByRole("menuitem", { name: "Save as…" }).click();
    await page
      .getByRole("dialog")
      .getByRole("textbox", { name: "File" })
      .fill(join(bill.folder, "no", "such", "a.csv"));
    await enter(page.getByRole("dialog").getByRole("button", { name: "Save" }));
    await page
      .getByText(/no\/such.*(No such file|Check the folder)/)
      .first()
      .waitFor();
    await page
      .getByRole("button", { name: /^Dismiss/ })
      .first()
      .click();
  });

  test("an export is a job: it is stopped, and leaves no file", async () => {
    const { page, bill } = journey;
    await journey.goTo("#/sql");
    await page.getByRole("textbox", { name: "SQL" }).click();
    await page.keyboard.press("Control+a");
    // The first rows come at once; to be sure that there are no more takes forever.
    await page.keyboard.insertText(
      "SELECT i FROM range(100000000000000) t(i) WHERE i < 20000 OR hash(i) = 0",
    );
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => page.getByTestId("sql-rows").textContent()).toMatch(/10,000/);
    await enter(page.getByRole("button", { name: "Copy or export: Result" }));
    await page.getByRole("menuitem", { name: "Export CSV" }).click();
    const job = page.getByRole("region", { name: "Work in progress and done" }).getByRole("listitem");
    await job.getByRole("button", { name: "Cancel" }).click();
    await job.getByText(/Cancelled/).waitFor();
    await job.getByRole("button", { name: "Dismiss: Export sql" }).click();
    const folder = join(bill.folder, "engagement", "exports");
    const written = existsSync(folder) ? readdirSync(folder) : [];
    expect(written.filter((name) => name.startsWith("sql"))).toEqual([]);
    await journey.goTo("#/explore");
  });

  test("a view is saved by name, outlives the page, and is opened from the menu and the palette", async () => {
    const { page, bill } = journey;
    await journey.goTo(SOUTH);
    await journey.showsTotal(bill.total(ofAccount("account-b")));
    await enter(page.getByRole("button", { name: "Saved views" }));
    await page.getByRole("menuitem", { name: "Save this view…" }).click();
    await page.getByLabel("Name").fill("South, <b>effective</b>");
    await page.keyboard.press("Enter");
    await expect.poll(() => existsSync(join(engagement(), "views", "south-b-effective-b.toml"))).toBe(true);
    await journey.begin("#/explore");
    await journey.showsTotal(bill.total());
    await enter(page.getByRole("button", { name: "Saved views" }));
    const item = page.getByRole("menuitem", { name: "South, <b>effective</b>" });
    expect(await item.locator("svg path").count(), "a small picture of its trend").toBe(2);
    await item.click();
    await journey.showsTotal(bill.total(ofAccount("account-b")));
    await journey.undo();
    await palette("View: South");
    await journey.showsTotal(bill.total(ofAccount("account-b")));
    await palette("Manage views");
    await page.getByRole("button", { name: "Delete the view South, <b>effective</b>" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByText("No view has been saved yet").waitFor();
    expect(existsSync(join(engagement(), "views", "south-b-effective-b.toml"))).toBe(false);
    await page.keyboard.press("Escape");
  });

  test("a view is saved and restored by key alone", async () => {
    const { page, bill } = journey;
    const run = async (words: string) => {
      await page.keyboard.press("Control+k");
      await page.locator("[role=combobox]:focus").waitFor();
      await page.keyboard.type(words);
      await page.getByRole("option").first().waitFor();
      await page.keyboard.press("Enter");
    };
    await journey.goTo(SOUTH);
    await journey.showsTotal(bill.total(ofAccount("account-b")));
    await run("Save this view");
    await page.locator("input:focus").waitFor();
    await page.keyboard.type("South by key");
    await page.keyboard.press("Enter");
    await expect.poll(() => existsSync(join(engagement(), "views", "south-by-key.toml"))).toBe(true);
    await journey.begin("#/explore");
    await journey.showsTotal(bill.total());
    await run("View: South by key");
    await journey.showsTotal(bill.total(ofAccount("account-b")));
    expect(await journey.address()).toContain("account-b");
  });

  test("a remark on a day stands in the trend, and can be changed and taken away", async () => {
    const { page } = journey;
    await journey.goTo("#/explore?grain=month");
    await page.locator(".plot canvas").waitFor();
    await page.locator("body").press("n");
    await page.getByLabel("On the day").fill("2025-04-17");
    await page.getByLabel("What to remember").fill("The <i>large</i> run");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("img", { name: /Annotations: Apr 17, 2025 The <i>large<\/i> run/ }).waitFor();
    await page.getByRole("button", { name: /^Change the annotation: .*The <i>large<\/i> run$/ }).click();
    await page.getByLabel("What to remember").fill("One large run");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("list", { name: "Annotations" }).getByText("One large run").waitFor();
    expect(readFileSync(join(engagement(), "annotations.toml"), "utf8")).toContain('day = "2025-04-17"');
    await page.getByRole("button", { name: /^Change the annotation: .*One large run$/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => page.getByRole("list", { name: "Annotations" }).count()).toBe(0);
  });

  test("a remark on a row stands on it, by key", async () => {
    const { page } = journey;
    await journey.goTo("#/explore");
    await valueIn(page, "Service", "Example Queue").press("n");
    await page.getByText("On Service Example Queue").waitFor();
    await page.getByLabel("What to remember").fill("Ask its owner");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const note = leaderboard(page, "Service").getByRole("button", {
      name: "Change the annotation: Ask its owner",
    });
    await note.waitFor();
    expect(await note.evaluate((button) => getComputedStyle(button).opacity), "shown without hover").toBe(
      "1",
    );
  });

  test("the trend is taken along as a picture", async () => {
    const { page } = journey;
    await enter(page.getByRole("button", { name: "Copy or export: Trend" }));
    await page.getByRole("menuitem", { name: "Copy as SVG" }).click();
    await expect.poll(() => clipboard(page)).toMatch(/^<svg[\s\S]*Mar /);
    for (const [form, begins] of [
      ["PNG", "\u0089PNG"],
      ["SVG", "<svg"],
    ] as const) {
      await enter(page.getByRole("button", { name: "Copy or export: Trend" }));
      await page.getByRole("menuitem", { name: `Export ${form}` }).click();
      const file = join(engagement(), "exports", `billed-cost-trend.${form.toLowerCase()}`);
      await page.getByTestId("notice").getByText(file).waitFor();
      expect(readFileSync(file).toString("latin1").startsWith(begins)).toBe(true);
    }
  });

  test("the charges are written whole, in the order of the grid", async () => {
    const { page, bill } = journey;
    await journey.goTo(`#/explore?where=${encodeURIComponent('["service","is","Example Queue"]')}`);
    await journey.showsTotal(bill.total(ofService("Example Queue")));
    await page.getByRole("button", { name: "Columns…" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("charge_description");
    await page.getByRole("dialog").getByRole("checkbox").check();
    await page.getByRole("button", { name: "Apply" }).click();
    await enter(page.getByRole("button", { name: "Copy or export: Charges" }));
    await page.getByRole("menuitem", { name: "Export CSV" }).click();
    const file = join(engagement(), "exports", "charges.csv");
    await page.getByTestId("notice").getByText(`60 rows in ${file}`).waitFor();
    const text = readFileSync(file, "utf8");
    expect(text.split("\n")[0]).toContain("charge_description");
    expect(text).toContain(`"'${HOSTILE.replaceAll('"', '""')}"`);
    expect(shown(bill.total(ofService("Example Queue")))).not.toBe("");
    expect(journey.stage.complaints).toEqual([]);
  });
});
