import { DeleteItemCommand, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Job } from "../../../shared/jobs/job";
import { DynamoDbChains } from "../../../shared/jobs/storage/dynamoDbChains";
import { DynamoDbEntries } from "../../../shared/jobs/storage/dynamoDbEntries";
import { DynamoDbUnits } from "../../../shared/jobs/storage/dynamoDbUnits";
import { jobKey, ledgerKey, specKey } from "../../../shared/jobs/storage/jobsTable";
import { listJobs } from "../../../shared/jobs/storage/reading";
import { ENDED, JobGround, retry } from "./jobGround";

const DAY = 86_400;
const NOW = ENDED / 1000;

let ground: JobGround;

beforeAll(async () => {
  ground = await JobGround.start();
});
beforeEach(() => ground.renew());
afterAll(() => ground.stop());

const bare = { units: [], chains: [], entries: 0, objects: [] };
const keep = (job: Partial<Job>) => ground.keep({ ...bare, job });

/** Removes the head, as DynamoDB may do before it removes anything else. */
async function expire(id: string): Promise<void> {
  await ground.client.send(new DeleteItemCommand({ TableName: ground.table, Key: jobKey(id) }));
}

/** Removes all records of the job but its ledgers. */
async function expireRecords(id: string): Promise<void> {
  const { Items = [] } = await ground.client.send(
    new QueryCommand({
      TableName: ground.table,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": jobKey(id).pk },
    }),
  );
  for (const { pk, sk } of Items) {
    await ground.client.send(new DeleteItemCommand({ TableName: ground.table, Key: { pk: pk!, sk: sk! } }));
  }
}

async function expiries(): Promise<Record<string, number | undefined>> {
  const { Items = [] } = await ground.client.send(new ScanCommand({ TableName: ground.table, ConsistentRead: true }));
  return Object.fromEntries(
    Items.map(({ pk, sk, expiresAt }) => [`${pk?.S} ${sk?.S}`, expiresAt && Number(expiresAt.N)]),
  );
}

describe("records", () => {
  /** A job with a unit, a chain and an entry. */
  async function records(job: Partial<Job>): Promise<Record<string, number | undefined>> {
    const { id, expiresAt } = await keep({ ...job, state: "running" });
    const table = { client: ground.client, table: ground.table, retry };
    await new DynamoDbUnits(table).take({ job: id, unit: 0, owner: "w", turn: 0, now: 1, until: 2, expiresAt });
    await new DynamoDbChains(table).take({ job: id, chain: 0, owner: "w", turn: 0, now: 1, until: 2, expiresAt });
    await new DynamoDbEntries({ ...table, job: id, expiresAt }).put(0, 0, {});
    return expiries();
  }

  test("of a job all expire together, including its own ledger", async () => {
    const found = await records({ expiresAt: NOW });
    expect(Object.keys(found)).toHaveLength(9);
    expect(new Set(Object.values(found))).toEqual(new Set([NOW]));
  });

  test("without an expiry stay", async () => {
    const found = await records({});
    expect(Object.keys(found)).toHaveLength(9);
    expect(new Set(Object.values(found))).toEqual(new Set([undefined]));
  });

  test("of a group stay: its ledger outlives the job", async () => {
    const found = await records({ expiresAt: NOW, limitGroup: "night" });
    expect(found["ledger#group/night read#answers"]).toBeUndefined();
    expect(Object.values(found).filter((expiry) => expiry === NOW)).toHaveLength(8);
  });
});

describe("resuming", () => {
  const expiresAt = NOW + 20 * DAY;

  test("is refused within 14 days of the expiry, and changes nothing", async () => {
    const job = await keep({ state: "paused", expiresAt });
    const late = ground.control((expiresAt - 14 * DAY + 1) * 1000);
    await expect(late.resume("a", 1)).rejects.toMatchObject({
      code: "EXPIRES_SOON",
      value: expiresAt,
      message: "Job a cannot be resumed: its records expire on 2027-02-04, and work may take 14 days. Start a new job.",
    });
    expect(await ground.control().read("a")).toEqual(job);
    expect(await late.cancel("a")).toMatchObject({ state: "cancelled" });
  });

  test("is allowed before that, and always for a job that never expires", async () => {
    await keep({ state: "paused", expiresAt });
    expect(await ground.control((expiresAt - 14 * DAY) * 1000).resume("a", 1)).toMatchObject({ state: "starting" });
    await keep({ id: "b", state: "paused" });
    expect(await ground.control(Date.UTC(9999, 0)).resume("b", 1)).toMatchObject({ state: "starting" });
  });
});

describe("an id that is used again", () => {
  const again = () => ground.control((NOW + 1) * 1000).create({ ...job, state: "starting" });
  let job: Job;

  test("is refused while units of an expired job are left, because their checkpoints don't belong to the new job", async () => {
    job = await ground.keep({ job: { expiresAt: NOW } });
    await expire("a");
    const before = await ground.records();
    await expect(again()).rejects.toMatchObject({ code: "RECORDS_LEFT", value: "a" });
    expect(await ground.records()).toEqual(before);
  });

  test("is refused while only a chain of an expired job is left, because its turns don't belong to the new job", async () => {
    job = await ground.keep({ ...bare, chains: [{ number: 3, turn: 5_000_000 }], job: { expiresAt: NOW } });
    await expire("a");
    for (const Key of [specKey("a"), ledgerKey("a", job.limits[0]!)]) {
      await ground.client.send(new DeleteItemCommand({ TableName: ground.table, Key }));
    }
    await expect(again()).rejects.toMatchObject({ code: "RECORDS_LEFT", value: "a" });
  });

  test("is refused while an expired ledger is left, because it may be paused, and disappears at any moment", async () => {
    job = await keep({ expiresAt: NOW });
    await expireRecords("a");
    await expect(again()).rejects.toMatchObject({ code: "RECORDS_LEFT", value: "a" });
  });

  test("is accepted if an attempt to start the same job has left its ledger", async () => {
    job = await keep({ expiresAt: NOW + 30 * DAY });
    await expireRecords("a");
    expect(await again()).toBe(true);
  });

  test("names the job that is there", async () => {
    job = await ground.keep();
    expect(await again()).toBe(false);
  });
});

describe("the list of jobs", () => {
  beforeEach(async () => {
    for (let n = 0; n < 12; n += 1) await keep({ id: `job-${n}`, createdAt: ENDED + n * 1_000 });
    for (const n of [11, 10, 9, 8, 5, 4, 0]) await expire(`job-${n}`);
  });

  const listed = async (limit: number) => (await listJobs(ground.client, ground.table, limit)).map(({ id }) => id);

  test("has as many jobs as requested although heads are gone, newest first", async () => {
    expect(await listed(3)).toEqual(["job-7", "job-6", "job-3"]);
    expect(await listed(1)).toEqual(["job-7"]);
  });

  test("ends with the last job", async () => {
    expect(await listed(5)).toEqual(["job-7", "job-6", "job-3", "job-2", "job-1"]);
    expect(await listed(100)).toEqual(["job-7", "job-6", "job-3", "job-2", "job-1"]);
  });

  test("has a job once, by its own time, even if the line of an earlier job of the same id is still there", async () => {
    await expireRecords("job-2");
    await keep({ id: "job-2", createdAt: ENDED + 60_000 });
    expect(await listed(100)).toEqual(["job-2", "job-7", "job-6", "job-3", "job-1"]);
    expect(await listed(1)).toEqual(["job-2"]);
  });
});
