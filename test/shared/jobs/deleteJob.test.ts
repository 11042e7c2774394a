import { DeleteItemCommand, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectsCommand } from "@aws-sdk/client-s3";
import { handleChainTurn } from "../../../shared/engine/protocol";
import { type DeleteJobOptions, deleteJob } from "../../../shared/jobs/deleteJob";
import type { Job, JobState } from "../../../shared/jobs/job";
import { DynamoDbChains } from "../../../shared/jobs/storage/dynamoDbChains";
import { DynamoDbJobs } from "../../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../../shared/jobs/storage/dynamoDbUnits";
import { chainKey, ledgerKey, unitKey } from "../../../shared/jobs/storage/jobsTable";
import { keepRun } from "../../../shared/jobs/storage/runs";
import { ENDED, JobGround, type Kept, LATER, retry } from "./jobGround";

const MINUTE = 60_000;

let ground: JobGround;

beforeAll(async () => {
  ground = await JobGround.start();
});
beforeEach(() => ground.renew());
afterAll(() => ground.stop());

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error) => error.code ?? error.name,
  );
const remove = (id = "a", more: Partial<DeleteJobOptions> = {}) => deleteJob(id, ground.options(more));

/** A client that treats each command as a test wants. `command`: the command's name. */
function client<C extends { send: unknown }>(
  real: C,
  send: (name: string, pass: () => Promise<unknown>) => Promise<unknown>,
): C {
  const wrapped = Object.create(real) as C;
  wrapped.send = ((command: object) =>
    send(command.constructor.name, () => (real.send as (command: object) => Promise<unknown>)(command))) as C["send"];
  return wrapped;
}

describe("what goes", () => {
  test("every record and every object of the job, and nothing of jobs with similar ids", async () => {
    await ground.keep({ job: { id: "ab" } });
    await ground.keep({ job: { id: "b" } });
    const [records, objects] = [await ground.records(), await ground.objects()];
    const { id } = await ground.keep();
    expect(await ground.records()).toHaveLength(records.length + 12);
    expect(await remove(id)).toEqual({ records: 13, objects: 2, kept: [] });
    expect(await ground.records()).toEqual(records);
    expect(await ground.objects()).toEqual(objects);
    expect(objects).toContain("count/ab/x");
  });

  test("the usage of its Glue runs is deleted, too", async () => {
    const { id } = await ground.keep({ job: { driver: "spark" } });
    await keepRun(
      { id },
      { run: "jr_1", dpuSeconds: 180, flex: false },
      { client: ground.client, table: ground.table, retry },
    );
    expect(await remove(id)).toMatchObject({ records: 14 });
    expect(await ground.records()).toEqual([]);
  });

  test("an export's objects lie below its own root", async () => {
    const operation = { name: "export", params: { exportPrefix: "nightly" } };
    const root = "nightly/AWSDynamoDB/";
    const objects = [`${root}a/data/0.json.gz`, `${root}a/manifest-summary.json`, `${root}ab/data/0.json.gz`];
    await ground.keep({ job: { work: { operation: "export", table: "answers" }, operation }, objects });
    expect(await remove()).toMatchObject({ objects: 2 });
    expect(await ground.objects()).toEqual([`${root}ab/data/0.json.gz`]);
  });

  const ended: [Partial<Job>, boolean, number][] = [
    [{ state: "cancelled" }, false, 2],
    [{ state: "failed" }, false, 2],
    [{ state: "failed", unitsDone: 1, unitsFailed: 1 }, false, 2],
    [{ state: "completed", unitsDone: 2 }, false, 0],
    [{ state: "completed", unitsDone: 2 }, true, 2],
  ];
  test.each(ended)("of a job %j, with its results: %s, objects go: %i", async (job, withResults, objects) => {
    await ground.keep({ job });
    expect(await remove("a", { withResults })).toEqual({
      records: 13,
      objects,
      kept: objects === 0 ? ["count/a/"] : [],
    });
    expect(await ground.records()).toEqual([]);
    expect(await ground.objects()).toHaveLength(2 - objects);
  });

  test("only the paused member in a limit group's ledger", async () => {
    const group = (id: string) => ({ job: { id, limitGroup: "night", state: "running" } as const });
    const [a, b] = [await ground.keep(group("a")), await ground.keep(group("b"))];
    for (const { id } of [a, b]) await ground.control().cancel(id);
    expect(await remove()).toMatchObject({ records: 13 });
    const ledger = { TableName: ground.table, Key: ledgerKey("group/night", a.limits[0]!), ConsistentRead: true };
    const { Item } = await ground.client.send(new GetItemCommand(ledger));
    expect(Item).toMatchObject({ until: { N: expect.any(String) }, pausedMembers: { SS: ["b"] } });
  });

  test("even if the group's ledger is gone, and no ledger is made", async () => {
    const { limits } = await ground.keep({ job: { limitGroup: "gone" } });
    const ledger = { TableName: ground.table, Key: ledgerKey("group/gone", limits[0]!) };
    await ground.client.send(new DeleteItemCommand(ledger));
    await remove();
    expect(await ground.records()).toEqual([]);
  });

  test("a prefix that does not end with the whole id is refused, and nothing is deleted below it", async () => {
    await ground.keep();
    for (const prefix of ["count/a", "count/", "/", "", "count/ba/"]) {
      expect(await code(remove("a", { prefixes: () => [prefix] }))).toBe("UNSAFE_PREFIX");
    }
    expect(await ground.objects()).toHaveLength(2);
  });
});

