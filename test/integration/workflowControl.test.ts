/** What operators do with jobs of the workflow driver, and its schedule, on the real state machine. */
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, DescribeMapRunCommand, ListMapRunsCommand } from "@aws-sdk/client-sfn";
import { createTable, fillTable } from "../../local/fillTable";
import { ScannerGround } from "./scannerGround";
import { documentOf } from "./sluiceOn";

jest.setTimeout(240_000);

const TABLE = "orders";
/** A table that jobs may change, and that is not among the tables for reading. */
const CHANGED = "archive";
const ITEMS = 3_000;
const REQUEST = { operation: "count", table: TABLE, readRate: 300, segments: 4 };

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({
    scannerTables: TABLE,
    backfillTables: CHANGED,
    // On a busy machine, a worker that is ended by its time-out would keep the job from being deleted.
    shuffleTimeoutSeconds: "60",
    shuffleSchedule: "rate(1 day)",
    shuffleScheduledRequest: JSON.stringify(REQUEST),
  });
  await createTable(ground.operator.dynamodb, TABLE);
  await fillTable(ground.operator.dynamodb, TABLE, ITEMS, (n) => ({
    id: { S: `order-${n}` },
    note: { S: "x".repeat(400) },
  }));
});
afterAll(() => ground?.stop());

describe("the schedule", () => {
  test("starts a separate job each time it is triggered, and each completes", async () => {
    const trigger = async () => (await ground.cloud.administer("POST", "schedules")) as { executionArn: string };
    const executions = [await trigger(), await trigger()];
    const ids = executions.map(({ executionArn }) => executionArn.split(":").at(-1)!);
    expect(new Set(ids).size).toBe(2);
    for (const [at, id] of ids.entries()) {
      const job = await ground.end(id);
      const { executionArn: execution } = executions[at]!;
      expect(job).toMatchObject({ state: "completed", driver: "workflow", execution, result: { items: ITEMS } });
    }
  });
});

test("a job over a table that is only in the list of tables to change ends like any other", async () => {
  await createTable(ground.operator.dynamodb, CHANGED);
  await fillTable(ground.operator.dynamodb, CHANGED, 50, (n) => ({ id: { S: `order-${n}` } }));
  const update = { set: { seen: { BOOL: true } } };
  const request = { operation: "update", table: CHANGED, update, driver: "workflow", writeRate: 200 } as const;
  const job = await ground.end(await ground.begin(request));
  expect(job).toMatchObject({
    state: "completed",
    driver: "workflow",
    result: { outcomes: { updated: 50, failed: 0 } },
  });
});

describe("an operator", () => {
  const stepFunctions = () => ground.operator.sfn;

  /** How an execution ended. */
  async function endOf(executionArn: string): Promise<string | undefined> {
    const describe = () => stepFunctions().send(new DescribeExecutionCommand({ executionArn }));
    return (await ground.until(describe, ({ status }) => status !== "RUNNING")).status;
  }

  /** Numbers at once of the execution's Map Run, once there is one. */
  async function concurrencyOf(executionArn: string): Promise<number | undefined> {
    const list = () => stepFunctions().send(new ListMapRunsCommand({ executionArn }));
    const { mapRuns } = await ground.until(list, ({ mapRuns = [] }) => mapRuns.length > 0);
    const { mapRunArn } = mapRuns![0]!;
    return (await stepFunctions().send(new DescribeMapRunCommand({ mapRunArn }))).maxConcurrency;
  }

  async function lists(id: string): Promise<string[]> {
    const { s3, resultsBucket: Bucket } = ground.operator;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `numbers/${id}/` }));
    return Contents.map(({ Key = "" }) => Key);
  }

  /** Runs a command that must succeed. @returns its answer */
  async function command(...args: string[]) {
    return documentOf(await ground.sluice(...args, "--json"));
  }

  test("a job of a Distributed Map is slowed, paused, resumed, cancelled and deleted like a job of the queue driver", async () => {
    // So many numbers don't fit into the execution's state.
    const many = { operation: "count", table: TABLE, driver: "workflow", readRate: 20, segments: 6_000 } as const;
    const id = await ground.begin(many);
    const shown = await command("jobs", "show", id);
    const first = shown.execution as string;
    expect(shown).toMatchObject({ driver: "workflow", execution: expect.stringMatching(`:${id}-0$`) });
    expect(await concurrencyOf(first)).toBe(1);

    expect(await command("jobs", "rate", id, "--read-rate", "4000")).not.toHaveProperty("warnings");
    expect(await concurrencyOf(first)).toBe(10);
    expect((await ground.job(id)).limits[0]?.limits).toEqual({ table: 4_000 });

    expect(await command("jobs", "pause", id)).toMatchObject({ job: id, state: "paused" });
    expect(await endOf(first)).toBe("SUCCEEDED");
    expect(await ground.job(id)).toMatchObject({ state: "paused", execution: first });

    await command("jobs", "resume", id);
    const { execution: second = "" } = await ground.job(id);
    expect(second).toMatch(new RegExp(`:${id}-1$`));
    expect(await concurrencyOf(second)).toBe(10);
    const listed = await command("jobs", "list");
    expect(listed.jobs).toContainEqual(expect.objectContaining({ id, state: "running" }));

    expect(await command("jobs", "cancel", id)).toMatchObject({ state: "cancelled" });
    expect(await endOf(second)).toBe("SUCCEEDED");
    expect(await lists(id)).toEqual([`numbers/${id}/0.json`, `numbers/${id}/1.json`]);

    expect(await command("jobs", "delete", id, "--yes")).toMatchObject({ deleted: true, objects: 2 });
    expect(await lists(id)).toEqual([]);
  });
});
