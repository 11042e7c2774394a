import { isTransient } from "../../../shared/aws/transient";
import { systemClock } from "../../../shared/clock";
import { completeJob, type Ending } from "../../../shared/engine/completion";
import type { Job } from "../../../shared/jobs/job";
import { DynamoDbJobs } from "../../../shared/jobs/storage/dynamoDbJobs";
import { unitOf } from "../../../shared/jobs/storage/reading";
import type { Unit } from "../../../shared/jobs/unit";
import { type JobsTableLocal, retry, startJobsTable, TABLE } from "../../support/jobsTableLocal";
import { MemoryJobs, MemoryTables, MemoryUnits } from "../../support/memoryStores";
import { sampleJob } from "../../support/sampleJob";

const doneUnit = (number: number) => ({ ...unitOf(undefined), number, state: "done" as const });

const ending: Ending = {
  tablesProblem: async () => undefined,
  summarize: async () => "the result",
  isTransient,
  announce: async () => undefined,
};
const NOW = 1_800_000_100_000;
const clock = { now: () => NOW, sleep: () => Promise.reject(new Error("nothing here sleeps")) };

describe("a job whose units are done ends, with any result of its summary", () => {
  let local: JobsTableLocal;

  beforeAll(async () => {
    local = await startJobsTable();
  });

  afterAll(() => local?.stop());

  /** @returns the job as it is in the table. */
  async function ended(id: string, summarize: () => Promise<unknown>) {
    await local.put(sampleJob({ id }));
    const table = { client: local.client, table: TABLE, retry };
    const jobs = new DynamoDbJobs(table);
    const units = { list: async () => [doneUnit(0), doneUnit(1)] };
    await completeJob(id, { jobs, units, ending: { ...ending, summarize }, clock: systemClock });
    return jobs.read(id);
  }

  const throws = (thrown: unknown) => async () => {
    throw thrown;
  };

  test.each<[string, string, () => Promise<unknown>, RegExp]>([
    ["larger than a record", "large", async () => "x".repeat(500_000), /ValidationException: Item size/],
    ["what JSON does not know", "bigint", async () => ({ sum: 1n }), /TypeError: .*BigInt/],
    ["an error", "error", throws(new RangeError("too many bars")), /: RangeError: too many bars$/],
    ["an error larger than a record", "verbose", throws(new Error("x".repeat(500_000))), /: x{100,}…$/],
    ["a thrown text", "text", throws("too many bars"), /: too many bars$/],
    ["a thrown null", "null", throws(null), /: null$/],
  ])("%s", async (_, id, summarize, reason) => {
    expect(await ended(id, summarize)).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(reason),
      announced: true,
    });
  });

  test("a transient error is left to the next delivery", async () => {
    const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    await expect(ended("throttled", throws(throttled))).rejects.toBe(throttled);
  });
});

