import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { updateOf } from "../../../shared/aws/update";
import type { CapacityLimits } from "../../../shared/capacity/metering/limits";
import { START } from "../../../shared/cost/model";
import { statusChange } from "../../../shared/drivers/workflow/endings";
import { JobControl } from "../../../shared/jobs/control";
import type { Job, JobHead, JobLimit, JobState } from "../../../shared/jobs/job";
import { readAudit } from "../../../shared/jobs/storage/audit";
import { DynamoDbUnits } from "../../../shared/jobs/storage/dynamoDbUnits";
import {
  activeKey,
  jobKey,
  jsonAttribute,
  listKey,
  sortKeyPrefixes,
  specKey,
  unitKey,
} from "../../../shared/jobs/storage/jobsTable";
import { ledgerOf } from "../../../shared/jobs/storage/ledgers";
import { listJobs, queryJob, readJob, readUnits } from "../../../shared/jobs/storage/reading";
import { noCounts } from "../../../shared/jobs/unit";
import { type JobsTableLocal, retry, startJobsTable, TABLE } from "../../support/jobsTableLocal";
import { readLimit, sampleJob } from "../../support/sampleJob";

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

const READ = { direction: "read", table: "answers" } as const;
const WRITE = { direction: "write", table: "answers" } as const;

/** The ledger of one of a job's limits, by default of the read limit. */
const ledger = (
  job: Pick<JobHead, "id" | "limitGroup">,
  { direction, table }: Pick<JobLimit, "direction" | "table"> = READ,
) => ledgerOf(local.client, TABLE, { limits: [], ...job }, { direction, table, limits: { table: 1 } }).read();

function headOf({ source: _source, identity: _identity, operation: _operation, ...head }: Job): JobHead {
  return head;
}

async function itemAt(Key: ReturnType<typeof jobKey>) {
  const { Item } = await local.client.send(new GetItemCommand({ TableName: TABLE, Key, ConsistentRead: true }));
  return Item;
}

/** Carries out an operator's command on a job. */
const act = (verb: "pause" | "resume" | "cancel", id: string) =>
  verb === "resume" ? control.resume(id, 3) : control[verb](id);

const audit = (id: string) => readAudit(local.client, TABLE, id);
/** Its actions, in the order in which they came. */
const changesOf = async (id: string) => (await audit(id)).map(({ action }) => action).reverse();

const setReadRate = (id: string, limits: CapacityLimits) => control.changeRate(id, READ, limits);

test("making a job and recording that it runs writes what the cost model counts for a start", async () => {
  const sent = jest.spyOn(local.client, "send");
  const job = await create();
  await control.started(job);
  // DynamoDB charges twice for an item of a transaction; DynamoDB Local does not. No item here is larger than a kilobyte.
  const units = sent.mock.calls.map(([command]) => {
    if (command instanceof TransactWriteItemsCommand) return 2 * command.input.TransactItems!.length;
    return command instanceof PutItemCommand || command instanceof UpdateItemCommand ? 1 : 0;
  });
  sent.mockRestore();
  expect(units.reduce<number>((sum, each) => sum + each, 0)).toBe(START.writeUnits);
});

