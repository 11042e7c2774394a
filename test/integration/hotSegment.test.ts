/** All items under one partition key: one segment, one unit, one worker. */

import { createTable, fillTable, stringKeys } from "../../local/fillTable";
import type { ConsumptionReport } from "../../local/gateway/throttling/record";
import type { WritingResult } from "../../shared/operations/changeItems";
import { ScannerGround } from "./scannerGround";

jest.setTimeout(180_000);

const ITEMS = 6_000;
const RATE = 950;

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({ backfillTables: "hot" });
  const { dynamodb } = ground.operator;
  await createTable(dynamodb, "hot", stringKeys("pk", "sk"));
  await fillTable(dynamodb, "hot", ITEMS, (n) => ({ pk: { S: "one" }, sk: { S: `i-${n}` }, n: { N: String(n) } }));
});
afterAll(() => ground?.stop());

test("one worker on one segment writes at the rate that is set, while the model of a partition is on", async () => {
  await ground.cloud.administer("PUT", "capacity", { table: "hot", mode: "on-demand" });
  const update = { set: { seen: { BOOL: true } } };
  const id = await ground.begin({ operation: "update", table: "hot", update, segments: 1, writeRate: RATE });
  const job = await ground.end(id);
  expect((job.result as WritingResult).outcomes).toMatchObject({ updated: ITEMS, failed: 0 });
  const report = (await ground.cloud.administer(
    "GET",
    "consumption?table=hot&since=0",
  )) as unknown as ConsumptionReport;
  const slots = report.consumption.filter(({ wcu }) => wcu > 0);
  const seconds = (slots.at(-1)!.at - slots[0]!.at) / 1_000;
  const written = slots.reduce((sum, { wcu }) => sum + wcu, 0);
  expect(written).toBe(ITEMS);
  expect(report.consumption.reduce((sum, { throttled }) => sum + throttled, 0)).toBe(0);
  // DynamoDB Local decides about the rest: 880 a second on two cores. One write after the other would reach 200.
  expect(written / seconds).toBeGreaterThan(400);
});
