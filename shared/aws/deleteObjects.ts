/** Deletes all objects below a prefix of a bucket. */
import {
  type _Error,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { inBatches } from "./batches";

/** DeleteObjects takes at most so many keys. */
const BATCH = 1_000;
const CONCURRENCY = 4;
/** Of the reasons why a single key is not deleted those that pass. */
const PASSING = new Set(["InternalError", "ServiceUnavailable", "SlowDown"]);

export interface DeleteObjectsOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  /** Makes a call until it succeeds, fails for good, or time is over. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * Deletes every object whose key begins with `prefix`. Of a bucket with versions only the newest version goes. Uploads in
 * parts that were never completed are left to the bucket's lifecycle rule.
 *
 * @returns the number of objects.
 * @throws an error with S3's code as its name where S3 does not delete an object.
 */
export function deleteObjects(options: DeleteObjectsOptions, prefix: string): Promise<number> {
  const keys = keysBelow(options, prefix);
  return inBatches(keys, { size: BATCH, concurrency: CONCURRENCY }, (batch) => deleteBatch(options, batch));
}

async function* keysBelow({ s3, bucket, retry }: DeleteObjectsOptions, Prefix: string): AsyncGenerator<string> {
  let ContinuationToken: string | undefined;
  do {
    const input: ListObjectsV2CommandInput = { Bucket: bucket, Prefix, ContinuationToken };
    const { Contents = [], NextContinuationToken } = await retry(() => s3.send(new ListObjectsV2Command(input)));
    for (const { Key } of Contents) if (Key !== undefined) yield Key;
    ContinuationToken = NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

async function deleteBatch({ s3, bucket, retry }: DeleteObjectsOptions, keys: readonly string[]): Promise<void> {
  let left = keys;
  await retry(async () => {
    const Delete = { Objects: left.map((Key) => ({ Key })), Quiet: true };
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
    if (Errors.length === 0) return;
    left = Errors.flatMap(({ Key }) => Key ?? []);
    // One that stays for good is reported, whatever becomes of the others.
    throw notDeleted(Errors.find(({ Code = "" }) => !PASSING.has(Code)) ?? Errors[0]!);
  });
}

function notDeleted({ Key, Code = "NotDeleted", Message = Code }: _Error): Error {
  const passes = PASSING.has(Code) ? { $retryable: { throttling: Code === "SlowDown" } } : {};
  // The SDK's own errors have metadata; by that the command line knows an answer of AWS.
  return Object.assign(new Error(`Object ${Key}: ${Message}`), { name: Code, $metadata: {}, ...passes });
}
