import {
  DeleteItemCommand,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type QueryCommand,
  type QueryCommandInput,
  type UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { tallyOf } from "../../../../shared/engine/tally";
import { PROGRAM } from "../../../../shared/jobs/audit";
import type { Job } from "../../../../shared/jobs/job";
import { readAudit } from "../../../../shared/jobs/storage/audit";
import { DynamoDbChains } from "../../../../shared/jobs/storage/dynamoDbChains";
import { DynamoDbJobs } from "../../../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../../../shared/jobs/storage/dynamoDbUnits";
import { auditKey, chainKey, jobKey, toAttributes, unitKey } from "../../../../shared/jobs/storage/jobsTable";
import { ledgerOf } from "../../../../shared/jobs/storage/ledgers";
import { readUnitSummaries } from "../../../../shared/jobs/storage/reading";
import { type JobsTableLocal, retry, startJobsTable, TABLE } from "../../../support/jobsTableLocal";
import { readLimit, sampleJob } from "../../../support/sampleJob";
import { storesSuite } from "./storesSuite";

const last = { cursor: undefined, counts: { pages: 1, scannedItems: 1, items: 1, rcu: 1 }, result: 1, rcuPerSecond: 1 };

describe("jobs, chains and units in DynamoDB", () => {
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
    const [jobs, units, chains] = [new DynamoDbJobs(options), new DynamoDbUnits(options), new DynamoDbChains(options)];
    return { jobs, units, chains, failures: jobs, paused };
  });

  test("the records of units and chains expire with their job", async () => {
    const units = new DynamoDbUnits({ client: local.client, table: TABLE, retry });
    const chains = new DynamoDbChains({ client: local.client, table: TABLE, retry });
    const take = { unit: 0, chain: 0, owner: "a", turn: 0, now: 1, until: 2 };
    for (const id of ["expires", "lasts"]) {
      const Item = { ...jobKey(id), ...toAttributes({ id, state: "running" }) };
      await local.client.send(new PutItemCommand({ TableName: TABLE, Item }));
    }
    for (const store of [units, chains]) {
      await store.take({ ...take, job: "expires", expiresAt: 1_900_000_000 });
      await store.take({ ...take, job: "lasts" });
    }
    await chains.release({ job: "expires", chain: 0, owner: "a", turn: 0 }, 1);
    for (const keyOf of [unitKey, chainKey]) {
      expect(await itemAt(keyOf("expires", 0))).toMatchObject({ expiresAt: { N: "1900000000" } });
      expect(await itemAt(keyOf("lasts", 0))).not.toHaveProperty("expiresAt");
    }
  });

  /** A client that records the write units that each command consumed. */
  function metered() {
    const consumed: [string, number | undefined][] = [];
    const client = Object.create(local.client) as typeof local.client;
    client.send = (async (command: UpdateItemCommand) => {
      command.input.ReturnConsumedCapacity = "TOTAL";
      const answer = await local.client.send(command);
      consumed.push([command.constructor.name, answer.ConsumedCapacity?.CapacityUnits]);
      return answer;
    }) as typeof client.send;
    return { client, consumed };
  }

  test("a unit's end and a claim are one small write each, however large the job's params are", async () => {
    const job = sampleJob({ id: "large", operation: { name: "own", params: { text: "x".repeat(300_000) } } });
    await local.put(job);
    const { client, consumed } = metered();
    const options = { client, table: TABLE, retry };
    const [units, jobs] = [new DynamoDbUnits(options), new DynamoDbJobs(options)];
    const lease = { job: job.id, unit: 0, owner: "a", turn: 0 };
    const gone = { ...lease, unit: 1 };
    for (const each of [lease, gone]) await units.take({ ...each, now: 1, until: 2 });
    consumed.length = 0;
    expect(await units.finish(lease, last, 1)).toBe(true);
    expect(await units.fail(gone, { now: 1, turn: 9, reason: "no" })).toBe(true);
    expect(await jobs.claim(job.id, { done: 1, failed: 1 })).toMatchObject({ claimed: true });
    expect(consumed).toEqual(Array.from({ length: 3 }, () => ["UpdateItemCommand", 1]));
    expect(await jobs.read(job.id)).toEqual({ ...job, claimed: 1, unitsDone: 1, unitsFailed: 1 });
  });

  test("a look at all units reads every page of them, but not their results", async () => {
    const units = new DynamoDbUnits({ client: local.client, table: TABLE, retry });
    const job = sampleJob({ id: "results", units: 8 });
    await local.put(job);
    // The results exceed the megabyte after which a query ends a page.
    const result = "x".repeat(200_000);
    for (let unit = 0; unit < 8; unit++) {
      const lease = { job: job.id, unit, owner: "a", turn: 0 };
      await units.take({ ...lease, now: 1, until: 2 });
      await units.save(lease, { ...last, result }, 1);
      if (unit % 2 === 0) await units.finish(lease, { ...last, result }, 1);
    }
    const queries: QueryCommandInput[] = [];
    let hiccups = 0;
    const client = Object.create(local.client) as typeof local.client;
    client.send = (async (command: QueryCommand) => {
      // The second page does not come at once.
      if (queries.length === 1 && hiccups++ === 0) throw Object.assign(new Error("no"), { name: "TimeoutError" });
      queries.push(command.input);
      const answer = await local.client.send(command);
      for (const item of answer.Items ?? []) {
        expect(Object.keys(item).sort()).toEqual(["leaseUntil", "number", "owner", "state", "turn"]);
      }
      return answer;
    }) as typeof client.send;
    const found = await readUnitSummaries(client, TABLE, "results", retry);
    expect(found).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((number) => ({
        ...{ number, state: number % 2 === 0 ? "done" : "active", turn: 0, owner: "a", leaseUntil: 2 },
      })),
    );
    expect(queries[0]).toEqual({
      TableName: TABLE,
      KeyConditionExpression: "pk = :job AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":job": { S: "job#results" }, ":prefix": { S: "unit#" } },
      ConsistentRead: true,
      ProjectionExpression: "#number, #state, #turn, #owner, #leaseUntil, #retryAt",
      ExpressionAttributeNames: {
        ...{ "#number": "number", "#state": "state", "#turn": "turn", "#owner": "owner" },
        ...{ "#leaseUntil": "leaseUntil", "#retryAt": "retryAt" },
      },
    });
    expect(queries.length).toBeGreaterThan(1);
    for (const query of queries) expect(query.ConsistentRead).toBe(true);
    expect(hiccups).toBeGreaterThan(0);
  });

  test("a chain and a head are read consistently", async () => {
    const job = sampleJob({ id: "consistent" });
    await local.put(job);
    const inputs: GetItemCommandInput[] = [];
    const client = Object.create(local.client) as typeof local.client;
    client.send = (async (command: GetItemCommand) => {
      inputs.push(command.input);
      return local.client.send(command);
    }) as typeof client.send;
    const options = { client, table: TABLE, retry };
    expect(await new DynamoDbChains(options).read(job.id, 3)).toBeUndefined();
    const head = await new DynamoDbJobs(options).head(job.id);
    expect(head).toMatchObject({ id: job.id, chains: 1 });
    // The spec may be large, and is not read.
    expect(head).not.toHaveProperty("source");
    expect(inputs).toEqual([
      { TableName: TABLE, Key: chainKey(job.id, 3), ConsistentRead: true },
      { TableName: TABLE, Key: jobKey(job.id), ConsistentRead: true },
    ]);
  });

  test("a job is read consistently, head and spec together; a job that is being deleted counts as missing", async () => {
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

    test.each<[string, (jobs: DynamoDbJobs, job: Job) => Promise<boolean>, object]>([
      ["stopped", (jobs, job) => jobs.stop(job, "gone", 5), { action: "fail", details: { reason: "gone" } }],
      ["paused", (jobs, job) => jobs.pause(job, "5 failed", 5), { action: "pause", details: { reason: "5 failed" } }],
      [
        "ended with failed units",
        (jobs, job) => jobs.end(job, { unitsDone: 1, unitsFailed: 3, state: "failed" }, 5),
        { action: "fail", details: { reason: "3 units failed" } },
      ],
      [
        "ended without a result",
        (jobs, job) => jobs.end(job, { unitsDone: 4, unitsFailed: 0, state: "failed", reason: "too large" }, 5),
        { action: "fail", details: { reason: "too large" } },
      ],
    ])("is in the audit list of the job: %s", async (how, change, entry) => {
      const id = `audited-${how.replaceAll(" ", "-")}`;
      const job = await open({ id, epoch: 3, expiresAt: 1_900_000_000 });
      const jobs = new DynamoDbJobs({ client: local.client, table: TABLE, retry });
      expect(await change(jobs, job)).toBe(true);
      expect(await readAudit(local.client, TABLE, id)).toEqual([{ at: 5, caller: PROGRAM, ...entry }]);
      expect(await itemAt(auditKey(id, 5, "epoch-3"))).toMatchObject({ expiresAt: { N: "1900000000" } });
    });

    test("a change that lost a race is not in the audit list", async () => {
      const job = await open({ id: "not-audited", epoch: 3 });
      const jobs = new DynamoDbJobs({ client: local.client, table: TABLE, retry });
      const seen = { ...job, epoch: 2 };
      expect(await jobs.pause(seen, "5 failed", 5)).toBe(false);
      expect(await jobs.end(seen, { unitsDone: 1, unitsFailed: 3, state: "failed" }, 5)).toBe(false);
      expect(await readAudit(local.client, TABLE, job.id)).toEqual([]);
    });

    test("an end as failed whose answer is lost is recognized", async () => {
      const job = await open({ id: "failed-twice", epoch: 3 });
      const jobs = new DynamoDbJobs({ client: local.client, table: TABLE, retry });
      const end = { unitsDone: 1, unitsFailed: 3, state: "failed" } as const;
      expect([await jobs.end(job, end, 5), await jobs.end(job, end, 5)]).toEqual([true, true]);
      expect(await jobs.end(job, end, 6)).toBe(false);
      expect(await readAudit(local.client, TABLE, job.id)).toHaveLength(1);
    });

    test("leaves the ledgers alone if the job is not stopped", async () => {
      const job = await open({ id: "resumed", epoch: 3 });
      expect(await stop({ ...job, epoch: 2 })).toBe(false);
      expect(await pausedOf(job)).toEqual([false, false]);
    });

    test("pauses only this job of its limit group", async () => {
      const [stopped, other] = [await open({ id: "m1", limitGroup: "g" }), await open({ id: "m2", limitGroup: "g" })];
      expect(await stop(stopped)).toBe(true);
      expect(await pausedOf(stopped)).toEqual([true, true]);
      expect(await pausedOf(other)).toEqual([false, false]);
    });
  });

  test("answers that are lost within a store's own retries change nothing: take, save, finish, fail", async () => {
    const job = sampleJob({ id: "lost-answers" });
    await local.put(job);
    const twice = async <T>(call: () => Promise<T>) => {
      await call();
      return call();
    };
    const options = { client: local.client, table: TABLE, retry: twice };
    const units = new DynamoDbUnits(options);
    const lease = { job: job.id, unit: 0, owner: "a", turn: 0 };
    expect(await units.take({ ...lease, now: 1, until: 2 })).toMatchObject({ taken: true });
    expect(await units.save(lease, last, 1)).toBe(true);
    expect(await units.finish(lease, last, 1)).toBe(true);
    const other = { ...lease, unit: 1 };
    await units.take({ ...other, now: 1, until: 2 });
    expect(await units.fail(other, { now: 1, turn: 9, reason: "no" })).toBe(true);
    expect(await units.list(job.id)).toMatchObject([{ state: "done" }, { state: "failed", turn: 9 }]);
    const chains = new DynamoDbChains(options);
    const chain = { job: job.id, chain: 0, owner: "a", turn: 0 };
    expect(await chains.take({ ...chain, now: 1, until: 2 })).toMatchObject({ taken: true });
    // The holder cannot know that it has released the chain itself. Its message comes again, and is stale.
    expect(await chains.release(chain, 1)).toBe(false);
    expect(await chains.read(job.id, 0)).toEqual({ number: 0, turn: 1 });
  });

  test("the worker that has ended a job knows that, even if the answer was lost", async () => {
    const job = sampleJob({ id: "lost-end" });
    await local.put(job);
    const twice = async <T>(call: () => Promise<T>) => {
      await call();
      return call();
    };
    const jobs = new DynamoDbJobs({ client: local.client, table: TABLE, retry: twice });
    const end = { unitsDone: 2, unitsFailed: 0, state: "completed" } as const;
    expect(await jobs.end(job, end, 7)).toBe(true);
    expect(await jobs.end(job, end, 8)).toBe(false);
  });

  test("a claim whose answer is lost takes a place on which no worker works; a sweep finds its unit", async () => {
    const job = sampleJob({ id: "lost-claim", units: 5 });
    await local.put(job);
    const twice = async <T>(call: () => Promise<T>) => {
      await call();
      return call();
    };
    const jobs = new DynamoDbJobs({ client: local.client, table: TABLE, retry: twice });
    expect(await jobs.claim(job.id, { done: 0, failed: 0 })).toMatchObject({ claimed: true, head: { claimed: 2 } });
    const units = new DynamoDbUnits({ client: local.client, table: TABLE, retry });
    expect(tallyOf(await units.list(job.id), job, 1).free).toEqual([0, 1, 2, 3, 4]);
  });
});
