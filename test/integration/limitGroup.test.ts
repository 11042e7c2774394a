/** Two jobs on one table: with one limit for both, and with one each. */
import { createTable, fillTable } from "../../local/fillTable";
import { ScannerGround } from "./scannerGround";

jest.setTimeout(240_000);

const TABLE = "orders";
const ITEMS = 10_000;
/** A page costs 18 of them. */
const RATE = 40;
/** Each takes about 400 capacity units: twenty seconds together. */
const count = { operation: "count", table: TABLE, segments: 4 } as const;
const LIMITS = (rcu: number) => [{ direction: "read", table: TABLE, limits: { table: rcu } }];

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({
    scannerTables: TABLE,
    scannerTimeoutSeconds: "10",
    shuffleTimeoutSeconds: "10",
  });
  const { dynamodb } = ground.operator;
  await createTable(dynamodb, TABLE);
  await fillTable(dynamodb, TABLE, ITEMS, (n) => ({ id: { S: `order-${n}` }, note: { S: "x".repeat(300) } }));
});
afterAll(() => ground?.stop());

async function pages(id: string): Promise<number> {
  return (await ground.progress(id)).counts.pages;
}

const start = (id: string, ...flags: string[]) =>
  ground.sluice("start", "count", TABLE, "--segments", "4", "--job-id", id, ...flags);

test.each([
  ["queue", "queue"],
  ["workflow", "queue"],
])(
  "jobs of one limit group share its rate; a paused job leaves the rate to the other: %s and %s driver",
  async (...of) => {
    const [first, second] = [`first-of-${of[0]}`, `second-to-${of[0]}`];
    await ground.record(TABLE);
    const group = ["--read-rate", String(RATE), "--limit-group", `night-${first}`];
    const from = Date.now();
    for (const [at, id] of [first, second].entries()) {
      expect(await start(id, ...group, "--driver", of[at]!)).toMatchObject({ code: 0, stderr: "" });
    }
    await ground.until(
      () => Promise.all([pages(first), pages(second)]),
      (both) => both.every((read) => read > 4),
    );
    expect(await ground.sluice("jobs", "pause", first)).toMatchObject({ code: 0 });
    await ground.until(
      () => ground.progress(first),
      ({ units: { working } }) => working === 0,
    );
    const [paused, going] = await Promise.all([pages(first), pages(second)]);
    await ground.until(
      () => pages(second),
      (read) => read > going + 4,
    );
    expect(await pages(first)).toBe(paused);
    expect(await ground.sluice("jobs", "resume", first)).toMatchObject({ code: 0 });
    for (const id of [first, second]) {
      expect(await ground.end(id)).toMatchObject({ state: "completed", result: { items: ITEMS } });
    }
    const seconds = (Date.now() - from) / 1_000;
    expect(await ground.consumed(TABLE, from)).toBeLessThanOrEqual(RATE * seconds);
    // Two limits would allow twice the rate for seconds. `npm run bench -- scan-capacity` measures on a quiet machine how
    // exactly one limit holds.
    expect(await ground.ahead(TABLE, RATE, from)).toBeLessThan(1);
  },
);

test("a group has one rate: a job with another rate is refused, until `jobs rate` has changed it for all", async () => {
  const slow = await ground.begin({ ...count, readRate: 5, limitGroup: "day" });
  const joining = ["--read-rate", "8", "--limit-group", "day"];
  expect(await start("joins", ...joining)).toEqual({
    code: 1,
    stdout: "",
    stderr:
      "Not started:\n" +
      '  --read-rate must be the rate of limit group "day", 5 per second, got 8. ' +
      `\`jobs rate ${slow}\` changes it for the whole group.\n`,
  });
  expect(await ground.sluice("jobs", "rate", slow, "--read-rate", "8")).toMatchObject({ code: 0 });
  expect(await start("joins", ...joining)).toMatchObject({ code: 0, stderr: "" });
  expect(await ground.sluice("jobs", "rate", "joins", "--read-rate", "9")).toMatchObject({ code: 0 });
  expect(await ground.job(slow)).toMatchObject({ limits: LIMITS(9) });
  for (const id of [slow, "joins"]) expect(await ground.sluice("jobs", "cancel", id)).toMatchObject({ code: 0 });
});

test("without a group the start warns, and names the job that works on the table already", async () => {
  const first = await ground.begin({ ...count, readRate: 5 });
  const { code, stdout, stderr } = await start("competes", "--read-rate", "5");
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr:
      `Warning: Job ${first} (count, running) works on table ${TABLE} too, at 5 RCU/s of its own: nothing limits the sum ` +
      "of both. To share one limit, start both with the same --limit-group.\n",
  });
  expect(stdout).toMatch(/^Job competes is running: 4 units at 5 RCU\/s\.$/m);
  for (const id of [first, "competes"]) expect(await ground.sluice("jobs", "cancel", id)).toMatchObject({ code: 0 });
});
