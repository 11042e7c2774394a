import { createTable, fillTable } from "../../local/fillTable";
import { JobControl } from "../../shared/jobs/control";
import { readUnits } from "../../shared/jobs/storage/reading";
import { ScannerGround } from "./scannerGround";

jest.setTimeout(120_000);

/** More units than an invocation dispatches before it is killed here; 100,000 take about a minute on a busy machine. */
const UNITS = 20_000;
const PORTION = 1_000;

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({ scannerTables: "orders" });
  await createTable(ground.operator.dynamodb, "orders");
  await fillTable(ground.operator.dynamodb, "orders", 10, (n) => ({ id: { S: `order-${n}` } }));
});
afterAll(() => ground?.stop());

const unitQueue = () => ground.cloud.state.outputs.unitQueueUrl as string;

/** Messages that wait, and units that a worker took before it was held back. */
async function unitsOf(job: string): Promise<{ waiting: number; taken: number }> {
  const { dynamodb, jobsTable } = ground.operator;
  let taken = 0;
  for await (const _ of readUnits(dynamodb, jobsTable, job, { ConsistentRead: true })) taken++;
  return { waiting: await ground.messages(unitQueue()), taken };
}

test("a start that is killed in the middle goes on where it was, and no unit is lost", async () => {
  // The messages stay in the queue, where they can be counted.
  const resource = unitQueue().split("/").at(-1)!;
  const hold = { kind: "error", code: "ServiceUnavailable", status: 503 };
  const held = { service: "sqs", action: "ReceiveMessage", resource, fault: hold };
  // So slowly that no machine dispatches all units within three seconds.
  const slow = { kind: "latency", ms: { fixed: 30 } };
  const kill = { kind: "kill", ms: { fixed: 3_000 } };
  await ground.cloud.setFaults([
    held,
    { service: "sqs", action: "SendMessageBatch", resource, fault: slow },
    { service: "lambda", resource: ground.operator.startFunction, count: 1, fault: kill },
  ]);
  const request = { table: "orders", operation: "count", readRate: 100, segments: UNITS, jobId: "many" };
  await expect(ground.ask(request)).rejects.toThrow();
  const killed = await ground.job("many");
  expect(killed).toMatchObject({ state: "starting", units: UNITS });
  expect(killed.dispatched % PORTION).toBe(0);
  expect(killed.dispatched).toBeGreaterThan(0);
  expect(killed.dispatched).toBeLessThan(UNITS);

  await ground.cloud.setFaults([held]);
  expect(await ground.ask(request)).toMatchObject({ job: "many", state: "running", units: UNITS });
  const { waiting, taken } = await unitsOf("many");
  expect(waiting + taken).toBeGreaterThanOrEqual(UNITS);
  // The portion that was under way when it was killed went out again, and nothing else.
  expect(waiting + taken).toBeLessThanOrEqual(UNITS + PORTION);

  const { dynamodb, jobsTable } = ground.operator;
  await new JobControl(dynamodb, jobsTable, Date.now).cancel("many");
});