describe("refusals", () => {
  test.each<JobState>(["starting", "running", "paused"])("a job that is %s", async (state) => {
    await ground.keep({ job: { state } });
    const before = await ground.records();
    await expect(remove()).rejects.toMatchObject({
      code: "WRONG_STATE",
      message: `Job a is ${state}; it cannot be deleted until it has ended or is cancelled.`,
    });
    expect(await ground.records()).toEqual(before);
    expect((await ground.control().read("a")).deleting).toBeUndefined();
  });

  test("a missing job", async () => {
    await ground.keep({ job: { id: "ab" } });
    await expect(remove("a")).rejects.toMatchObject({
      code: "NO_SUCH_JOB",
      message: 'There is no job a. Did you mean "ab"?',
    });
  });

  test("a job whose chain a worker may hold, until five minutes after the lease that ends last", async () => {
    await ground.keep({
      // A unit's lease never outlasts the lease of the chain whose worker has taken it.
      units: [{ number: 0, owner: "v", turn: 1, leaseUntil: LATER + MINUTE }],
      chains: [
        { number: 0, turn: 4 },
        { number: 1, owner: "u", turn: 1, leaseUntil: LATER - MINUTE },
        { number: 7, owner: "w", turn: 1, leaseUntil: LATER },
        { number: 8, owner: "x", turn: 1, leaseUntil: LATER - 1 },
      ],
    });
    const before = await ground.records();
    const until = LATER + 5 * MINUTE;
    await expect(remove("a", { now: () => until })).rejects.toMatchObject({
      code: "WORKERS_LEFT",
      value: until,
      message: "Job a cannot be deleted before 2027-01-15 09:05:00Z: a worker may still go on with chain 7.",
    });
    // The job can still be shown as before.
    expect((await ground.control().read("a")).deleting).toBeUndefined();
    expect([await ground.records(), (await ground.objects()).length]).toEqual([before, 2]);
    expect(await remove("a", { now: () => until + 1 })).toMatchObject({ objects: 2 });
  });

  test("not a job whose workers have put their chains down, even right after it was cancelled", async () => {
    await ground.keep();
    expect(await remove("a", { now: () => ENDED })).toMatchObject({ records: 13 });
  });

  test("not a job whose units have all ended, even right after their end: the result is written before the chain is put down", async () => {
    await ground.keep({ job: { state: "completed", unitsDone: 2 } });
    expect(await remove("a", { now: () => ENDED, withResults: true })).toMatchObject({ records: 13, objects: 2 });
  });

  test("a job that has ended while the worker that wrote its result holds the chain", async () => {
    const chains = [{ owner: "w", turn: 3, leaseUntil: ENDED + MINUTE }];
    await ground.keep({ job: { state: "completed", unitsDone: 2 }, chains });
    const until = ENDED + 6 * MINUTE;
    expect(await code(remove("a", { now: () => ENDED }))).toBe("WORKERS_LEFT");
    expect(await code(remove("a", { now: () => until }))).toBe("WORKERS_LEFT");
    expect(await code(remove("a", { now: () => until + 1 }))).toBe("none");
  });

  test("a job that was resumed after it was read", async () => {
    await ground.keep({ job: { state: "failed" } });
    let resumed = false;
    const racing = client(ground.client, async (name, pass) => {
      if (name === "TransactWriteItemsCommand" && !resumed) {
        resumed = true;
        await ground.control().resume("a", 1);
      }
      return pass();
    });
    expect(await code(remove("a", { client: racing }))).toBe("WRONG_STATE");
    expect(await ground.control().read("a")).toMatchObject({ state: "starting", epoch: 1 });
    expect(await ground.objects()).toHaveLength(2);
  });
});

