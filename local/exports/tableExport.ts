import { randomBytes } from "node:crypto";
import type { TableDescription } from "@aws-sdk/client-dynamodb";
import type { Clock } from "../../shared/clock";
import { SluiceError } from "../../shared/errors";
import type { BackendResponse } from "../gateway/message";
import type { WireItem } from "../gateway/wire";
import { ExportFolder, type Written, writeDataFiles } from "./exportFiles";
import type { ExportFilter, ExportInput } from "./exportInput";

/** Segments in which the table is scanned: as many data files, one for each partition of a new table. */
export const SEGMENTS = 4;

/** The source and the destination of an export. */
export interface ExportPlaces {
  /** The pages of one segment of {@link SEGMENTS}. */
  scan(table: string, segment: number, filter: ExportFilter): AsyncIterable<WireItem[]>;
  /** DynamoDB's refusal of such a filter. Undefined: it takes it. */
  refusal(table: string, filter: ExportFilter): Promise<BackendResponse | undefined>;
  putObject: ConstructorParameters<typeof ExportFolder>[2];
  readonly clock: Pick<Clock, "now">;
}

type Status = "IN_PROGRESS" | "COMPLETED" | "FAILED";

/**
 * One export of a table. Unlike AWS's, it is no snapshot: writes to the table while it runs may be in it or not.
 */
export class TableExport {
  readonly arn: string;
  readonly input: ExportInput;
  /** Settles with the export, and never rejects. */
  readonly ended: Promise<void>;
  readonly #table: TableDescription;
  readonly #places: ExportPlaces;
  readonly #folder: ExportFolder;
  readonly #startedAt: number;
  #endedAt: number | undefined;
  #written: Written = { files: "", items: 0, bytes: 0 };
  #failure: { code: string; message: string } | undefined;

  /** Starts at once. */
  constructor(input: ExportInput, table: TableDescription, places: ExportPlaces) {
    [this.input, this.#table, this.#places] = [input, table, places];
    this.#startedAt = places.clock.now();
    const id = `${String(this.#startedAt).padStart(14, "0")}-${randomBytes(4).toString("hex")}`;
    this.arn = `${table.TableArn}/export/${id}`;
    const prefix = input.S3Prefix ? `${input.S3Prefix.replace(/\/$/, "")}/` : "";
    this.#folder = new ExportFolder(input.S3Bucket, `${prefix}AWSDynamoDB/${id}/`, places.putObject);
    this.ended = this.#run()
      .catch((error: unknown) => {
        const code = error instanceof SluiceError ? error.code : "UNKNOWN";
        this.#failure = { code, message: error instanceof Error ? error.message : String(error) };
      })
      .then(() => {
        this.#endedAt ??= places.clock.now();
      });
  }

  get status(): Status {
    if (this.#failure) return "FAILED";
    return this.#endedAt === undefined ? "IN_PROGRESS" : "COMPLETED";
  }

  /** As in the answers of ExportTableToPointInTime and DescribeExport. */
  description(): object {
    const { TableArn: _, ...asked } = this.input;
    const { status } = this;
    return {
      ...{ ExportArn: this.arn, ExportStatus: status, ...asked },
      ...{ TableArn: this.#table.TableArn, TableId: this.#table.TableId },
      ...{ StartTime: this.#startedAt / 1_000, ExportTime: this.#startedAt / 1_000 },
      ...(this.#endedAt !== undefined && { EndTime: this.#endedAt / 1_000 }),
      ...(status === "COMPLETED" && {
        ExportManifest: this.#folder.key("manifest-summary.json"),
        BilledSizeBytes: this.#written.bytes,
        ItemCount: this.#written.items,
      }),
      ...(this.#failure && { FailureCode: this.#failure.code, FailureMessage: this.#failure.message }),
    };
  }

  async #run(): Promise<void> {
    const { TableName = "" } = this.#table;
    const { FilterSpecification: filter = {} } = this.input;
    await this.#folder.put("_started", "");
    for (let segment = 0; segment < SEGMENTS; segment++) {
      const { files, items, bytes } = await writeDataFiles(this.#places.scan(TableName, segment, filter), this.#folder);
      this.#written.files += files;
      this.#written.items += items;
      this.#written.bytes += bytes;
    }
    await this.#folder.putManifest("manifest-files", this.#written.files);
    const endedAt = this.#places.clock.now();
    await this.#folder.putManifest("manifest-summary", JSON.stringify(this.#summary(endedAt)));
    this.#endedAt = endedAt;
  }

  #summary(endedAt: number): object {
    const startTime = new Date(this.#startedAt).toISOString();
    return {
      version: "2020-06-30",
      exportArn: this.arn,
      startTime,
      endTime: new Date(endedAt).toISOString(),
      tableArn: this.#table.TableArn,
      tableId: this.#table.TableId,
      exportTime: startTime,
      s3Bucket: this.input.S3Bucket,
      s3Prefix: this.input.S3Prefix ?? null,
      s3SseAlgorithm: "AES256",
      s3SseKmsKeyId: null,
      manifestFilesS3Key: this.#folder.key("manifest-files.json"),
      billedSizeBytes: this.#written.bytes,
      itemCount: this.#written.items,
      outputFormat: "DYNAMODB_JSON",
    };
  }
}
