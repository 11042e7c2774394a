/** What the page makes of answers that come late, fail or succeed after a failure, in a real browser. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { CREDENTIALS } from "../../../sender/helpers";
import { browserPath, launchBrowser } from "../../../support/browser";
import { type ServedPage, servePage } from "../../../support/page";
import { OPERATOR } from "../../operatorStack";

const found = browserPath();
if (found === undefined) {
  process.stderr.write("SKIPPED test/cli/ui/page/requests.test.ts: this machine has no Chromium.\n");
}

/** A job as the list has it. */
function row(id: string, state: string) {
  const times = { createdAt: 1_700_000_000_000, endedAt: 1_700_000_060_000 };
  const units = { units: 1, unitsDone: 1, unitsFailed: 0, share: 1 };
  return { id, state, operation: "count", place: "orders", ...times, ...units, rates: [] };
}

(found === undefined ? describe.skip : describe)("the page", () => {
  let aws: Server;
  let served: ServedPage;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    // An empty jobs table.
    aws = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify({ Items: [], Count: 0, ScannedCount: 0 }));
    });
    await new Promise<void>((ready) => aws.listen(0, "127.0.0.1", ready));
    const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    const outputs = { operator: OPERATOR };
    served = await servePage({ endpoint, region: OPERATOR.region, credentials: CREDENTIALS, outputs });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await served?.close();
    aws?.close();
    aws?.closeAllConnections();
  });

  beforeEach(async () => {
    complaints = [];
    page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
  });

  afterEach(() => page.close());

  test("lists the jobs of the filter that was chosen last, even if another answer comes later", async () => {
    await page.route("**/api/jobs?*", async (route) => {
      const state = new URL(route.request().url()).searchParams.get("state") ?? "";
      if (state === "failed") await sleep(700);
      await route.fulfill({ json: { jobs: [row(`one-${state}`, state)] } });
    });
    await page.goto(served.address);
    const state = page.getByLabel("State");
    await state.selectOption("failed");
    await state.selectOption("paused");
    await page.getByText("one-paused").waitFor();
    await sleep(1_200);
    expect(await page.getByText("one-failed").count()).toBe(0);
    expect(await page.getByText("one-paused").count()).toBe(1);
  });

  test("no longer reports a problem with the dead letters once they are read", async () => {
    const intake = { waiting: 0, inFlight: 0, oldestSeconds: null, quarantinedToday: 0, minutes: [] };
    let [looks, reads] = [0, 0];
    await page.route("**/api/live/intake", (route) => {
      // The number of letters changes with each look, so that they are read again.
      const event = { intake: { ...intake, deadLetters: looks++ } };
      return route.fulfill({ contentType: "text/event-stream", body: `data: ${JSON.stringify(event)}\n\n` });
    });
    await page.route("**/api/dead", (route) => {
      const error = { code: "AWS", message: "AWS is throttling.", problems: ["AWS is throttling."] };
      return reads++ === 0
        ? route.fulfill({ status: 502, json: { error } })
        : route.fulfill({ json: { total: 0, letters: [] } });
    });
    await page.goto(served.address);
    await page.getByRole("link", { name: "Intake", exact: true }).click();
    await page.getByText("AWS is throttling.").waitFor();
    await page.getByText("There are no dead letters.").waitFor();
    expect(await page.getByText("AWS is throttling.").count()).toBe(0);
  });

  test("lists a record whose time can't be read, as the command line does", async () => {
    const fields = { participant: "0001", codes: ["too_quick"], reason: "Too quick.", bytes: 2, resolution: "" };
    const records = [{ key: "participants/0001/a.json", status: "open", sentAt: "yesterday", ...fields }];
    const counts = { total: 1, reasons: { too_quick: 1 }, statuses: { open: 1 }, unreadable: 0, tokens: false };
    await page.route("**/api/quarantine?*", (route) => route.fulfill({ json: { records, ...counts } }));
    await page.goto(served.address);
    await page.getByRole("link", { name: "Intake", exact: true }).click();
    await page.getByText("yesterday").waitFor({ timeout: 10_000 });
    expect(complaints).toEqual([]);
  });

  test("reports that there is no such job if its address can't be decoded", async () => {
    await page.goto(served.address);
    await page.goto(`${new URL(served.address).origin}/#/jobs/%E0%A4`);
    await page.reload();
    await page.getByText("There is no job %E0%A4.").waitFor({ timeout: 10_000 });
    expect(complaints).toEqual([]);
  });
});
