import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { updateOf } from "../../../shared/aws/update";
import { DynamoDbLedger } from "../../../shared/capacity/ledger/dynamoDbLedger";
import { Ledger } from "../../../shared/capacity/ledger/ledger";
import { JobControl } from "../../../shared/jobs/control";
import type { Job, JobState } from "../../../shared/jobs/job";
import { jobKey, ledgerKey, resultAttribute, unitKey } from "../../../shared/jobs/storage/jobsTable";
import { listJobs, readJob, readUnits } from "../../../shared/jobs/storage/reading";
import { type JobsTableLocal, startJobsTable, TABLE } from "../../support/jobsTableLocal";
import { sampleJob } from "../../support/sampleJob";

const T = 1_800_000_000_000;

let local: JobsTableLocal;
let control: JobControl;
let jobs = 0;

beforeAll(async () => {
  local = await startJobsTable();
  control = new JobControl(local.client, TABLE, () => T);
});

afterAll(() => local?.stop());

async function create(part: Partial<Job> = {}): Promise<Job> {
  const job = sampleJob({ id: `control-${jobs++}`, state: "starting", ...part });
  expect(await control.create(job)).toBe(true);
  return job;
}

async function put(key: Parameters<typeof jobKey>[0], set: Partial<Job>): Promise<void> {
  await local.client.send(new UpdateItemCommand({ TableName: TABLE, Key: jobKey(key), ...updateOf({ set }) }));
}

const ledgerOf = (id: string) =>
  new Ledger(new DynamoDbLedger({ client: local.client, table: TABLE, key: ledgerKey(id, "read") })).read();

describe("create", () => {
  test("writes the job, opens its ledger, and enters it in the list", async () => {
    const job = await create({ createdAt: T + 50 });
    expect(await control.read(job.id)).toEqual(job);
    expect(await ledgerOf(job.id)).toMatchObject({ limits: { table: 100 }, paused: false });
    expect(await listJobs(local.client, TABLE, 1)).toEqual([job]);
  });

  test("an id is taken once; the second leaves job and ledger as they are", async () => {
    const job = await create();
    expect(await control.create({ ...job, units: 9, limits: { table: 5 }, createdAt: T + 1 })).toBe(false);
    expect(await control.read(job.id)).toEqual(job);
    expect(await ledgerOf(job.id)).toMatchObject({ limits: { table: 100 } });
  });
});

