/** A real browser for tests of the page: Chromium, as Debian's package `chromium` brings it. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** No sandbox, because CI runs as root; and without the calls that Chromium makes on its own. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Path of the browser; undefined: this machine has none. */
export function browserPath(): string | undefined {
  return PLACES.find((path) => path !== undefined && existsSync(path));
}

/** @throws Error if there is none */
export function launchBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === undefined) throw new Error("There is no Chromium: apt-get install chromium, or set CHROMIUM.");
  return chromium.launch({ executablePath, args: ARGS });
}
