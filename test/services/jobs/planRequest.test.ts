/** What a start request would do. startRequests.test.ts checks that nothing is started. */
import { planRequest } from "../../../services/jobs/planRequest";
import { startJob } from "../../../services/jobs/startJob";
import { ITEMS, StartGround } from "./startGround";

const WORKERS = { memoryMegabytes: 256, timeoutSeconds: 60, maximumConcurrency: 16 };

let ground: StartGround;
beforeAll(async () => {
  ground = await StartGround.start();
});
afterAll(() => ground?.stop());
beforeEach(() => ground.forget());
afterEach(() => ground.endJobs());

const options = () => ({ ...ground.options, workerSettings: () => WORKERS });
const planned = async (changes: Record<string, unknown> = {}) =>
  (await planRequest(ground.request(changes), "made-up", options())).plan;

test("a plan has the work, its source, its limits and the workers", async () => {
  const { bytes, onePassRcu, ...plan } = await planned();
  expect(plan).toEqual({
    work: { operation: "count", table: ground.table },
    filtered: false,
    consistentRead: false,
    items: ITEMS,
    units: 4,
    limits: [{ direction: "read", table: ground.table, limits: { table: 100 } }],
    capacity: { perSecond: 12_000, paidBy: "request" },
    workers: WORKERS,
    warnings: [],
  });
  expect(bytes).toBeGreaterThan(ITEMS * 20);
  expect(onePassRcu).toBe(Math.ceil(bytes / 4096) / 2);
});

test.each<[string, Record<string, unknown>, object]>([
  ["an index", { index: "by-day" }, { work: { operation: "count", index: "by-day" }, items: ITEMS }],
  ["a filter", { filter: "amount > :a", values: { ":a": 3 } }, { filtered: true }],
  ["a projection", { operation: "export", projection: "id" }, { filtered: true }],
  ["strongly consistent reads", { consistentRead: true }, { consistentRead: true, onePassRcu: 1 }],
  [
    "a percentage",
    { readRate: "50%" },
    { limits: [{ direction: "read", limits: { table: 6_000 }, percentage: "50%" }] },
  ],
])("a plan shows %s", async (_, changes, expected) => {
  expect(await planned(changes)).toMatchObject(expected);
});

test("provisioned capacity is paid by the hour", async () => {
  const ProvisionedThroughput = { ReadCapacityUnits: 200, WriteCapacityUnits: 5 };
  const KeySchema = [{ AttributeName: "day", KeyType: "HASH" as const }];
  const Projection = { ProjectionType: "ALL" as const };
  const index = { IndexName: "by-day", KeySchema, Projection, ProvisionedThroughput };
  await ground.remakeOrders({ BillingMode: "PROVISIONED", ProvisionedThroughput, GlobalSecondaryIndexes: [index] });
  try {
    expect((await planned()).capacity).toEqual({ perSecond: 200, paidBy: "hour" });
  } finally {
    await ground.remakeOrders();
  }
});

test("another job on the table is a warning", async () => {
  await startJob(ground.request(), "other", ground.options);
  expect((await planned()).warnings).toEqual([expect.stringMatching(/^Job other .* works on table/)]);
});

test("a request is refused for every reason for which a start would be refused", async () => {
  const wrong = ground.request({ operation: "cuont", readRate: 0, index: "by-name", colour: "red" });
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => undefined,
      ({ code, value }) => ({ code, value }),
    );
  const asked = await refusal(planRequest(wrong, "made-up", options()));
  expect(asked).toEqual(await refusal(startJob(wrong, "made-up", ground.options)));
  expect(asked?.value).toHaveLength(4);
});
