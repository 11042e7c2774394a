/**
 * Shared parts of the plug-in's tests: a gate that records, and a client of DynamoDB Local that is limited in both directions.
 */
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Consumption } from "../../../../shared/capacity/metering/consumption";
import { capacityPlugin, type Gate } from "../../../../shared/capacity/plugin/capacityPlugin";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";

/** A gate that lets every attempt through and records how each one ended. */
export class RecordingGate implements Gate {
  ended: (Consumption | "kept" | "released")[] = [];
  throttles = 0;

  async acquire() {
    return {
      charge: (consumption: Consumption) => void this.ended.push(consumption),
      keep: () => void this.ended.push("kept"),
      release: () => void this.ended.push("released"),
    };
  }

  throttled() {
    this.throttles++;
  }
}

export const settings = { region: "eu-central-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };

/** Starts DynamoDB Local with the tables `bulk` and `other`, each with a local and a global index. */
export async function startTables(): Promise<DynamoDbLocal> {
  const local = await startDynamoDbLocal();
  const attributes = ["k", "s", "l", "g"].map((name) => ({ AttributeName: name, AttributeType: "S" as const }));
  const key = (sort: string) => [
    { AttributeName: "k", KeyType: "HASH" as const },
    { AttributeName: sort, KeyType: "RANGE" as const },
  ];
  const all = { Projection: { ProjectionType: "ALL" as const } };
  for (const TableName of ["bulk", "other"]) {
    await local.client.send(
      new CreateTableCommand({
        TableName,
        KeySchema: key("s"),
        AttributeDefinitions: attributes,
        LocalSecondaryIndexes: [{ IndexName: "byL", KeySchema: key("l"), ...all }],
        GlobalSecondaryIndexes: [{ IndexName: "byG", KeySchema: [{ AttributeName: "g", KeyType: "HASH" }], ...all }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  }
  return local;
}

/** A client whose use of table `bulk` is limited, and the gates of both directions. */
export function limitedClient(endpoint: string): { client: DynamoDBClient; read: RecordingGate; write: RecordingGate } {
  const [read, write] = [new RecordingGate(), new RecordingGate()];
  const client = new DynamoDBClient({ ...settings, endpoint, maxAttempts: 1 });
  client.middlewareStack.use(capacityPlugin(read, { table: "bulk", direction: "read" }));
  client.middlewareStack.use(capacityPlugin(write, { table: "bulk", direction: "write" }));
  return { client, read, write };
}

export const Key = { k: { S: "1" }, s: { S: "1" } };
/** An item that takes 2 write units in the table and in each of both indexes. */
export const Item = { ...Key, l: { S: "l" }, g: { S: "g" }, fill: { S: "x".repeat(1500) } };
