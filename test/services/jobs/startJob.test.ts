import { resumeJob, startJob } from "../../../services/jobs/startJob";
import { SluiceError } from "../../../shared/errors";
import { JobControl } from "../../../shared/jobs/control";
import { ledgerOf } from "../../../shared/jobs/storage/ledgers";
import { named, StartGround } from "./startGround";

let ground: StartGround;
beforeAll(async () => {
  ground = await StartGround.start();
});
afterAll(() => ground?.stop());
beforeEach(async () => {
  await ground.endJobs();
  ground.forget();
});

let next = 0;
const newId = () => `job-${next++}`;
const start = (changes: Record<string, unknown> = {}, id = newId()) =>
  startJob(ground.request(changes), id, ground.options);
const units = () =>
  ground.sent
    .flat()
    .map(({ unit }) => unit)
    .sort((a, b) => a - b);
const control = () => new JobControl(ground.dynamodb, ground.jobsTable, Date.now);
const limits = (rcu: number) => [{ direction: "read", table: ground.table, limits: { table: rcu } }];
const refusal = async (call: Promise<unknown>) => {
  const error = await call.catch((thrown: unknown) => thrown);
  if (error instanceof SluiceError) return { code: error.code, value: error.value };
  throw error;
};

describe("start", () => {
  test("a job is made, a message for each segment is sent, the answer tells what was started", async () => {
    const id = newId();
    expect(await start({ segments: 25, readRate: "50%" }, id)).toEqual({
      job: id,
      state: "running",
      units: 25,
      limits: [{ direction: "read", table: ground.table, limits: { table: 6_000 } }],
    });
    expect(await ground.job(id)).toMatchObject({ id, state: "running", units: 25, epoch: 0 });
    expect((await ground.job(id))!.limits).toEqual([
      { direction: "read", table: ground.table, limits: { table: 6_000 } },
    ]);
    expect(units()).toEqual(Array.from({ length: 25 }, (_, unit) => unit));
    expect(ground.sent.flat().every(({ job, turn }) => job === id && turn === 0)).toBe(true);
  });

  test("segments are handed out in another order than that of the key space", async () => {
    await start({ segments: 200 });
    expect(ground.sent.flat().map(({ unit }) => unit)).not.toEqual(units());
  });

  test("an id of the caller's own goes before the one made up", async () => {
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
  ])("twice with one id is one job: %s", async (_, changes) => {
    const id = newId();
    const before = (await ground.jobs()).length;
    const first = await start(changes, id);
    expect(await start(changes, id)).toEqual({ ...first, startedBefore: true });
    expect((await ground.jobs()).length).toBe(before + 1);
    expect(units()).toEqual([0, 1, 2, 3]);
  });

  test("twice at the same time as well", async () => {
    const id = newId();
    const answers = await Promise.all([start({}, id), start({}, id), start({}, id)]);
    expect(new Set(answers.map(({ job }) => job))).toEqual(new Set([id]));
    expect((await ground.jobs()).filter((job) => job.id === id)).toHaveLength(1);
    expect(new Set(units())).toEqual(new Set([0, 1, 2, 3]));
    expect(await ground.job(id)).toMatchObject({ state: "running", epoch: 0 });
  });

  test("a repetition answers with the job as it is by now, and sends nothing", async () => {
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
    });
    expect(ground.sent).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["another operation", { operation: "export" }],
    ["another filter", { filter: "amount > :a", values: { ":a": 1 } }],
    ["another way to read", { consistentRead: true }],
  ])("other work under the same id is refused: %s", async (_, changes) => {
    const id = newId();
    await start({}, id);
    ground.forget();
    expect(await refusal(start(changes, id))).toEqual({ code: "JOB_EXISTS", value: id });
    expect(ground.sent).toEqual([]);
  });

  test("after a crash before the messages were sent, the second call sends them", async () => {
    const id = newId();
    ground.failing = { send: named("Crash") };
    await expect(start({}, id)).rejects.toMatchObject({ name: "Crash" });
    expect(await ground.job(id)).toMatchObject({ state: "starting" });
    ground.failing = {};
    expect(await start({ segments: 9 }, id)).toMatchObject({ job: id, state: "running", units: 4 });
    expect(units()).toEqual([0, 1, 2, 3]);
    expect(await ground.job(id)).toMatchObject({ state: "running" });
  });

  test("after a crash before the job was made, the second call's rate is the one in force", async () => {
    const id = newId();
    ground.failing = { TransactWriteItems: named("Crash") };
    await expect(start({ readRate: 100 }, id)).rejects.toMatchObject({ name: "Crash" });
    ground.failing = {};
    expect(await start({ readRate: 50 }, id)).toMatchObject({ limits: limits(50) });
    const ledger = await control().pause(id);
    expect(ledger.limits).toEqual(limits(50));
    expect(await ledgerLimits(id)).toEqual({ table: 50, indexes: {} });
  });

  test("a job that is paused while its messages are sent is not said to be running", async () => {
    const id = newId();
    const { options } = ground;
    const driver = {
      dispatch: async () => {
        await control().pause(id);
      },
    };
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
      "what the table says beside the form",
      { table: "ordres", operation: "cuont", readRate: "half", foo: 1 },
      [
        expect.stringMatching(/^readRate must be/),
        "foo is not an option of a start request.",
        expect.stringMatching(/^operation must be one of/),
        'table must exist, but there is no table "ordres".',
      ],
    ],
    [
      "an index beside a rate that is none",
      { index: "by-total", readRate: "5" },
      [expect.stringMatching(/^readRate must be/), expect.stringMatching(/^index must be one of/)],
    ],
  ])("all in one answer: %s", async (_, changes, problems) => {
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
  ])("expressions are not tried where something else is wrong: %s", async (_, changes) => {
    const { value } = (await refusal(start({ filter: "amount >", ...changes }))) as { value: string[] };
    expect(value).toHaveLength(1);
    expect(ground.commands).toEqual(["DescribeTable"]);
  });

  test("a fault of DynamoDB is no refusal", async () => {
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
    ["a rate below what DynamoDB's numbers reach", { readRate: 1e-200 }, /underflow/],
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

  test("what is not done gets a message of a higher turn, failed segments too", async () => {
    const id = newId();
    await start({ segments: 6 }, id);
    await control().pause(id);
    for (const unit of [1, 4]) await ground.leaveUnit(id, unit, "done");
    await ground.leaveUnit(id, 2, "failed");
    ground.forget();
    expect(await resume(id)).toMatchObject({ job: id, state: "running", units: 6 });
    expect(units()).toEqual([0, 2, 3, 5]);
    expect(new Set(ground.sent.flat().map(({ turn }) => turn))).toEqual(new Set([1_000_000]));
    expect(await ground.job(id)).toMatchObject({ state: "running", epoch: 1, unitsFailed: 0 });
    // Which units are done is read consistently, and without their results.
    const reads = ground.inputs.filter(
      ({ name, input }) => name === "Query" && JSON.stringify(input).includes("unit#"),
    );
    expect(reads.map(({ input }) => input)).toMatchObject([
      { ConsistentRead: true, ProjectionExpression: "#number, #state" },
    ]);
    ground.forget();
    await resume(id);
    expect(new Set(ground.sent.flat().map(({ turn }) => turn))).toEqual(new Set([2_000_000]));
  });

  test("where all segments are done one message brings the end about", async () => {
    const id = newId();
    await start({ segments: 2 }, id);
    for (const unit of [0, 1]) await ground.leaveUnit(id, unit, "done");
    ground.forget();
    await resume(id);
    expect(ground.sent.flat()).toEqual([{ job: id, unit: 0, turn: 1_000_000 }]);
  });

  test("a crash before the messages were sent is made good by the next call", async () => {
    const id = newId();
    await start({}, id);
    await control().pause(id);
    ground.forget();
    ground.failing = { send: named("Crash") };
    await expect(resume(id)).rejects.toMatchObject({ name: "Crash" });
    expect(await ground.job(id)).toMatchObject({ state: "starting", epoch: 1 });
    ground.failing = {};
    expect(await resume(id)).toMatchObject({ state: "running" });
    expect(units()).toEqual([0, 1, 2, 3]);
    expect(await ground.job(id)).toMatchObject({ state: "running", epoch: 2 });
  });

  test("a job that is not there, or over for good, is not resumed", async () => {
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
