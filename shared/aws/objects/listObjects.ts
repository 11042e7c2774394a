/** Lists a bucket's objects over any number of pages, in the order of the keys' UTF-8 bytes. */
import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";

export interface BucketOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  /** Makes a call until it succeeds, fails for good, or time is over. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

export interface ListedObject {
  readonly key: string;
  /** When it was put there, milliseconds since the epoch. */
  readonly at: number;
  readonly bytes: number;
}

/** A version of an object, or a delete marker. */
export interface ObjectVersion {
  readonly key: string;
  /** `null` is the version of an object that was put while the bucket had no versions. */
  readonly versionId: string;
}

/** The objects whose key begins with `prefix`. */
export async function* listObjects({ s3, bucket, retry }: BucketOptions, prefix: string): AsyncGenerator<ListedObject> {
  let ContinuationToken: string | undefined;
  do {
    const input: ListObjectsV2CommandInput = { Bucket: bucket, Prefix: prefix, ContinuationToken };
    const { Contents = [], NextContinuationToken } = await retry(() => s3.send(new ListObjectsV2Command(input)));
    for (const { Key, LastModified, Size = 0 } of Contents) {
      if (Key !== undefined) yield { key: Key, at: LastModified?.getTime() ?? 0, bytes: Size };
    }
    ContinuationToken = NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

/** All versions of the objects whose key begins with `prefix`, and the delete markers. */
export async function* listVersions(
  { s3, bucket, retry }: BucketOptions,
  prefix: string,
): AsyncGenerator<ObjectVersion> {
  let from: Pick<ListObjectVersionsCommandInput, "KeyMarker" | "VersionIdMarker"> | undefined = {};
  while (from !== undefined) {
    const input: ListObjectVersionsCommandInput = { Bucket: bucket, Prefix: prefix, ...from };
    const page = await retry(() => s3.send(new ListObjectVersionsCommand(input)));
    for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
      if (Key !== undefined && VersionId !== undefined) yield { key: Key, versionId: VersionId };
    }
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    from = IsTruncated === true ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker } : undefined;
  }
}
