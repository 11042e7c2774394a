import { DescribeMapRunCommand, ListMapRunsCommand } from "@aws-sdk/client-sfn";
import { createTable, fillTable } from "../../local/fillTable";
import { executionOf } from "../../services/shuffle/history";
import { OWN_BOUNDS } from "../../services/shuffle/limits";
import { JobControl } from "../../shared/jobs/control";
import { readUnits } from "../../shared/jobs/storage/reading";
import { childrenOf, historyOf, largestData } from "./executionHistory";
import { ScannerGround } from "./scannerGround";

jest.setTimeout(600_000);

/** So many that the start function would need several seconds for a message for each. */
const UNITS = 20_000;
/** Units of the workflow driver: too many for the state of an execution, so they are listed in S3, in batches. */
const LISTED = 10_000;
const BATCH = 100;
/** Chains that this rate feeds at first: one for each 400 capacity units per second. */
const CHAINS = 5;

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({ scannerTables: "orders" });
  await createTable(ground.operator.dynamodb, "orders");
  await fillTable(ground.operator.dynamodb, "orders", 10, (n) => ({ id: { S: `order-${n}` } }));
});
afterAll(() => ground?.stop());

/** Units that a worker has taken. */
async function taken(job: string): Promise<number> {
  const { dynamodb, jobsTable } = ground.operator;
  let units = 0;
  for await (const _ of readUnits(dynamodb, jobsTable, job, { ConsistentRead: true })) units++;
  return units;
}

test("a job of very many units starts with a few messages, even after starts that were killed, and leaves no message at its end", async () => {
  // The messages stay in the queue, where they can be counted.
  const resource = ground.unitQueue.split("/").at(-1)!;
  const hold = { kind: "error", code: "ServiceUnavailable", status: 503 };
  const held = { service: "sqs", action: "ReceiveMessage", resource, fault: hold };
  await ground.cloud.setFaults([held]);
  // A poll that has begun already would still receive messages.
  await ground.until(
    () => ground.cloud.faults(),
    ({ rules }) => rules[0]!.struck > 0,
  );
  const request = { table: "orders", operation: "count", readRate: 2_000, segments: UNITS, jobId: "many" };
  // The first start dies between the record of the job and the messages, the second one after the messages.
  for (const [when, sent] of [
    ["before", 0],
    ["after", CHAINS],
  ]) {
    const kill = { kind: "killCaller", when };
    await ground.cloud.setFaults([
      held,
      { service: "sqs", action: "SendMessageBatch", resource, count: 1, fault: kill },
    ]);
    await expect(ground.ask(request)).rejects.toThrow();
    expect(await ground.job("many")).toMatchObject({ state: "starting", units: UNITS, chains: CHAINS, claimed: 0 });
    expect(await ground.messages(ground.unitQueue)).toBe(sent);
  }

  await ground.cloud.setFaults([held]);
  expect(await ground.ask(request)).toMatchObject({ job: "many", state: "running", units: UNITS });
  // The messages of the second start are still there.
  expect(await ground.messages(ground.unitQueue)).toBe(2 * CHAINS);
  expect(await taken("many")).toBe(0);

  await ground.cloud.setFaults([]);
  const { claimed } = await ground.until(
    () => ground.job("many"),
    (job) => job.claimed > 10 * CHAINS,
  );
  expect(claimed).toBeLessThanOrEqual(UNITS);
  expect(await taken("many")).toBeGreaterThan(CHAINS);
  const { dynamodb, jobsTable } = ground.operator;
  await new JobControl(dynamodb, jobsTable, Date.now).cancel("many");
  await ground.until(
    () => ground.messages(ground.unitQueue),
    (messages) => messages === 0,
  );
});

/** The number of batches in an execution's first Map Run, and how many of them it works on at once. */
async function mapRunOf(executionArn: string) {
  const { mapRuns = [] } = await ground.sfn.send(new ListMapRunsCommand({ executionArn }));
  const { itemCounts, maxConcurrency } = await ground.sfn.send(
    new DescribeMapRunCommand({ mapRunArn: mapRuns[0]!.mapRunArn }),
  );
  return { batches: itemCounts!.total!, maxConcurrency, counts: itemCounts! };
}

/** The first lane that finds its job paused or cancelled ends the Map: no other lane has to. */
async function expectEndedByOneLane(executionArn: string): Promise<void> {
  await ground.idle("workflow");
  const { counts } = await mapRunOf(executionArn);
  expect(counts).toMatchObject({ failed: 1, running: 0 });
  expect(counts.pending).toBeGreaterThan(0);
}

test("a workflow of very many units is paused in the middle of its Map, and goes on with the units that are left", async () => {
  const request = {
    table: "orders",
    operation: "count",
    driver: "workflow",
    readRate: 2_000,
    segments: LISTED,
  } as const;
  const id = await ground.begin(request);
  await ground.until(
    () => ground.job(id),
    ({ unitsDone }) => unitsDone > CHAINS * BATCH,
    400_000,
  );
  const { execution } = await ground.job(id);
  expect(await mapRunOf(execution!)).toMatchObject({ batches: LISTED / BATCH, maxConcurrency: CHAINS });
  await ground.operator.control.pause(id);
  await expectEndedByOneLane(execution!);
  expect(await ground.executionsOf(id)).toEqual({ [`${id}-0`]: "SUCCEEDED" });
  const begun = await taken(id);

  const events = await historyOf(ground.sfn, execution!);
  const children = await childrenOf(ground.sfn, execution!);
  const histories = await Promise.all(children.map((child) => historyOf(ground.sfn, child)));
  const lengths = histories.map(({ length }) => length);
  // One turn at least; slow machines need more.
  const { childEvents } = executionOf({ mode: "distributed", units: LISTED / BATCH, turns: 1 });
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(childEvents);
  for (const length of [events.length, ...lengths]) expect(length).toBeLessThan(OWN_BOUNDS.historyEvents);
  for (const history of [events, ...histories]) expect(largestData(history)).toBeLessThan(OWN_BOUNDS.stateBytes);

  // Nobody has worked on meanwhile.
  expect(await taken(id)).toBe(begun);
  // The job's own count lacks units that ended just after the pause.
  const { done } = (await ground.progress(id)).units;
  const { unitsDone } = await ground.job(id);
  expect(await ground.ask({ resume: id })).toMatchObject({ state: "running" });
  await ground.until(
    () => ground.job(id),
    (job) => job.unitsDone > unitsDone + CHAINS,
  );
  const next = (await ground.job(id)).execution!;
  expect(await mapRunOf(next)).toMatchObject({ batches: Math.ceil((LISTED - done) / BATCH), maxConcurrency: CHAINS });
  await ground.operator.control.cancel(id);
  await expectEndedByOneLane(next);
  expect(await ground.executionsOf(id)).toEqual({ [`${id}-0`]: "SUCCEEDED", [`${id}-1`]: "SUCCEEDED" });
});
