import { resumeJob, startJob } from "../../../services/jobs/startJob";
import { SluiceError } from "../../../shared/errors";
import { JobControl } from "../../../shared/jobs/control";
import { readAudit } from "../../../shared/jobs/storage/audit";
import { DynamoDbJobs } from "../../../shared/jobs/storage/dynamoDbJobs";
import { ledgerOf } from "../../../shared/jobs/storage/ledgers";
import { named, type StartGround, startGroundOnce } from "./startGround";

let ground: StartGround;
startGroundOnce((started) => {
  ground = started;
});

let next = 0;
const newId = () => `job-${next++}`;
const start = (changes: Record<string, unknown> = {}, id = newId()) =>
  startJob(ground.request(changes), id, ground.options);
/** The messages of this many chains, in a job's first epoch or a later one. */
const turns = (job: string, chains: number, turn = 0) =>
  Array.from({ length: chains }, (_, chain) => ({ job, chain, turn }));
const control = () => new JobControl(ground.dynamodb, ground.jobsTable, Date.now);
const limits = (rcu: number) => [{ direction: "read", table: ground.table, limits: { table: rcu } }];
const refusal = async (call: Promise<unknown>) => {
  const error = await call.catch((thrown: unknown) => thrown);
  if (error instanceof SluiceError) return { code: error.code, value: error.value };
  throw error;
};

describe("start", () => {
  test("a job is made, a message for each chain is sent, and the answer describes the job", async () => {
    const id = newId();
    expect(await start({ segments: 25, readRate: "50%" }, id)).toEqual({
      job: id,
      state: "running",
      units: 25,
      limits: [{ direction: "read", table: ground.table, limits: { table: 6_000 }, percentage: "50%" }],
    });
    expect(await ground.job(id)).toMatchObject({ id, state: "running", units: 25, epoch: 0, claimed: 0, chains: 15 });
    expect((await ground.job(id))!.limits).toEqual([
      { direction: "read", table: ground.table, limits: { table: 6_000 }, percentage: "50%" },
    ]);
    expect(ground.sent).toEqual([turns(id, 15)]);
  });

  test("no more chains are started than the driver has workers, or the job has units", async () => {
    const [many, few] = [newId(), newId()];
    await start({ segments: 100, readRate: "100%" }, many);
    await control().cancel(many);
    await start({ segments: 3, readRate: "100%" }, few);
    expect(ground.sent).toEqual([turns(many, 16), turns(few, 3)]);
  });

  test("an id from the caller replaces the generated one", async () => {
    expect(await start({ jobId: "nightly" }, "made-up")).toMatchObject({ job: "nightly" });
    expect(await ground.job("made-up")).toBeUndefined();
  });

  const expressions = {
    operation: "export",
    filter: "#day = :day AND amount > :least AND NOT contains(#id, :none)",
    projection: "#id, amount",
    names: { "#day": "day", "#id": "id" },
    values: { ":least": 3, ":none": "x", ":day": "day-1" },
    format: "json",
    exportPrefix: "nightly",
    consistentRead: true,
  };

  test.each([
    ["a count", {}],
    ["an export with all options", expressions],
  ])("two requests with one id make one job: %s", async (_, changes) => {
    const id = newId();
    const before = (await ground.jobs()).length;
    const first = await start(changes, id);
    expect(await start(changes, id)).toEqual({ ...first, startedBefore: true });
    expect((await ground.jobs()).length).toBe(before + 1);
    expect(ground.sent).toEqual([turns(id, 1)]);
  });

  test("two requests at the same time make one job, too", async () => {
    const id = newId();
    const rate = { readRate: 1_000 };
    const answers = await Promise.all([start(rate, id), start(rate, id), start(rate, id)]);
    expect(new Set(answers.map(({ job }) => job))).toEqual(new Set([id]));
    expect((await ground.jobs()).filter((job) => job.id === id)).toHaveLength(1);
    expect(ground.sent.length).toBeGreaterThanOrEqual(1);
    for (const sent of ground.sent) expect(sent).toEqual(turns(id, 3));
    expect(await ground.job(id)).toMatchObject({ state: "running", epoch: 0 });
  });

  test("a repetition answers with the present state of the job, and sends nothing", async () => {
    const id = newId();
    await start({ readRate: 100 }, id);
    await control().changeRate(id, { direction: "read", table: ground.table }, { table: 40 });
    await control().pause(id);
    ground.forget();
    expect(await start({ readRate: 70 }, id)).toEqual({
      job: id,
      state: "paused",
      units: 4,
      limits: limits(40),
      startedBefore: true,
      warnings: [`Job ${id} keeps its settings: readRate 40, not 70.`],
    });
    expect(ground.sent).toEqual([]);
  });

  test("the audit list names who started and resumed it, and the job that it redrives", async () => {
    const id = newId();
    const origin = { action: "redrive", job: "first" } as const;
    await startJob(ground.request(), id, { ...ground.options, initiator: { caller: "ana", origin } });
    await control().pause(id);
    await resumeJob(id, { ...ground.options, initiator: { caller: "ben" } });
    const entries = await readAudit(ground.dynamodb, ground.jobsTable, id);
    expect(entries.find(({ action }) => action === "start")).toMatchObject({
      caller: "ana",
      details: { readRate: 100, redrives: "first" },
    });
    expect(entries.find(({ action }) => action === "resume")).toMatchObject({ caller: "ben" });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["another operation", { operation: "export" }, "operation count, not export"],
    [
      "another filter",
      { filter: "amount > :a", values: { ":a": 1 } },
      'filter none, not amount > :a; values none, not {":a":{"N":"1"}}',
    ],
    ["another way to read", { consistentRead: true }, "consistentRead false, not true"],
  ])(
    "other work under the same id is refused, and the refusal names the work in force: %s",
    async (_, changes, others) => {
      const id = newId();
      await start({}, id);
      ground.forget();
      await expect(start(changes, id)).rejects.toMatchObject({
        ...{ code: "JOB_EXISTS", value: id },
        message: `jobId must be new or name the same work, but job "${id}" does other work: ${others}.`,
      });
      expect(ground.sent).toEqual([]);
    },
  );

  test("after a crash before the messages were sent, the second call sends them", async () => {
    const id = newId();
    ground.failing = { send: named("Crash") };
    await expect(start({}, id)).rejects.toMatchObject({ name: "Crash" });
    expect(await ground.job(id)).toMatchObject({ state: "starting" });
    ground.failing = {};
    expect(await start({ segments: 9, readRate: 2_000 }, id)).toMatchObject({ job: id, state: "running", units: 4 });
    // The number of chains is that of the existing job, whatever the second request asks for.
    expect(ground.sent).toEqual([turns(id, 1)]);
    expect(await ground.job(id)).toMatchObject({ state: "running" });
  });

  test("after a crash before the job was made, the second call's rate is in force", async () => {
    const id = newId();
    ground.failing = { TransactWriteItems: named("Crash") };
    await expect(start({ readRate: 100 }, id)).rejects.toMatchObject({ name: "Crash" });
    ground.failing = {};
    expect(await start({ readRate: 50 }, id)).toMatchObject({ limits: limits(50) });
    const ledger = await control().pause(id);
    expect(ledger.limits).toEqual(limits(50));
    expect(await ledgerLimits(id)).toEqual({ table: 50, indexes: {} });
  });

  test("a job that is paused while its messages are sent is not reported as running", async () => {
    const id = newId();
    const { options } = ground;
    const driver = () => ({
      dispatch: async () => {
        await control().pause(id);
      },
    });
    expect(await startJob(ground.request(), id, { ...options, driver })).toMatchObject({ job: id, state: "paused" });
  });
});