describe("changes of state", () => {
  const allowed: Record<"pause" | "resume" | "cancel", readonly JobState[]> = {
    pause: ["starting", "running"],
    resume: ["paused", "starting", "running", "failed"],
    cancel: ["starting", "running", "paused", "failed"],
  };
  const becomes = { pause: "paused", resume: "starting", cancel: "cancelled" } as const;
  const states: readonly JobState[] = ["starting", "running", "paused", "completed", "failed", "cancelled"];
  const verbs = ["pause", "resume", "cancel"] as const;
  const cases = verbs.flatMap((verb) => states.map((state) => [verb, state, allowed[verb].includes(state)] as const));

  test.each(cases)("%s a job that is %s: %s", async (verb, state, possible) => {
    const job = await create({ state, unitsFailed: 1, epoch: 4 });
    if (!possible) {
      await expect(control[verb](job.id)).rejects.toMatchObject({ code: "WRONG_STATE", value: state });
      expect(await control.read(job.id)).toEqual(job);
      expect(await ledgerOf(job.id)).toMatchObject({ paused: false });
      return;
    }
    expect(await control[verb](job.id)).toMatchObject({ state: becomes[verb], epoch: verb === "resume" ? 5 : 4 });
    expect(await ledgerOf(job.id)).toMatchObject({ paused: verb !== "resume" });
  });

  test("resuming forgets failures and the end, but not what is done", async () => {
    const { id } = await create({ state: "failed", unitsDone: 1, unitsFailed: 1, endedAt: T, announced: true });
    const resumed = await control.resume(id);
    expect(resumed).toMatchObject({ unitsDone: 1, unitsFailed: 0, epoch: 1 });
    expect(resumed).not.toHaveProperty("endedAt");
    expect(resumed).not.toHaveProperty("announced");
  });

  test("cancelling notes the end", async () => {
    const { id } = await create();
    expect(await control.cancel(id)).toMatchObject({ endedAt: T });
  });

  test("a job is started in the epoch it was resumed in, unless it was paused meanwhile", async () => {
    const { id } = await create();
    const first = await control.resume(id);
    const second = await control.resume(id);
    await control.started(first);
    expect(await control.read(id)).toMatchObject({ state: "starting", epoch: 2 });
    await control.pause(id);
    await control.started(second);
    expect(await control.read(id)).toMatchObject({ state: "paused" });
    await control.started(await control.resume(id));
    expect(await control.read(id)).toMatchObject({ state: "running", epoch: 3 });
  });

  test("there is no such job", async () => {
    for (const act of [() => control.pause("none"), () => control.changeRate("none", 1), () => control.read("none")]) {
      await expect(act()).rejects.toMatchObject({ code: "NO_SUCH_JOB", value: "none" });
    }
  });

  test("refusals are sentences", async () => {
    const { id } = await create({ state: "completed" });
    const sentences = await Promise.all(
      [control.pause(id), control.resume(id), control.cancel(id), control.changeRate(id, 1)].map((refused) =>
        refused.catch((error: Error) => error.message),
      ),
    );
    expect(sentences).toEqual([
      `Job ${id} is completed; it cannot be paused.`,
      `Job ${id} is completed; it cannot be resumed.`,
      `Job ${id} is completed; it cannot be cancelled.`,
      `Job ${id} is completed; it cannot change its rate.`,
    ]);
  });
});

describe("at the same time", () => {
  test("pause and resume: job and ledger agree, and whoever succeeded did what it says", async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await create({ state: round % 2 === 0 ? "running" : "paused" });
      const [paused, resumed] = await Promise.allSettled([control.pause(id), control.resume(id)]);
      const job = await control.read(id);
      expect((await ledgerOf(id)).paused).toBe(job.state === "paused");
      expect(resumed.status).toBe("fulfilled");
      expect(job.epoch).toBe(1);
      if (paused.status === "rejected") expect(paused.reason).toMatchObject({ code: "WRONG_STATE" });
    }
  });

  test("resumes of the same job open an epoch each", async () => {
    const { id } = await create();
    await Promise.all([1, 2, 3, 4].map(() => control.resume(id)));
    expect(await control.read(id)).toMatchObject({ epoch: 4, state: "starting" });
  });

  test("a pause that comes upon a job just being resumed is made, not only reported", async () => {
    const { id } = await create({ state: "paused" });
    let refusals = 0;
    const client = Object.create(local.client) as typeof local.client;
    client.send = (async (...args: Parameters<typeof client.send>) => {
      try {
        return await local.client.send(...args);
      } catch (error) {
        // Between the refused transaction and the look at why: somebody resumes.
        if (refusals++ === 0) await put(id, { state: "running" });
        throw error;
      }
    }) as typeof client.send;
    expect(await new JobControl(client, TABLE, () => T).pause(id)).toMatchObject({ state: "paused" });
    expect(refusals).toBe(1);
    expect(await ledgerOf(id)).toMatchObject({ paused: true });
  });

  test.each(["an answer that is lost", "a conflict with a worker's reservation"])(
    "%s is made good",
    async (trouble) => {
      const { id } = await create({ state: "running" });
      let troubled = false;
      const client = Object.create(local.client) as typeof local.client;
      client.send = (async (...args: Parameters<typeof client.send>) => {
        const conflict = trouble.startsWith("a conflict");
        const answer = conflict && !troubled ? undefined : await local.client.send(...args);
        if (troubled) return answer;
        troubled = true;
        const name = conflict ? "TransactionConflictException" : "TimeoutError";
        throw Object.assign(new Error(trouble), { name });
      }) as typeof client.send;
      expect(await new JobControl(client, TABLE, () => T).resume(id)).toMatchObject({ epoch: 1 });
    },
  );
});

