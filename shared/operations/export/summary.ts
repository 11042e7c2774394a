/** The content of the manifests of a job's export. */
import type { ManifestFile, ManifestSummary } from "../../exports/manifest";
import type { FinishedJob } from "../operation";
import type { ObjectEntry } from "./exported";
import { ExportKeys, type ExportParams } from "./keys";

export interface SummaryFacts {
  readonly items: number;
  /** When the last unit ended, milliseconds since the epoch. */
  readonly endedAt: number;
  readonly bucket: string;
  /** The encryption that S3 reports. */
  readonly sse: string;
  readonly kmsKey: string | null;
}

export function fileLine(dataFileS3Key: string, { items, md5, etag }: ObjectEntry): string {
  const file: ManifestFile = { itemCount: items, md5Checksum: md5, etag, dataFileS3Key };
  return `${JSON.stringify(file)}\n`;
}

/** The summary. It depends only on the job's records, so that it is the same if it is written again. */
export function summaryOf(job: FinishedJob, { items, endedAt, bucket, sse, kmsKey }: SummaryFacts): ManifestSummary {
  const params: ExportParams = job.params;
  const keys = new ExportKeys(params, job.id);
  // Region and account are empty if they are unknown: tools can still parse the ARN.
  const tableArn = job.table.arn ?? `arn:aws:dynamodb:::table/${job.table.name}`;
  const startTime = new Date(job.createdAt).toISOString();
  return {
    version: "2020-06-30",
    exportArn: `${tableArn}/export/${job.id}`,
    startTime,
    endTime: new Date(endedAt).toISOString(),
    tableArn,
    tableId: job.table.id ?? "",
    // Unlike AWS's, this export is no snapshot: it was read between start and end. A replay of changes has to begin at the
    // start.
    exportTime: startTime,
    s3Bucket: bucket,
    s3Prefix: keys.prefix,
    s3SseAlgorithm: sse,
    s3SseKmsKeyId: kmsKey,
    manifestFilesS3Key: keys.files,
    billedSizeBytes: 0,
    itemCount: items,
    outputFormat: params.format === "json" ? "JSON" : "DYNAMODB_JSON",
    ...(Object.keys(job.scope).length === 0 ? {} : { scope: job.scope }),
  };
}
