import { type CreateTableCommandInput, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { createTable } from "../../../local/fillTable";
import { resumeJob, type StartJobOptions, startJob } from "../../../services/jobs/startJob";
import { JobControl } from "../../../shared/jobs/control";
import { named, orders, type StartGround, startGroundOnce } from "./startGround";

let ground: StartGround;
startGroundOnce((started) => {
  ground = started;
});

let next = 0;
const control = () => new JobControl(ground.dynamodb, ground.jobsTable, Date.now);

/** A job that is paused. @returns its id */
async function pausedJob(
  changes: Record<string, unknown> = {},
  options: Partial<StartJobOptions> = {},
): Promise<string> {
  const id = `job-${next++}`;
  await startJob(ground.request(changes), id, { ...ground.options, ...options });
  await control().pause(id);
  ground.forget();
  return id;
}

async function expectRefused(id: string, message: string): Promise<void> {
  const before = await ground.job(id);
  await expect(resumeJob(id, ground.options)).rejects.toMatchObject({
    ...{ code: "SOURCE_CHANGED", value: id, retryable: false, message },
  });
  expect(ground.sent).toEqual([]);
  expect(ground.later).toEqual([]);
  expect(await ground.job(id)).toEqual(before);
}

const byDay = (changes: object = {}): Partial<CreateTableCommandInput> => ({
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-day",
      KeySchema: [{ AttributeName: "day", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
      ...changes,
    },
  ],
});

test("a job whose table is unchanged is resumed", async () => {
  const id = await pausedJob({ index: "by-day" });
  expect(await resumeJob(id, ground.options)).toMatchObject({ job: id, state: "running" });
});

test("if a paused job's table was deleted and made anew, the job is not resumed", async () => {
  const id = await pausedJob();
  await ground.remakeOrders();
  await expectRefused(
    id,
    `Job ${id} cannot be resumed: Table ${ground.table} was deleted and recreated after the job began. Start a new job.`,
  );
  // A new job works on the new table.
  const again = await pausedJob();
  expect(await resumeJob(again, ground.options)).toMatchObject({ state: "running" });
});

test("a job whose table no longer exists is not resumed", async () => {
  const id = await pausedJob();
  await ground.remakeOrders();
  ground.failing = { DescribeTable: named("ResourceNotFoundException") };
  await expectRefused(id, `Job ${id} cannot be resumed: Table ${ground.table} no longer exists. Start a new job.`);
});

test("a job whose table may no longer be read is not resumed", async () => {
  const id = await pausedJob();
  ground.failing = { DescribeTable: named("AccessDeniedException", "no") };
  await expectRefused(id, `Job ${id} cannot be resumed: Table ${ground.table} may not be read: no Start a new job.`);
});

test("a table that can't be described at the moment is no reason", async () => {
  const id = await pausedJob();
  ground.failing = { DescribeTable: named("ThrottlingException") };
  await expect(resumeJob(id, ground.options)).rejects.toMatchObject({ name: "ThrottlingException" });
  ground.failing = {};
  expect(await resumeJob(id, ground.options)).toMatchObject({ state: "running" });
});

describe("the table that a copy goes to", () => {
  /** A paused copy. @returns its id, and the table that it goes to */
  async function pausedCopy() {
    const to = `archive-${next}`;
    await createTable(ground.dynamodb, to, orders);
    const id = await pausedJob({ operation: "copy", to, writeRate: 100 }, { changedTables: [to] });
    return { id, to };
  }

  test("is still the same", async () => {
    const { id } = await pausedCopy();
    expect(await resumeJob(id, ground.options)).toMatchObject({ job: id, state: "running" });
  });

  test("was made anew", async () => {
    const { id, to } = await pausedCopy();
    await ground.dynamodb.send(new DeleteTableCommand({ TableName: to }));
    await createTable(ground.dynamodb, to, orders);
    const problem = `Table ${to} was deleted and recreated after the job began.`;
    await expectRefused(id, `Job ${id} cannot be resumed: ${problem} Start a new job.`);
  });

  test("no longer exists", async () => {
    const { id, to } = await pausedCopy();
    await ground.dynamodb.send(new DeleteTableCommand({ TableName: to }));
    await expect(resumeJob(id, ground.options)).rejects.toMatchObject({
      code: "SOURCE_CHANGED",
      message: expect.stringContaining(`Table ${to} no longer exists`),
    });
  });
});

describe("an index, where DynamoDB keeps the table", () => {
  /**
   * The state after an UpdateTable, for which DynamoDB Local would need some time: the table is the same, but the index isn't.
   */
  async function withIndex(index: object | undefined, then: () => Promise<void>): Promise<void> {
    const { dynamodb } = ground;
    const send = async (command: { constructor: { name: string } }) => {
      const output = (await dynamodb.send(command as never)) as { Table?: object };
      if (command.constructor.name !== "DescribeTableCommand") return output;
      return { ...output, Table: { ...output.Table, GlobalSecondaryIndexes: index === undefined ? [] : [index] } };
    };
    const client = jest.spyOn(ground, "dynamodb", "get").mockReturnValue({ send } as never);
    await then().finally(() => client.mockRestore());
  }
  const [index] = byDay().GlobalSecondaryIndexes!;
  const OTHER = () =>
    `The index of table ${ground.table} that the job reads was recreated with other keys or another projection.`;

  test.each<[string, object | undefined, () => string]>([
    [
      "dropped",
      undefined,
      () => `The index of table ${ground.table} that the job reads was dropped after the job began.`,
    ],
    ["made anew with another projection", { ...index, Projection: { ProjectionType: "KEYS_ONLY" } }, OTHER],
    ["made anew with other keys", { ...index, KeySchema: [{ AttributeName: "id", KeyType: "HASH" }] }, OTHER],
  ])("that was %s: the job is not resumed", async (_, changed, problem) => {
    const id = await pausedJob({ index: "by-day" });
    await withIndex(changed, () => expectRefused(id, `Job ${id} cannot be resumed: ${problem()} Start a new job.`));
  });

  test("that was made anew in the same form is read further, and an index that the job does not read doesn't matter", async () => {
    const id = await pausedJob({ index: "by-day" });
    await withIndex(index, async () => void (await resumeJob(id, ground.options)));
    const other = await pausedJob();
    await withIndex(undefined, async () => void (await resumeJob(other, ground.options)));
    for (const each of [id, other]) expect(await ground.job(each)).toMatchObject({ state: "running" });
  });
});

test("a job's state is checked before its table is described", async () => {
  const id = await pausedJob();
  await control().cancel(id);
  ground.forget();
  await expect(resumeJob(id, ground.options)).rejects.toMatchObject({ code: "WRONG_STATE" });
  expect(ground.commands).not.toContain("DescribeTable");
});