describe("refused before anything is made or sent", () => {
  afterEach(() => {
    expect(ground.sent).toEqual([]);
    expect(ground.commands).not.toContain("TransactWriteItems");
    expect(ground.commands).not.toContain("PutItem");
  });

  test.each<[string, Record<string, unknown>, unknown[]]>([
    [
      "the form",
      { readRate: "5", table: "?" },
      [expect.stringMatching(/^table must be/), expect.stringMatching(/^readRate must be/)],
    ],
    [
      "a table that is not there",
      { table: "nothing-here" },
      ['table must exist, but there is no table "nothing-here".'],
    ],
    [
      "an index that is not there",
      { index: "by-total" },
      ['index must be one of the table\'s, it has by-day, got "by-total".'],
    ],
    [
      "a rate above the table's",
      { readRate: 40_001 },
      ["readRate must be at most what the table allows, 40000 capacity units per second, got 40001."],
    ],
    [
      "a filter that DynamoDB does not understand",
      { filter: "amount >" },
      [expect.stringMatching(/^filter, projection, names and values must fit together: .*Syntax error.*[^.]\.$/)],
    ],
    [
      "a value that is not given",
      { filter: "amount > :least" },
      [expect.stringMatching(/^filter, projection, names and values must fit together: .*:least[^.]*\.$/)],
    ],
    [
      "a reserved word in a projection",
      { operation: "export", projection: "name" },
      [
        expect.stringMatching(
          /^filter, projection, names and values must fit together: .*reserved keyword.*name[^.]*\.$/,
        ),
      ],
    ],
    [
      "a name that nothing uses",
      { filter: "amount > :a", values: { ":a": 1 }, names: { "#b": "b" } },
      [expect.stringMatching(/^filter, projection, names and values must fit together: .*unused.*#b/)],
    ],
  ])("%s", async (_, changes, problems) => {
    expect(await refusal(start(changes))).toEqual({ code: "INVALID_REQUEST", value: problems });
  });

  test.each<[string, Record<string, unknown>, unknown[]]>([
    [
      "problems of the table beside those of the form",
      { table: "ordres", operation: "cuont", readRate: "half", foo: 1 },
      [
        expect.stringMatching(/^readRate must be/),
        "foo is not an option of a start request.",
        expect.stringMatching(/^operation must be one of/),
        'table must exist, but there is no table "ordres".',
      ],
    ],
    [
      "an index beside a malformed rate",
      { index: "by-total", readRate: "5" },
      [expect.stringMatching(/^readRate must be/), expect.stringMatching(/^index must be one of/)],
    ],
  ])("all problems come in one answer: %s", async (_, changes, problems) => {
    expect(await refusal(start(changes))).toEqual({ code: "INVALID_REQUEST", value: problems });
  });

  const denied = () =>
    `table must be one of those the stack was given (config scannerTables); it may not read "${ground.table}".`;
  test.each<[string, Record<string, unknown>, unknown[]]>([
    ["alone", {}, []],
    [
      "among others",
      { operation: "cuont", foo: 1 },
      ["foo is not an option of a start request.", expect.stringMatching(/^operation must be one of/)],
    ],
  ])("a table that the scanner was not given: %s", async (_, changes, others) => {
    ground.failing = { DescribeTable: named("AccessDeniedException") };
    expect(await refusal(start(changes))).toEqual({ code: "INVALID_REQUEST", value: [...others, denied()] });
  });

  test("a table whose name is malformed is not asked for", async () => {
    const problems = [expect.stringMatching(/^table must be 3 to/), expect.stringMatching(/^operation must be one of/)];
    const refused = await refusal(start({ table: "?", operation: "cuont" }));
    expect(refused).toEqual({ code: "INVALID_REQUEST", value: problems });
    expect(ground.commands).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["the form", { foo: 1 }],
    ["the table", { index: "by-total" }],
  ])("expressions are not tried if something else is wrong: %s", async (_, changes) => {
    const { value } = (await refusal(start({ filter: "amount >", ...changes }))) as { value: string[] };
    expect(value).toHaveLength(1);
    expect(ground.commands).toEqual(["DescribeTable"]);
  });

  test("an error of DynamoDB's own is no refusal", async () => {
    ground.failing = { DescribeTable: named("InternalServerError") };
    await expect(start()).rejects.toMatchObject({ name: "InternalServerError" });
    ground.failing = { Scan: named("ProvisionedThroughputExceededException") };
    const probed = start({ filter: "amount > :a", values: { ":a": 1 } });
    await expect(probed).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
  });

  test("without expressions nothing is read", async () => {
    ground.failing = { Scan: named("Unexpected"), TransactWriteItems: named("Stop"), PutItem: named("Stop") };
    await expect(start()).rejects.toMatchObject({ name: "Stop" });
    ground.forget();
  });
});

describe("refused because no record can hold it", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["more than a record holds", { filter: "id = :id", values: { ":id": "x".repeat(450_000) } }, /size/],
  ])("%s", async (_, changes, problem) => {
    const id = newId();
    const value = [expect.stringMatching(problem)];
    expect(await refusal(start(changes, id))).toEqual({ code: "INVALID_REQUEST", value });
    expect(await ground.job(id)).toBeUndefined();
  });

  test.each(["AccessDeniedException", "TransactionCanceledException"])("but not for %s", async (name) => {
    ground.failing = { TransactWriteItems: named(name) };
    await expect(start()).rejects.toMatchObject({ name });
  });
});

