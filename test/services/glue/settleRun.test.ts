/** How an event about a run's end changes the run's job, on a real jobs table. */
import { EntityNotFoundException, type JobRun } from "@aws-sdk/client-glue";
import { type SettleParts, settleRun } from "../../../services/glue/settleRun";
import { firstTurn } from "../../../shared/engine/turns";
import { JobControl } from "../../../shared/jobs/control";
import type { Job } from "../../../shared/jobs/job";
import { DynamoDbChains } from "../../../shared/jobs/storage/dynamoDbChains";
import { DynamoDbJobs } from "../../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../../shared/jobs/storage/dynamoDbUnits";
import { keepRun, readRuns } from "../../../shared/jobs/storage/runs";
import { noCounts } from "../../../shared/jobs/unit";
import { type JobsTableLocal, startJobsTable, TABLE } from "../../support/jobsTableLocal";
import { sampleJob } from "../../support/sampleJob";

const T = 1_800_000_000_000;
const RUN = "jr_1";

let local: JobsTableLocal;
beforeAll(async () => {
  local = await startJobsTable();
});
afterAll(() => local?.stop());

const once = <T>(call: () => Promise<T>) => call();
const records = () => ({ client: local.client, table: TABLE, retry: once });
const control = (now = T) => new JobControl(local.client, TABLE, () => now);

let next = 0;
/** A job of two units that a run works on. */
async function running(part: Partial<Job> = {}): Promise<string> {
  const id = `job-${next++}`;
  const job = sampleJob({ id, driver: "spark", state: "starting", createdAt: T, ...part });
  expect(await control().create(job)).toBe(true);
  await control().started(job, undefined, RUN);
  return id;
}

/** Ends units of the job. */
async function end(job: string, ...units: number[]): Promise<void> {
  const store = new DynamoDbUnits(records());
  for (const unit of units) {
    const lease = { job, unit, owner: "spark/1", turn: 0 };
    await store.take({ ...lease, now: T, until: T + 60_000 });
    const checkpoint = { cursor: undefined, counts: noCounts, result: { items: 1 }, rcuPerSecond: 0 };
    await store.finish(lease, checkpoint, T);
  }
}

interface Settling {
  readonly state?: string;
  readonly message?: string;
  readonly run?: string;
  /** Glue's description of the run. Undefined: Glue doesn't know it. */
  readonly is?: Partial<JobRun> | undefined;
}

function settle(job: string, { state = "FAILED", message = "", run = RUN, ...given }: Settling = {}) {
  const sent: object[] = [];
  const known: JobRun = {
    Id: run,
    Arguments: { "--job_id": job, "--jobs_table": TABLE },
    StartedOn: new Date(T + 1),
    ExecutionTime: 300,
    MaxCapacity: 3,
    ...given.is,
  };
  const parts: SettleParts = {
    glue: {
      send: async () => {
        if ("is" in given && given.is === undefined) throw new EntityNotFoundException({ message: "", $metadata: {} });
        return { JobRun: known };
      },
    } as never,
    jobsTable: TABLE,
    jobs: new DynamoDbJobs(records()),
    units: new DynamoDbUnits(records()),
    chains: new DynamoDbChains(records()),
    keepRun: (head, use) => keepRun(head, use, records()),
    queueOf: ({ target }) => ({
      dispatch: async (turns) => void sent.push(...turns.map((turn) => ({ ...turn, writes: target !== undefined }))),
    }),
    clock: { now: () => T + 10_000 },
    retry: once,
  };
  return settleRun({ glueJob: "sluice-dev-glue", run, state, message }, parts).then((settled) => ({ settled, sent }));
}

const read = (id: string) => control().read(id);
const first = (job: string, epoch = 0) => ({ job, chain: 0, turn: firstTurn(epoch), writes: false });

