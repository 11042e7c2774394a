/** Executions of the workflow driver on the real state machine: their history, how they end, and who may start them. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { DescribeStateMachineCommand, StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { createTable, fillTable } from "../../local/fillTable";
import type { Mail } from "../../local/sns/topics";
import { type Course, executionOf, turnsWithin } from "../../services/shuffle/history";
import { OWN_BOUNDS } from "../../services/shuffle/limits";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { childrenOf, endOf, historyOf, largestData } from "./executionHistory";
import { ScannerGround } from "./scannerGround";

jest.setTimeout(600_000);

const TABLE = "orders";
const ITEMS = 3_000;
const EMPTY = "drafts";
/** Too many for the history of an inline Map. */
const MANY = 180;

const count = { operation: "count", table: TABLE, driver: "workflow" } satisfies Partial<StartRequest>;
const fast = { ...count, readRate: 2_000, segments: 8 } as const;
/** Takes about ten seconds. */
const slow = { ...count, readRate: 20, segments: 4 } as const;

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({
    scannerTables: `${TABLE},${EMPTY},nowhere`,
    jobsCompletionEmail: "lab@example.org",
  });
  await createTable(ground.operator.dynamodb, TABLE);
  await createTable(ground.operator.dynamodb, EMPTY);
  await fillTable(ground.operator.dynamodb, TABLE, ITEMS, (n) => ({
    id: { S: `order-${n}` },
    note: { S: "x".repeat(400) },
  }));
});
afterEach(() => ground.cloud.setFaults([]));
afterAll(() => ground?.stop());

const arnOf = (name: string) => `${ground.stateMachine.replace(":stateMachine:", ":execution:")}:${name}`;

async function underWay(request: StartRequest): Promise<string> {
  const id = await ground.begin(request);
  await ground.until(
    () => ground.progress(id),
    ({ counts }) => counts.pages > 2,
  );
  return id;
}

/** The events published about a job, in order, each at least once. */
async function endsOf(id: string): Promise<string[]> {
  return [...new Set((await ground.ends(id)).map((event) => event["detail-type"]))];
}

async function mailAbout(id: string): Promise<string[]> {
  const { mail } = (await ground.cloud.administer("GET", "mail")) as unknown as { mail: Mail[] };
  return mail.map(({ message }) => message).filter((message) => message.includes(id));
}

describe("an execution that nothing disturbs", () => {
  test.each<[string, Course, string, number]>([
    // Small units: each of the five lanes gets a batch of two.
    ["with an inline Map", { mode: "inline", units: 5, turns: 1 }, TABLE, ITEMS],
    // The size of an empty table is unknown, so that each unit is a batch.
    ["with a distributed Map", { mode: "distributed", units: MANY, turns: 1 }, EMPTY, 0],
  ])("has the events that are computed from the definition: %s", async (_, course, table, items) => {
    const { units, mode } = course;
    expect(turnsWithin("inline", units) > 1).toBe(mode === "inline");
    const segments = mode === "inline" ? 2 * units : units;
    const id = await ground.begin({ ...fast, table, segments });
    const job = await ground.end(id);
    expect(job).toMatchObject({ state: "completed", driver: "workflow", unitsDone: segments, result: { items } });
    expect(job.execution).toBe(arnOf(`${id}-0`));
    await ground.idle("workflow");
    const events = await historyOf(ground.sfn, job.execution!);
    const computed = executionOf(course);
    expect(events.at(-1)).toMatchObject({ type: "ExecutionSucceeded", id: computed.events });
    expect(largestData(events)).toBeLessThan(OWN_BOUNDS.stateBytes);
    const children = await childrenOf(ground.sfn, job.execution!);
    expect(children).toHaveLength(mode === "inline" ? 0 : units);
    const lengths = await Promise.all(children.map(async (child) => (await historyOf(ground.sfn, child)).length));
    expect(new Set(lengths)).toEqual(new Set(mode === "inline" ? [] : [computed.childEvents]));
  });
});

describe("an execution that ends from outside", () => {
  test.each<[string, (id: string) => Promise<unknown>, string]>([
    [
      "stopped by hand",
      (id) =>
        ground.sfn.send(new StopExecutionCommand({ executionArn: arnOf(`${id}-0`), error: "Stop", cause: "mine" })),
      "was stopped: Stop: mine.",
    ],
    ["timed out", timeOut, "timed out."],
  ])("leaves its job failed, and resumable to its completion: %s", async (_, end, how) => {
    const id = await underWay(slow);
    await end(id);
    expect(await ground.end(id)).toMatchObject({ state: "failed", reason: `Its execution ${id}-0 ${how}` });
    expect(await endsOf(id)).toEqual(["Job failed"]);
    const [mail] = await ground.until(
      () => mailAbout(id),
      (found) => found.length > 0,
    );
    expect(mail).toContain(`Its execution ${id}-0 ${how}`);
    await ground.idle("workflow");
    expect(await ground.ask({ resume: id })).toMatchObject({ state: "running" });
    expect(await ground.end(id)).toMatchObject({ state: "completed", result: { items: ITEMS } });
    await ground.idle("workflow");
    expect((await ground.executionsOf(id))[`${id}-1`]).toBe("SUCCEEDED");
    // The event about the first execution comes late, and changes nothing.
    await timeOut(id);
    expect(await ground.job(id)).toMatchObject({ state: "completed" });
  });
});

