/**
 * The manifests of an export, as DynamoDB writes them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */

/** One line of manifest-files.json. */
export interface ManifestFile {
  readonly itemCount: number;
  /** Of the object as it lies there, base64. */
  readonly md5Checksum: string;
  readonly etag: string;
  readonly dataFileS3Key: string;
}

/** manifest-summary.json. */
export interface ManifestSummary {
  readonly version: string;
  readonly exportArn: string;
  /** ISO 8601. */
  readonly startTime: string;
  readonly endTime: string;
  readonly tableArn: string;
  readonly tableId: string;
  /** The moment whose items a full export has. An incremental one has two times instead. */
  readonly exportTime?: string;
  /** The changes that an incremental export has: from the first moment on, up to and without the second. */
  readonly exportFromTime?: string;
  readonly exportToTime?: string;
  readonly s3Bucket: string;
  readonly s3Prefix: string | null;
  readonly s3SseAlgorithm: string;
  readonly s3SseKmsKeyId: string | null;
  /** With the prefix. */
  readonly manifestFilesS3Key: string;
  readonly billedSizeBytes: number;
  readonly itemCount: number;
  /** `DYNAMODB_JSON`, `ION`, or `JSON` for plain JSON, which AWS's exports do not have. */
  readonly outputFormat: string;
  /** `FULL_EXPORT` or `INCREMENTAL_EXPORT`. Older exports and Sluice's do not have it: they are full. */
  readonly exportType?: string;
  /**
   * Where it is not the whole table: `index`, `filter`, `projection`. A key of ours that AWS's exports do not have; who reads
   * the files as a table's backup looks for it first.
   */
  readonly scope?: Readonly<Record<string, string>>;
}

/** Key of a manifest's checksum. AWS documents `.checksum`; what its exports have is `.md5`. */
export function md5Key(manifest: string): string {
  return manifest.replace(/\.json$/, ".md5");
}
