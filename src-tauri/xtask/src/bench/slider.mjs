// A slider of the scenario editor in Chromium, over 500 lines by 24 months by 1,000 courses: from a key to the painted answer.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openPage } from "./page.mjs";

const [folder, ui, qd, bridge] = process.argv.slice(2);
const [SERVICES, ACCOUNTS, MONTHS, PRESSES, AIM_MS] = [25, 20, 36, 60, 100];

/** A bill of 500 lines over three years, each with a level, a trend and a season of its own. */
function bill() {
  const columns = ["BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"];
  const costs = ["BilledCost", "EffectiveCost", "ContractedCost", "ListCost"];
  const rest = ["ChargeCategory", "ChargeFrequency", "ChargeDescription", "ProviderName", "PublisherName", "InvoiceIssuerName"];
  const names = ["ServiceName", "ServiceCategory", "SubAccountId", "SubAccountName"];
  const lines = [[...columns, ...costs, ...rest, ...names].join(",")];
  const start = (place) => new Date(Date.UTC(2023, 9 + place, 1)).toISOString().slice(0, 19) + "Z";
  for (let month = 0; month < MONTHS; month++)
    for (let service = 0; service < SERVICES; service++)
      for (let account = 0; account < ACCOUNTS; account++) {
        const line = service * ACCOUNTS + account;
        const wave = Math.sin((month + line) / 1.9) + Math.sin((month * 7 + line * 13) / 3.1);
        const cost = ((400 + (line % 37) * 25) * (1 + month / 60) + wave * 12).toFixed(2);
        const period = [start(month), start(month + 1)];
        const said = ["Usage", "Usage-Based", "Usage", "Bench Cloud", "Bench Cloud", "Bench Cloud"];
        const where = [`Service ${service}`, "Compute", `account-${account}`, `Account ${account}`];
        lines.push(["payer", "USD", ...period, ...period, cost, cost, cost, cost, ...said, ...where].join(","));
      }
  return `${lines.join("\n")}\n`;
}

const scratch = join(folder, "slider");
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
const engagement = join(scratch, "engagement");
const file = (name, text) => {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
};
const run = (...words) => execFileSync(qd, words, { stdio: ["ignore", "pipe", "inherit"] });
run("new", engagement, "--currency", "USD");
run("-e", engagement, "load", file("bill.csv", bill()));
run("-e", engagement, "scenario", "baseline", "save", "two-years", file("baseline.toml", 'dimensions = ["service", "sub_account"]\nmonths = 24\n'));
const scenario = `baseline = "two-years"

[[operation]]
id = "growth"
kind = "scale"
where = "everything"
change = { low = "2 %", likely = "10 %", high = "20 %" }
from = "2026-12"
over_months = 6
`;
run("-e", engagement, "scenario", "save", "slider", file("slider.toml", scenario));

const { page, address, end } = await openPage(ui, bridge, engagement);
try {
  page.setDefaultTimeout(120_000);
  const view = encodeURIComponent(JSON.stringify({ part: "scenarios", scenario: "slider" }));
  await page.goto(`${address}#/forecast?cost=effective_cost&forecast=${view}`);
  const total = page.getByTestId("scenario-total");
  await total.waitFor();
  // The operation that the cursor is in has its form.
  const slider = page.getByRole("slider", { name: "Change, likely" });
  await slider.focus();
  // From the input to the frame after the one in which the total that it led to stands.
  await page.evaluate(() => {
    globalThis.painted = [];
    let began = null;
    document.addEventListener("input", (event) => (began = event.timeStamp), true);
    const figure = () => document.querySelector('[data-testid="scenario-total"]')?.getAttribute("title");
    let last = figure();
    const look = () => {
      const now = figure();
      if (began !== null && now !== last) {
        const from = began;
        began = null;
        requestAnimationFrame(() => globalThis.painted.push(performance.now() - from));
      }
      last = now;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  for (let press = 1; press <= PRESSES; press++) {
    await page.keyboard.press(press % 20 < 10 ? "ArrowRight" : "ArrowLeft");
    await page.waitForFunction((count) => globalThis.painted.length >= count, press);
  }
  const times = (await page.evaluate(() => globalThis.painted)).sort((one, other) => one - other);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1);
  console.log(`slider in the page, ${SERVICES * ACCOUNTS} lines, 24 months, 1,000 courses, ${PRESSES} steps, from the key to painted`);
  console.log(`median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms (aim: under ${AIM_MS})`);
} finally {
  await end();
}
