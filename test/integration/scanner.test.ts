import { S3Client } from "@aws-sdk/client-s3";
import { changeRate } from "../../cli/jobs/changeRate";
import { isRefusal } from "../../cli/startFunction";
import { compareExport, readTable } from "../../local/compareExport";
import { createTable, fillTable } from "../../local/fillTable";
import { itemBytes } from "../../shared/aws/itemSize";
import { readExportLines } from "../../shared/exports/readExport";
import { type DriverName, drivers, ScannerGround } from "./scannerGround";

const TABLE = "people";
const ITEMS = 4_000;
const FAST = 2_000;

const person = (n: number) => ({
  id: { S: `person-${n}` },
  city: { S: `city-${n % 10}` },
  age: { N: String(n % 90) },
  about: { S: "x".repeat(n % 500) },
});

let ground: ScannerGround;
beforeAll(async () => {
  const own = drivers.flatMap((driver) => [`doomed-${driver}`, `rated-${driver}`]);
  ground = await ScannerGround.start({
    ...{
      scannerTables: [TABLE, "nowhere", ...own].join(","),
      scannerTimeoutSeconds: "10",
      shuffleTimeoutSeconds: "10",
    },
  });
  const string = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  await createTable(ground.operator.dynamodb, TABLE, {
    AttributeDefinitions: [string("id"), string("city")],
    GlobalSecondaryIndexes: [
      {
        IndexName: "byCity",
        KeySchema: [{ AttributeName: "city", KeyType: "HASH" }],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
    ],
  });
  await fillTable(ground.operator.dynamodb, TABLE, ITEMS, person);
  await ground.record(TABLE);
});
afterAll(() => ground?.stop());

describe("starting", () => {
  test.each([
    ["a table that is not there", { table: "nowhere" }, [/there is no table "nowhere"/]],
    ["an index that is not there", { table: TABLE, index: "byAge" }, [/it has byCity, got "byAge"/]],
    [
      "a rate above the table's",
      { table: TABLE, readRate: 50_000 },
      [/at most what the table allows, 40000 capacity units per second/],
    ],
    ["a filter that DynamoDB does not understand", { table: TABLE, filter: "age >" }, [/filter, projection/]],
    [
      "everything at once",
      { table: TABLE, readRate: 0, segments: 0, consistentRead: "yes", limit: 5 },
      [/readRate/, /segments/, /consistentRead/, /limit is not an option/],
    ],
  ])("refuses %s and sends nothing", async (_, changes, expected) => {
    // Messages of chains for which the jobs before had no more work.
    const before = await ground.messages(ground.unitQueue);
    const answer = await ground.ask({ table: TABLE, operation: "count", readRate: FAST, ...(changes as object) });
    if (!isRefusal(answer)) throw new Error(`started ${answer.job}`);
    expect(answer.problems).toHaveLength(expected.length);
    for (const pattern of expected) expect(answer.problems).toContainEqual(expect.stringMatching(pattern));
    expect(await ground.messages(ground.unitQueue)).toBeLessThanOrEqual(before);
  });
});

describe.each(drivers)("%s driver", (driver) => {
  describe("count", () => {
    test("has items and bytes exactly", async () => {
      const id = await ground.begin({ table: TABLE, driver, operation: "count", readRate: FAST, segments: 5 });
      const { state, result } = await ground.end(id);
      const bytes = Array.from({ length: ITEMS }, (_, n) => itemBytes(person(n))).reduce((sum, each) => sum + each, 0);
      expect({ state, result }).toEqual({
        state: "completed",
        result: { items: ITEMS, bytes, scannedItems: ITEMS, scannedBytes: bytes },
      });
    });

    test("counts the items that passed the filter separately from the items that were read", async () => {
      const filter = { filter: "#age >= :least", names: { "#age": "age" }, values: { ":least": 45 } };
      const id = await ground.begin({
        table: TABLE,
        driver,
        operation: "count",
        readRate: FAST,
        segments: 3,
        ...filter,
      });
      const { result } = await ground.end(id);
      const old = Array.from({ length: ITEMS }, (_, n) => person(n)).filter(({ age }) => Number(age.N) >= 45);
      expect(result).toMatchObject({
        items: old.length,
        bytes: old.reduce((sum, item) => sum + itemBytes(item), 0),
        scannedItems: ITEMS,
      });
    });

    test("reads an index instead of the table, and consumes the index's capacity", async () => {
      const request = {
        table: TABLE,
        driver,
        operation: "count",
        index: "byCity",
        readRate: FAST,
        segments: 2,
      } as const;
      const id = await ground.begin(request);
      const { state, result } = await ground.end(id);
      expect({ state, result }).toMatchObject({ state: "completed", result: { items: ITEMS } });
      const { counts } = await ground.progress(id);
      expect(counts.rcu).toBeGreaterThan(0);
    });
  });

  describe("export", () => {
    let s3: S3Client;
    beforeAll(() => {
      s3 = new S3Client({ ...ground.cloud.client, forcePathStyle: true });
    });
    afterAll(() => s3.destroy());

    test("has each item exactly once, and a segment for each object at least", async () => {
      const request = {
        table: TABLE,
        driver,
        operation: "export",
        readRate: FAST,
        segments: 7,
        exportPrefix: "backups",
      } as const;
      const { result } = await ground.end(await ground.begin(request));
      const { bucket, manifest } = result as { bucket: string; manifest: string };
      expect(manifest).toMatch(/^backups\/AWSDynamoDB\/.+\/manifest-summary\.json$/);
      const differences = await compareExport(
        s3,
        { bucket, manifest },
        await readTable(ground.operator.dynamodb, TABLE),
      );
      expect(differences).toEqual({ items: ITEMS, missing: 0, repeated: 0, other: 0, unknown: 0 });
    });

    test("writes plain JSON of chosen attributes", async () => {
      const chosen = { projection: "id, #age", names: { "#age": "age" }, format: "json" } as const;
      const request = { table: TABLE, driver, operation: "export", readRate: FAST, segments: 2, ...chosen } as const;
      const { result } = await ground.end(await ground.begin(request));
      const { bucket, manifest } = result as { bucket: string; manifest: string };
      const lines: object[] = [];
      for await (const line of readExportLines(s3, bucket, manifest)) lines.push(JSON.parse(line));
      expect(lines).toHaveLength(ITEMS);
      expect(lines).toContainEqual({ id: "person-89", age: 89 });
    });
  });

  test("by a message starts one job, publishes its end, and publishes refusals", async () => {
    const jobId = `from-a-message-${driver}`;
    const request = { table: TABLE, driver, operation: "count", readRate: FAST, segments: 2, jobId };
    await ground.message(JSON.stringify(request));
    await ground.message(JSON.stringify(request));
    await ground.message('{"table":');
    const events = async () => {
      const { events: all } = (await ground.cloud.administer("GET", "events")) as { events: { event: JobEvent }[] };
      return all.map(({ event }) => event);
    };
    const published = await ground.until(
      events,
      (all) => all.some(isEnd(jobId)) && all.some((event) => event["detail-type"] === "Job refused"),
    );
    expect(published.filter(isEnd(jobId))).toHaveLength(1);
    expect(published.find(isEnd(jobId))).toMatchObject({
      source: "sluice.jobs",
      "detail-type": "Job completed",
      detail: { table: TABLE, operation: "count", units: 2, unitsFailed: 0, result: { items: ITEMS } },
    });
    const refused = published.find((event) => event["detail-type"] === "Job refused");
    expect(refused?.detail).toMatchObject({ problems: ["The message must be a start request in JSON."] });
  });

  describe("live control", () => {
    /** Slow enough to be paused or cancelled in the middle. */
    const slow = { table: TABLE, driver, operation: "count", readRate: 20, segments: 4 } as const;

    test("a paused job reads nothing after two seconds and leaves no message and no execution; resumed at half of the table's rate it ends", async () => {
      const id = await ground.begin(slow);
      await ground.until(
        () => ground.progress(id),
        ({ counts }) => counts.pages > 4,
      );
      await ground.operator.control.pause(id);
      await sleep(2_000);
      const quietSince = Date.now();
      await ground.idle(driver, 5_000);
      await sleep(2_000);
      expect(await ground.consumed(TABLE, quietSince + 100)).toBe(0);
      const paused = await ground.progress(id);
      expect(paused).toMatchObject({ state: "paused", units: { working: 0 } });
      expect(await ground.executionsOf(id)).toEqual(succeeded(driver, `${id}-0`));

      // Half of the 12,000 that an on-demand table has.
      await changeRate(ground.operator, id, { readRate: "50%" });
      const limits = [{ direction: "read", table: TABLE, limits: { table: 6_000 } }];
      expect(await ground.ask({ resume: id })).toMatchObject({ state: "running", limits });
      expect(await ground.end(id)).toMatchObject({ state: "completed", result: { items: ITEMS } });
      await ground.idle(driver);
      expect(await ground.executionsOf(id)).toEqual(succeeded(driver, `${id}-0`, `${id}-1`));
      // No finished work is done again.
      const { counts } = await ground.progress(id);
      expect(counts.scannedItems).toBe(ITEMS);
    });

    test("a change of rate reaches the workers while they work", async () => {
      // 390 RCU: 26 s at the first rate.
      const { dynamodb } = ground.operator;
      const rated = `rated-${driver}`;
      await createTable(dynamodb, rated);
      await fillTable(dynamodb, rated, 1_000, (n) => ({ id: { S: `item-${n}` }, note: { S: "x".repeat(3_180) } }));
      await ground.record(rated);
      const id = await ground.begin({ ...slow, table: rated, readRate: 15 });
      await ground.until(
        () => ground.progress(id),
        ({ counts }) => counts.pages > 2,
      );
      await changeRate(ground.operator, id, { readRate: "60" });
      const lastSecond = async () => {
        const since = Math.ceil(Date.now() / 100) * 100;
        await sleep(1_000);
        return ground.consumed(rated, since);
      };
      // The first rate never gives more than 1.1 times its units in a second. A starved machine may give less than the new
      // rate.
      await ground.until(lastSecond, (units) => units > 1.3 * 15);
      expect(await ground.end(id)).toMatchObject({ state: "completed", result: { items: 1_000 } });
    });

    test("a cancelled job ends for good", async () => {
      const id = await ground.begin(slow);
      await ground.operator.control.cancel(id);
      await ground.idle(driver);
      expect(await ground.job(id)).toMatchObject({ state: "cancelled" });
      expect(await ground.executionsOf(id)).toEqual(succeeded(driver, `${id}-0`));
      await expect(ground.operator.control.resume(id, 1)).rejects.toMatchObject({ code: "WRONG_STATE" });
    });
  });

  test("units that fail for good are shown with their reason; a resume works only on the missing units", async () => {
    const { dynamodb } = ground.operator;
    const doomed = `doomed-${driver}`;
    await createTable(dynamodb, doomed);
    await fillTable(dynamodb, doomed, 200, person);
    // The rule strikes one unit in each of its three attempts.
    const fault = { kind: "error", code: "ValidationException", status: 400, message: "no such luck" };
    await ground.cloud.setFaults([{ service: "dynamodb", action: "Scan", resource: doomed, count: 3, fault }]);
    const id = await ground.begin({
      table: doomed,
      driver,
      operation: "count",
      readRate: 100,
      segments: 1,
    });
    expect(await ground.end(id)).toMatchObject({ state: "failed", unitsFailed: 1 });
    const { units, failures } = await ground.progress(id);
    expect(units.failed).toBe(1);
    expect(failures).toEqual([{ unit: 0, reason: "ValidationException: no such luck (3 attempts)" }]);

    expect(await ground.ask({ resume: id })).toMatchObject({ job: id });
    expect(await ground.end(id)).toMatchObject({ state: "completed", result: { items: 200 } });
  });
});

interface JobEvent {
  source: string;
  "detail-type": string;
  detail: Record<string, unknown>;
}

const isEnd = (job: string) => (event: JobEvent) =>
  event.detail.job === job && ["Job completed", "Job failed"].includes(event["detail-type"]);

/** The final status of a driver's executions that end in good order. */
function succeeded(driver: DriverName, ...names: string[]): Record<string, string> {
  return driver === "queue" ? {} : Object.fromEntries(names.map((name) => [name, "SUCCEEDED"]));
}

function sleep(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
