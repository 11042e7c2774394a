import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { addUsage, noUsage } from "../../../../shared/cost/usage";
import { partitionOf, sortKeyPrefixes, toAttributes } from "../../../../shared/jobs/storage/jobsTable";
import { readUsage } from "../../../../shared/jobs/storage/usage";
import { type JobsTableLocal, startJobsTable, TABLE } from "../../../support/jobsTableLocal";

let database: JobsTableLocal;
beforeAll(async () => {
  database = await startJobsTable();
});
afterAll(() => database?.stop());

async function put(job: string, sk: string, record: object): Promise<void> {
  const Item = { pk: { S: partitionOf(job) }, sk: { S: sk }, ...toAttributes(record) };
  await database.client.send(new PutItemCommand({ TableName: TABLE, Item }));
}

const read = (job: string) => readUsage(database.client, TABLE, job);
const used = {
  ...noUsage,
  invocations: 2,
  billedMs: 1_500,
  gigabyteSeconds: 0.375,
  writeUnits: 12.5,
  queueRequests: 8,
};

test("the usage of a job is the sum over the start function and its chains, and of no other record or job", async () => {
  await put("a", `${sortKeyPrefixes.chain}0`, { usage: used, owner: "x" });
  await put("a", `${sortKeyPrefixes.chain}1`, { usage: { puts: 3, invocations: 1 } });
  await put("a", `${sortKeyPrefixes.chain}2`, { owner: "new" });
  await put("a", "unit#0000000", { usage: used });
  await put("a", "job", { usage: { invocations: 1 } });
  await put("ab", `${sortKeyPrefixes.chain}0`, { usage: used });
  expect(await read("a")).toEqual(addUsage(used, { puts: 3, invocations: 2 }));
});

test("all chains count, however many there are", async () => {
  const text = "x".repeat(50_000);
  const chains = Array.from({ length: 60 }, (_, n) => n);
  for (const n of chains) await put("many", `${sortKeyPrefixes.chain}${n}`, { usage: used, text });
  expect(await read("many")).toEqual(addUsage(...chains.map(() => used)));
});

test("without a record there is none", async () => {
  await put("old", "unit#0000000", {});
  expect([await read("old"), await read("nobody")]).toEqual([undefined, undefined]);
});
