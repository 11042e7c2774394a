/** `npm run ui:screenshots`: writes the pictures of docs/desk.md and of the README into docs/images. */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { CliCommand } from "../../cli/command";
import { runMain } from "../../local/lifetime";
import { launchBrowser } from "./browser";
import { servePage } from "./page";
import { startPageGround } from "./pageGround";

const FOLDER = resolve(__dirname, "../../docs/images");
/** How long a job is watched before its picture is taken, milliseconds, so that the plot has something to show. */
const WATCHED_MS = 30_000;

interface Shot {
  readonly name: string;
  readonly view: string;
  readonly width: number;
  readonly dark?: boolean;
  readonly waitMs: number;
}

const shots: readonly Shot[] = [
  { name: "job", view: "#/jobs/add-sort-key", width: 1_280, waitMs: WATCHED_MS },
  { name: "overview", view: "#/", width: 1_280, waitMs: 8_000 },
  { name: "start", view: "#/start/add-sort-key", width: 1_280, waitMs: 3_000 },
  { name: "intake", view: "#/intake", width: 1_280, waitMs: 8_000 },
  { name: "units-dark", view: "#/jobs/export-nightly", width: 1_280, dark: true, waitMs: 8_000 },
  { name: "job-narrow", view: "#/jobs/add-sort-key", width: 375, dark: true, waitMs: 5_000 },
];

runMain("ui:screenshots", async () => {
  new CliCommand("npm run ui:screenshots --")
    .description("Write the pictures of docs/desk.md and of the README into docs/images.")
    .parse()
    .check();
  await mkdir(FOLDER, { recursive: true });
  const browser = await launchBrowser();
  const cloud = await startPageGround();
  const served = await servePage(cloud.state);
  try {
    for (const shot of shots) await take(browser, served.address, shot);
  } finally {
    await served.close();
    await cloud.stop();
    await browser.close();
  }
});

async function take(
  browser: Browser,
  address: string,
  { name, view, width, dark = false, waitMs }: Shot,
): Promise<void> {
  const colorScheme = dark ? "dark" : "light";
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.evaluate(`location.hash = ${JSON.stringify(view)}`);
  await page.waitForTimeout(waitMs);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
  await context.close();
  process.stdout.write(`docs/images/${name}.png\n`);
}
