/** The operator's page in a real browser, over jobs and submissions of the local cloud. */
import { readFileSync } from "node:fs";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand, SendMessageCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { createTable, fillTable } from "../../local/fillTable";
import { order, orderId } from "../../local/scanDemonstration";
import { limitOf } from "../../shared/jobs/limits";
import { browserPath, launchBrowser } from "../support/browser";
import { type ServedPage, servePage } from "../support/page";
import { ScannerGround } from "./scannerGround";
import { survey } from "./surveys";

const TABLE = "orders";
const ITEMS = 2_000;
/** A small table, on which jobs are redriven and undone. */
const RETURNS = "returns";
const RETURNED = 20;
/** For a job on a machine that is busy with other work, milliseconds. */
const ENDED_MS = 150_000;
const WIDTHS = [375, 1_600];
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** A table as the browser describes it to a screen reader. */
interface SeenTable {
  readonly headings: readonly string[];
  /** The roles of a row's cells, `rowheader cell cell`, once for all rows that have the same. */
  readonly rows: readonly string[];
}

async function tablesOf(page: Page): Promise<SeenTable[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  type Node = (typeof nodes)[number];
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  /** Children of this role. Elements without a role of their own are no level. */
  const within = (node: Node, roles: RegExp): Node[] =>
    (node.childIds ?? []).flatMap((id) => {
      const child = byId.get(id)!;
      if (roles.test(child.role?.value)) return [child];
      return child.ignored || child.role?.value === "generic" ? within(child, roles) : [];
    });
  const cells = (row: Node) => within(row, /^(cell|columnheader|rowheader)$/);
  return nodes
    .filter(({ role }) => role?.value === "table")
    .map((table) => {
      const [head = [], body = []] = within(table, /^rowgroup$/).map((group) => within(group, /^row$/));
      const rows = body.map((row) => cells(row).map(({ role }) => role?.value));
      return {
        headings: head.flatMap(cells).map(({ name }) => name?.value),
        rows: [...new Set(rows.map((roles) => roles.join(" ")))],
      };
    });
}

function overflowOf(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - innerWidth");
}

const found = browserPath();
if (found === undefined) process.stderr.write("SKIPPED test/integration/ui.test.ts: this machine has no Chromium.\n");

