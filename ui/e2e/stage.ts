/** The real engine behind the bridge, and a browser before it. What is missing fails loudly: a skip must not look green. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const BROWSER = process.env["QUARTERDECK_CHROMIUM"] ?? "/usr/bin/chromium";
const START_MS = 20_000;
const ACTION_MS = 15_000;
const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Bridge {
  address: string;
  stop(): void;
}

export async function startBridge(
  engagement: string | null = null,
  options: readonly string[] = [],
): Promise<Bridge> {
  const program = process.env["QUARTERDECK_BRIDGE"];
  if (!program || !existsSync(program)) {
    throw new Error(
      "QUARTERDECK_BRIDGE must name the bridge program; `cargo build -p quarterdeck-bridge` makes it",
    );
  }
  if (!existsSync(`${DIST}/index.html`)) throw new Error("ui/dist is missing; `npm run build` makes it");
  const process_ = spawn(
    program,
    ["--ui", DIST, "--port", "0", ...(engagement ? ["--engagement", engagement] : []), ...options],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  return { address: await listening(process_), stop: () => void process_.kill() };
}

function listening(program: ChildProcess): Promise<string> {
  return new Promise((found, refuse) => {
    let said = "";
    let complained = "";
    const late = setTimeout(
      () => refuse(new Error(`the bridge did not start: ${said}${complained}`)),
      START_MS,
    );
    program.stderr?.on("data", (bytes: Buffer) => (complained += bytes.toString()));
    program.stdout?.on("data", (bytes: Buffer) => {
      said += bytes.toString();
      const address = /^listening (\S+)$/m.exec(said)?.[1];
      if (!address) return;
      clearTimeout(late);
      found(address);
    });
    program.on("exit", (code) => refuse(new Error(`the bridge ended with ${code}: ${complained}`)));
  });
}

export async function startBrowser(): Promise<Browser> {
  if (!existsSync(BROWSER)) {
    throw new Error(`${BROWSER} is missing; install Chromium or name it in QUARTERDECK_CHROMIUM`);
  }
  return chromium.launch({ executablePath: BROWSER, args: BROWSER_FLAGS });
}

/** A page that remembers what went wrong in it: errors, refused policies, requests that leave the machine. */
export interface Stage {
  page: Page;
  context: BrowserContext;
  complaints: string[];
}

export async function openStage(
  browser: Browser,
  address: string,
  options: { dark?: boolean; width?: number; height?: number } = {},
): Promise<Stage> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.dark ? "dark" : "light",
    reducedMotion: "reduce",
    locale: "en-US",
    timezoneId: "America/New_York",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(ACTION_MS);
  const complaints: string[] = [];
  const origin = new URL(address).origin;
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // That a command was refused is told by the page itself; the browser's own line on it is no complaint.
    const refused = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !refused) complaints.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:")) {
      complaints.push(`request left the machine: ${url}`);
    }
  });
  await page.goto(address);
  return { page, context, complaints };
}
