/**
 * The error of a batch that DynamoDB did only in part. It answers with success where a part is throttled, or beyond the 16 MB
 * of a BatchGetItem answer; the error counts as throttling, so that a retry sends what is left.
 */
export function unprocessed(count: number, what: "items" | "keys"): Error {
  const error = new Error(`DynamoDB left ${count} ${what} of a batch unprocessed.`);
  return Object.assign(error, { name: "ProvisionedThroughputExceededException" });
}