/** Our state machine would run for months before it times out: this is what Step Functions publishes then. */
async function timeOut(id: string): Promise<void> {
  const { definition } = await ground.sfn.send(
    new DescribeStateMachineCommand({ stateMachineArn: ground.stateMachine }),
  );
  const name = `${id}-0`;
  const detail = { executionArn: arnOf(name), stateMachineArn: ground.stateMachine, name, status: "TIMED_OUT" };
  const event = { source: "aws.states", "detail-type": "Step Functions Execution Status Change", detail };
  const { FunctionName } = JSON.parse(definition!).States.Summarize.Parameters;
  const { FunctionError } = await ground.operator.lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
  );
  expect(FunctionError).toBeUndefined();
}

describe("an execution whose functions fail for good", () => {
  test.each<[string, string, string]>([
    ["before the Map", "shuffle-generate", "FAILED"],
    ["in a lane", "shuffle-process-reading", "SUCCEEDED"],
  ])("records the reason in its job: %s", async (_, resource, status) => {
    // This has the same effect as if the function had been deleted.
    const fault = { kind: "error", code: "ResourceNotFoundException", status: 404 };
    await ground.cloud.setFaults([{ service: "lambda", action: "Invoke", resource, fault }]);
    const id = await ground.begin({ ...fast, segments: 1 });
    const job = await ground.end(id);
    expect(job.state).toBe("failed");
    expect(job.reason).toMatch(/^The state machine('s lane of unit 0)? failed: /);
    await ground.idle("workflow");
    expect(await ground.executionsOf(id)).toEqual({ [`${id}-0`]: status });
    await ground.cloud.setFaults([]);
    expect(await ground.ask({ resume: id })).toMatchObject({ state: "running" });
    expect(await ground.end(id)).toMatchObject({ state: "completed", result: { items: ITEMS } });
    expect(await endsOf(id)).toEqual(["Job failed", "Job completed"]);
  });
});

describe("a state machine that is started with a start request", () => {
  const start = async (input: unknown, name?: string) => {
    const stateMachineArn = ground.stateMachine;
    const { executionArn } = await ground.sfn.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
    );
    return executionArn!;
  };

  test("makes the job and completes it; the next epoch has a separate execution", async () => {
    const { driver: _, ...request } = slow;
    const execution = await start(request, "nightly-7");
    await ground.until(
      () => ground.progress("nightly-7").catch(() => undefined),
      (progress) => (progress?.counts.pages ?? 0) > 2,
    );
    expect(await ground.job("nightly-7")).toMatchObject({ driver: "workflow", execution, state: "running" });
    await ground.operator.control.pause("nightly-7");
    expect(await endOf(ground.sfn, execution)).toMatchObject({ status: "SUCCEEDED" });
    expect(await ground.ask({ resume: "nightly-7" })).toMatchObject({ state: "running" });
    const job = await ground.end("nightly-7");
    expect(job).toMatchObject({ state: "completed", result: { items: ITEMS }, execution: arnOf("nightly-7-1") });
  });

  test("takes the job's id from the request; if the execution is stopped, the job is stopped", async () => {
    const { driver: _, ...request } = slow;
    const execution = await start({ ...request, jobId: "named" });
    await ground.until(
      () => ground.progress("named").catch(() => undefined),
      (progress) => (progress?.counts.pages ?? 0) > 2,
    );
    await ground.sfn.send(new StopExecutionCommand({ executionArn: execution }));
    const reason = `Its execution ${execution.split(":").at(-1)} was stopped.`;
    expect(await ground.end("named")).toMatchObject({ state: "failed", reason });
  });

  test.each<[string, unknown, string, RegExp[]]>([
    [
      "with many mistakes",
      { table: "nowhere", operation: "cuont", readRate: 0, driver: "queue" },
      "INVALID_REQUEST",
      [/driver must be workflow/, /operation must be one of/, /readRate/, /there is no table \\"nowhere\\"/],
    ],
    [
      "with mistakes in several fields",
      { table: TABLE, operation: "cuont", readRate: "half" },
      "INVALID_REQUEST",
      [/readRate/, /operation must be one of/],
    ],
    ["without a request", {}, "INVALID_REQUEST", [/table/, /operation/]],
    ["with a text", "count", "INVALID_REQUEST", [/object/]],
    ["with a job that is not there", { job: "nobody", epoch: 0 }, "NO_SUCH_JOB", [/There is no job nobody/]],
  ])("ends as failed with all problems as its cause: %s", async (_, input, error, causes) => {
    const found = await endOf(ground.sfn, await start(input));
    expect(found).toMatchObject({ status: "FAILED", error });
    for (const cause of causes) expect(found.cause).toMatch(cause);
  });
});
