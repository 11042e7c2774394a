import { isTransient } from "../../../shared/aws/transient";
import { systemClock } from "../../../shared/clock";
import { completeJob } from "../../../shared/engine/completion";
import { DynamoDbJobs } from "../../../shared/jobs/storage/dynamoDbJobs";
import { type JobsTableLocal, retry, startJobsTable, TABLE } from "../../support/jobsTableLocal";
import { sampleJob } from "../../support/sampleJob";

describe("a job whose units are done ends, whatever its summary comes to", () => {
  let local: JobsTableLocal;

  beforeAll(async () => {
    local = await startJobsTable();
  });

  afterAll(() => local?.stop());

  /** @returns the job as it lies in the table. */
  async function ended(id: string, summarize: () => Promise<unknown>) {
    await local.put(sampleJob({ id, unitsDone: 2 }));
    const jobs = new DynamoDbJobs({ client: local.client, table: TABLE, retry });
    await completeJob(id, jobs, { summarize, isTransient, announce: async () => undefined }, systemClock);
    return jobs.read(id);
  }

  const throws = (thrown: unknown) => async () => {
    throw thrown;
  };

  test.each<[string, string, () => Promise<unknown>, RegExp]>([
    ["larger than a record", "large", async () => "x".repeat(500_000), /ValidationException: Item size/],
    ["what JSON does not know", "bigint", async () => ({ sum: 1n }), /TypeError: .*BigInt/],
    ["an error", "error", throws(new RangeError("too many bars")), /: RangeError: too many bars$/],
    ["an error larger than a record", "verbose", throws(new Error("x".repeat(500_000))), /: Error: x{100,}…$/],
    ["a thrown text", "text", throws("too many bars"), /: too many bars$/],
    ["a thrown null", "null", throws(null), /: null$/],
  ])("%s", async (_, id, summarize, reason) => {
    expect(await ended(id, summarize)).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(reason),
      announced: true,
    });
  });

  test("what passes is left to the next delivery", async () => {
    const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    await expect(ended("throttled", throws(throttled))).rejects.toBe(throttled);
  });
});
