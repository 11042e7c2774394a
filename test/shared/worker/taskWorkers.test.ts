/** What the handlers of the workflow driver pass on: tasks, times, signals and parts. The work itself is replaced. */
import type { Context } from "aws-lambda";
import { isTransient, retryTransient } from "../../../shared/aws/transient";
import { systemClock } from "../../../shared/clock";
import type { BatchStep, Summary } from "../../../shared/drivers/driver";
import { readingOperations } from "../../../shared/operations/reading";
import { numberWorker } from "../../../shared/worker/numberWorker";
import { summarizeWorker } from "../../../shared/worker/summarizeWorker";
import { workBatch, workSummary } from "../../../shared/worker/workTask";

jest.mock("../../../shared/worker/workTask", () => ({ workBatch: jest.fn(), workSummary: jest.fn() }));

const NOW = 1_800_000_000_000;
const environment = {
  ...{ JOBS_TABLE: "jobs", RESULTS_BUCKET: "results", EVENT_BUS: "lab" },
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
};
const context = (remainingMs = 60_000) =>
  ({ awsRequestId: "request-1", getRemainingTimeInMillis: () => remainingMs }) as Context;
const batch = { job: "job-1", epoch: 2, numbers: [7, 3] };
const epoch = { job: "job-1", epoch: 2 };

let timers: { ms: number; controller: AbortController }[];
beforeAll(() => {
  Object.assign(process.env, {
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" },
    ...{ POWERTOOLS_LOG_LEVEL: "SILENT", POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_SERVICE_NAME: "worker" },
  });
});
beforeEach(() => {
  timers = [];
  jest.spyOn(Date, "now").mockReturnValue(NOW);
  jest.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    timers.push({ ms, controller });
    return controller.signal;
  });
  jest
    .mocked(workBatch)
    .mockReset()
    .mockResolvedValue(timed({ state: "done" }));
  jest
    .mocked(workSummary)
    .mockReset()
    .mockResolvedValue(timed({ state: "ended", job: "completed" }));
});
afterEach(() => void jest.restoreAllMocks());

const timed = <Outcome extends BatchStep | Summary>(handled: Outcome) => ({ handled, ms: 5, waitedMs: 1 });

const workers = [
  ["ProcessNumber", numberWorker, workBatch, batch],
  ["Summarize", summarizeWorker, workSummary, epoch],
] as const;

describe.each(workers)("%s", (_name, worker, work, task) => {
  const handler = () => worker(readingOperations, environment);
  const handedOn = () => jest.mocked(work).mock.calls[0]!;

  test("works on the task of its input in the time of the invocation", async () => {
    await handler()({ ...task, more: true }, context());
    const [given, at] = handedOn();
    expect(given).toEqual(task);
    expect(at).toMatchObject({
      startedAt: NOW,
      stopAt: NOW + 52_000,
      deadline: NOW + 54_000,
      workEndsAt: NOW + 56_000,
      endsAt: NOW + 60_000,
    });
    expect(at.owner).toMatch(/^request-1\/[0-9a-f-]{36}$/);
  });

  test("stops page work before records", async () => {
    await handler()(task, context());
    const [, { signal, workSignal }] = handedOn();
    expect(timers.map(({ ms }) => ms)).toEqual([56_000]);
    timers[0]!.controller.abort();
    expect([workSignal.aborted, signal.aborted]).toEqual([true, false]);
  });

  test("has its parts from the environment, and clients that leave retries to our own layer", async () => {
    await handler()(task, context());
    const [, , parts] = handedOn();
    expect(parts).toMatchObject({
      ...{ jobsTable: "jobs", resultsBucket: "results", eventBus: "lab", operations: readingOperations },
      ...{ clock: systemClock, isTransient, retryTransient, clientConfig: { maxAttempts: 1 } },
    });
    for (const client of [parts.dynamodb, parts.s3, parts.events]) expect(await client.config.maxAttempts()).toBe(1);
  });

  test("counts each invocation's usage from its begin, and no poller", async () => {
    const worker = handler();
    for (const from of [NOW, NOW + 3_600_000]) {
      jest.mocked(Date.now).mockReturnValue(from);
      await worker(task, context());
      jest.mocked(Date.now).mockReturnValue(from + 2_000);
      const used = jest.mocked(work).mock.calls.at(-1)![2].usage();
      expect(used).toMatchObject({
        invocations: 1,
        billedMs: 2_000,
        gigabyteSeconds: 1,
        queueRequests: 0,
        writeUnits: 1,
      });
    }
  });

  test("rejects other input by name", async () => {
    await expect(handler()({ job: "job-1" }, context())).rejects.toMatchObject({ name: "BAD_TASK" });
    expect(work).not.toHaveBeenCalled();
  });

  test("lists every variable that is missing", () => {
    const problems = ["JOBS_TABLE must be set", "RESULTS_BUCKET must be set", "EVENT_BUS must be set"];
    expect(() => worker(readingOperations, {})).toThrow(
      expect.objectContaining({ code: "INVALID_ENVIRONMENT", value: problems }),
    );
  });
});

test("a turn's answer has a timestamp that a Wait state accepts", async () => {
  jest.mocked(workBatch).mockResolvedValue(timed({ state: "held", at: NOW + 500, numbers: [7] }));
  const answer = await numberWorker(readingOperations, environment)(batch, context());
  expect(answer).toEqual({ state: "held", at: "2027-01-15T08:00:02Z", numbers: [7] });
});

test("a summary's answer has the job's end, or when to continue", async () => {
  const handler = summarizeWorker(readingOperations, environment);
  expect(await handler(epoch, context())).toEqual({ state: "ended", job: "completed" });
  jest.mocked(workSummary).mockResolvedValue(timed({ state: "left", at: NOW }));
  expect(await handler(epoch, context())).toEqual({ state: "left", at: "2027-01-15T08:00:01Z" });
});
