/** All items under one partition key: one segment, one unit, one worker. */

import { createTable, fillTable, stringKeys } from "../../local/fillTable";
import type { ConsumptionReport } from "../../local/gateway/throttling/record";
import type { WritingResult } from "../../shared/operations/changeItems";
import { drivers, ScannerGround } from "./scannerGround";

const ITEMS = 3_000;
const RATE = 950;

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({ backfillTables: "hot" });
  const { dynamodb } = ground.operator;
  await createTable(dynamodb, "hot", stringKeys("pk", "sk"));
  await fillTable(dynamodb, "hot", ITEMS, (n) => ({ pk: { S: "one" }, sk: { S: `i-${n}` }, n: { N: String(n) } }));
});
afterAll(() => ground?.stop());

test.each(drivers)(
  "%s driver: one worker on one segment writes in batches, and its partition throttles no request",
  async (driver) => {
    await ground.cloud.administer("PUT", "capacity", { table: "hot", mode: "on-demand" });
    // It counts the requests.
    const batches = { service: "dynamodb", action: "BatchExecuteStatement", resource: "hot" };
    await ground.cloud.setFaults([{ ...batches, fault: { kind: "latency", ms: { fixed: 0 } } }]);
    const from = Date.now();
    const update = { set: { seen: { S: driver } } };
    const id = await ground.begin({ driver, operation: "update", table: "hot", update, segments: 1, writeRate: RATE });
    const job = await ground.end(id);
    expect((job.result as WritingResult).outcomes).toMatchObject({ updated: ITEMS, failed: 0 });
    const { consumption } = (await ground.cloud.administer(
      "GET",
      `consumption?table=hot&since=${from}`,
    )) as unknown as ConsumptionReport;
    expect(consumption.reduce((sum, { wcu }) => sum + wcu, 0)).toBe(ITEMS);
    expect(consumption.reduce((sum, { throttled }) => sum + throttled, 0)).toBe(0);
    // `npm run bench -- hot-segment` measures how fast that is.
    const [counted] = (await ground.cloud.faults()).rules;
    expect(counted!.matched).toBeLessThan(ITEMS / 10);
  },
);
