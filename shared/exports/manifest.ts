/**
 * The manifests of an export, as DynamoDB writes them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */

/** One line of manifest-files.json. */
export interface ManifestFile {
  readonly itemCount: number;
  /** MD5 of the stored object, base64. */
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
  /** The period of an incremental export: it includes the first moment, but not the second. */
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
   * Set if the export is not of the whole table: `index`, `filter`, `projection`. AWS's exports do not have this key. Check
   * it before you use the files as a table's backup.
   */
  readonly scope?: Readonly<Record<string, string>>;
}

/** Key of a manifest's checksum. AWS documents `.checksum`, but its exports have `.md5`. */
export function md5Key(manifest: string): string {
  return manifest.replace(/\.json$/, ".md5");
}
