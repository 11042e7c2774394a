import type { SQSClient } from "@aws-sdk/client-sqs";
import type { BucketOptions } from "../../../shared/aws/objects/listObjects";
import type { Storage } from "../storage";
import type { SecretPlace } from "../tokens/studySecrets";

/** The clients and names through which the desk's commands reach an intake. */
export interface Desk extends Storage {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** Only where participants' tokens are required. */
  readonly secrets?: SecretPlace;
  /** Makes a call until it succeeds or fails for good. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function rawObjects({ s3, rawBucket: bucket, retry }: Desk): BucketOptions {
  return { s3, bucket, retry };
}

export function quarantineObjects({ s3, quarantineBucket: bucket, retry }: Desk): BucketOptions {
  return { s3, bucket, retry };
}
