import { GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { competitionWarnings, groupProblems, otherJobs } from "../../../services/jobs/otherJobs";
import { startJob } from "../../../services/jobs/startJob";
import { JobControl } from "../../../shared/jobs/control";
import type { JobHead, JobLimit } from "../../../shared/jobs/job";
import { activeKey, activePartition, toAttributes } from "../../../shared/jobs/storage/jobsTable";
import { ledgerOf } from "../../../shared/jobs/storage/ledgers";
import { sampleJob } from "../../support/sampleJob";
import { type StartGround, startGroundOnce } from "./startGround";

const read = (table: number, indexes?: Record<string, number>): JobLimit => ({
  ...{ direction: "read", table: "orders", limits: { table, ...(indexes === undefined ? {} : { indexes }) } },
});
const write = (table: number): JobLimit => ({ direction: "write", table: "orders", limits: { table } });
const job = (id: string, part: Partial<JobHead> = {}) =>
  sampleJob({ id, work: { operation: "count", table: "orders" }, limits: [read(100)], ...part });

describe("jobs that compete", () => {
  test("each is named, with its work and its rate", () => {
    const others = [
      job("nightly", { state: "paused", limits: [read(50)] }),
      job("hourly", { work: { operation: "export", table: "orders" }, limitGroup: "b" }),
    ];
    const warnings = [
      "Job nightly (count, paused) works on table orders too, at 50 RCU/s of its own: nothing limits the sum of both. " +
        "To share one limit, start both with the same --limit-group.",
      "Job hourly (export, running) works on table orders too, at 100 RCU/s of its own: nothing limits the sum of both. " +
        "To share one limit, start both with the same --limit-group.",
    ];
    expect(competitionWarnings(job("new"), others)).toEqual(warnings);
    expect(competitionWarnings(job("new", { limitGroup: "a" }), others)).toEqual(warnings);
    expect(competitionWarnings(job("new", { limitGroup: "b" }), others)).toEqual(warnings.slice(0, 1));
  });

  test("a lone job gets no warning", () => expect(competitionWarnings(job("new"), [])).toEqual([]));
});

describe("reasons that keep a job out of its group", () => {
  const inGroup = (id: string, limits: JobLimit[], part: Partial<JobHead> = {}) =>
    job(id, { limitGroup: "a", limits, ...part });
  const RATE =
    'readRate must be the rate of limit group "a", 100 per second, got 70. `jobs rate first` changes it for the whole group.';

  test.each<[string, JobHead[], string[]]>([
    ["nobody is in it", [], []],
    ["the others are in another", [job("first", { limitGroup: "b" })], []],
    ["the others are in none", [job("first")], []],
    ["the same rate", [inGroup("first", [read(70)])], []],
    ["another rate", [inGroup("first", [read(100)])], [RATE]],
    ["another rate, of the second", [job("alone"), inGroup("first", [read(100)])], [RATE]],
  ])("%s", (_, others, problems) => {
    expect(groupProblems(inGroup("new", [read(70)]), others)).toEqual(problems);
  });

  test("a job without a group has no such problem", () => {
    expect(groupProblems(job("new", { limits: [read(70)] }), [job("first")])).toEqual([]);
  });

  test("each direction has a rate, set by the first member that uses this direction", () => {
    const others = [inGroup("first", [read(100)]), inGroup("second", [read(100), write(40)])];
    expect(groupProblems(inGroup("new", [read(100), write(30)]), others)).toEqual([
      'writeRate must be the rate of limit group "a", 40 per second, got 30. `jobs rate second` changes it for the whole group.',
    ]);
    expect(groupProblems(inGroup("new", [read(70), write(30)]), others)).toHaveLength(2);
    expect(groupProblems(inGroup("new", [read(100), write(40)]), others)).toEqual([]);
  });

  test("an index without its own limit has the table's limit, so both may share it", () => {
    const index = inGroup("second", [read(100, { "by-day": 100 })]);
    expect(groupProblems(index, [inGroup("first", [read(100)])])).toEqual([]);
    expect(groupProblems(index, [inGroup("first", [read(100, { "by-day": 50 })])])).toHaveLength(1);
  });
});

describe("in the jobs table", () => {
  let ground: StartGround;
  startGroundOnce((started) => {
    ground = started;
  });

  let next = 0;
  const start = async (changes: Record<string, unknown> = {}) => {
    const id = `job-${next++}`;
    return { id, answer: await startJob(ground.request(changes), id, ground.options) };
  };
  const refused = (changes: Record<string, unknown>) =>
    start(changes).then(
      () => [],
      (error) => error.value as string[],
    );
  const control = () => new JobControl(ground.dynamodb, ground.jobsTable, Date.now);
  const listed = async () => {
    const { Items = [] } = await ground.dynamodb.send(
      new QueryCommand({
        TableName: ground.jobsTable,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: activePartition(ground.table) } },
        ConsistentRead: true,
      }),
    );
    return Items.map(({ sk }) => sk!.S);
  };
  const ledgerLimits = async (id: string) => {
    const found = (await ground.job(id))!;
    return (await ledgerOf(ground.dynamodb, ground.jobsTable, found, found.limits[0]!).read()).limits;
  };

  test("a second job on a table is started with a warning that names the first", async () => {
    const first = await start();
    expect(first.answer).not.toHaveProperty("warnings");
    const second = await start({ readRate: 30 });
    expect(second.answer).toMatchObject({ state: "running" });
    expect(second.answer.warnings).toEqual([
      `Job ${first.id} (count, running) works on table ${ground.table} too, at 100 RCU/s of its own: nothing limits the ` +
        "sum of both. To share one limit, start both with the same --limit-group.",
    ]);
  });

  test("jobs of one group share a ledger, and another rate is refused with advice", async () => {
    const first = await start({ limitGroup: "a" });
    const second = await start({ limitGroup: "a" });
    expect(second.answer).not.toHaveProperty("warnings");
    expect(await refused({ limitGroup: "a", readRate: 30 })).toEqual([
      `readRate must be the rate of limit group "a", 100 per second, got 30. \`jobs rate ${first.id}\` changes it for the ` +
        "whole group.",
    ]);
    await control().changeRate(first.id, { direction: "read", table: ground.table }, { table: 40 });
    expect(await ledgerLimits(second.id)).toEqual({ table: 40, indexes: {} });
    // A job alone has a ledger of its own.
    const alone = await start({ readRate: 5 });
    expect(await ledgerLimits(alone.id)).toEqual({ table: 5, indexes: {} });
    expect(await ledgerLimits(first.id)).toEqual({ table: 40, indexes: {} });
  });

  test("the first job of a group after its jobs have ended sets the rate", async () => {
    const first = await start({ limitGroup: "b" });
    await control().cancel(first.id);
    const second = await start({ limitGroup: "b", readRate: 30 });
    expect(second.answer).not.toHaveProperty("warnings");
    expect(await ledgerLimits(second.id)).toEqual({ table: 30, indexes: {} });
  });

  test("a later job of a group leaves the rate as it is", async () => {
    const first = await start({ limitGroup: "c" });
    const { dynamodb, jobsTable } = ground.options;
    const found = (await ground.job(first.id))!;
    // The ledger has the rate in force. The record shows it a moment later.
    await ledgerOf(dynamodb, jobsTable, found, found.limits[0]!).configure({ table: 60 }, Date.now());
    await start({ limitGroup: "c" });
    expect(await ledgerLimits(first.id)).toEqual({ table: 60, indexes: {} });
  });

  test("jobs that are under way are found, and jobs that have ended are removed from the list", async () => {
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push((await start()).id);
    const [running, paused, cancelled, itself] = ids as [string, string, string, string];
    await control().pause(paused);
    await control().cancel(cancelled);
    const gone = `zz-${paused}`;
    const Item = { ...activeKey(ground.table, gone), ...toAttributes({ id: gone }) };
    await ground.dynamodb.send(new PutItemCommand({ TableName: ground.jobsTable, Item }));
    expect(await listed()).toEqual(expect.arrayContaining([running, paused, cancelled, itself, gone]));
    ground.forget();
    const others = await otherJobs(ground.options, (await ground.job(itself))!);
    expect(others.map(({ id }) => id)).toEqual([running, paused]);
    expect(await listed()).toEqual([running, paused, itself]);
    // Both reads are consistent: a job that was started a moment ago counts.
    const reads = ground.inputs.filter(({ name }) => name === "Query" || name === "BatchGetItem");
    expect(reads[0]).toMatchObject({ name: "Query", input: { ConsistentRead: true, Limit: 100 } });
    expect(reads[1]).toMatchObject({
      ...{ name: "BatchGetItem", input: { RequestItems: { [ground.jobsTable]: { ConsistentRead: true } } } },
    });
  });

  test("a failed job counts as ended, and is in no list of another table", async () => {
    const { id } = await start();
    const found = (await ground.job(id))!;
    expect(await otherJobs(ground.options, { id: "x", work: { ...found.work, table: "elsewhere" } })).toEqual([]);
    expect(await otherJobs(ground.options, { id: "x", work: found.work })).toHaveLength(1);
    const key = activeKey(ground.table, id);
    const { Item } = await ground.dynamodb.send(new GetItemCommand({ TableName: ground.jobsTable, Key: key }));
    expect(Item).toEqual({ ...key, id: { S: id } });
  });
});
