import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTable, stringKeys } from "../../local/fillTable";
import { JOBS, SOURCE, settingsOf } from "./places";

/** The jobs table, and an empty one for checks whether the table of items still exists. */
export async function makeTables(endpoint: string): Promise<void> {
  const client = new DynamoDBClient(settingsOf(endpoint));
  await createTable(client, JOBS, stringKeys("pk", "sk"));
  await createTable(client, SOURCE);
  client.destroy();
}