describe("create", () => {
  test("writes the job, opens its ledger, and enters it in the lists", async () => {
    const job = await create({ createdAt: T + 50 });
    expect(await control.read(job.id)).toEqual(job);
    expect(await ledger(job)).toMatchObject({ limits: { table: 100 }, paused: false, until: T });
    expect(await listJobs(local.client, TABLE, 1)).toEqual([headOf(job)]);
    expect(await itemAt(activeKey("answers", job.id))).toMatchObject({ id: { S: job.id } });
  });

  test("keeps large fields apart from those that change", async () => {
    const job = await create({ operation: { name: "count", params: { text: "x".repeat(100_000) } } });
    const [head, spec] = [await itemAt(jobKey(job.id)), await itemAt(specKey(job.id))];
    expect(Object.keys(spec!).sort()).toEqual(["identity", "operation", "pk", "sk", "source"]);
    for (const name of ["identity", "operation", "source"]) expect(head).not.toHaveProperty(name);
    expect(JSON.stringify(head).length).toBeLessThan(1_000);
  });

  test("every record expires with the job", async () => {
    const job = await create({ expiresAt: 1_900_000_000 });
    const keys = [jobKey(job.id), specKey(job.id), listKey(job.id, job.createdAt), activeKey("answers", job.id)];
    for (const key of keys) expect(await itemAt(key)).toMatchObject({ expiresAt: { N: "1900000000" } });
    const lasting = await create();
    const others = [jobKey(lasting.id), specKey(lasting.id), listKey(lasting.id, lasting.createdAt)];
    for (const key of others) expect(await itemAt(key)).not.toHaveProperty("expiresAt");
  });

  test("a job that writes too has a ledger for each direction", async () => {
    const job = await create({ limits: [readLimit(100), { ...WRITE, limits: { table: 7 } }] });
    expect(await ledger(job)).toMatchObject({ limits: { table: 100 } });
    expect(await ledger(job, WRITE)).toMatchObject({ limits: { table: 7 } });
  });

  test("a ledger that an earlier attempt has opened with another rate gets the new rate", async () => {
    const job = sampleJob({ id: `control-${jobs++}`, limits: [readLimit(55)] });
    await ledgerOf(local.client, TABLE, job, readLimit(55)).create({ table: 8 }, T);
    expect(await control.create(job)).toBe(true);
    expect(await ledger(job)).toMatchObject({ limits: { table: 55 } });
  });

  test("an id is used once; a second attempt leaves job and ledger unchanged", async () => {
    const job = await create();
    expect(await control.create({ ...job, units: 9, limits: [readLimit(5)], createdAt: T + 1 })).toBe(false);
    expect(await control.read(job.id)).toEqual(job);
    expect(await ledger(job)).toMatchObject({ limits: { table: 100 } });
  });
});

