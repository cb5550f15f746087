// A page in Chromium before the engine of a bridge.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Starts both over an engagement; `end` stops them. */
export async function openPage(ui, bridge, engagement) {
  const { chromium } = createRequire(join(ui, "package.json"))("playwright-core");
  const engine = spawn(bridge, ["--ui", join(ui, "dist"), "--port", "0", "--engagement", engagement], { stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise((found, refuse) => {
    let said = "";
    engine.stdout.on("data", (bytes) => {
      said += bytes;
      const line = /^listening (\S+)$/m.exec(said);
      if (line) found(line[1]);
    });
    engine.on("exit", (code) => refuse(new Error(`the bridge ended with ${code}`)));
  });
  const browser = await chromium.launch({
    executablePath: process.env.QUARTERDECK_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const end = async () => {
    await browser.close();
    engine.kill();
  };
  return { page, address, end };
}
