import { createTable, stringKeys } from "../../../../local/fillTable";
import { DynamoDbEntries } from "../../../../shared/jobs/storage/dynamoDbEntries";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";

let database: DynamoDbLocal;
const table = "jobs";

beforeAll(async () => {
  database = await startDynamoDbLocal();
  await createTable(database.client, table, stringKeys("pk", "sk"));
});
afterAll(() => database?.stop());

async function listed(entries: DynamoDbEntries) {
  const all = [];
  for await (const entry of entries.list()) all.push(entry);
  return all;
}

const entriesOf = (job: string, retry = <T>(call: () => Promise<T>) => call()) =>
  new DynamoDbEntries({ client: database.client, table, job, retry });

test("entries come in the order of unit and number, of their own job only", async () => {
  const [entries, others] = [entriesOf("a"), entriesOf("ab")];
  for (const [unit, number] of [
    [10, 2],
    [2, 11],
    [2, 9],
    [0, 0],
  ] as const)
    await entries.put(unit, number, { unit });
  await others.put(1, 1, {});
  expect((await listed(entries)).map(({ unit, number }) => [unit, number])).toEqual([
    [0, 0],
    [2, 9],
    [2, 11],
    [10, 2],
  ]);
  expect(await listed(others)).toEqual([{ unit: 1, number: 1, value: {} }]);
});

test("an entry that is put again replaces the former one", async () => {
  const entries = entriesOf("again");
  await entries.put(1, 0, { items: 3, md5: "old", gone: true });
  await entries.put(1, 0, { items: 2, md5: "new" });
  expect(await listed(entries)).toEqual([{ unit: 1, number: 0, value: { items: 2, md5: "new" } }]);
});

test("lists of more than a megabyte are read to their end, and every call has the given retries", async () => {
  let calls = 0;
  const entries = entriesOf("long", (call) => {
    calls += 1;
    return call();
  });
  for (let number = 0; number < 5; number += 1) await entries.put(0, number, { text: "x".repeat(300_000) });
  expect((await listed(entries)).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
  expect(calls).toBeGreaterThan(6);
});