describe("a limit group", () => {
  let groups = 0;

  async function members(count: number, setRates: readonly boolean[] = []) {
    const limitGroup = `group-${groups++}`;
    const made: Job[] = [];
    for (let i = 0; i < count; i++) {
      const job = sampleJob({ id: `member-${jobs++}`, state: "running", limitGroup, limits: [readLimit(100 + i)] });
      expect(await control.create(job, { setRates: setRates[i] ?? true })).toBe(true);
      made.push(job);
    }
    return made;
  }

  test("has one ledger, whose rate its first job sets", async () => {
    const [first, second] = await members(2, [true, false]);
    expect(await ledger(first!)).toMatchObject({ limits: { table: 100 } });
    expect(await ledger(second!)).toMatchObject({ limits: { table: 100 } });
    expect(await itemAt({ pk: { S: `ledger#${second!.id}` }, sk: { S: "read#answers" } })).toBeUndefined();
  });

  test("gets another rate from a job that is alone in the group", async () => {
    const [, second] = await members(2, [true, true]);
    expect(await ledger(second!)).toMatchObject({ limits: { table: 101 } });
  });

  test.each(["pause", "cancel"] as const)("%s of one job leaves the others at work", async (verb) => {
    const [first, second] = await members(2);
    await control[verb](first!.id);
    expect([(await ledger(first!)).paused, (await ledger(second!)).paused]).toEqual([true, false]);
  });

  test("a new job is not paused even if an expired job of the same id was", async () => {
    const [job] = await members(1);
    await control.cancel(job!.id);
    for (const prefix of [sortKeyPrefixes.job, sortKeyPrefixes.audit]) {
      for await (const { pk, sk } of queryJob(local.client, TABLE, job!.id, prefix)) {
        await local.client.send(new DeleteItemCommand({ TableName: TABLE, Key: { pk: pk!, sk: sk! } }));
      }
    }
    expect(await control.create(job!)).toBe(true);
    expect((await ledger(job!)).paused).toBe(false);
  });

  test("resuming one job leaves the others paused", async () => {
    const [first, second] = await members(2);
    await control.pause(first!.id);
    await control.pause(second!.id);
    await control.resume(first!.id, 3);
    expect([(await ledger(first!)).paused, (await ledger(second!)).paused]).toEqual([false, true]);
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
    if (becomes[verb] === state && verb !== "resume") {
      expect(await act(verb, job.id)).toEqual(job);
      expect(await changesOf(job.id)).toEqual(["start"]);
      return;
    }
    if (!possible) {
      await expect(act(verb, job.id)).rejects.toMatchObject({ code: "WRONG_STATE", value: state });
      expect(await control.read(job.id)).toEqual(job);
      expect(await ledger(job)).toMatchObject({ paused: false });
      return;
    }
    expect(await act(verb, job.id)).toMatchObject({ state: becomes[verb], epoch: verb === "resume" ? 5 : 4 });
    expect(await ledger(job)).toMatchObject({ paused: verb !== "resume" });
  });

  test("resuming notes when", async () => {
    const { id } = await create({ state: "paused" });
    expect(await control.resume(id, 3)).toMatchObject({ resumedAt: T });
  });

  test("resuming removes failures and the end, but not finished units", async () => {
    const { id } = await create({ state: "failed", unitsDone: 1, unitsFailed: 1, endedAt: T, announced: true });
    const resumed = await control.resume(id, 3);
    expect(resumed).toMatchObject({ unitsDone: 1, unitsFailed: 0, epoch: 1 });
    expect(resumed).not.toHaveProperty("endedAt");
    expect(resumed).not.toHaveProperty("announced");
  });

  test("resuming removes the reason and the number of chains, but not the claimed places", async () => {
    const reason = "Table answers no longer exists.";
    const { id } = await create({ state: "failed", units: 9, reason, claimed: 7, chains: 5 });
    const resumed = await control.resume(id, 3);
    expect(resumed).toMatchObject({ claimed: 7, chains: 3 });
    expect(resumed).not.toHaveProperty("reason");
  });

  test("resuming removes the execution, so that a late event about its end does not stop the job again", async () => {
    const execution = "arn:aws:states:us-east-1:111122223333:execution:machine:by-hand";
    const { id } = await create({ state: "failed", driver: "workflow", execution });
    const detail = { executionArn: execution, name: "by-hand", status: "FAILED", input: JSON.stringify({ jobId: id }) };
    const late = statusChange({ source: "aws.states", detail })!;
    expect(late.candidates).toContain(id);
    expect(late.concerns(await control.read(id))).toBe(true);
    const resumed = await control.resume(id, 3);
    expect(resumed).not.toHaveProperty("execution");
    expect(late.concerns(resumed)).toBe(false);
  });

  test("resuming records how many items had failed, by the units' records, if their number is limited", async () => {
    const bounded = await create({ state: "paused", mostFailures: 5, failures: 12, failuresBefore: 2 });
    const units = new DynamoDbUnits({ client: local.client, table: TABLE, retry });
    for (const unit of [0, 1]) {
      const lease = { job: bounded.id, unit, owner: "a", turn: 0 };
      await units.take({ ...lease, now: T, until: T + 1 });
      await units.finish(
        lease,
        { cursor: undefined, counts: { ...noCounts, failures: 4 }, result: 1, rcuPerSecond: 0 },
        T,
      );
    }
    // Pages under way at the resume may have added to the estimate already.
    expect(await control.resume(bounded.id, 3)).toMatchObject({ failuresBefore: 8, failures: 12 });
    const { id } = await create({ state: "paused" });
    expect(await control.resume(id, 3)).not.toHaveProperty("failuresBefore");
  });

  test.each(["pause", "resume", "cancel"] as const)("%s holds for every ledger of the job", async (verb) => {
    const limits = [readLimit(100), { ...WRITE, limits: { table: 7 } }];
    const job = await create({ limits });
    if (verb === "resume") await control.pause(job.id);
    await act(verb, job.id);
    const paused = verb !== "resume";
    expect([(await ledger(job)).paused, (await ledger(job, WRITE)).paused]).toEqual([paused, paused]);
  });

  test("the dispatch of a job's chains is recorded only while the job is starting in that epoch", async () => {
    const job = await create({ chains: 2 });
    expect(await control.started({ ...job, epoch: 1 })).toBe(false);
    expect(await control.read(job.id)).toEqual(job);
    expect(await control.started(job)).toBe(true);
    expect(await control.started(job)).toBe(false);
    expect(await control.read(job.id)).toEqual({ ...job, state: "running" });
  });

  test("cancelling notes the end", async () => {
    const { id } = await create();
    expect(await control.cancel(id)).toMatchObject({ endedAt: T });
  });

  test("resuming puts the job back on the list of jobs under way, from which a start has removed it", async () => {
    const { id } = await create();
    const Key = activeKey("answers", id);
    await put(id, { state: "failed" });
    await local.client.send(new DeleteItemCommand({ TableName: TABLE, Key }));
    await control.resume(id, 3);
    expect(await itemAt(Key)).toMatchObject({ id: { S: id } });
  });

  test("a job starts in the epoch of its resumption, unless it was paused meanwhile", async () => {
    const { id } = await create();
    const first = await control.resume(id, 3);
    const second = await control.resume(id, 3);
    expect(await control.started(first)).toBe(false);
    expect(await control.read(id)).toMatchObject({ state: "starting", epoch: 2 });
    await control.pause(id);
    expect(await control.started(second)).toBe(false);
    expect(await control.read(id)).toMatchObject({ state: "paused" });
    expect(await control.started(await control.resume(id, 3))).toBe(true);
    expect(await control.read(id)).toMatchObject({ state: "running", epoch: 3 });
  });

  test("there is no such job", async () => {
    for (const act of [
      () => control.pause("none"),
      () => setReadRate("none", { table: 1 }),
      () => control.read("none"),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: "NO_SUCH_JOB", value: "none" });
    }
  });

  test("refusals are sentences", async () => {
    const { id } = await create({ state: "completed" });
    const sentences = await Promise.all(
      [control.pause(id), control.resume(id, 3), control.cancel(id), setReadRate(id, { table: 1 })].map((refused) =>
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

describe("the audit list", () => {
  const OPS = "arn:aws:sts::123456789012:assumed-role/ops/ana";
  let now = T;
  const by = (caller: string) =>
    new JobControl(
      local.client,
      TABLE,
      () => now++,
      async () => caller,
    );

  test("has every change with caller, time and parameters, the newest first", async () => {
    const ops = by(OPS);
    const job = sampleJob({ id: `control-${jobs++}`, state: "running", expiresAt: 1_900_000_000 });
    const origin = { action: "redrive", job: "before" } as const;
    await ops.create(job, { origin });
    await ops.changeRate(job.id, READ, { table: 200 });
    await by("other").pause(job.id);
    await ops.resume(job.id, 1);
    await ops.cancel(job.id);
    await ops.note(job.id, "undo", "after");
    const entries = await audit(job.id);
    expect(entries.map(({ at: _at, ...entry }) => entry).reverse()).toEqual([
      { caller: OPS, action: "start", details: { readRate: 100, redrives: "before" } },
      { caller: OPS, action: "rate", details: { readRate: 200, before: 100 } },
      { caller: "other", action: "pause" },
      { caller: OPS, action: "resume" },
      { caller: OPS, action: "cancel" },
      { caller: OPS, action: "undo", details: { job: "after" } },
    ]);
    expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).sort((a, b) => b - a));
    for await (const item of queryJob(local.client, TABLE, job.id, sortKeyPrefixes.audit)) {
      expect(item.expiresAt).toEqual({ N: "1900000000" });
    }
  });

  test("has no entry for a change that was refused, or that changed nothing", async () => {
    const { id } = await create({ state: "completed" });
    await control.pause(id).catch(() => undefined);
    await setReadRate(id, { table: 5 }).catch(() => undefined);
    expect(await control.create(await control.read(id))).toBe(false);
    expect(await changesOf(id)).toEqual(["start"]);
  });

  test("two changes of the same millisecond are two entries", async () => {
    const { id } = await create({ state: "running" });
    await control.pause(id);
    await control.resume(id, 1);
    await control.pause(id);
    expect((await changesOf(id)).sort()).toEqual(["pause", "pause", "resume", "start"]);
  });

  test("shows a rate that was set for the whole limit group to each of its jobs", async () => {
    const limitGroup = `audited-${jobs++}`;
    const [first, second] = [await create({ limitGroup }), await create({ limitGroup })];
    await by(OPS).changeRate(first!.id, READ, { table: 7 });
    const entry = { caller: OPS, action: "rate", details: { readRate: 7, before: 100 } };
    expect((await audit(first!.id)).find(({ action }) => action === "rate")).toMatchObject(entry);
    expect((await audit(second!.id)).find(({ action }) => action === "rate")).toMatchObject({
      ...entry,
      details: { ...entry.details, through: first!.id },
    });
  });

  test("shows that the job is being deleted, and gets no entry from then on", async () => {
    const job = await create({ state: "cancelled" });
    expect(await by(OPS).markDeleting(await control.read(job.id), { objects: "deleted" })).toBe(true);
    expect(await by(OPS).note(job.id, "redrive", "late")).toBe(false);
    expect((await audit(job.id)).find(({ action }) => action === "delete")).toMatchObject({
      caller: OPS,
      details: { objects: "deleted" },
    });
    expect((await changesOf(job.id)).sort()).toEqual(["delete", "start"]);
  });

  test("shows the newest 200", async () => {
    const { id } = await create({ state: "running" });
    const ops = by(OPS);
    for (let rate = 1; rate <= 205; rate++) await ops.changeRate(id, READ, { table: rate });
    const entries = await audit(id);
    expect(entries).toHaveLength(200);
    expect(entries[0]).toMatchObject({ details: { readRate: 205, before: 204 } });
  });
});

test("a missing job is refused, and similar ids are named", async () => {
  await create({ id: "nightly-export" });
  await expect(control.pause("nightly-exprot")).rejects.toMatchObject({
    code: "NO_SUCH_JOB",
    message: 'There is no job nightly-exprot. Did you mean "nightly-export"?',
  });
});

describe("at the same time", () => {
  test("pause and resume: job and ledger agree, and each success took effect", async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await create({ state: round % 2 === 0 ? "running" : "paused" });
      const [paused, resumed] = await Promise.allSettled([control.pause(id), control.resume(id, 3)]);
      const job = await control.read(id);
      expect((await ledger({ id })).paused).toBe(job.state === "paused");
      expect(resumed.status).toBe("fulfilled");
      expect(job.epoch).toBe(1);
      if (paused.status === "rejected") expect(paused.reason).toMatchObject({ code: "WRONG_STATE" });
    }
  });

  test("resumes of the same job open an epoch each", async () => {
    const { id } = await create();
    await Promise.all([1, 2, 3, 4].map(() => control.resume(id, 3)));
    expect(await control.read(id)).toMatchObject({ epoch: 4, state: "starting" });
  });

  test("a pause during a resumption really takes place, and is not only reported", async () => {
    const { id } = await create({ state: "running" });
    let refusals = 0;
    const client = Object.create(local.client) as typeof local.client;
    client.send = (async (...args: Parameters<typeof client.send>) => {
      if (!(args[0] instanceof TransactWriteItemsCommand) || refusals > 0) return local.client.send(...args);
      // Somebody pauses it between the look and the transaction, and somebody resumes it between the refused transaction and
      // the next look.
      await put(id, { state: "paused" });
      try {
        return await local.client.send(...args);
      } catch (error) {
        refusals++;
        await put(id, { state: "running" });
        throw error;
      }
    }) as typeof client.send;
    expect(await new JobControl(client, TABLE, () => T).pause(id)).toMatchObject({ state: "paused" });
    expect(refusals).toBe(1);
    expect(await ledger({ id })).toMatchObject({ paused: true });
  });

  test.each(["an answer that is lost", "a conflict with a worker's reservation"])(
    "%s is made good",
    async (trouble) => {
      const { id } = await create({ state: "running" });
      let troubled = false;
      const client = Object.create(local.client) as typeof local.client;
      client.send = (async (...args: Parameters<typeof client.send>) => {
        if (troubled || !(args[0] instanceof TransactWriteItemsCommand)) return local.client.send(...args);
        const conflict = trouble.startsWith("a conflict");
        if (!conflict) await local.client.send(...args);
        troubled = true;
        const name = conflict ? "TransactionConflictException" : "TimeoutError";
        throw Object.assign(new Error(trouble), { name });
      }) as typeof client.send;
      expect(await new JobControl(client, TABLE, () => T).resume(id, 3)).toMatchObject({ epoch: 1 });
      expect(troubled).toBe(true);
    },
  );

  test.each([
    ["of the other direction", WRITE, [readLimit(200), { ...WRITE, limits: { table: 9 } }]],
    ["of the same limit", READ, [readLimit(9), { ...WRITE, limits: { table: 7 } }]],
  ] as const)("a change of the rate %s meanwhile stays in the record, as in the ledger", async (_, which, expected) => {
    const { id } = await create({ limits: [readLimit(100), { ...WRITE, limits: { table: 7 } }] });
    let looks = 0;
    const client = Object.create(local.client) as typeof local.client;
    client.send = (async (...args: Parameters<typeof client.send>) => {
      // Somebody else is quicker between the change of the ledger and that of the record.
      if (args[0] instanceof TransactWriteItemsCommand && looks++ === 0) {
        await control.changeRate(id, which, { table: 9 });
      }
      return local.client.send(...args);
    }) as typeof client.send;
    const changed = await new JobControl(client, TABLE, () => T).changeRate(id, READ, { table: 200 });
    expect(changed.limits).toEqual(expected);
    expect((await control.read(id)).limits).toEqual(expected);
    const ledgers = [await ledger({ id }), await ledger({ id }, WRITE)];
    expect(ledgers.map(({ limits }) => limits.table)).toEqual(expected.map(({ limits }) => limits.table));
  });
});

describe("the rate", () => {
  test.each<JobState>(["starting", "running", "paused"])(
    "of a job that is %s changes in the job and in the ledger",
    async (state) => {
      const { id } = await create({ state });
      const limits = [readLimit(250.5)];
      expect(await setReadRate(id, { table: 250.5 })).toMatchObject({ limits });
      expect(await control.read(id)).toMatchObject({ limits, state });
      expect(await ledger({ id })).toMatchObject({ limits: { table: 250.5 } });
    },
  );

  test("that collides with a worker's transaction is repeated", async () => {
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
      await setReadRate(id, { table: 7 });
    } finally {
      middlewareStack.remove("collide");
    }
    expect(collisions).toBe(-1);
    expect(await ledger({ id })).toMatchObject({ limits: { table: 7 } });
  });

  test("of an index goes with the table's", async () => {
    const { id } = await create();
    const limits = { table: 5, indexes: { byAge: 5 } };
    expect(await setReadRate(id, limits)).toMatchObject({ limits: [{ ...READ, limits }] });
    expect(await control.read(id)).toMatchObject({ limits: [{ ...READ, limits }] });
    expect(await ledger({ id })).toMatchObject({ limits });
  });

  test("in one direction leaves the other unchanged", async () => {
    const job = await create({ limits: [readLimit(100), { ...WRITE, limits: { table: 7 } }] });
    await control.changeRate(job.id, WRITE, { table: 9 });
    expect(await control.read(job.id)).toEqual({
      ...job,
      limits: [readLimit(100), { ...WRITE, limits: { table: 9 } }],
    });
    expect(await ledger(job)).toMatchObject({ limits: { table: 100 } });
    expect(await ledger(job, WRITE)).toMatchObject({ limits: { table: 9 } });
  });

  test.each<[string, CapacityLimits, Partial<Job>, Pick<JobLimit, "direction" | "table">, string, string]>([
    [
      "in a direction that the job does not use",
      ...([{ table: 5 }, {}, WRITE, "NO_SUCH_LIMIT", "Job JOB has no write limit on table answers."] as const),
    ],
    [
      "on a table that it does not use",
      ...([{ table: 5 }, {}, { ...READ, table: "other" }, "NO_SUCH_LIMIT"] as const),
      "Job JOB has no read limit on table other.",
    ],
    [
      "of a job that failed",
      ...([{ table: 5 }, { state: "failed" }, READ, "WRONG_STATE"] as const),
      "Job JOB is failed; it cannot change its rate.",
    ],
    [
      "of a job that was cancelled",
      ...([{ table: 5 }, { state: "cancelled" }, READ, "WRONG_STATE"] as const),
      "Job JOB is cancelled; it cannot change its rate.",
    ],
  ])("is refused %s", async (_case, limits, part, which, code, message) => {
    const job = await create(part);
    const refused = { code, message: message.replace("JOB", job.id) };
    await expect(control.changeRate(job.id, which, limits)).rejects.toMatchObject(refused);
    expect(await control.read(job.id)).toEqual(job);
    expect(await ledger(job)).toMatchObject({ limits: { table: 100 } });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    "is refused if it is %p, by the ledger itself",
    async (table) => {
      const job = await create();
      await expect(setReadRate(job.id, { table })).rejects.toMatchObject({ code: "capacity.limits-invalid" });
      expect(await control.read(job.id)).toEqual(job);
      expect(await ledger(job)).toMatchObject({ limits: { table: 100 } });
    },
  );
});

describe("reading", () => {
  test("jobs are listed newest first, as many as asked for", async () => {
    const ids: string[] = [];
    for (const age of [300, 100, 200]) ids.push((await create({ createdAt: T + 10_000 - age })).id);
    const listed = await listJobs(local.client, TABLE, 3);
    expect(listed.map(({ id }) => id)).toEqual([ids[1], ids[2], ids[0]]);
    expect(await listJobs(local.client, TABLE, 2)).toEqual(listed.slice(0, 2));
    expect(headOf((await readJob(local.client, TABLE, ids[0]!))!)).toEqual(listed[2]);
    expect(await readJob(local.client, TABLE, "none")).toBeUndefined();
  });

  test("units come in the order of their numbers, over several pages, without the units of other jobs", async () => {
    // 12 units of 150 kB are two pages of Query, which ends one at 1 MB.
    const result = "x".repeat(150_000);
    for (const [job, count] of Object.entries({ large: 12, larger: 1 })) {
      for (let number = count - 1; number >= 0; number--) {
        const parts = updateOf({
          set: { number, state: "active", turn: number, attempts: 0, result: jsonAttribute(result) },
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
