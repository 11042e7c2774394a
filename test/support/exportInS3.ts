/** Makes exports as DynamoDB writes them. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ManifestFile, ManifestSummary } from "../../shared/exports/manifest";

export interface MadeExport {
  readonly bucket: string;
  readonly id: string;
  /** The lines of each data file, without line feeds. */
  readonly files: readonly (readonly string[])[];
  /** Replaces fields of a full export's summary. */
  readonly summary?: Partial<ManifestSummary>;
  /** Replaces fields of the list's entry for each file. */
  readonly listed?: (file: ManifestFile, number: number) => ManifestFile;
}

const md5 = (content: string | Buffer) => createHash("md5").update(content).digest("base64");

/** Puts the export, manifests last. @returns its location */
export async function putExport(s3: S3Client, made: MadeExport): Promise<string> {
  const { bucket: Bucket, id, files, listed = (file) => file } = made;
  const root = `backups/AWSDynamoDB/${id}`;
  const put = async (Key: string, Body: string | Buffer) =>
    (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).ETag!.replaceAll('"', "");
  let list = "";
  for (const [number, lines] of files.entries()) {
    const data = gzipSync(lines.map((line) => `${line}\n`).join(""));
    const dataFileS3Key = `${root}/data/${number}abc.json.gz`;
    const etag = await put(dataFileS3Key, data);
    const file = { itemCount: lines.length, md5Checksum: md5(data), etag, dataFileS3Key };
    list += `${JSON.stringify(listed(file, number))}\n`;
  }
  const tableArn = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders";
  const summary: ManifestSummary = {
    ...{ version: "2020-06-30", exportArn: `${tableArn}/export/${id}`, tableArn, tableId: "0a1b" },
    ...{ startTime: "2026-01-02T03:04:05.678Z", endTime: "2026-01-02T03:14:05.678Z" },
    exportTime: "2026-01-02T03:00:00.000Z",
    ...{ s3Bucket: Bucket, s3Prefix: "backups", s3SseAlgorithm: "AES256", s3SseKmsKeyId: null },
    manifestFilesS3Key: `${root}/manifest-files.json`,
    ...{ billedSizeBytes: 1234, itemCount: files.flat().length, outputFormat: "DYNAMODB_JSON" },
    ...made.summary,
  };
  const text = JSON.stringify(summary);
  await put(`${root}/manifest-files.json`, list);
  await put(`${root}/manifest-files.md5`, md5(list));
  await put(`${root}/manifest-summary.md5`, md5(text));
  await put(`${root}/manifest-summary.json`, text);
  return `s3://${Bucket}/${root}`;
}
