import { createTable, fillTable } from "../../local/fillTable";
import { JobControl } from "../../shared/jobs/control";
import { readUnits } from "../../shared/jobs/storage/reading";
import { ScannerGround } from "./scannerGround";

jest.setTimeout(120_000);

/** A message for each would take the start function several seconds. */
const UNITS = 20_000;
/** What this rate feeds at first: one for each 400 capacity units per second. */
const CHAINS = 5;

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({ scannerTables: "orders" });
  await createTable(ground.operator.dynamodb, "orders");
  await fillTable(ground.operator.dynamodb, "orders", 10, (n) => ({ id: { S: `order-${n}` } }));
});
afterAll(() => ground?.stop());

const unitQueue = () => ground.cloud.state.outputs.unitQueueUrl as string;

/** Units that a worker has taken. */
async function taken(job: string): Promise<number> {
  const { dynamodb, jobsTable } = ground.operator;
  let units = 0;
  for await (const _ of readUnits(dynamodb, jobsTable, job, { ConsistentRead: true })) units++;
  return units;
}

test("a job of very many units starts with a few messages, also after a start that was killed, and ends with none", async () => {
  // The messages stay in the queue, where they can be counted.
  const resource = unitQueue().split("/").at(-1)!;
  const hold = { kind: "error", code: "ServiceUnavailable", status: 503 };
  const held = { service: "sqs", action: "ReceiveMessage", resource, fault: hold };
  // The first start dies between the record of the job and the messages.
  const slow = { kind: "latency", ms: { fixed: 20_000 } };
  const kill = { kind: "kill", ms: { fixed: 5_000 } };
  await ground.cloud.setFaults([
    held,
    { service: "sqs", action: "SendMessageBatch", resource, fault: slow },
    { service: "lambda", resource: ground.operator.startFunction, count: 1, fault: kill },
  ]);
  const request = { table: "orders", operation: "count", readRate: 2_000, segments: UNITS, jobId: "many" };
  await expect(ground.ask(request)).rejects.toThrow();
  expect(await ground.job("many")).toMatchObject({ state: "starting", units: UNITS, chains: CHAINS, claimed: 0 });

  await ground.cloud.setFaults([held]);
  expect(await ground.ask(request)).toMatchObject({ job: "many", state: "running", units: UNITS });
  const waiting = await ground.messages(unitQueue());
  expect(waiting).toBeGreaterThanOrEqual(CHAINS);
  // Those of the start that was killed may have arrived after all.
  expect(waiting).toBeLessThanOrEqual(2 * CHAINS);
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
    () => ground.messages(unitQueue()),
    (messages) => messages === 0,
  );
});
