import {
  type ConsumedCapacity,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type QueryCommand,
  type QueryCommandInput,
  type TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import type { Job } from "../../../../shared/jobs/job";
import { DynamoDbJobs } from "../../../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../../../shared/jobs/storage/dynamoDbUnits";
import { jobKey, toAttributes, unitKey } from "../../../../shared/jobs/storage/jobsTable";
import { ledgerOf } from "../../../../shared/jobs/storage/ledgers";
import { readDoneUnits } from "../../../../shared/jobs/storage/reading";
import { type JobsTableLocal, retry, startJobsTable, TABLE } from "../../../support/jobsTableLocal";
import { readLimit, sampleJob } from "../../../support/sampleJob";
import { storesSuite } from "./storesSuite";

const last = { cursor: undefined, counts: { pages: 1, scannedItems: 1, items: 1, rcu: 1 }, result: 1, rcuPerSecond: 1 };

describe("jobs and units in DynamoDB", () => {
  let local: JobsTableLocal;

  beforeAll(async () => {
    local = await startJobsTable();
  });

  afterAll(() => local?.stop());

  async function itemAt(Key: ReturnType<typeof jobKey>) {
    return (await local.client.send(new GetItemCommand({ TableName: TABLE, Key, ConsistentRead: true }))).Item;
  }

  storesSuite(async (job) => {
    await local.put(job);
    const options = { client: local.client, table: TABLE, retry };
    const ledgers = (of: Job) => of.limits.map((limit) => ledgerOf(local.client, TABLE, of, limit));
    await Promise.all(ledgers(job).map((ledger) => ledger.create({ table: 100 }, 0)));
    const paused = async (of: Job) => (await ledgers(of)[0]!.read()).paused;
    return { jobs: new DynamoDbJobs(options), units: new DynamoDbUnits(options), paused };
  });

  test("the record of a unit expires with its job", async () => {
    const units = new DynamoDbUnits({ client: local.client, table: TABLE, retry });
    const take = { unit: 0, owner: "a", turn: 0, now: 1, until: 2 };
    for (const id of ["expires", "lasts"]) {
      const Item = { ...jobKey(id), ...toAttributes({ id, state: "running" }) };
      await local.client.send(new PutItemCommand({ TableName: TABLE, Item }));
    }
    await units.take({ ...take, job: "expires", expiresAt: 1_900_000_000 });
    await units.take({ ...take, job: "lasts" });
    expect(await itemAt(unitKey("expires", 0))).toMatchObject({ expiresAt: { N: "1900000000" } });
    expect(await itemAt(unitKey("lasts", 0))).not.toHaveProperty("expiresAt");
  });

  test("a unit that ends does not write the job's params again: the head stays small, whatever they weigh", async () => {
    const job = sampleJob({ id: "large", operation: { name: "own", params: { text: "x".repeat(300_000) } } });
    await local.put(job);
    const consumed: ConsumedCapacity[] = [];
    const client = Object.create(local.client) as typeof local.client;
    client.send = (async (command: TransactWriteItemsCommand) => {
      command.input.ReturnConsumedCapacity = "TOTAL";
      const answer = await local.client.send(command);
      consumed.push(...[answer.ConsumedCapacity ?? []].flat());
      return answer;
    }) as typeof client.send;
    const units = new DynamoDbUnits({ client, table: TABLE, retry });
    const lease = { job: job.id, unit: 0, owner: "a", turn: 0 };
    await units.take({ ...lease, now: 1, until: 2 });
    consumed.length = 0;
    expect(await units.finish(lease, last, 1)).toBe(true);
    // Two items of less than 1 kB, one unit each. (DynamoDB itself takes twice as many for a transaction.)
    expect(consumed.map(({ CapacityUnits }) => CapacityUnits)).toEqual([2]);
    const jobs = new DynamoDbJobs({ client: local.client, table: TABLE, retry });
    expect(await jobs.read(job.id)).toEqual({ ...job, unitsDone: 1 });
  });

  test("to learn which units are done, their results are not read", async () => {
    const units = new DynamoDbUnits({ client: local.client, table: TABLE, retry });
    const result = "x".repeat(200_000);
    // Results of more than the megabyte after which a query ends a page.
    for (let unit = 0; unit < 8; unit++) {
      const job = sampleJob({ id: "results", units: 8 });
      if (unit === 0) await local.put(job);
      const lease = { job: job.id, unit, owner: "a", turn: 0 };
      await units.take({ ...lease, now: 1, until: 2 });
      if (unit % 2 === 0) await units.finish(lease, { ...last, result }, 1);
    }
    const queries: QueryCommandInput[] = [];
    const client = Object.create(local.client) as typeof local.client;
    client.send = (async (command: QueryCommand) => {
      queries.push(command.input);
      const answer = await local.client.send(command);
      for (const item of answer.Items ?? []) expect(Object.keys(item).sort()).toEqual(["number", "state"]);
      return answer;
    }) as typeof client.send;
    expect(await readDoneUnits(client, TABLE, "results")).toEqual(new Set([0, 2, 4, 6]));
    expect(queries[0]).toEqual({
      TableName: TABLE,
      KeyConditionExpression: "pk = :job AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":job": { S: "job#results" }, ":prefix": { S: "unit#" } },
      ConsistentRead: true,
      ProjectionExpression: "#number, #state",
      ExpressionAttributeNames: { "#number": "number", "#state": "state" },
    });
    for (const query of queries) expect(query.ConsistentRead).toBe(true);
  });

  test("a job is read consistently, head and spec at once; of one that is being deleted there is none", async () => {
    const job = sampleJob({ id: "parts" });
    await local.put(job);
    const queries: QueryCommandInput[] = [];
    const client = Object.create(local.client) as typeof local.client;
    client.send = (async (command: QueryCommand) => {
      queries.push(command.input);
      return local.client.send(command);
    }) as typeof client.send;
    const jobs = new DynamoDbJobs({ client, table: TABLE, retry });
    expect(await jobs.read("parts")).toEqual(job);
    expect(queries).toMatchObject([{ ConsistentRead: true }]);
    await local.client.send(new DeleteItemCommand({ TableName: TABLE, Key: jobKey("parts") }));
    expect(await jobs.read("parts")).toBeUndefined();
  });

  describe("stopping a job", () => {
    const ledgers = (job: Job) => job.limits.map((limit) => ledgerOf(local.client, TABLE, job, limit));
    const pausedOf = (job: Job) => Promise.all(ledgers(job).map(async (ledger) => (await ledger.read()).paused));
    const both = [readLimit(100), { direction: "write", table: "answers", limits: { table: 7 } }] as const;

    async function open(part: Partial<Job>): Promise<Job> {
      const job = sampleJob({ limits: both, ...part });
      await local.put(job);
      await Promise.all(ledgers(job).map((ledger) => ledger.create({ table: 5 }, 0)));
      return job;
    }
    const stop = (job: Job) =>
      new DynamoDbJobs({ client: local.client, table: TABLE, retry }).stop(job, "The table is gone.", 5);

    test("pauses all its ledgers", async () => {
      const job = await open({ id: "stopped" });
      expect(await pausedOf(job)).toEqual([false, false]);
      expect(await stop(job)).toBe(true);
      expect(await pausedOf(job)).toEqual([true, true]);
    });

    test("leaves the ledgers alone where the job is not stopped", async () => {
      const job = await open({ id: "resumed", epoch: 3 });
      expect(await stop({ ...job, epoch: 2 })).toBe(false);
      expect(await pausedOf(job)).toEqual([false, false]);
    });

    test("pauses it alone of its limit group", async () => {
      const [stopped, other] = [await open({ id: "m1", limitGroup: "g" }), await open({ id: "m2", limitGroup: "g" })];
      expect(await stop(stopped)).toBe(true);
      expect(await pausedOf(stopped)).toEqual([true, true]);
      expect(await pausedOf(other)).toEqual([false, false]);
    });
  });

  test("answers that are lost within a store's own retries change nothing: take, save, finish", async () => {
    const job = sampleJob({ id: "lost-answers" });
    await local.put(job);
    const twice = async <T>(call: () => Promise<T>) => {
      await call();
      return call();
    };
    const units = new DynamoDbUnits({ client: local.client, table: TABLE, retry: twice });
    const lease = { job: job.id, unit: 0, owner: "a", turn: 0 };
    expect(await units.take({ ...lease, now: 1, until: 2 })).toMatchObject({ taken: true });
    expect(await units.save(lease, last, 1)).toBe(true);
    expect(await units.finish(lease, last, 1)).toBe(true);
    const jobs = new DynamoDbJobs({ client: local.client, table: TABLE, retry });
    expect(await jobs.read(job.id)).toMatchObject({ unitsDone: 1 });
  });
});
