import { createTable, fillTable } from "../../local/fillTable";
import type { PermissionReport } from "../../local/gateway/permissions/usage/report";
import { withStateIndex } from "../support/stateIndex";
import { ScannerGround } from "./scannerGround";

jest.setTimeout(240_000);

/** So many make an inline policy longer than AWS allows. Only the last of them exists. */
const TABLES = Array.from({ length: 50 }, (_, n) => `orders-of-the-laboratory-for-sleep-${n + 1}`);
const LAST = TABLES.at(-1)!;
const ITEMS = 200;

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({ scannerTables: TABLES.join(","), scannerTimeoutSeconds: "10" });
  await createTable(ground.operator.dynamodb, LAST, withStateIndex("ALL"));
  await fillTable(ground.operator.dynamodb, LAST, ITEMS, (n) => ({
    id: { S: `order-${n}` },
    ...(n % 2 === 0 ? { state: { S: "open" } } : {}),
  }));
});
afterAll(() => ground?.stop());

/** Policies of a role that have a grant used on the last table, by statement. */
async function usedOnLast(role: string): Promise<Record<string, string>> {
  const report = (await ground.cloud.administer("GET", "permissions")) as unknown as PermissionReport;
  const { used = [] } = report.roles.find((each) => each.role === role) ?? {};
  const own = used.filter(({ resources }) => resources.some((arn) => arn.includes(`:table/${LAST}`)));
  return Object.fromEntries(own.map(({ sid, action, policy }) => [`${sid} ${action}`, policy]));
}

test("a job works on the fiftieth table and on its index, by permissions in a managed policy", async () => {
  const count = { table: LAST, operation: "count", readRate: 500, segments: 3 };
  const whole = await ground.begin(count);
  const filter = "attribute_exists(id)";
  const index = await ground.begin({ ...count, index: "byState", filter });
  expect(await ground.end(whole)).toMatchObject({ state: "completed", result: { items: ITEMS } });
  expect(await ground.end(index)).toMatchObject({ state: "completed", result: { items: ITEMS / 2 } });
  expect(await usedOnLast("scanner-worker-role")).toEqual({
    "ReadTables dynamodb:DescribeTable": "scanner-worker-policy-2",
    "ReadTables dynamodb:Scan": "scanner-worker-policy-2",
    "ReadIndexes dynamodb:Scan": "scanner-worker-policy-2",
  });
  expect(await usedOnLast("jobs-start-role")).toEqual({
    "TryTables dynamodb:DescribeTable": "jobs-start-policy-3",
    "TryIndexes dynamodb:Scan": "jobs-start-policy-3",
  });
});

test("a table that is named but doesn't exist is reported as missing, not as forbidden", async () => {
  const answer = await ground.ask({ table: TABLES[48]!, operation: "count", readRate: 500 });
  expect(answer).toMatchObject({ problems: [expect.stringMatching(/there is no table/)] });
});
