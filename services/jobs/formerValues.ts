/** Former values that an earlier job of the same id has left in the results bucket. */
import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { SluiceError } from "../../shared/errors";
import type { Job } from "../../shared/jobs/job";
import { ownPrefix } from "../../shared/operations/ownPrefix";
import { beforePrefix } from "../../shared/writing/before/journal";
import type { WritingParams } from "../../shared/writing/options";

/**
 * Checks a job that is about to be made. Its workers would take such objects for their own, and its undo would undo the earlier job
 * as well. Objects outlive the job's records if these have expired, or if the job was deleted without its results.
 *
 * @param exists whether there is a job of this id: then the objects are its own.
 * @throws SluiceError RECORDS_LEFT
 */
export async function refuseFormerValues(
  { id, operation }: Pick<Job, "id" | "operation">,
  { s3, bucket }: { readonly s3: Pick<S3Client, "send">; readonly bucket: string },
  exists: () => Promise<boolean>,
): Promise<void> {
  if ((operation.params as WritingParams).keepBefore !== true) return;
  const Prefix = beforePrefix(ownPrefix(operation.name, id));
  const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix, MaxKeys: 1 }));
  if (KeyCount === 0 || (await exists())) return;
  const message = `Former values of an earlier job ${id} are still in s3://${bucket}/${Prefix}: choose another id, or delete them.`;
  throw new SluiceError("RECORDS_LEFT", message, { value: id });
}
