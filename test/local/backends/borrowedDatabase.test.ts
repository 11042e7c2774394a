import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { BorrowedDatabase } from "../../../local/backends/borrowedDatabase";

/** Runs work with a borrowed database, and returns it. */
async function borrowed<T>(work: (client: DynamoDBClient, endpoint: string) => Promise<T>): Promise<T> {
  const database = await BorrowedDatabase.borrow();
  const { endpoint } = database;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "eu-central-1", credentials });
  return work(client, endpoint).finally(() => {
    client.destroy();
    return database.stop();
  });
}

const tables = async (client: DynamoDBClient) => (await client.send(new ListTablesCommand())).TableNames;

function makeTable(client: DynamoDBClient, TableName: string) {
  return client.send(
    new CreateTableCommand({
      ...{ TableName, BillingMode: "PAY_PER_REQUEST", DeletionProtectionEnabled: TableName === "kept" },
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
}

test("two databases that are borrowed at the same time are different", async () => {
  await borrowed(async (client, endpoint) => {
    await makeTable(client, "mine");
    await borrowed(async (other, elsewhere) => {
      expect(elsewhere).not.toBe(endpoint);
      expect(await tables(other)).toEqual([]);
    });
  });
});

test("a database that comes back with tables is empty for the next suite", async () => {
  await borrowed(async (client) => {
    for (const name of ["one", "two"]) await makeTable(client, name);
  });
  await borrowed(async (client) => expect(await tables(client)).toEqual([]));
});

test("a database that can't be emptied is lent to nobody", async () => {
  const refused = borrowed((client) => makeTable(client, "kept"));
  await expect(refused).rejects.toThrow("DeleteTable");
  await borrowed(async (client) => expect(await tables(client)).toEqual([]));
});
