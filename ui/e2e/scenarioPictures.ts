/** Pictures of scenarios, with scenarios that they keep in the engagement first. */
import type { Page } from "playwright-core";

import type { Picture } from "./pictures";
import { LONG_MS } from "./steps";

const LONG = { timeout: LONG_MS };

const PLAN = `# What finance plans with
baseline = "forecast"
note = "What finance plans with for the coming year"

[[operation]]
id = "dispatch-assistant"
kind = "launch"
at = { service = "Amazon Bedrock", provider = "AWS", "tag:application" = "dispatch-assistant" }
new = true
curve = "s_curve"
plateau = { low = "3000", likely = "6000", high = "12000" }
from = "2026-12"
over_months = 6
slip_months = { low = 0, likely = 1, high = 4 }
confidence = "80 %"
owner = "Platform"
note = "Agreed by the steering group in September"

[[operation]]
id = "to-cloud-sql"
kind = "shift"
where = { service = "Amazon Relational Database Service" }
into = { service = "Cloud SQL", provider = "Google Cloud" }
new = true
share = "60 %"
cost_ratio = { low = "70 %", likely = "85 %", high = "110 %" }
from = "2027-01"
over_months = 3
double_running_months = 1
owner = "Data"

[[operation]]
id = "compute-discount"
kind = "price_change"
where = { service = "Amazon Elastic Compute Cloud" }
change = { low = "-12 %", likely = "-8 %", high = "-5 %" }
from = "2027-02"
owner = "Procurement"
note = "New private pricing"

[[operation]]
id = "parcels-growth"
kind = "scale"
where = "everything"
change = { low = "1 %", likely = "4 %", high = "9 %" }
from = "2026-10"
over_months = 12
enabled = false
note = "Only if the market stays as it is"
`;

const BRANCH = `based_on = "Plan 2027"
note = "The plan without the move"
removed = ["to-cloud-sql"]

[[operation]]
id = "dispatch-assistant"
kind = "launch"
at = { service = "Amazon Bedrock", provider = "AWS" }
new = true
curve = "linear"
plateau = "4500"
from = "2027-03"
over_months = 6

[[operation]]
id = "load-test"
kind = "one_off"
at = { service = "Amazon Elastic Compute Cloud", provider = "AWS" }
amount = 2500
month = "2027-02"
`;

const SHEET = [
  "Name\tKind\tWhich lines\tLikely\tFrom\tNote",
  "storage\tPrice change\tService = Amazon Simple Storage Service\t-5%\t01/2027\tagreed",
  "archive\tScale\tServce = Archive\tplenty\tspring\tto be asked",
].join("\n");

const view = (parts: object) =>
  `#/forecast?forecast=${encodeURIComponent(JSON.stringify({ part: "scenarios", ...parts }))}`;

/** Keeps both scenarios by the engine's own command, and looks anew. */
export async function keptScenarios(page: Page): Promise<void> {
  for (const [name, text] of [
    ["Plan 2027", PLAN],
    ["Plan without the move", BRANCH],
  ]) {
    await page.evaluate(
      async (request) => {
        const token = new URL(location.href).searchParams.get("token") ?? "";
        await fetch("/rpc/scenario_save_text", {
          method: "POST",
          headers: { "content-type": "application/json", "x-quarterdeck-token": token },
          body: JSON.stringify({ ...request, request_id: crypto.randomUUID() }),
        });
      },
      { name, text },
    );
  }
  await page.reload();
}

async function stands(page: Page): Promise<void> {
  await keptScenarios(page);
  await page.getByTestId("operations").waitFor(LONG);
  await page.getByTestId("scenario-total").waitFor(LONG);
  await page.locator(".plot canvas").first().waitFor();
  await page.locator(".editor[aria-busy=false]").waitFor(LONG);
  await page
    .locator(".stale")
    .first()
    .waitFor({ state: "detached", ...LONG });
}

const cell = (page: Page, row: number, column: number) => page.locator(`[data-cell="${row}:${column}"]`);