describe("a deletion that is broken off", () => {
  const kept: Kept = {
    job: { state: "failed", limitGroup: "night" },
    units: [0, 1, 2].map((number) => ({ number })),
    chains: [{}, { number: 1 }],
  };

  /** Clients whose call of this number, counted over both, fails: before or after it takes effect. */
  function breaking(at: number, before: boolean) {
    let calls = 0;
    const send = async (_name: string, pass: () => Promise<unknown>) => {
      calls += 1;
      if (calls !== at) return pass();
      if (!before) await pass();
      throw new Error("killed");
    };
    return { client: client(ground.client, send), s3: client(ground.s3, send), calls: () => calls };
  }

  test.each([true, false])(
    "at any call, before it (%s) or after it, is finished by the same command",
    async (before) => {
      let broken = 0;
      for (let at = 1; ; at += 1) {
        await ground.renew();
        await ground.keep({ job: { id: "other" } });
        const others = [await ground.records(), await ground.objects()];
        await ground.keep(kept);
        const { calls, ...clients } = breaking(at, before);
        const first = await code(remove("a", clients));
        if (first === "none") {
          expect(calls()).toBe(at - 1);
          break;
        }
        broken += 1;
        const gone = !(await ground.records()).includes("job#a job");
        // The last call deleted the head. Only then is there nothing to repeat.
        expect(await code(remove())).toBe(gone ? "NO_SUCH_JOB" : "none");
        const records = await ground.records();
        expect([records.filter((key) => !key.startsWith("ledger#group/night")), await ground.objects()]).toEqual(
          others,
        );
      }
      expect(broken).toBeGreaterThan(8);
    },
    60_000,
  );

  test("leaves a job that can't be resumed, and whose record shows that", async () => {
    await ground.keep(kept);
    const failing = client(ground.s3, () => Promise.reject(new Error("killed")));
    expect(await code(remove("a", { s3: failing }))).toBe("Error");
    expect(await ground.control().read("a")).toMatchObject({ state: "cancelled", deleting: true });
    expect(await code(ground.control().resume("a", 1))).toBe("WRONG_STATE");
  });

  test("does not delete a job of the same id that was started since", async () => {
    await ground.keep();
    let renewed = false;
    const racing = client(ground.client, async (name, pass) => {
      if (name === "BatchWriteItemCommand" && !renewed) {
        renewed = true;
        await remove();
        await ground.keep({ units: [], chains: [], entries: 0, job: { state: "running" } });
      }
      return pass();
    });
    expect(await code(remove("a", { client: racing }))).toBe("TransactionCanceledException");
    expect(await ground.control().read("a")).toMatchObject({ state: "running" });
  });
});

