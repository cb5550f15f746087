import { describe, expect, test } from "vitest";

import { enter } from "./hand";
import { startJourney } from "./steps";

describe("help", () => {
  const journey = startJourney({ loaded: true });
  const help = () => journey.page.getByTestId("help");

  test("F1 says what each screen is for, and follows from screen to screen", async () => {
    const { page } = journey;
    for (const [view, purpose] of [
      ["#/sources", "What is loaded, and whether it is right"],
      ["#/explore", "from the total down to the single charge"],
      ["#/packs", "The report for executives"],
      ["#/sql", "one SELECT over what is loaded"],
    ] as const) {
      await journey.goTo(view);
      if ((await help().count()) === 0) await page.keyboard.press("F1");
      await help().getByText(purpose).waitFor();
    }
    await journey.goTo("#/explore");
    await enter(page.getByRole("button", { name: "Help for this screen" }));
    await expect.poll(() => help().count()).toBe(0);
    await page.keyboard.press("F1");
    await page.getByRole("button", { name: "All keys" }).click();
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    expect(
      await page.getByRole("button", { name: "Take the tour" }).count(),
      "these are no charges of the sample",
    ).toBe(0);
    expect(journey.stage.complaints).toEqual([]);
  });
});
