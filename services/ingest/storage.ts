import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";

/** Where submissions end, and the clients that get them there. */
export interface Storage {
  s3: S3Client;
  dynamodb: DynamoDBClient;
  rawBucket: string;
  quarantineBucket: string;
  resultsTable: string;
  submissionsTable: string;
}