describe("a large job", () => {
  test("of 3,000 units and chains goes in batches, a few at a time", async () => {
    await ground.keep({ units: Array.from({ length: 2_999 }, (_, number) => ({ number })), entries: 0 });
    let [batches, underWay, most] = [0, 0, 0];
    const counting = client(ground.client, async (name, pass) => {
      if (name !== "BatchWriteItemCommand") return pass();
      batches += 1;
      underWay += 1;
      most = Math.max(most, underWay);
      return pass().finally(() => {
        underWay -= 1;
      });
    });
    expect(await remove("a", { client: counting })).toMatchObject({ records: 3_007 });
    expect([batches, most]).toEqual([121, 8]);
    expect(await ground.records()).toEqual([]);
  });

  test("of more objects than one request names", async () => {
    const objects = Array.from({ length: 1_050 }, (_, i) => `count/a/${i}`);
    await ground.keep({ objects: [...objects, "count/a"] });
    expect(await remove()).toMatchObject({ objects: 1_050 });
    expect(await ground.objects()).toEqual(["count/a"]);
  });

  test("only the unprocessed part of a batch is sent again", async () => {
    await ground.keep({ units: Array.from({ length: 24 }, (_, number) => ({ number })), entries: 0 });
    const sizes: number[] = [];
    const leaving = client(ground.client, async (_name, pass) => pass());
    leaving.send = (async (command: { input: { RequestItems?: Record<string, unknown[]> } }) => {
      const { RequestItems } = command.input;
      const requests = RequestItems?.[ground.table];
      if (requests === undefined || command.constructor.name !== "BatchWriteItemCommand")
        return ground.client.send(command as never);
      sizes.push(requests.length);
      const now = requests.slice(0, 10);
      RequestItems![ground.table] = now;
      await ground.client.send(command as never);
      const left = requests.slice(10);
      return { UnprocessedItems: left.length === 0 ? {} : { [ground.table]: left } };
    }) as never;
    await remove("a", { client: leaving });
    // The rest of the first batch and the second batch are sent at the same time.
    expect(sizes.toSorted((one, other) => other - one)).toEqual([25, 15, 5, 2]);
    expect(await ground.records()).toEqual([]);
  });

  test.each([
    ["InternalError", "none", []],
    ["SlowDown", "none", []],
    ["AccessDenied", "AccessDenied", ["count/a/y"]],
  ])("an object that S3 does not delete for %s: %s", async (reason, expected, stay) => {
    await ground.keep();
    let asked = 0;
    const refusing = client(ground.s3, async (_name, pass) => pass());
    refusing.send = (async (command: DeleteObjectsCommand) => {
      if (!(command instanceof DeleteObjectsCommand)) return ground.s3.send(command as never);
      asked += 1;
      const { Bucket, Delete } = command.input;
      const keys = Delete!.Objects!.map(({ Key }) => Key);
      if (asked > 1) expect(keys).toEqual(["count/a/y"]);
      else await ground.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "count/a/x" }] } }));
      if (asked > 1) return ground.s3.send(command);
      return { Errors: [{ Key: "count/a/y", Code: reason, Message: "No." }] };
    }) as never;
    expect(await code(remove("a", { s3: refusing }))).toBe(expected);
    expect(await ground.objects()).toEqual(stay);
    expect(asked).toBe(expected === "none" ? 2 : 1);
  });
});

