/** One limit for workers in Python and in TypeScript: processes of several threads each, on one ledger in DynamoDB Local. */
import { createTable, stringKeys } from "../../../local/fillTable";
import { DynamoDbLedger } from "../../../shared/capacity/ledger/dynamoDbLedger";
import { Ledger } from "../../../shared/capacity/ledger/ledger";
import { CapacityLimiter } from "../../../shared/capacity/worker/limiter";
import { systemClock } from "../../../shared/clock";
import { type Consumed, sharesOf } from "../../../soak/shares";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";
import { describeWithPython } from "../../support/gluePython";
import { runPython } from "./pythonProcess";

const TABLE = "jobs";
const KEY = { pk: { S: "job-7" }, sk: { S: "ledger#write" } };
const WORK_MS = 8_000;
const SLOT_MS = 10;

/** Units of the index, whose limit binds: small requests, and requests that cost a fifth of a second. */
const kinds = [
  { name: "small requests", rate: 200, units: [1, 2, 3], threads: 8 },
  { name: "pages", rate: 100, units: [18, 22, 20], threads: 2 },
];

describeWithPython("a ledger shared by workers in both languages", () => {
  let local: DynamoDbLocal;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
    await createTable(local.client, TABLE, stringKeys("pk", "sk"));
  });
  afterAll(() => local?.stop());

  test.each(kinds)("$name: together they consume what one limit allows, and their ledgers agree", async (kind) => {
    const key = { ...KEY, pk: { S: kind.name } };
    const ledger = new Ledger(new DynamoDbLedger({ client: local.client, table: TABLE, key }));
    const from = Date.now();
    await ledger.create({ table: kind.rate, indexes: { byDate: kind.rate } }, from);
    const credentials = { aws_access_key_id: "local", aws_secret_access_key: "local" };
    const connection = { endpoint_url: local.endpoint, region_name: "eu-central-1", ...credentials };
    const task = { connection, table: TABLE, key, ms: WORK_MS, units: kind.units, threads: kind.threads };
    const each = await Promise.all([
      runPython<Consumed>("capacity.share_ledger", task),
      runPython<Consumed>("capacity.share_ledger", task),
      work(ledger, kind.units, kind.threads),
    ]);
    for (const made of each) expect(made.length).toBeGreaterThan(0);
    const all = each.flat().sort((a, b) => a.at - b.at);
    const { ahead } = sharesOf(slotted(all), SLOT_MS, [], [{ from, perSecond: kind.rate }]);
    expect(ahead).toBeLessThan(1);
    const item = await ledger.read();
    const units = all.reduce((sum, request) => sum + request.units, 0);
    expect(item).toMatchObject({ workers: 0, costCount: all.length });
    expect(item.costSum).toBeCloseTo((1_000 * units) / kind.rate, 0);
    // All that was spent had been promised, so slices of the two languages don't overlap.
    expect(item.until - from).toBeGreaterThan(0.99 * item.costSum);
  });
});

/** The worker in TypeScript. */
async function work(ledger: Ledger, units: readonly number[], threads: number): Promise<Consumed[]> {
  const limiter = new CapacityLimiter({ ledger, clock: systemClock });
  limiter.open({ deadline: Date.now() + WORK_MS });
  const made: Consumed[] = [];
  const thread = async () => {
    for (let n = 0; ; n++) {
      const permit = await limiter.acquire();
      const consumed = units[n % units.length]!;
      made.push({ at: Date.now(), units: consumed });
      await systemClock.sleep(5);
      permit.charge({ table: consumed / 2, indexes: { byDate: consumed } });
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: threads }, thread));
  await limiter.close();
  for (const end of ended) expect(end).toMatchObject({ reason: { code: "capacity.deadline" } });
  return made;
}

/** Consumption in slots without gaps, in the form of the gateway's record. */
function slotted(all: readonly Consumed[]): Consumed[] {
  const slots: { at: number; units: number }[] = [];
  const first = Math.floor(all[0]!.at / SLOT_MS) * SLOT_MS;
  for (let at = first; at <= all.at(-1)!.at; at += SLOT_MS) slots.push({ at, units: 0 });
  for (const { at, units } of all) slots[Math.floor((at - first) / SLOT_MS)]!.units += units;
  return slots;
}
