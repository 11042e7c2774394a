import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import type { CloudState } from "../../local/childCloud";

const TABLES = ["resultsTable", "submissionsTable", "jobsTable"];
const BUCKETS = ["rawBucket", "quarantineBucket", "resultsBucket"];

/** Everything that a stack keeps: a line for each item of its tables and for each version of an object in its buckets, sorted. */
export async function everythingIn({ outputs, endpoint, region, credentials }: CloudState): Promise<string[]> {
  const client = { endpoint, region, credentials };
  const [dynamodb, s3] = [new DynamoDBClient(client), new S3Client(client)];
  const found: string[] = [];
  for (const table of TABLES) {
    const scan = { TableName: String(outputs[table]), ConsistentRead: true };
    for await (const { Items = [] } of paginateScan({ client: dynamodb }, scan)) {
      // Large items differ in their keys.
      found.push(...Items.map((item) => `${table} ${JSON.stringify(item).slice(0, 1_000)}`));
    }
  }
  for (const bucket of BUCKETS) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: String(outputs[bucket]) }),
    );
    found.push(...[...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => `${bucket} ${Key} ${VersionId}`));
  }
  for (const each of [dynamodb, s3]) each.destroy();
  return found.sort();
}
