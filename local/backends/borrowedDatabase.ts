import { DynamoDbConnection } from "./dynamodbConnection";

/** The environment variable with the address of a pool of databases. The tests set it, for one run. */
export const DATABASE_POOL = "SLUICE_TEST_DATABASES";

/** An empty DynamoDB Local that nobody else uses at the same time; see `test/setup/databasePool.ts`. */
export class BorrowedDatabase extends DynamoDbConnection {
  static async borrow(): Promise<BorrowedDatabase> {
    return new BorrowedDatabase(Number(new URL(await askPool("borrow")).port));
  }

  /** Returns the database to the pool. */
  async stop(): Promise<void> {
    this.close();
    await askPool("return", this.endpoint);
  }
}

async function askPool(what: string, body = ""): Promise<string> {
  const response = await fetch(`${process.env[DATABASE_POOL]}/${what}`, { method: "POST", body });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${what}: ${answer}`);
  return answer;
}
