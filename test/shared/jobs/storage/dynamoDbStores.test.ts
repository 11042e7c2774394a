import type { Job } from "../../../../shared/jobs/job";
import { DynamoDbJobs } from "../../../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../../../shared/jobs/storage/dynamoDbUnits";
import { ledgerOf } from "../../../../shared/jobs/storage/ledgers";
import { type JobsTableLocal, retry, startJobsTable, TABLE } from "../../../support/jobsTableLocal";
import { sampleJob } from "../../../support/sampleJob";
import { storesSuite } from "./storesSuite";

describe("jobs and units in DynamoDB", () => {
  let local: JobsTableLocal;

  beforeAll(async () => {
    local = await startJobsTable();
  });

  afterAll(() => local?.stop());

  storesSuite(async (job) => {
    await local.put(job);
    const options = { client: local.client, table: TABLE, retry };
    const ledgers = (of: Job) => of.limits.map((limit) => ledgerOf(local.client, TABLE, of, limit));
    await Promise.all(ledgers(job).map((ledger) => ledger.create({ table: 100 }, 0)));
    const paused = async (of: Job) => (await ledgers(of)[0]!.read()).paused;
    return { jobs: new DynamoDbJobs(options), units: new DynamoDbUnits(options), paused };
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
    const last = {
      cursor: undefined,
      counts: { pages: 1, scannedItems: 1, items: 1, rcu: 1 },
      result: 1,
      rcuPerSecond: 1,
    };
    expect(await units.take({ ...lease, now: 1, until: 2 })).toMatchObject({ taken: true });
    expect(await units.save(lease, last, 1)).toBe(true);
    expect(await units.finish(lease, last, 1)).toBe(true);
    const jobs = new DynamoDbJobs({ client: local.client, table: TABLE, retry });
    expect(await jobs.read(job.id)).toMatchObject({ unitsDone: 1 });
  });
});
