/** Finds an export in S3, DynamoDB's own or Sluice's, and the facts that a job over it depends on. */
import { type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { SluiceError } from "../errors";
import { FileList } from "./fileList";
import type { ManifestFile, ManifestSummary } from "./manifest";
import { damaged, readChecked } from "./readExport";

/** The place of an export's summary. */
export interface ExportPlace {
  readonly bucket: string;
  /** Key of manifest-summary.json. */
  readonly manifest: string;
}

export interface ExportFacts extends ExportPlace {
  /** Key of manifest-files.json, and its ETag without quotes. */
  readonly list: string;
  readonly listEtag: string;
  /** The export was made in another bucket, so the ETags in its list need not be those of its files here. */
  readonly copied: boolean;
  /** `full`: all items as they were at one moment. `incremental`: the items that changed between two moments. */
  readonly type: "full" | "incremental";
  /** Data files. */
  readonly files: number;
  readonly items: number;
  /** The size that DynamoDB billed, about that of the items; 0: not known. */
  readonly billedBytes: number;
  readonly table: { readonly arn: string; readonly name: string; readonly id: string };
  /** The moment whose items it has, or up to which it has the changes; milliseconds since the epoch. */
  readonly exportTime: number | undefined;
  /** Which part of the table a Sluice export has: `index`, `filter`, `projection`. Empty: the whole table. */
  readonly scope: Readonly<Record<string, string>>;
}

/** The facts, or why there are none, as a sentence. */
export type DescribedExport = ExportFacts | { readonly problem: string };

const SUMMARY = "manifest-summary.json";
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const LOCATION = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/((?:.+\/)?AWSDynamoDB\/[^/]+)$/;

/**
 * Reads `s3://BUCKET/[prefix/]AWSDynamoDB/ID`, with or without a slash or `/manifest-summary.json` at the end. Undefined:
 * the text isn't such an address. Pure.
 */
export function exportPlace(location: string): ExportPlace | undefined {
  const folder = location.endsWith(`/${SUMMARY}`)
    ? location.slice(0, -SUMMARY.length - 1)
    : location.replace(/\/$/, "");
  const [, bucket, root] = LOCATION.exec(folder) ?? [];
  return bucket === undefined || root === undefined ? undefined : { bucket, manifest: `${root}/${SUMMARY}` };
}

/**
 * Reads both manifests, with their checksums.
 * @throws errors that show nothing about the export, such as a time-out
 */
export async function describeExport(s3: S3Client, location: string): Promise<DescribedExport> {
  const place = exportPlace(location);
  if (place === undefined)
    return { problem: `An export must be s3://BUCKET/[prefix/]AWSDynamoDB/ID, got ${location}.` };
  try {
    const summary = summaryIn((await readChecked(s3, place.bucket, place.manifest)).bytes, place);
    const problem = formatProblem(summary.outputFormat);
    return problem === undefined ? await factsOf(s3, place, summary) : { problem };
  } catch (error) {
    const problem = problemOf(error, place);
    if (problem === undefined) throw error;
    return { problem };
  }
}

async function factsOf(s3: S3Client, place: ExportPlace, summary: ManifestSummary): Promise<ExportFacts> {
  const { manifestFilesS3Key: list, itemCount: items, tableArn = "", tableId = "" } = summary;
  const { bytes, etag } = await readChecked(s3, place.bucket, list);
  const files = new FileList(bytes);
  const listed = itemsIn(files);
  if (listed !== items) throw damaged(list, "the sum of itemCount", items, listed);
  const time = Date.parse(summary.exportTime ?? summary.exportToTime ?? "");
  return {
    ...place,
    list,
    listEtag: etag,
    copied: summary.s3Bucket !== place.bucket,
    type: summary.exportType === "INCREMENTAL_EXPORT" ? "incremental" : "full",
    files: files.length,
    items,
    billedBytes: summary.billedSizeBytes ?? 0,
    table: { arn: tableArn, name: tableArn.split("/")[1] ?? "", id: tableId },
    exportTime: Number.isNaN(time) ? undefined : time,
    scope: summary.scope ?? {},
  };
}

function itemsIn(files: FileList): number {
  let items = 0;
  for (let number = 0; number < files.length; number++) items += itemsOf(files.file(number));
  return items;
}

/** @throws SyntaxError if the line is no file of an export */
function itemsOf(file: unknown): number {
  const { itemCount, dataFileS3Key, md5Checksum, etag } = (file ?? {}) as Partial<ManifestFile>;
  const texts = [dataFileS3Key, md5Checksum, etag];
  if (typeof itemCount === "number" && texts.every((text) => typeof text === "string")) return itemCount;
  throw new SyntaxError("not a data file");
}

function summaryIn(bytes: Buffer, { manifest }: ExportPlace): ManifestSummary {
  try {
    const summary = JSON.parse(bytes.toString()) as ManifestSummary;
    if (typeof summary.manifestFilesS3Key === "string" && typeof summary.outputFormat === "string") return summary;
  } catch {
    // The error below reports it.
  }
  throw damaged(manifest, "Content", "a manifest", "something else");
}

function formatProblem(format: string): string | undefined {
  if (format === "DYNAMODB_JSON") return undefined;
  if (format === "JSON") {
    return "The export is plain JSON, which doesn't have the types of the values; export with --format dynamodb-json to read it back.";
  }
  return `The export must be in the format DYNAMODB_JSON, got ${format}.`;
}

function problemOf(error: unknown, { bucket, manifest }: ExportPlace): string | undefined {
  if (error instanceof SyntaxError)
    return `The list of files of s3://${bucket}/${manifest} must be JSON lines, each with a data file.`;
  if (error instanceof SluiceError && error.code === "EXPORT_DAMAGED") return `The export is damaged: ${error.message}`;
  if (!(error instanceof S3ServiceException)) return undefined;
  const { name, message } = error;
  if (name === "NoSuchBucket") return `There is no bucket ${bucket}.`;
  if (name === "PermanentRedirect") return `Bucket ${bucket} is in another region.`;
  if (name === "NoSuchKey") {
    return `There is no manifest at s3://${bucket}/${manifest}, or no checksum with it: it isn't an export, or the export hasn't completed.`;
  }
  // S3 also answers this if there is no such object and the caller may not list the bucket:
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  if (name === "AccessDenied" || name === "Forbidden") {
    return `The export at s3://${bucket}/${manifest} may not be read, or isn't there: ${message}`;
  }
  return undefined;
}
