/**
 * The objects of an export, as DynamoDB writes them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
import { createHash, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { SluiceError } from "../../shared/errors";
import type { BackendRequest, BackendResponse } from "../gateway/message";
import { type WireItem, wireItemBytes } from "../gateway/wire";

type Send = (request: BackendRequest) => Promise<BackendResponse>;

/** A data file is closed when its lines have this many characters. */
const FILE_CHARACTERS = 16 * 1_048_576;

/** Puts objects into one bucket, without the gateway, and finds keys below one folder. */
export class ExportFolder {
  readonly #bucket: string;
  readonly #root: string;
  readonly #send: Send;

  /** @param root ends in a slash. */
  constructor(bucket: string, root: string, send: Send) {
    [this.#bucket, this.#root, this.#send] = [bucket, root, send];
  }

  key(name: string): string {
    return `${this.#root}${name}`;
  }

  /** @returns the entity tag. @throws SluiceError with the code that DynamoDB reports for a failed export. */
  async put(name: string, body: Buffer | string): Promise<string> {
    const path = this.key(name).split("/").map(encodeURIComponent).join("/");
    const {
      status,
      headers,
      body: answer,
    } = await this.#send({
      method: "PUT",
      url: `/${this.#bucket}/${path}`,
      headers: { "content-type": "application/octet-stream" },
      body: Buffer.from(body),
    });
    if (status === 200) return String(headers.etag).replaceAll('"', "");
    if (answer.includes("NoSuchBucket")) {
      throw new SluiceError("S3NoSuchBucket", "The specified bucket does not exist", { value: this.#bucket });
    }
    throw new SluiceError("UNKNOWN", `S3 PutObject ${this.key(name)}: ${answer.toString()}`, { value: status });
  }

  /** A manifest with its checksum beside it, as in AWS's exports. */
  async putManifest(name: string, text: string): Promise<void> {
    await this.put(`${name}.md5`, md5(text));
    await this.put(`${name}.json`, text);
  }
}

export interface Written {
  /** The lines of manifest-files.json. */
  files: string;
  items: number;
  /** Size of all items, which DynamoDB bills. */
  bytes: number;
}

/** Writes items into one or more data files. The first one may be empty, like that of an empty partition. */
export async function writeDataFiles(pages: AsyncIterable<WireItem[]>, folder: ExportFolder): Promise<Written> {
  const written: Written = { files: "", items: 0, bytes: 0 };
  let [lines, count] = ["", 0];
  const close = async () => {
    written.files += await dataFile(lines, count, folder);
    [lines, count] = ["", 0];
  };
  for await (const page of pages) {
    for (const item of page) {
      lines += `${JSON.stringify({ Item: item })}\n`;
      written.bytes += wireItemBytes(item);
    }
    count += page.length;
    written.items += page.length;
    if (lines.length >= FILE_CHARACTERS) await close();
  }
  if (count > 0 || written.files === "") await close();
  return written;
}

async function dataFile(lines: string, itemCount: number, folder: ExportFolder): Promise<string> {
  const body = await promisify(gzip)(lines);
  // 26 letters and digits, as AWS's names have.
  const name = `data/${BigInt(`0x${randomBytes(20).toString("hex")}`)
    .toString(36)
    .slice(0, 26)
    .padStart(26, "0")}.json.gz`;
  const etag = await folder.put(name, body);
  return `${JSON.stringify({ itemCount, md5Checksum: md5(body), etag, dataFileS3Key: folder.key(name) })}\n`;
}

function md5(content: Buffer | string): string {
  return createHash("md5").update(content).digest("base64");
}