describe("a run that ended badly", () => {
  test.each([
    ["FAILED", "failed: no memory"],
    ["TIMEOUT", "timed out: no memory"],
    ["STOPPED", "was stopped: no memory"],
  ])("(%s) stops its job with the reason; the end is published, and the job can be resumed", async (state, how) => {
    const id = await running();
    await end(id, 0);
    const { settled, sent } = await settle(id, { state, message: "no memory" });
    expect(settled).toEqual({ state: "stopped", job: id, reason: `Its Glue run ${RUN} ${how}.` });
    expect(sent).toEqual([first(id)]);
    expect(await read(id)).toMatchObject({ state: "failed", reason: settled.reason });
    expect(await control().resume(id, 1)).toMatchObject({ state: "starting", epoch: 1 });
  });

  test("before its id was recorded stops its job, too", async () => {
    const id = `job-${next++}`;
    await control().create(sampleJob({ id, driver: "spark", state: "starting", createdAt: T }));
    expect((await settle(id)).settled.state).toBe("stopped");
  });

  test("after all units have ended, leaves the job to the worker that ends it", async () => {
    const id = await running();
    await end(id, 0, 1);
    const { settled, sent } = await settle(id);
    expect(settled.state).toBe("handed on");
    expect(sent).toEqual([first(id)]);
    expect(await read(id)).toMatchObject({ state: "running" });
  });

  test("and comes twice stops the job once; its end is published even if the first attempt was broken off", async () => {
    const id = await running();
    await settle(id);
    const { settled, sent } = await settle(id);
    expect(settled.state).toBe("over");
    expect(sent).toEqual([first(id)]);
    const failed = await read(id);
    await new DynamoDbJobs(records()).announced(failed);
    expect((await settle(id)).sent).toEqual([]);
  });
});

test("publishes the end of a job that a task stopped before its run was recorded", async () => {
  const id = `job-${next++}`;
  await control().create(sampleJob({ id, driver: "spark", state: "starting", createdAt: T }));
  await new DynamoDbJobs(records()).stop(await read(id), "the table is gone", T);
  expect(await settle(id, { state: "SUCCEEDED" })).toMatchObject({ settled: { state: "over" }, sent: [first(id)] });
});

describe("a run that succeeded", () => {
  test("has the job ended if it is still active", async () => {
    const id = await running();
    await end(id, 0, 1);
    const { settled, sent } = await settle(id, { state: "SUCCEEDED" });
    expect([settled, sent]).toEqual([{ state: "handed on", job: id }, [first(id)]]);
  });

  test("sends a message that isn't stale, even after messages of tasks", async () => {
    const id = await running();
    await end(id, 0, 1);
    const chains = new DynamoDbChains(records());
    const lease = { job: id, chain: 0, owner: "w", turn: 0 };
    await chains.take({ ...lease, now: T, until: T + 1_000 });
    await chains.release(lease, 1);
    expect((await settle(id, { state: "SUCCEEDED" })).sent).toEqual([{ ...first(id), turn: 1 }]);
  });

  test("has the writing workers end a job that changes a table", async () => {
    const target = { name: "answers", keys: ["id"] } as never;
    const id = await running({ target });
    await end(id, 0, 1);
    expect((await settle(id, { state: "SUCCEEDED" })).sent).toEqual([{ ...first(id), writes: true }]);
  });

  test.each(["pause", "cancel"] as const)("after %s changes nothing", async (verb) => {
    const id = await running();
    await control()[verb](id);
    const before = await read(id);
    const { settled, sent } = await settle(id, { state: "SUCCEEDED" });
    expect([settled.state, sent]).toEqual(["over", []]);
    expect(await read(id)).toEqual(before);
  });
});

