/** The smallest hand-written handler with the same two SDK clients: the yardstick for size and load time. */
import { DynamoDBClient, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const s3 = new S3Client({});
const dynamodb = new DynamoDBClient({});

export async function handler(event: { put: never; head: never; write: never }): Promise<void> {
  await s3.send(new PutObjectCommand(event.put));
  await s3.send(new HeadObjectCommand(event.head));
  await dynamodb.send(new TransactWriteItemsCommand(event.write));
}