describe("the rate", () => {
  test.each<JobState>(["starting", "running", "paused"])(
    "of a job that is %s changes in job and ledger",
    async (state) => {
      const { id } = await create({ state });
      expect(await control.changeRate(id, 250.5)).toMatchObject({ limits: { table: 250.5 } });
      expect(await control.read(id)).toMatchObject({ limits: { table: 250.5 }, state });
      expect(await ledgerOf(id)).toMatchObject({ limits: { table: 250.5 } });
    },
  );

  test("that collides with a worker's transaction is made again", async () => {
    const { id } = await create();
    let collisions = 2;
    const collide = { step: "initialize", name: "collide" } as const;
    const { middlewareStack } = local.client;
    middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== "UpdateItemCommand" || collisions-- === 0) return next(args);
          throw Object.assign(new Error("a transaction is in progress"), { name: "TransactionConflictException" });
        },
      collide,
    );
    try {
      await control.changeRate(id, 7);
    } finally {
      middlewareStack.remove("collide");
    }
    expect(collisions).toBe(-1);
    expect(await ledgerOf(id)).toMatchObject({ limits: { table: 7 } });
  });

  test("of a job that reads an index holds for the index too", async () => {
    const { source } = sampleJob();
    const { id } = await create({ source: { ...source, index: "byAge" } });
    expect(await control.changeRate(id, 5)).toMatchObject({ limits: { table: 5, indexes: { byAge: 5 } } });
  });

  test.each<[string, number, Partial<Job>, string]>([
    ["0", 0, {}, "INVALID_RATE"],
    ["below 0", -1, {}, "INVALID_RATE"],
    ["not a number", Number.NaN, {}, "INVALID_RATE"],
    ["above what the table has", 1000.5, {}, "RATE_TOO_HIGH"],
    ["infinite", Number.POSITIVE_INFINITY, {}, "RATE_TOO_HIGH"],
    ["of a job that failed", 5, { state: "failed" }, "WRONG_STATE"],
    ["of a job that was cancelled", 5, { state: "cancelled" }, "WRONG_STATE"],
  ])("is refused where it is %s", async (_case, rcu, part, code) => {
    const job = await create(part);
    await expect(control.changeRate(job.id, rcu)).rejects.toMatchObject({ code });
    expect(await control.read(job.id)).toEqual(job);
    expect(await ledgerOf(job.id)).toMatchObject({ limits: { table: 100 } });
  });
});

describe("reading", () => {
  test("jobs are listed newest first, as many as asked for", async () => {
    const ids: string[] = [];
    for (const age of [300, 100, 200]) ids.push((await create({ createdAt: T + 10_000 - age })).id);
    const listed = await listJobs(local.client, TABLE, 3);
    expect(listed.map(({ id }) => id)).toEqual([ids[1], ids[2], ids[0]]);
    expect(await listJobs(local.client, TABLE, 2)).toEqual(listed.slice(0, 2));
    expect(await readJob(local.client, TABLE, ids[0]!)).toEqual(listed[2]);
    expect(await readJob(local.client, TABLE, "none")).toBeUndefined();
  });

  test("units come in the order of their numbers, over several pages, without those of other jobs", async () => {
    // 12 units of 150 kB are two pages of Query, which ends one at 1 MB.
    const result = "x".repeat(150_000);
    for (const [job, count] of Object.entries({ large: 12, larger: 1 })) {
      for (let number = count - 1; number >= 0; number--) {
        const parts = updateOf({
          set: { number, state: "active", turn: number, attempts: 0, result: resultAttribute(result) },
        });
        await local.client.send(new UpdateItemCommand({ TableName: TABLE, Key: unitKey(job, number), ...parts }));
      }
    }
    const numbers: number[] = [];
    for await (const unit of readUnits(local.client, TABLE, "large", { ConsistentRead: true })) {
      expect(unit).toMatchObject({ turn: unit.number, result });
      numbers.push(unit.number);
    }
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});
