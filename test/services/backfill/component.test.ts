import { resolve } from "node:path";
import { TableBackfill, type TableBackfillArgs } from "../../../services/backfill/component";
import { JobRecords } from "../../../services/jobs/records";
import { bundle } from "../../../shared/infra/bundle";
import { deploy, statementsOf } from "../../shared/infra/deploy";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: jest.fn(async () => "export const handler = () => {};"),
}));

const account = { region: "us-east-1", accountId: "111122223333" };
const recordsOf = () =>
  new JobRecords("records", {
    ...{ accountId: account.accountId, eventBus: "default", resultsExpirationDays: 0, pointInTimeRecovery: false },
    ...{ deletionProtection: false, completionEmail: "", tags: {} },
  });
const made = (args: Partial<TableBackfillArgs> = {}) =>
  deploy(
    () =>
      new TableBackfill("backfill", {
        ...{ ...account, tables: ["orders"], changedTables: ["orders-copy"], records: recordsOf() },
        ...args,
      }),
  );
const arnOf = (table: string) => `arn:aws:dynamodb:us-east-1:111122223333:table/${table}`;

test("the worker reads its tables, and changes only those that may be changed", async () => {
  const deployment = await made();
  const statements = statementsOf(deployment.ofType("iam/rolePolicy:RolePolicy")["backfill-worker-policy"].policy);
  const { ReadTables, ReadIndexes, ChangeTables } = statements;
  expect(ReadTables).toEqual({
    ...{ Effect: "Allow", Action: ["dynamodb:DescribeTable", "dynamodb:Scan", "dynamodb:BatchGetItem"] },
    Resource: [arnOf("orders"), arnOf("orders-copy")],
  });
  expect(ReadIndexes?.Resource).toEqual([`${arnOf("orders")}/index/*`, `${arnOf("orders-copy")}/index/*`]);
  expect(ChangeTables).toEqual({
    Effect: "Allow",
    Action: ["PartiQLUpdate", "PartiQLDelete", "UpdateItem", "DeleteItem", "BatchWriteItem", "PutItem"].map(
      (action) => `dynamodb:${action}`,
    ),
    Resource: [arnOf("orders-copy")],
  });
});

test("updates of a user's own go into the bundle", async () => {
  jest.mocked(bundle).mockClear();
  await made({ updates: { histogram: "./examples/ownOperation/histogram.ts" } });
  const [[entry, replaced]] = jest.mocked(bundle).mock.calls as [[string, Record<string, string>]];
  expect(entry).toBe("services/backfill/handlers/work.ts");
  expect(Object.keys(replaced)).toEqual(["shared/operations/user/userUpdates.ts"]);
  expect(Object.values(replaced)[0]).toContain(resolve("examples/ownOperation/histogram.ts"));
});

test("all problems are reported together, before anything is made", async () => {
  await expect(made({ changedTables: [], batchSize: 0, updates: { "x y": "./gone.ts" } })).rejects.toMatchObject({
    code: "INVALID_BACKFILL_ARGS",
    value: [{ option: "batchSize" }, { option: "updates.x y" }, { option: "changedTables" }],
  });
});
