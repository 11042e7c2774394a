/** The number of numbers that are worked on at once, and how the generator's handler uses it. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Context } from "aws-lambda";
import type { Job } from "../../../shared/jobs/job";
import { toAttributes } from "../../../shared/jobs/storage/jobsTable";
import { unitOf } from "../../../shared/jobs/storage/reading";
import { generateNumbers } from "../../../shared/worker/generateNumbers";
import { numberGenerator } from "../../../shared/worker/numberGenerator";
import { MemoryJobs, MemoryTables, MemoryUnits } from "../../support/memoryStores";
import { readLimit, sampleJob } from "../../support/sampleJob";

const NOW = 1_800_000_000_000;

function generate(part: Partial<Job>, done: readonly number[] = [], mostWorkers = 16) {
  const tables = MemoryTables.with(sampleJob(part));
  for (const number of done) tables.putUnit("job", { ...unitOf(undefined), number, state: "done" });
  const options = {
    jobs: new MemoryJobs(tables),
    units: new MemoryUnits(tables),
    clock: { now: () => NOW },
    mostWorkers,
  };
  return generateNumbers({ job: "job", epoch: 0 }, options);
}

describe("numbers are worked on at once", () => {
  const rate = (perSecond: number) => ({ limits: [readLimit(perSecond)] });
  test.each<[string, Partial<Job>, number[], number]>([
    ["as many as the rate feeds", { units: 100, ...rate(2_000) }, [], 5],
    ["one at a low rate", { units: 100, ...rate(5) }, [], 1],
    ["no more than there are workers", { units: 100, ...rate(1_000_000) }, [], 16],
    ["no more than are left", { units: 4, ...rate(2_000) }, [0, 3], 2],
    ["one if none is left, because a Map reads 0 as no bound", { units: 2, ...rate(2_000) }, [0, 1], 1],
    ["one for a job that doesn't go on", { units: 100, state: "paused", ...rate(2_000) }, [], 1],
  ])("%s", async (_how, part, done, concurrency) => {
    expect(await generate(part, done)).toMatchObject({ concurrency });
  });
});

describe("a batch has", () => {
  const sizes = async (part: Partial<Job>, done?: readonly number[]) =>
    (await generate({ limits: [readLimit(100)], ...part }, done)).batches.map(({ length }) => length);
  /** The bytes of a job that takes this many seconds at 100 RCU/s. */
  const lasting = (seconds: number) => ({ estimatedBytes: seconds * 100 * 8_192 });

  test.each<[string, Partial<Job>, number[], number[]]>([
    ["one unit of half a minute", { units: 4, ...lasting(4 * 30) }, [], [1, 1, 1, 1]],
    ["as many small ones as last so long together", { units: 8, ...lasting(80) }, [], [3, 3, 2]],
    ["all of a small job", { units: 8, ...lasting(8) }, [], [8]],
    ["all that are left", { units: 8, ...lasting(8) }, [1, 2, 3], [5]],
    ["no more than a hundred", { units: 250, ...lasting(1) }, [], [100, 100, 50]],
    ["a lane's part of a small job", { units: 9, limits: [readLimit(1_000)], ...lasting(10) }, [], [3, 3, 3]],
    ["one unit of unknown size", { units: 3, estimatedBytes: 0 }, [], [1, 1, 1]],
  ])("%s", async (_what, part, done, expected) => expect(await sizes(part, done)).toEqual(expected));
});

describe("the handler", () => {
  const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 30_000 } as Context;
  const environment = { JOBS_TABLE: "jobs", MOST_WORKERS: "16" };

  beforeEach(() => {
    Object.assign(process.env, {
      ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" },
      ...{ POWERTOOLS_LOG_LEVEL: "SILENT", POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_SERVICE_NAME: "worker" },
    });
  });
  afterEach(() => void jest.restoreAllMocks());

  /** The first query is for the job, the second for its units. */
  function answering(job: Job | undefined) {
    const answers = [
      job === undefined ? [] : [toAttributes(job)],
      [toAttributes({ number: 1, state: "done", turn: 0 })],
    ];
    jest
      .spyOn(DynamoDBClient.prototype, "send")
      .mockImplementation((async () => ({ Items: answers.shift() })) as never);
  }

  test("answers with the place of the numbers", async () => {
    answering(sampleJob({ units: 3 }));
    const placed: unknown[] = [];
    const handler = numberGenerator(environment, async (generated, task) => {
      placed.push(generated, task);
      return { count: generated.batches.length };
    });
    expect(await handler({ job: "job", epoch: 0 }, context)).toEqual({ count: 1 });
    expect(placed).toMatchObject([
      { state: "ready", concurrency: 1 },
      { job: "job", epoch: 0 },
    ]);
    const [{ batches }] = placed as [{ batches: number[][] }];
    expect(batches.flat().sort()).toEqual([0, 2]);
  });

  test("rejects a missing job by name", async () => {
    answering(undefined);
    const handler = numberGenerator(environment, async () => "placed");
    await expect(handler({ job: "job", epoch: 0 }, context)).rejects.toMatchObject({ name: "NO_SUCH_JOB" });
  });

  test("rejects other input and a wrong environment", async () => {
    const handler = numberGenerator(environment, async () => "placed");
    await expect(handler({ job: "job" }, context)).rejects.toMatchObject({ name: "BAD_TASK" });
    expect(() => numberGenerator({}, async () => "placed")).toThrow(
      expect.objectContaining({ code: "INVALID_ENVIRONMENT" }),
    );
  });
});
