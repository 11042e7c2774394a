/** The list of an export's data files, manifest-files.json: one line a file. */
import { GetObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { Kept } from "../aws/objects/kept";
import { replaced } from "../aws/objects/objectBytes";
import type { ManifestFile } from "./manifest";

const LINE_FEED = 10;

/** Keeps the text and parses single lines of it: 230 bytes per file, and there may be 100,000 files. */
export class FileList {
  /** Where each line begins, and the end of the last. */
  private readonly begins: number[] = [];

  constructor(private readonly text: Buffer) {
    for (let at = 0; at < text.length; ) {
      const feed = text.indexOf(LINE_FEED, at);
      const end = feed < 0 ? text.length : feed;
      if (end > at) this.begins.push(at);
      at = end + 1;
    }
  }

  get length(): number {
    return this.begins.length;
  }

  /** A file by its number, from 0. */
  file(number: number): ManifestFile {
    const line = this.text.subarray(this.begins[number]!, this.begins[number + 1] ?? this.text.length);
    return JSON.parse(line.toString()) as ManifestFile;
  }
}

export interface ListPlace {
  readonly bucket: string;
  /** Key of manifest-files.json. */
  readonly list: string;
  /** Without quotes. If the list's ETag differs, the list was replaced. */
  readonly listEtag: string;
}

/** The lists of the jobs that a process works on. */
const kept = new Kept<FileList>(2);

/**
 * The list; read once by a process, for as long as it works on few exports.
 * @throws the SDK's error; SluiceError OBJECT_REPLACED
 */
export function fileListOf(s3: S3Client, place: ListPlace): Promise<FileList> {
  const { bucket, list, listEtag } = place;
  return kept.get(s3, JSON.stringify([bucket, list, listEtag]), () => readList(s3, place));
}

async function readList(s3: S3Client, { bucket: Bucket, list: Key, listEtag }: ListPlace): Promise<FileList> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, IfMatch: `"${listEtag}"` }));
    return new FileList(Buffer.from((await Body?.transformToByteArray()) ?? []));
  } catch (error) {
    const isOther = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;
    throw isOther ? replaced({ bucket: Bucket, key: Key, etag: listEtag }) : error;
  }
}
