// Does the interactions in Chromium, before the same engine behind the bridge; then goes on for a session and tells the page's memory.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { openPage } from "./page.mjs";

const [folder, ui, bridge, engagement, rounds, minutes] = process.argv.slice(2);
const { page, address, end } = await openPage(ui, bridge, engagement);
try {
  page.setDefaultTimeout(0);
  await page.goto(`${address}#/explore`);
  await page.locator(".explore .answers").waitFor();
  // The page lets no script in; what is evaluated comes from outside of it.
  await page.evaluate(readFileSync(join(folder, "interactions.js"), "utf8"));
  const found = await page.evaluate((count) => globalThis.interactions(count), Number(rounds));
  const client = await page.context().newCDPSession(page);
  const heap = async () => {
    await client.send("HeapProfiler.collectGarbage");
    return (await client.send("Runtime.getHeapUsage")).usedSize / 1e6;
  };
  const before = await heap();
  const until = Date.now() + Number(minutes) * 60_000;
  let done = 0;
  while (Date.now() < until) {
    await page.evaluate((from) => globalThis.interactions(5, from), Number(rounds) + done);
    done += 5;
  }
  console.log(JSON.stringify({ ...found, heap_before_mb: before, heap_after_mb: await heap(), session_minutes: Number(minutes), session_rounds: done }));
} finally {
  await end();
}
