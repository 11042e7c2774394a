import type { S3Client } from "@aws-sdk/client-s3";

/** Where results are put, and how calls to it are repeated. */
export interface ResultsStore {
  readonly s3: S3Client;
  readonly bucket: string;
  /** Aborts when the time for work is over. */
  readonly signal: AbortSignal;
  /** Repeats a call for as long as it fails for a transient reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}
