/**
 * The error of a batch that DynamoDB processed only in part. DynamoDB reports success even if it throttled a part, or if a
 * BatchGetItem answer exceeds 16 MB. This error counts as throttling, so that a retry sends the rest.
 */
export function unprocessed(count: number, what: "items" | "keys"): Error {
  const error = new Error(`DynamoDB left ${count} ${what} of a batch unprocessed.`);
  return Object.assign(error, { name: "ProvisionedThroughputExceededException" });
}