describe("a worker that comes too late", () => {
  const lease = { job: "a", unit: 0, owner: "late", turn: 3 };
  const take = () =>
    new DynamoDbUnits({ client: ground.client, table: ground.table, retry }).take({
      ...lease,
      now: LATER,
      until: LATER + 1,
    });

  test("does not get a unit of a deleted job, and a record that it makes expires", async () => {
    await ground.keep();
    await remove();
    expect(await take()).toMatchObject({ taken: false, unit: { turn: 3 } });
    const item = { TableName: ground.table, Key: unitKey("a", 0), ConsistentRead: true };
    expect((await ground.client.send(new GetItemCommand(item))).Item).toMatchObject({
      expiresAt: { N: String(LATER / 1000) },
    });
    expect(await remove()).toEqual({ records: 1, objects: 0, kept: [] });
    expect(await ground.records()).toEqual([]);
  });

  test("does not get a unit of a job that is being deleted; records that it leaves are deleted when the command is repeated", async () => {
    await ground.keep({ units: [] });
    const slow = client(ground.client, async (name, pass) => {
      if (name === "BatchWriteItemCommand") expect(await take()).toMatchObject({ taken: false });
      return pass();
    });
    await remove("a", { client: slow });
    expect(await ground.records()).toEqual(["job#a unit#0000000"]);
    expect(await remove()).toMatchObject({ records: 1 });
  });

  const takeChain = (now = LATER) =>
    new DynamoDbChains({ client: ground.client, table: ground.table, retry }).take({
      ...{ job: "a", chain: 0, owner: "late", turn: 3 },
      ...{ now, until: now + 1 },
    });

  test("does not get a chain of a job that was deleted since the worker read it, and a record that it makes expires", async () => {
    await ground.keep();
    await remove();
    for (const _ of ["at first", "after an answer that was lost"]) {
      expect(await takeChain()).toMatchObject({ taken: false, chain: { turn: 3, owner: "late" } });
    }
    const item = { TableName: ground.table, Key: chainKey("a", 0), ConsistentRead: true };
    expect((await ground.client.send(new GetItemCommand(item))).Item).toMatchObject({
      expiresAt: { N: String(LATER / 1000) },
    });
    // Otherwise nobody could use the id again.
    expect(await remove()).toEqual({ records: 1, objects: 0, kept: [] });
    expect(await ground.records()).toEqual([]);
  });

  test("does not get a chain of a job that is being deleted", async () => {
    await ground.keep({ units: [], chains: [] });
    const slow = client(ground.client, async (name, pass) => {
      if (name === "BatchWriteItemCommand") expect(await takeChain()).toMatchObject({ taken: false });
      return pass();
    });
    await remove("a", { client: slow });
    expect(await ground.records()).toEqual(["job#a chain#0000000"]);
    expect(await remove()).toMatchObject({ records: 1 });
  });

  test("gets the chain of an existing job, and checks the job only if it has made the chain's record", async () => {
    await ground.keep({ units: [], chains: [], job: { state: "running" } });
    const commands: string[] = [];
    const counting = client(ground.client, (name, pass) => {
      commands.push(name);
      return pass();
    });
    const chains = new DynamoDbChains({ client: counting, table: ground.table, retry });
    const chain = { job: "a", chain: 0, owner: "first", turn: 0 };
    expect(await chains.take({ ...chain, now: 1, until: 2 })).toMatchObject({ taken: true });
    await chains.release(chain, 1);
    expect(await chains.take({ ...chain, owner: "second", turn: 1, now: 1, until: 2 })).toMatchObject({ taken: true });
    expect(commands).toEqual(["UpdateItem", "GetItem", "UpdateItem", "UpdateItem"].map((name) => `${name}Command`));
  });

  test("drops the message of a deleted job, and leaves no record", async () => {
    await ground.keep();
    await remove();
    const table = { client: ground.client, table: ground.table, retry };
    const unused = () => Promise.reject(new Error("not for a job that is gone"));
    const handled = handleChainTurn(
      { job: "a", chain: 0, turn: 0 },
      {
        jobs: new DynamoDbJobs(table),
        units: new DynamoDbUnits(table),
        chains: new DynamoDbChains(table),
        driver: { dispatch: unused },
        clock: { now: () => LATER, sleep: unused },
        owner: "late",
        leaseUntil: LATER + 1,
        stopAt: LATER + 1,
        onUnit: () => undefined,
        onHead: () => undefined,
        rest: unused,
        work: unused,
        ending: { tablesProblem: unused, summarize: unused, isTransient: () => false, announce: unused },
        isTransient: () => false,
        verdict: () => undefined,
        backoffMs: () => 0,
      },
    );
    expect(await handled).toBe("unknown");
    expect(await ground.records()).toEqual([]);
  });

  test("gets the unit of an existing job", async () => {
    await ground.keep({ units: [], job: { state: "running" } });
    expect(await take()).toMatchObject({ taken: true, unit: { attempts: 1 } });
  });

  test("writes nothing: no unit, no chain, no head, no ledger", async () => {
    const held = { number: 0, owner: lease.owner, turn: lease.turn, leaseUntil: ENDED };
    const job = await ground.keep({ units: [held], chains: [held] });
    await remove();
    const table = { client: ground.client, table: ground.table, retry };
    const [units, jobs, chains] = [new DynamoDbUnits(table), new DynamoDbJobs(table), new DynamoDbChains(table)];
    const counts = { pages: 1, scannedItems: 1, items: 1, rcu: 1 };
    const checkpoint = { cursor: undefined, counts, result: 1, rcuPerSecond: 1 };
    expect([
      await units.save(lease, checkpoint, LATER),
      await units.note(lease, { reason: "slow", since: LATER }),
      await units.release(lease, { now: LATER, attempts: 0, unsaved: checkpoint }),
      await units.finish(lease, checkpoint, LATER),
      await units.fail(lease, { now: LATER, turn: 9, reason: "no" }),
      await chains.release({ job: "a", chain: 0, owner: "late", turn: 3 }, 4),
      (await jobs.claim("a", { done: 1, failed: 0 })).claimed,
      await jobs.setChains(job, 2),
      await jobs.end(job, { unitsDone: 2, unitsFailed: 0, state: "completed" }, LATER),
      await jobs.stop(job, "gone", LATER),
    ]).toEqual(Array.from({ length: 10 }, () => false));
    await jobs.announced(job);
    expect(await ground.records()).toEqual([]);
  });

  test("of a job whose head has expired first does not bring the head back", async () => {
    await ground.putUnits("a", [{ number: 0, ...lease, leaseUntil: LATER }]);
    const table = { client: ground.client, table: ground.table, retry };
    const counts = { pages: 1, scannedItems: 1, items: 1, rcu: 1 };
    const last = { cursor: undefined, counts, result: 1, rcuPerSecond: 1 };
    // The unit's record is still there, so its end is written, but nothing else.
    expect(await new DynamoDbUnits(table).finish(lease, last, LATER)).toBe(true);
    expect(await new DynamoDbJobs(table).claim("a", { done: 1, failed: 0 })).toEqual({ claimed: false });
    expect(await ground.records()).toEqual(["job#a unit#0000000"]);
  });
});