describe("resume", () => {
  const resume = (id: string) => resumeJob(id, ground.options);

  test("each chain gets a message of a higher turn; claimed places stay claimed", async () => {
    const id = newId();
    await start({ segments: 6, readRate: 1_000 }, id);
    const jobs = new DynamoDbJobs({ client: ground.dynamodb, table: ground.jobsTable, retry: (call) => call() });
    await jobs.claim(id, { done: 0, failed: 0 });
    await jobs.claim(id, { done: 1, failed: 1 });
    await control().pause(id);
    ground.forget();
    expect(await resume(id)).toMatchObject({ job: id, state: "running", units: 6 });
    expect(ground.sent).toEqual([turns(id, 3, 1_000_000)]);
    const resumed = { state: "running", epoch: 1, chains: 3, claimed: 2, unitsDone: 1, unitsFailed: 0 };
    expect(await ground.job(id)).toMatchObject(resumed);
    ground.forget();
    await resume(id);
    expect(ground.sent).toEqual([turns(id, 3, 2_000_000)]);
  });

  test("the number of chains depends on the present rate, not on the rate at the start", async () => {
    const id = newId();
    await start({ segments: 30, readRate: 10_000 }, id);
    await control().changeRate(id, { direction: "read", table: ground.table }, { table: 700 });
    await control().pause(id);
    ground.forget();
    await resume(id);
    expect(ground.sent).toEqual([turns(id, 2, 1_000_000)]);
    expect(await ground.job(id)).toMatchObject({ chains: 2 });
    await control().changeRate(id, { direction: "read", table: ground.table }, { table: 40_000 });
    await control().pause(id);
    ground.forget();
    await resume(id);
    expect(ground.sent).toEqual([turns(id, 16, 2_000_000)]);
  });

  test("a watching message with the new epoch is sent before the job is changed", async () => {
    const id = newId();
    await start({}, id);
    await control().pause(id);
    ground.forget();
    ground.failing = { continueLater: named("Killed") };
    await expect(resume(id)).rejects.toMatchObject({ name: "Killed" });
    expect(await ground.job(id)).toMatchObject({ state: "paused", epoch: 0 });
    ground.failing = {};
    await resume(id);
    expect(ground.later).toEqual([{ request: { dispatch: id, epoch: 1 }, delaySeconds: 60 }]);
  });

  test("after a crash before the messages were sent, the next call sends them", async () => {
    const id = newId();
    await start({}, id);
    await control().pause(id);
    ground.forget();
    ground.failing = { send: named("Crash") };
    await expect(resume(id)).rejects.toMatchObject({ name: "Crash" });
    expect(await ground.job(id)).toMatchObject({ state: "starting", epoch: 1 });
    ground.failing = {};
    expect(await resume(id)).toMatchObject({ state: "running" });
    expect(ground.sent).toEqual([turns(id, 1, 2_000_000)]);
    expect(await ground.job(id)).toMatchObject({ state: "running", epoch: 2 });
  });

  test("a job that doesn't exist, or has ended for good, is not resumed", async () => {
    expect(await refusal(resume("nothing"))).toEqual({ code: "NO_SUCH_JOB", value: "nothing" });
    const id = newId();
    await start({}, id);
    await control().cancel(id);
    ground.forget();
    expect(await refusal(resume(id))).toEqual({ code: "WRONG_STATE", value: "cancelled" });
    expect(ground.sent).toEqual([]);
  });
});