describe("in which order a job ends", () => {
  /** Ends a job, and records every effect. `fail` names the effect that fails. */
  async function steps(
    part: Partial<Job>,
    {
      problem,
      fail,
      second = {},
      meanwhile = {},
      asleep,
    }: {
      readonly problem?: string;
      readonly fail?: string;
      readonly second?: Partial<Unit>;
      /** A change of the job just before it is ended. */
      readonly meanwhile?: Partial<Job>;
      /** A change of the job while a worker sleeps. Default: no worker sleeps. */
      readonly asleep?: Partial<Job>;
    } = {},
  ) {
    const tables = MemoryTables.with(sampleJob({ units: 2, ...part }));
    tables.putUnit("job", doneUnit(0));
    tables.putUnit("job", { ...doneUnit(1), ...second });
    const log: string[] = [];
    const step = (what: string) => {
      log.push(what);
      if (fail === what) throw new Error(`${what} failed`);
    };
    class Jobs extends MemoryJobs {
      override async end(...args: Parameters<MemoryJobs["end"]>) {
        step(`end as ${args[1].state} at ${args[2]}`);
        if (log.filter((each) => each.startsWith("end")).length === 1) tables.changeJob("job", meanwhile);
        return super.end(...args);
      }
      override async announced(...args: Parameters<MemoryJobs["announced"]>) {
        step("note the announcement");
        return super.announced(...args);
      }
    }
    const noting: Ending = {
      isTransient: () => true,
      tablesProblem: async () => {
        step("compare the source");
        return problem;
      },
      summarize: async () => {
        step("summarize");
        return 7;
      },
      announce: async ({ state, result, reason }) => step(`announce ${state} ${result ?? reason ?? "units"}`),
    };
    const stores = { jobs: new Jobs(tables), units: new MemoryUnits(tables) };
    const sleep = async (ms: number) => {
      if (asleep === undefined) throw new Error("nothing here sleeps");
      log.push(`sleep ${ms}`);
      tables.changeJob("job", asleep);
    };
    const outcome = await completeJob("job", { ...stores, ending: noting, clock: { ...clock, sleep } }).catch(
      (error: Error) => error.message,
    );
    return { log, outcome, job: tables.job("job") };
  }

  test("the source is compared before the result is made; the end is published before its publication is recorded", async () => {
    const { log, job } = await steps({});
    expect(log).toEqual([
      "compare the source",
      "summarize",
      `end as completed at ${NOW}`,
      "announce completed 7",
      "note the announcement",
    ]);
    expect(job).toMatchObject({ state: "completed", result: 7, endedAt: NOW, announced: true });
    expect(job).toMatchObject({ unitsDone: 2, unitsFailed: 0 });
  });

  test("a job whose source has become another one fails with the reason, and has no result", async () => {
    const { log, job } = await steps({}, { problem: "The table was made anew." });
    const end = [`end as failed at ${NOW}`, "announce failed The table was made anew.", "note the announcement"];
    expect(log).toEqual(["compare the source", ...end]);
    expect(job).toMatchObject({ state: "failed", reason: "The table was made anew." });
    expect(job).not.toHaveProperty("result");
  });

  test("a job with failed units has no separate reason, and its source is not checked", async () => {
    const { log, job } = await steps({}, { second: { state: "failed", turn: 999_999 } });
    expect(job).toMatchObject({ unitsDone: 1, unitsFailed: 1 });
    expect(log).toEqual([`end as failed at ${NOW}`, "announce failed units", "note the announcement"]);
    expect(job).not.toHaveProperty("reason");
  });

  test.each<[string, Partial<Unit>]>([
    ["is under way", { state: "active", owner: "other", leaseUntil: NOW + 1 }],
    ["waits for its next attempt", { state: "active", retryAt: NOW + 1 }],
    ["failed in an earlier epoch", { state: "failed", turn: 999_999 }],
  ])("nothing is done for a job if one of its units %s", async (_what, second) => {
    expect((await steps({ epoch: 1 }, { second })).log).toEqual([]);
  });

  test.each<[string, Partial<Job>]>([
    ["has a unit that nobody has taken", { units: 3 }],
    ["is paused", { state: "paused" }],
    ["was cancelled", { state: "cancelled" }],
    ["has ended and was announced", { state: "failed", announced: true }],
  ])("nothing is done for a job that %s", async (_what, part) => {
    expect((await steps(part)).log).toEqual([]);
  });

  test("the worker that ends the job publishes its end; a second worker waits for that for a second", async () => {
    const meanwhile = { state: "completed", endedAt: NOW - 1 } as const;
    const { log } = await steps({}, { meanwhile, asleep: { announced: true } });
    expect(log).toEqual(["compare the source", "summarize", `end as completed at ${NOW}`, "sleep 1000"]);
  });

  test("and publishes the end if the first worker has not", async () => {
    const { log, job } = await steps({}, { meanwhile: { state: "failed", endedAt: NOW - 1 }, asleep: {} });
    expect(log.slice(-3)).toEqual(["sleep 1000", "announce failed units", "note the announcement"]);
    expect(job).toMatchObject({ announced: true });
  });

  test("a job that is started or resumed at the same moment is read again", async () => {
    const { log, job } = await steps({ state: "starting" }, { meanwhile: { state: "running" } });
    expect(log.filter((step) => step.startsWith("end"))).toHaveLength(2);
    expect(job).toMatchObject({ state: "completed", announced: true });
  });

  test("a job that is still starting ends nevertheless", async () => {
    expect((await steps({ state: "starting" })).job).toMatchObject({ state: "completed" });
  });

  test.each(["completed", "failed"] as const)(
    "a job that %s and was not announced is announced only",
    async (state) => {
      const { log } = await steps({ state });
      expect(log).toEqual([`announce ${state} units`, "note the announcement"]);
    },
  );

  test.each([
    ["announce completed 7", "completed"],
    ["compare the source", "running"],
    ["summarize", "running"],
  ])('a passing failure at "%s" is left to the next delivery', async (fail, state) => {
    const { outcome, job } = await steps({}, { fail });
    expect(outcome).toBe(`${fail} failed`);
    expect(job).toMatchObject({ state });
    expect(job).not.toHaveProperty("announced");
  });
});