describe("nothing happens to a job", () => {
  test.each([
    ["resumed since", "starting"],
    ["that the next run works on", "running"],
  ])("%s", async (_, state) => {
    const id = await running();
    await control().pause(id);
    const job = await control(T + 2).resume(id, 1);
    if (state === "running") await control().started(job, undefined, "jr_2");
    const before = await read(id);
    for (const how of ["FAILED", "SUCCEEDED"]) {
      expect(await settle(id, { state: how })).toMatchObject({ settled: { state: "over" }, sent: [] });
    }
    expect(await read(id)).toEqual({ ...before, state });
  });

  test("that was resumed twice, by a run that the first resumption began and did not record", async () => {
    const id = await running();
    await control(T + 2).resume(id, 1);
    await control(T + 4).resume(id, 1);
    const lost = { run: "jr_lost", is: { StartedOn: new Date(T + 3) } };
    for (const state of ["FAILED", "SUCCEEDED"]) {
      expect(await settle(id, { ...lost, state })).toMatchObject({ settled: { state: "over" }, sent: [] });
    }
    expect(await read(id)).toMatchObject({ state: "starting", epoch: 2 });
  });

  test("by an extra run of its epoch", async () => {
    const id = await running();
    expect(await settle(id, { run: "jr_2" })).toMatchObject({ settled: { state: "over" }, sent: [] });
    expect(await read(id)).toMatchObject({ state: "running" });
  });

  test("of another driver", async () => {
    const id = `job-${next++}`;
    await control().create(sampleJob({ id, createdAt: T }));
    expect((await settle(id)).settled.state).toBe("over");
  });

  test("that was made anew under the id of the run's job", async () => {
    const id = await running();
    const { settled, sent } = await settle(id, { is: { StartedOn: new Date(T - 1) } });
    expect([settled.state, sent]).toEqual(["unknown", []]);
    expect(await readRuns(local.client, TABLE, id)).toEqual([]);
  });

  test.each<[string, Settling]>([
    ["whose run only begins", { state: "RUNNING" }],
    ["whose run Glue has forgotten", { is: undefined }],
    [
      "whose run belongs to another jobs table",
      { is: { Arguments: { "--job_id": "job-0", "--jobs_table": "other" } } },
    ],
    ["that is gone", { is: { Arguments: { "--job_id": "gone", "--jobs_table": "jobs" } } }],
  ])("%s", async (_, how) => {
    const id = await running();
    const { settled, sent } = await settle(id, how);
    expect(sent).toEqual([]);
    // Without a reason, because nobody should get an alarm about a run that no job waits for.
    expect(settled).not.toHaveProperty("reason");
    expect(await read(id)).toMatchObject({ state: "running" });
  });
});

describe("the usage of a run", () => {
  const usedBy = async (is: Partial<JobRun>) => {
    const id = await running();
    await settle(id, { is });
    await settle(id, { is });
    return readRuns(local.client, TABLE, id);
  };

  test.each<[string, Partial<JobRun>, object]>([
    ["is its time on all DPUs", {}, { dpuSeconds: 900, flex: false }],
    ["is a minute at least", { ExecutionTime: 7 }, { dpuSeconds: 180, flex: false }],
    [
      "is the time that Glue reports, with class FLEX",
      { ExecutionClass: "FLEX", DPUSeconds: 512.5 },
      { dpuSeconds: 512.5, flex: true },
    ],
  ])("%s, and is kept once", async (_, is, expected) => {
    expect(await usedBy(is)).toEqual([{ run: RUN, ...expected }]);
  });

  test("is kept for each run of a job", async () => {
    const id = await running();
    await settle(id);
    await control().started(await control().resume(id, 1), undefined, "jr_2");
    await settle(id, { run: "jr_2", state: "SUCCEEDED" });
    expect((await readRuns(local.client, TABLE, id)).map(({ run }) => run)).toEqual([RUN, "jr_2"]);
  });

  test("isn't kept for a job that is being deleted", async () => {
    const id = await running();
    await control().cancel(id);
    await control().markDeleting(await read(id), {});
    expect((await settle(id)).settled).toEqual({ state: "unknown" });
    expect(await readRuns(local.client, TABLE, id)).toEqual([]);
  });
});
