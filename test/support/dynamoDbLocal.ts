import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BorrowedDatabase } from "../../local/backends/borrowedDatabase";

export interface DynamoDbLocal {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** DynamoDB Local for one test file, and a client that tries once. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const database = await BorrowedDatabase.borrow();
  const { endpoint } = database;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "eu-central-1", credentials, maxAttempts: 1 });
  const stop = () => {
    client.destroy();
    return database.stop();
  };
  return { client, endpoint, stop };
}
