/** Jobs of the workflow driver, on the real state machine. */
import { createTable, fillTable } from "../../local/fillTable";
import { ScannerGround } from "./scannerGround";

jest.setTimeout(240_000);

const TABLE = "orders";
const ITEMS = 3_000;

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({ scannerTables: TABLE, backfillTables: TABLE, shuffleTimeoutSeconds: "10" });
  await createTable(ground.operator.dynamodb, TABLE);
  await fillTable(ground.operator.dynamodb, TABLE, ITEMS, (n) => ({
    id: { S: `order-${n}` },
    note: { S: "x".repeat(400) },
  }));
});
afterAll(() => ground?.stop());

test("a count of the workflow driver is exact, and its job names the execution", async () => {
  const id = await ground.begin({ operation: "count", table: TABLE, driver: "workflow", readRate: 300, segments: 8 });
  const job = await ground.end(id);
  expect(job).toMatchObject({ state: "completed", driver: "workflow", unitsDone: 8, result: { items: ITEMS } });
  expect(job.execution).toMatch(new RegExp(`:execution:sluice-dev-shuffle:${id}-0$`));
});