async function ledgerLimits(id: string): Promise<unknown> {
  const job = (await ground.job(id))!;
  return (await ledgerOf(ground.dynamodb, ground.jobsTable, job, job.limits[0]!).read()).limits;
}

describe("former values of an earlier job of the same id", () => {
  const request = (changes: object = {}) =>
    ground.request({
      operation: "update",
      update: { set: { a: { N: "1" } } },
      writeRate: 10,
      keepBefore: true,
      ...changes,
    });
  const startUpdate = (id: string, changes: object = {}) =>
    startJob(request(changes), id, { ...ground.options, changedTables: [ground.table] });

  test("are refused, because the job's undo would undo the earlier job as well", async () => {
    const id = newId();
    ground.keys = [`update/${id}/before/0000000/0000000.jsonl.gz`];
    await expect(startUpdate(id)).rejects.toMatchObject({
      code: "RECORDS_LEFT",
      message: `Former values of an earlier job ${id} are still in s3://results/update/${id}/before/: choose another id, or delete them.`,
    });
    expect(await ground.job(id)).toBeUndefined();
    expect(ground.later).toEqual([]);
  });

  test("do not matter to a job that keeps none, and those of another job to nobody", async () => {
    const [id, other] = [newId(), newId()];
    ground.keys = [`update/${id}/before/0000000/0000000.jsonl.gz`];
    expect(await startUpdate(id, { keepBefore: false })).toMatchObject({ job: id });
    expect(await startUpdate(other)).toMatchObject({ job: other });
  });

  test("may be the job's own, if it is started again", async () => {
    const id = newId();
    await startUpdate(id);
    ground.keys = [`update/${id}/before/0000000/0000000.jsonl.gz`];
    expect(await startUpdate(id)).toMatchObject({ job: id, startedBefore: true });
  });
});