export const SCENARIO_PICTURES: Picture[] = [
  [
    "scenarios",
    view({}),
    async (page) => {
      await keptScenarios(page);
      await page.getByTestId("scenarios").waitFor(LONG);
    },
  ],
  [
    "scenario",
    view({ scenario: "Plan 2027" }),
    async (page) => {
      await stands(page);
      await cell(page, 0, 7).click();
    },
  ],
  [
    "scenario-typed",
    view({ scenario: "Plan 2027" }),
    async (page) => {
      await stands(page);
      await cell(page, 2, 3).press("F2");
      await page.keyboard.type(" | Amazon S");
      await page.getByRole("listbox", { name: "Suggestions" }).waitFor();
    },
  ],
  [
    "scenario-pasted",
    view({ scenario: "Plan 2027" }),
    async (page) => {
      await stands(page);
      await page.getByLabel(/^Limit/).fill("1,250,000");
      await page.keyboard.press("Enter");
      await page.evaluate((text) => navigator.clipboard.writeText(text), SHEET);
      await cell(page, 4, 1).press("Control+v");
      await page.getByTestId("operation-problems").waitFor();
      await page.getByTestId("odds").getByText("%").waitFor(LONG);
    },
  ],
  [
    "scenario-below",
    view({ scenario: "Plan 2027", as: "table" }),
    async (page) => {
      await keptScenarios(page);
      await page.getByTestId("made-of").waitFor(LONG);
      await page.locator(".editor[aria-busy=false]").waitFor(LONG);
      await page.getByRole("button", { name: "What the baseline is made of" }).click();
      await page.getByTestId("made-of").evaluate((part) => part.scrollIntoView({ block: "end" }));
    },
  ],
  [
    "scenario-lines",
    view({ scenario: "Plan 2027", as: "table" }),
    async (page) => {
      await keptScenarios(page);
      await page.getByTestId("made-of").waitFor(LONG);
      await page.locator(".editor[aria-busy=false]").waitFor(LONG);
      const lines = page.getByTestId("scenario-lines");
      await lines.getByRole("button", { name: "Lines", exact: true }).click();
      await lines.locator("tbody tr").first().waitFor(LONG);
      await lines.getByRole("button", { name: "Figure" }).click();
      await page.getByRole("menuitemradio", { name: "Rate" }).click();
      await lines.evaluate((part) => part.scrollIntoView({ block: "end" }));
    },
  ],
  [
    "scenario-promises",
    view({}),
    async (page) => {
      await keptScenarios(page);
      await page.getByTestId("baselines").waitFor(LONG);
      await page.getByRole("button", { name: "Credits and agreements…" }).click();
      await page.getByTestId("credits-on-bill").waitFor(LONG);
      await page.getByRole("button", { name: "Credit", exact: true }).click();
      await page.getByRole("textbox", { name: "Credit", exact: true }).fill("Migration programme");
      await page.getByRole("textbox", { name: "Left" }).fill("25,000");
      await page.getByRole("textbox", { name: "Until" }).fill("2027-06");
      await page.getByRole("button", { name: "Agreement", exact: true }).click();
      await page.getByRole("textbox", { name: "Agreement", exact: true }).fill("Enterprise discount");
    },
  ],
  [
    "scenario-baseline",
    view({}),
    async (page) => {
      await keptScenarios(page);
      await page.getByTestId("baselines").waitFor(LONG);
      await page.getByRole("button", { name: "New baseline…" }).click();
      await page.getByRole("textbox", { name: "Baseline" }).fill("With orders");
      const add = page.getByRole("button", { name: "Driver", exact: true });
      if (await add.isEnabled()) await add.click();
    },
  ],
  [
    "scenario-branch",
    view({ scenario: "Plan without the move" }),
    async (page) => {
      await stands(page);
      await cell(page, 0, 1).click();
    },
  ],
  [
    "scenario-text",
    view({ scenario: "Plan 2027" }),
    async (page) => {
      await stands(page);
      await page.getByRole("tab", { name: "Text" }).click();
    },
  ],
  [
    "scenario-compare",
    view({ scenario: "Plan 2027", against: "" }),
    async (page) => {
      await keptScenarios(page);
      await page.getByTestId("difference").waitFor(LONG);
      await page.locator(".plot canvas").first().waitFor();
    },
  ],
  [
    "scenario-compare-table",
    view({ scenario: "Plan without the move", against: "Plan 2027", as: "table" }),
    async (page) => {
      await keptScenarios(page);
      await page.getByTestId("contributions").waitFor(LONG);
    },
  ],
  [
    "scenario-new",
    view({}),
    async (page) => {
      await page.getByRole("button", { name: "New scenario…" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
];
