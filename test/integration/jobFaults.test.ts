/** Jobs whose table or services fail: the trouble is shown while it lasts, and ends the job with one reason. */
import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { createTable, fillTable } from "../../local/fillTable";
import { drivers, ScannerGround } from "./scannerGround";

jest.setTimeout(240_000);

const ITEMS = 1_500;
const MADE_ANEW = (table: string) => `Table ${table} was deleted and recreated after the job began.`;

let ground: ScannerGround;
beforeAll(async () => {
  const own = drivers.flatMap((driver) =>
    ["exchanged", "dropped", "throttled", "stored", "removed"].map((table) => `${table}-${driver}`),
  );
  const scannerTables = ["paused", ...own].join(",");
  ground = await ScannerGround.start({ scannerTables, scannerTimeoutSeconds: "10", shuffleTimeoutSeconds: "10" });
});
afterEach(() => ground.cloud.setFaults([]));
afterAll(() => ground?.stop());

async function make(table: string): Promise<void> {
  const { dynamodb } = ground.operator;
  await createTable(dynamodb, table);
  await fillTable(dynamodb, table, ITEMS, (n) => ({ id: { S: `order-${n}` }, note: { S: "x".repeat(800) } }));
}

async function makeAnew(table: string): Promise<void> {
  await ground.operator.dynamodb.send(new DeleteTableCommand({ TableName: table }));
  await make(table);
}

/** A job that takes about ten seconds. */
const slow = { readRate: 15, segments: 3 } as const;

test("a table that is deleted and made anew under a paused job: the job cannot be resumed", async () => {
  await make("paused");
  const id = await ground.begin({ operation: "export", table: "paused", ...slow });
  await ground.until(
    () => ground.progress(id),
    ({ counts }) => counts.pages > 1,
  );
  expect(await ground.sluice("jobs", "pause", id)).toMatchObject({ code: 0 });
  await makeAnew("paused");
  expect(await ground.sluice("jobs", "resume", id)).toEqual({
    code: 1,
    stdout: "",
    stderr: `Job ${id} was not resumed:\n` + `  Job ${id} cannot be resumed: ${MADE_ANEW("paused")} Start a new job.\n`,
  });
  expect(await ground.job(id)).toMatchObject({ state: "paused", epoch: 0 });
});