(found === undefined ? describe.skip : describe)("the page", () => {
  let ground: ScannerGround;
  let served: ServedPage;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** The browser's errors, and its requests to other servers. */
  const complaints: string[] = [];

  beforeAll(async () => {
    ground = await ScannerGround.start({ scannerTables: TABLE, backfillTables: `${TABLE},${RETURNS}` });
    await createTable(ground.operator.dynamodb, TABLE);
    await fillTable(ground.operator.dynamodb, TABLE, ITEMS, order, () => undefined);
    await createTable(ground.operator.dynamodb, RETURNS);
    await fillTable(ground.operator.dynamodb, RETURNS, RETURNED, order, () => undefined);
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
      // The tests cause refusals on purpose.
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

  const jobShown = () => page.url().split("/").at(-1)!;
  /** The job that tests clone. */
  let cloned = "";

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
    expect(limitOf(await ground.job(jobShown()), "read")?.limits.table).toBe(3);
  });

  test("arrow keys move over the units", async () => {
    const grid = page.getByRole("slider", { name: "Units of the job" });
    await grid.focus();
    for (const key of ["End", "ArrowLeft"]) await page.keyboard.press(key);
    expect(await grid.getAttribute("aria-valuenow")).toBe("2");
    await page.keyboard.press("Home");
    expect(await grid.getAttribute("aria-valuenow")).toBe("0");
  });

  test("a job is paused, resumed and cancelled; cancelling asks for confirmation", async () => {
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

  test("a job that changes a table starts once the table's name is typed, and is cloned with its options", async () => {
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
    cloned = jobShown();
    await page.getByRole("link", { name: "Clone with changes" }).click();
    expect(JSON.parse(await page.getByLabel("Update", { exact: true }).inputValue())).toEqual({ set: { seen: "yes" } });
    expect(await page.getByLabel("Write rate").inputValue()).toBe("500");
  });

  const card = (title: string | RegExp) =>
    page.locator(".card", { has: page.getByRole("heading", { name: title, level: 2 }) });
  /** Answers a dialog by typing the table's name. */
  const agree = async (table: string) => {
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/Type/).fill(table);
    expect(await dialog.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    expect(await overflowOf(page)).toBe(0);
    await dialog.getByRole("button", { name: "Start the job" }).click();
    await dialog.waitFor({ state: "detached" });
  };
  /** Goes on to the job that a button has started. */
  const watchIt = async () => {
    const before = jobShown();
    await page.getByRole("link", { name: "Watch it" }).click();
    await page.waitForURL((url) => !url.hash.endsWith(before));
    await state("completed");
    return jobShown();
  };
  const change = (action: string, details: string | RegExp) =>
    card("Who changed what and when").getByRole("row", { name: action }).filter({ hasText: details }).waitFor();
  const itemAt = async (id: string) => {
    const Key = { id: { S: id } };
    return (await ground.operator.dynamodb.send(new GetItemCommand({ TableName: RETURNS, Key, ConsistentRead: true })))
      .Item;
  };
  const putItem = (blob: string) => {
    const Item = { id: { S: "large" }, blob: { S: blob } };
    return ground.operator.dynamodb.send(new PutItemCommand({ TableName: RETURNS, Item }));
  };
  let updated = "";

  describe.each(WIDTHS)("at %i pixels", (width) => {
    beforeAll(() => page.setViewportSize({ width, height: 900 }));

    test("a clone is started with changes", async () => {
      // Too large for one more attribute of 2,000 characters.
      await putItem("x".repeat(408_000));
      await show(`#/jobs/${cloned}`);
      await page.getByRole("link", { name: "Clone with changes" }).click();
      await page.getByLabel("Table").fill(RETURNS);
      await page.getByLabel("Update", { exact: true }).fill(JSON.stringify({ set: { seen: "y".repeat(2_000) } }));
      await page.getByText("More options").click();
      await page.getByLabel("Keep before").check();
      await button("Start …").click();
      await agree(RETURNS);
      await state("completed");
      updated = jobShown();
      const { operation, work } = await ground.job(updated);
      expect([work.table, operation.params.keepBefore]).toEqual([RETURNS, true]);
      expect((await itemAt(orderId(3)))?.seen?.S).toHaveLength(2_000);
      await change("start", "readRate 500, writeRate 500");
      await card("Who changed what and when").getByText("user/administrator").waitFor();
    });

    test("failures are shown with examples, and redriven", async () => {
      await card("Failures").getByText("ITEM_TOO_LARGE").first().waitFor();
      await button("Show examples").click();
      await card("Failures").getByText("id=large").waitFor();
      await putItem("small by now");
      await button("Redrive failures").click();
      await agree(RETURNS);
      const redrive = await watchIt();
      const outcome = card("Outcomes").locator(".pairs > div", { hasText: "updated" });
      expect(await outcome.textContent()).toBe("updated1");
      expect((await itemAt("large"))?.seen?.S).toHaveLength(2_000);
      await change("start", `redrives ${updated}`);
      await show(`#/jobs/${updated}`);
      await change("redrive", `job ${redrive}`);
    });

    test("a job is undone", async () => {
      await button("Undo").click();
      await agree(RETURNS);
      const undo = await watchIt();
      await change("start", `undoes ${updated}`);
      for (let n = 0; n < RETURNED; n++) expect(await itemAt(orderId(n))).toEqual(order(n));
      expect((await ground.job(undo)).work).toMatchObject({ operation: "undo", table: RETURNS });
      await show(`#/jobs/${updated}`);
      await change("undo", `job ${undo}`);
    });
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

  test("dead letters are listed with their last error, and redriven", async () => {
    const QueueUrl = ground.cloud.state.outputs.queueUrl as string;
    // The real limit takes hours of back-off to reach.
    const AttributeNames = ["RedrivePolicy"] as const;
    const { Attributes } = await ground.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    const policy = JSON.stringify({ ...JSON.parse(Attributes!.RedrivePolicy!), maxReceiveCount: 1 });
    await ground.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: policy } }));
    const fault = { kind: "error", code: "InternalServerError", status: 500 };
    await ground.cloud.setFaults([{ service: "dynamodb", action: "TransactWriteItems", fault }]);
    const MessageBody = JSON.stringify(survey({ user_id: "unlucky", freetext: "=1+1" }));
    await ground.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await ground.cloud.reader.drained(ENDED_MS);
    await ground.cloud.setFaults([]);

    await show("#/");
    await show("#/intake");
    const letters = card("Dead letters");
    await letters
      .getByRole("row", { name: /unlucky/ })
      .getByText("InternalServerError")
      .waitFor();
    await letters.getByRole("button", { name: "Redrive" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("heading", { name: "Move 1 dead letter back to the queue?" }).waitFor();
    await dialog.getByRole("button", { name: "Redrive" }).click();
    await dialog.waitFor({ state: "detached" });
    await letters.getByRole("status").waitFor();
    await letters.getByText("There are no dead letters.").waitFor();
    await ground.cloud.reader.drained(ENDED_MS);
    expect((await ground.cloud.reader.state()).participants.unlucky).toMatchObject({ num_submission: 1 });
  });

  test.each([
    ["Quarantine, without bodies", "quarantine.csv", /^sent_at,status,participant,/, /,quick,/, /a secret answer/],
    ["Dead letters", "dead-letters.csv", /^sent_at,message_id,participant,/, undefined, /unlucky/],
    ["Participants with their latest answers", "participants.csv", /^user_id,/, /^unlucky,.*'=1\+1/m, undefined],
    ["All submissions with their answers", "submissions.csv", /^user_id,/, /^unlucky,.*'=1\+1/m, undefined],
  ] as const)("%s: downloaded as %s", async (name, file, head, has, lacks) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      card("Download as CSV").getByRole("button", { name, exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(file);
    const text = readFileSync(await download.path(), "utf8").replace(/^\uFEFF/, "");
    expect(text).toMatch(head);
    if (has !== undefined) expect(text).toMatch(has);
    if (lacks !== undefined) expect(text).not.toMatch(lacks);
  });

  test.each(["light", "dark"] as const)(
    "axe finds nothing in any view, and tables keep their roles, %s",
    async (colorScheme) => {
      const [job] = await jobIds();
      const views: Readonly<Record<string, readonly SeenTable[]>> = {
        "#/": [
          {
            headings: ["Job", "State", "Done", "Rate", "Time", "Cost", "Started"],
            rows: ["rowheader cell cell cell cell cell cell"],
          },
        ],
        [`#/jobs/${job}`]: [{ headings: ["Changed", "Action", "By", "Details"], rows: ["cell cell cell cell"] }],
        ...{ "#/start": [], [`#/start/${job}`]: [] },
        "#/intake": [
          {
            headings: ["Choose all", "Sent", "Status", "Participant", "Reasons", "Body"],
            rows: ["cell cell cell cell cell cell"],
          },
        ],
      };
      for (const width of WIDTHS) {
        // Axe is put into the page, which its content security policy forbids.
        const checked = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
        const opened = await open(checked);
        for (const [view, tables] of Object.entries(views)) {
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
          expect([view, width, await overflowOf(opened)]).toEqual([view, width, 0]);
          expect({ view, width, tables: await tablesOf(opened) }).toEqual({ view, width, tables });
        }
        await checked.close();
      }
    },
  );

  async function jobIds(): Promise<string[]> {
    const { stdout } = await ground.sluice("jobs", "list", "--json");
    return (JSON.parse(stdout) as { jobs: { id: string }[] }).jobs.map(({ id }) => id);
  }

  test("the browser sends no request elsewhere, and logs no error", () => {
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
