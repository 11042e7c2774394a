/** Judges errors of sources in S3. */
import { S3ServiceException } from "@aws-sdk/client-s3";
import { SluiceError } from "../errors";

/** Permanent errors: the object is the same for each worker. */
const LASTING = new Set(["EXPORT_DAMAGED", "OBJECT_DAMAGED", "OBJECT_REPLACED", "LIST_CHANGED"]);

export interface ObjectSource {
  readonly table: string;
  readonly bucket: string;
}

/**
 * Why no unit of such a source can be read any more, if the error means that.
 * @param what names the source in the sentence, such as `export s3://…`.
 */
export function objectVerdict(error: unknown, { table, bucket }: ObjectSource, what: string): string | undefined {
  if (error instanceof SluiceError)
    return LASTING.has(error.code) ? `The ${what} is not readable: ${error.message}` : undefined;
  const { name, message } = error as Error;
  if (error instanceof S3ServiceException) {
    if (name === "NoSuchBucket") return `Bucket ${bucket} no longer exists.`;
    if (name === "NoSuchKey") return `An object of ${what} no longer exists.`;
    if (name === "AccessDenied") return `The ${what} may not be read: ${message}`;
    return undefined;
  }
  if (name === "ResourceNotFoundException") return `Table ${table} no longer exists.`;
  if (name === "AccessDeniedException") return `Table ${table} may not be read: ${message}`;
  return undefined;
}