describe.each(drivers)("%s driver", (driver) => {
  test("a table that is deleted and made anew under a running job: the job fails for that reason, and there is no export of two tables", async () => {
    const table = `exchanged-${driver}`;
    await make(table);
    // While this Scan is under way, no other Scan can meet the moment without a table.
    const rule = { service: "dynamodb", action: "Scan", resource: table };
    await ground.cloud.setFaults([{ ...rule, fault: { kind: "latency", ms: { fixed: 2_000 } } }]);
    const id = await ground.begin({
      driver,
      operation: "export",
      table,
      readRate: 15,
      segments: 1,
    });
    const scans = async () => (await ground.cloud.faults()).rules[0]!.struck;
    const before = await ground.until(scans, (struck) => struck > 0);
    await ground.until(scans, (struck) => struck > before);
    await makeAnew(table);
    const job = await ground.end(id);
    expect(job).toMatchObject({ state: "failed", reason: MADE_ANEW(table) });
    expect(job.result).toBeUndefined();
  });

  test("if the table of a running job is deleted, the job ends at once, with one reason and one event", async () => {
    const table = `dropped-${driver}`;
    await make(table);
    const id = await ground.begin({ driver, operation: "count", table, ...slow });
    await ground.until(
      () => ground.progress(id),
      ({ counts }) => counts.pages > 1,
    );
    const droppedAt = Date.now();
    await ground.operator.dynamodb.send(new DeleteTableCommand({ TableName: table }));
    const job = await ground.end(id);
    expect(job).toMatchObject({
      state: "failed",
      reason: `Table ${table} no longer exists.`,
      unitsFailed: 0,
    });
    // No unit needs three attempts: it would be left alone for at least 7 s between them.
    expect(job.endedAt! - droppedAt).toBeLessThan(7_000);
    await ground.idle(driver);
    const { units } = await ground.progress(id);
    expect(units).toMatchObject({ total: 3, done: 0, failed: 0, retrying: 0, working: 0, waiting: 3 });
    const ends = await ground.ends(id);
    expect(ends.map((event) => event["detail-type"])).toEqual(["Job failed"]);
    expect(ends[0]!.detail.summary).toMatch(new RegExp(` Table ${table} no longer exists\\.$`));
    expect(await ground.sluice("jobs", "watch", id)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`Job ${id} failed: Table ${table} no longer exists. (`),
    });
  });

  test("a service that refuses each time: its units are shown as retrying, with its own error, and attempts count", async () => {
    await Promise.all([make(`throttled-${driver}`), make(`stored-${driver}`)]);
    const refuse = (code: string, status: number) => ({ kind: "error", code, status, message: "not now" });
    const throttle = refuse("ProvisionedThroughputExceededException", 400);
    await ground.cloud.setFaults([
      { service: "dynamodb", action: "Scan", resource: `throttled-${driver}`, fault: throttle },
      { service: "s3", action: "PutObject", fault: refuse("SlowDown", 503) },
    ]);
    const one = { driver, readRate: 100, segments: 1 } as const;
    const throttled = await ground.begin({ ...one, operation: "count", table: `throttled-${driver}` });
    const stored = await ground.begin({ ...one, operation: "export", table: `stored-${driver}` });
    await Promise.all([
      seenRetrying(throttled, "ProvisionedThroughputExceededException: not now", /^Pace +throttled by DynamoDB: /m),
      seenRetrying(stored, "SlowDown: not now", /^Pace +no progress: units are retrying$/m),
    ]);
    for (const id of [throttled, stored]) expect(await ground.sluice("jobs", "cancel", id)).toMatchObject({ code: 0 });
  });

  test("an object that somebody removes from a paused export is named as the reason, instead of a missing permission", async () => {
    const table = `removed-${driver}`;
    await make(table);
    const id = await ground.begin({ driver, operation: "export", table, ...slow });
    await ground.until(
      () => ground.progress(id),
      ({ counts }) => counts.pages > 1,
    );
    expect(await ground.sluice("jobs", "pause", id)).toMatchObject({ code: 0 });
    await ground.until(
      () => ground.progress(id),
      ({ units: { working } }) => working === 0,
    );
    const s3 = new S3Client(ground.cloud.client);
    const Bucket = ground.operator.resultsBucket;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `AWSDynamoDB/${id}/` }));
    expect(Contents.length).toBeGreaterThan(0);
    for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    s3.destroy();
    expect(await ground.sluice("jobs", "resume", id)).toMatchObject({ code: 0 });
    const { retries } = await ground.until(
      () => ground.progress(id),
      ({ retries: found }) => found.length > 0,
    );
    expect(retries[0]!.reason).toMatch(/must be as this job (has )?put it/);
    expect(await ground.job(id)).toMatchObject({ state: "running" });
    expect(await ground.sluice("jobs", "cancel", id)).toMatchObject({ code: 0 });
  });
});

/** Follows a job's only unit through its first two attempts. `pace`: what holds the second attempt back while it lasts. */
async function seenRetrying(id: string, error: string, pace: RegExp): Promise<void> {
  const attempts = (number: number) =>
    ground.until(
      () => ground.progress(id),
      ({ retries: [retry] }) => retry?.attempts === number && retry.retryAt !== undefined,
      60_000,
    );
  const [first] = (await attempts(1)).retries;
  expect(first!.reason).toBe(error);
  const shown = await ground.sluice("jobs", "show", id);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^Units +1: 1 retrying$/m);
  expect(shown.stdout).toMatch(/^Retrying:\n {2}unit 0: 1 attempt, next try (in \d+ s|is due): \w+: not now$/m);
  // The second attempt is under way: it shows too, before it has ended.
  await ground.until(
    () => ground.progress(id),
    ({ retries: [retry] }) => retry?.attempts === 2 && retry.retryAt === undefined,
    60_000,
  );
  const during = await ground.sluice("jobs", "show", id);
  expect(during.stdout).toMatch(pace);
  expect(during.stdout).toMatch(/^ {2}unit 0: 2 attempts, trying now: \w+: not now$/m);
  const [second] = (await attempts(2)).retries;
  expect(second!.reason).toBe(error);
  expect(await ground.job(id)).toMatchObject({ state: "running", unitsFailed: 0 });
}
