/** An operation, and what it works with. */
import { SluiceError } from "../errors";
import type { Job } from "../jobs/job";
import { DynamoDbEntries } from "../jobs/storage/dynamoDbEntries";
import type { OperationSet, OperationWork, Tools } from "../operations/operation";
import { ownPrefix } from "../operations/ownPrefix";
import type { Limited } from "./capacitySession";
import type { WorkAtHand, WorkParts } from "./workParts";

export function toolsOf(
  job: Job,
  { client: dynamodb, limits, requestMs, consumed }: Limited,
  { workSignal: signal }: WorkAtHand,
  parts: WorkParts,
): Tools {
  const retry: Tools["retry"] = (call) => parts.retryTransient(call, signal);
  const { id, expiresAt } = job;
  return {
    dynamodb,
    limits,
    requestMs,
    consumed,
    s3: parts.s3,
    bucket: parts.resultsBucket,
    prefix: ownPrefix(job.operation.name, id),
    signal,
    retry,
    entries: new DynamoDbEntries({ client: parts.dynamodb, table: parts.jobsTable, job: id, expiresAt, retry }),
  };
}

/** @throws SluiceError NO_SUCH_OPERATION */
export function operationOf({ operation }: Job, { operations }: { readonly operations: OperationSet }): OperationWork {
  const found = operations.named(operation.name);
  if (found !== undefined) return found;
  const message = `The function has no operation "${operation.name}" any more.`;
  throw new SluiceError("NO_SUCH_OPERATION", message, { value: operation.name });
}
