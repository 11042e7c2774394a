/** The operator's page in a real browser, over jobs and submissions of the local cloud. */
import { readFileSync } from "node:fs";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { createTable, fillTable } from "../../local/fillTable";
import { order } from "../../local/scanDemonstration";
import { limitOf } from "../../shared/jobs/limits";
import { browserPath, launchBrowser } from "../support/browser";
import { type ServedPage, servePage } from "../support/page";
import { ScannerGround } from "./scannerGround";
import { survey } from "./surveys";

const TABLE = "orders";
const ITEMS = 2_000;
/** For a job on a machine that is busy with other work, milliseconds. */
const ENDED_MS = 150_000;
const WIDTHS = [375, 1_600];
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const found = browserPath();
if (found === undefined) process.stderr.write("SKIPPED test/integration/ui.test.ts: this machine has no Chromium.\n");

(found === undefined ? describe.skip : describe)("the page", () => {
  let ground: ScannerGround;
  let served: ServedPage;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the browser complained of, and requests to others. */
  const complaints: string[] = [];

  beforeAll(async () => {
    ground = await ScannerGround.start({ scannerTables: TABLE, backfillTables: TABLE });
    await createTable(ground.operator.dynamodb, TABLE);
    await fillTable(ground.operator.dynamodb, TABLE, ITEMS, order, () => undefined);
    served = await servePage(ground.cloud.state);
    browser = await launchBrowser();
    context = await browser.newContext();
    page = await open(context);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await served?.close();
    await ground?.stop();
  });

  async function open(of: BrowserContext): Promise<Page> {
    const opened = await of.newPage();
    opened.setDefaultTimeout(60_000);
    const { origin } = new URL(served.address);
    opened.on("console", (message) => {
      // The status of a refusal is one of the things that are tested.
      if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
    });
    opened.on("pageerror", (error) => complaints.push(error.message));
    opened.on("request", (request) => {
      if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== origin)
        complaints.push(request.url());
    });
    await opened.goto(served.address);
    return opened;
  }

  async function show(view: string, of = page): Promise<void> {
    await of.evaluate((hash) => {
      (globalThis as unknown as { location: { hash: string } }).location.hash = hash;
    }, view);
  }

  const state = (name: string) => page.locator(".title .pill", { hasText: name }).waitFor({ timeout: ENDED_MS });
  const button = (name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" });

  test("the token leaves the address", async () => {
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    expect(page.url()).not.toContain("token");
    expect(await page.title()).toBe("Sluice");
  });

  test("a job is started by the form, and each problem stands beside its field", async () => {
    await show("#/start");
    await page.getByLabel("Table").fill(TABLE);
    await page.getByLabel("Read rate").fill("fast");
    await page.getByText("More options").click();
    await page.getByLabel("Segments").fill("0");
    await button("Estimate").click();
    await page.locator("#problem-readRate").waitFor();
    expect(await page.locator("#problem-readRate").textContent()).toMatch(/^readRate must be .*, got fast\.$/);
    expect(await page.locator("#problem-segments").textContent()).toMatch(/^segments must be/);

    await page.getByLabel("Segments").fill("4");
    await page.getByLabel("Read rate").fill("2");
    await button("Start …").click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("dt", { hasText: "Capacity" }).waitFor();
    await dialog.getByRole("button", { name: "Start the job" }).click();
    await state("running");
    expect(page.url()).toMatch(/#\/jobs\/job-/);
  });

  test("the plot moves, and the rate changes while the job runs", async () => {
    const plot = page.getByRole("img", { name: /Rate against the limit/ });
    await plot.waitFor();
    const drawn = () =>
      plot.locator("canvas").evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
    const before = await drawn();
    await ground.until(drawn, (now) => now !== before);
    await ground.until(
      () => plot.getAttribute("aria-label"),
      (label) => /[1-9]\d* of 2 RCU\/s/.test(label ?? ""),
    );

    await page.getByLabel("Read rate").fill("fast");
    await button("Change rate").click();
    await page.getByText("must be capacity units per second or a percentage").waitFor();
    await page.getByLabel("Read rate").fill("3");
    await button("Change rate").click();
    await page.getByText("4 units at 3 RCU/s").waitFor();
    const id = page.url().split("/").at(-1)!;
    expect(limitOf(await ground.job(id), "read")?.limits.table).toBe(3);
  });

  test("it is paused, resumed and cancelled; cancelling asks", async () => {
    await button("Pause").click();
    await state("paused");
    expect(await button("Pause").count()).toBe(0);
    await button("Resume").click();
    await state("running");
    await button("Cancel").click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await button("Cancel").click();
    await dialog.getByRole("button", { name: "Cancel the job" }).click();
    await state("cancelled");
  });

  test("a job that changes a table starts once the table is named, and is cloned with its options", async () => {
    await show("#/start");
    await page.getByLabel("Operation").selectOption("update");
    await page.getByLabel("Table").fill(TABLE);
    await page.getByLabel("Write rate").fill("500");
    await page.getByLabel("Read rate").fill("500");
    await page.getByLabel("Update", { exact: true }).fill('{"set":{"seen":"yes"}}');
    await button("Start …").click();
    const dialog = page.getByRole("dialog");
    const start = dialog.getByRole("button", { name: "Start the job" });
    await start.waitFor();
    expect(await start.isDisabled()).toBe(true);
    await dialog.getByLabel(/Type/).fill(TABLE);
    await start.click();
    await state("completed");
    await page.getByRole("link", { name: "Clone with changes" }).click();
    expect(JSON.parse(await page.getByLabel("Update", { exact: true }).inputValue())).toEqual({ set: { seen: "yes" } });
    expect(await page.getByLabel("Write rate").inputValue()).toBe("500");
  });

  test("the list has all jobs, and filters them", async () => {
    await show("#/");
    await page
      .getByRole("row", { name: /update over orders/ })
      .getByText("completed")
      .waitFor();
    await page.getByLabel("State").selectOption("cancelled");
    await page.getByRole("row", { name: /update over orders/ }).waitFor({ state: "detached" });
    await page.getByRole("row", { name: /count over orders/ }).waitFor();
  });

  test("a record of the quarantine is resent; its answers are hidden until asked for", async () => {
    const body = JSON.stringify(survey({ user_id: "quick", time_elapsed: 1, freetext: "a secret answer" }));
    const QueueUrl = ground.cloud.state.outputs.queueUrl as string;
    await ground.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    await ground.cloud.reader.drained(60_000);
    await show("#/intake");
    await page.getByRole("row", { name: /quick/ }).waitFor();
    expect(await page.getByText("a secret answer").count()).toBe(0);
    await button(/^Show .* bytes$/).click();
    await page.getByText("a secret answer").waitFor();

    await page.getByRole("row", { name: /quick/ }).getByRole("checkbox").check();
    await button("Resend 1").click();
    await page.getByRole("dialog").getByRole("button", { name: "Resend" }).click();
    await page.getByText("1 record resent.").waitFor();
    await page.getByLabel("also those that are done").check();
    await page.getByRole("row", { name: /quick/ }).getByText("resent", { exact: true }).waitFor();
  });

  test.each(["light", "dark"] as const)("axe finds nothing in any view, %s", async (colorScheme) => {
    const [job] = await jobIds();
    for (const width of WIDTHS) {
      // Axe is put into the page, which its content security policy forbids.
      const checked = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      const opened = await open(checked);
      for (const view of ["#/", `#/jobs/${job}`, "#/start", `#/start/${job}`, "#/intake"]) {
        await show(view, opened);
        await opened.locator(".card").first().waitFor();
        await opened
          .getByText(/^(Reading|Connecting)/)
          .first()
          .waitFor({ state: "detached" });
        await opened.evaluate(axe);
        const { violations } = await opened.evaluate<{ violations: { id: string; nodes: { target: string[] }[] }[] }>(
          "axe.run()",
        );
        expect({
          view,
          width,
          violations: violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)]),
        }).toEqual({
          ...{ view, width, violations: [] },
        });
        expect([view, width, await opened.evaluate("document.documentElement.scrollWidth - innerWidth")]).toEqual([
          view,
          width,
          0,
        ]);
      }
      await checked.close();
    }
  });

  async function jobIds(): Promise<string[]> {
    const { stdout } = await ground.sluice("jobs", "list", "--json");
    return (JSON.parse(stdout) as { jobs: { id: string }[] }).jobs.map(({ id }) => id);
  }

  test("the browser asks nobody else, and has nothing to complain of", () => {
    expect(complaints).toEqual([]);
  });

  test("a lost connection shows", async () => {
    await show("#/");
    await page.getByText("Live", { exact: true }).waitFor();
    await served.close();
    await page.getByText("Connection lost").waitFor();
    served = await servePage(ground.cloud.state);
  });
});
