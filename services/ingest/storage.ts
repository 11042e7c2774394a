import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";

/** The places where submissions are stored, and their clients. */
export interface Storage {
  s3: S3Client;
  dynamodb: DynamoDBClient;
  rawBucket: string;
  quarantineBucket: string;
  resultsTable: string;
  submissionsTable: string;
}
