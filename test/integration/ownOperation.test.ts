import { createTable, fillTable } from "../../local/fillTable";
import { drivers, ScannerGround } from "./scannerGround";

const ITEMS = 3_000;
const STATES = ["open", "paid", "shipped", "", '漢字 "quoted"', "__proto__"];
const stateOf = (n: number) => STATES[(n * n) % STATES.length]!;
const amountOf = (n: number) => (n * 37) % 1_000;

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({
    scannerTables: "orders",
    scannerOperations:
      "histogram=./examples/ownOperation/histogram.ts,readAgain=./test/fixtures/operations/readAgain.ts",
    // One invocation hands the units on to the next.
    scannerTimeoutSeconds: "10",
    shuffleTimeoutSeconds: "10",
  });
  await createTable(ground.operator.dynamodb, "orders");
  await fillTable(ground.operator.dynamodb, "orders", ITEMS, (n) => ({
    id: { S: `order-${n}` },
    ...(n % 10 === 0 ? {} : { state: { S: stateOf(n) } }),
    amount: { N: String(amountOf(n)) },
    note: { S: "x".repeat(400) },
  }));
});
afterAll(() => ground?.stop());

/** How often each bar occurs in the table, counted here. */
function counted(bar: (n: number) => string): Record<string, number> {
  const bars = new Map<string, number>();
  for (let n = 0; n < ITEMS; n++) bars.set(bar(n), (bars.get(bar(n)) ?? 0) + 1);
  return Object.fromEntries(bars);
}

describe.each(drivers)("%s driver", (driver) => {
  test.each<[string, Record<string, unknown>, (n: number) => string]>([
    ["text", { attribute: "state" }, (n) => (n % 10 === 0 ? "(none)" : stateOf(n) || "(empty)")],
    [
      "numbers in bars of a hundred",
      { attribute: "amount", width: 100 },
      (n) => String(Math.floor(amountOf(n) / 100) * 100),
    ],
  ])("a user's own operation counts the whole table, unit by unit: %s", async (_, params, bar) => {
    const request = { driver, table: "orders", operation: "histogram", readRate: 300, segments: 7, params };
    const answer = await ground.ask(request);
    expect(answer).toMatchObject({ state: "running", units: 7 });
    const job = await ground.end((answer as { job: string }).job);
    expect(job).toMatchObject({ state: "completed", unitsDone: 7 });
    expect(job.result).toEqual(counted(bar));
  });

  test("reads of the table by finish share the job's limit", async () => {
    await ground.record("orders");
    const from = Date.now();
    const id = await ground.begin({ driver, table: "orders", operation: "readAgain", readRate: 75, segments: 2 });
    expect(await ground.end(id)).toMatchObject({ state: "completed", result: { items: ITEMS } });
    // Without a limit, the second reading would come two seconds ahead.
    expect(await ground.ahead("orders", 75, from)).toBeLessThan(1);
  });
});

test("if the operation itself refuses a request, nothing is sent", async () => {
  const request = { table: "orders", operation: "histogram", readRate: "50%", params: { width: 0 } };
  expect(await ground.ask(request)).toEqual({
    code: "INVALID_REQUEST",
    problems: ["params.attribute must name an attribute.", "params.width must be a number above 0."],
  });
});
