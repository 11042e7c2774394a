/** A job over the failures of another one: its request, and the list that it reads. */
import { listPrefix } from "../../shared/jobs/inputs";
import type { Job } from "../../shared/jobs/job";
import { ownPrefix } from "../../shared/operations/ownPrefix";
import { putText } from "../../shared/results/putText";
import { removeObject } from "../../shared/results/storedObject";
import { type FailureManifest, failureManifestKey } from "../../shared/writing/failureList";
import type { Operator } from "../operator";
import { resultsOf } from "../results";
import type { IdentifiedRequest } from "../start/request";
import type { Input } from "../start/startJob";
import { failureObjects } from "./failureObjects";
import { type Changes, checkRedrive, redriveRequest } from "./redriveRequest";

export interface Redrive {
  readonly request: IdentifiedRequest;
  /** Puts the list of failures in place. */
  readonly input: () => Promise<Input>;
}

/**
 * Reads the job's failures. Undefined: no item failed.
 * @throws SluiceError WRONG_STATE, NO_REDRIVE, NO_FAILURE_LIST
 */
export async function redriveOf(
  operator: Operator,
  job: Job,
  changes: Changes & { readonly jobId: string },
): Promise<Redrive | undefined> {
  checkRedrive(job);
  const found = await failureObjects(operator, job);
  if (found.total === 0) return undefined;
  const completed = job.state === "completed";
  const key = completed ? ownManifest(job) : `${listPrefix(changes.jobId)}manifest.json`;
  const request = redriveRequest(job, `keys:s3://${operator.resultsBucket}/${key}`, changes);
  const input = async (): Promise<Input> => {
    if (completed) return { request };
    return { request, withdraw: await putManifest(operator, key, { job: job.id, ...found }) };
  };
  return { request, input };
}

/** A completed job has a manifest of its own. */
function ownManifest({ operation, id }: Job): string {
  return failureManifestKey(ownPrefix(operation.name, id));
}

/**
 * If the job has no manifest yet, writes one elsewhere. A later end of that job doesn't change it.
 * @returns a function that removes it
 */
async function putManifest(operator: Operator, key: string, manifest: FailureManifest): Promise<() => Promise<void>> {
  const results = resultsOf(operator);
  await putText(results, key, [JSON.stringify(manifest)]);
  return () => removeObject(results, key);
}
