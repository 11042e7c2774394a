/**
 * `--start-export`: AWS exports the table into the results bucket, and the job reads that. An export consumes no read
 * capacity, and needs point-in-time recovery.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html
 */
import {
  DescribeExportCommand,
  type DynamoDBClient,
  type ExportDescription,
  ExportTableToPointInTimeCommand,
  type FilterSpecification,
  PointInTimeRecoveryUnavailableException,
} from "@aws-sdk/client-dynamodb";
import { retryTransient } from "../../shared/aws/transient";
import type { Clock } from "../../shared/clock";
import { SluiceError } from "../../shared/errors";
import { tableExportPrefix } from "../../shared/jobs/inputs";
import { describeTable, type TableFacts } from "../../shared/tables/facts";

/** Interval between checks of the export, milliseconds: at first, and later. */
const FIRST_POLL_MS = 1_000;
const LAST_POLL_MS = 30_000;
/** How long a call that fails for a transient reason is repeated, milliseconds. */
const RETRY_MS = 60_000;

export interface TableExportOptions {
  readonly dynamodb: DynamoDBClient;
  /** The results bucket. */
  readonly bucket: string;
  readonly table: string;
  /** Id of the job that the export is for. The same id gets the same export for eight hours. */
  readonly job: string;
  /** The items and attributes to export. Default: all. */
  readonly filter?: FilterSpecification | undefined;
  /** Names of the attributes on which the job's decisions depend. Default: none but the key. */
  readonly reads?: readonly string[];
  readonly clock: Clock;
  /** Ends the waiting; the export goes on. */
  readonly signal: AbortSignal;
  /** Called at each check, first with the future place of the export. */
  readonly onLook: (look: { readonly place: string; readonly items?: number; readonly done: boolean }) => void;
}

/** The present or future place of the export. */
export interface TableExportEnd {
  /** `s3://BUCKET/exports/JOB/AWSDynamoDB/ID`. */
  readonly place: string;
  /** False: the signal aborted first. */
  readonly completed: boolean;
}

/** @throws SluiceError NO_SUCH_TABLE, USAGE (a projection without the table's keys, or what the job reads), NO_RECOVERY, EXPORT_FAILED; the SDK's errors */
export async function exportTable(options: TableExportOptions): Promise<TableExportEnd> {
  const { bucket, job, clock, signal, onLook } = options;
  let found = await begin(options);
  const place = `s3://${bucket}/${tableExportPrefix(job)}AWSDynamoDB/${found.ExportArn!.split("/").at(-1)}`;
  onLook({ place, done: false });
  try {
    for (
      let waitMs = FIRST_POLL_MS;
      found.ExportStatus === "IN_PROGRESS";
      waitMs = Math.min(2 * waitMs, LAST_POLL_MS)
    ) {
      await clock.sleep(waitMs, signal);
      found = await look(options, found.ExportArn!);
    }
  } catch (error) {
    if (signal.aborted) return { place, completed: false };
    throw error;
  }
  if (found.ExportStatus === "FAILED") throw failed(options.table, found);
  onLook({ place, done: true, ...(found.ItemCount === undefined ? {} : { items: found.ItemCount }) });
  return { place, completed: true };
}

async function begin({
  dynamodb,
  bucket,
  table,
  job,
  filter,
  reads = [],
}: TableExportOptions): Promise<ExportDescription> {
  const { identity, schema } = await tableOf(dynamodb, table);
  checkProjection(schema.keys, reads, filter);
  const input = {
    TableArn: identity.arn,
    S3Bucket: bucket,
    S3Prefix: tableExportPrefix(job).slice(0, -1),
    ExportFormat: "DYNAMODB_JSON",
    ClientToken: job,
    ...(filter === undefined ? {} : { FilterSpecification: filter }),
  } as const;
  try {
    return (await dynamodb.send(new ExportTableToPointInTimeCommand(input))).ExportDescription!;
  } catch (cause) {
    if (!(cause instanceof PointInTimeRecoveryUnavailableException)) throw cause;
    const message =
      `Table ${table} can't be exported, because its point-in-time recovery is off: turn it on ` +
      "(`aws dynamodb update-continuous-backups`), or leave out --start-export and let the job read the table.";
    throw new SluiceError("NO_RECOVERY", message, { value: table, cause });
  }
}

/** The job finds items by their keys, and takes an attribute that the export lacks for a missing one. */
function checkProjection(keys: readonly string[], reads: readonly string[], filter: FilterSpecification = {}): void {
  const { ProjectionExpression: projection, ExpressionAttributeNames: names = {} } = filter;
  if (projection === undefined) return;
  const paths = projection.split(",").map((path) => path.trim());
  const lacking = (wanted: readonly string[]) =>
    wanted.filter((each) => !paths.some((path) => (names[path] ?? path) === each));
  if (lacking(keys).length > 0) throw narrow(`the table's key (${keys.join(" and ")})`, projection);
  const others = lacking(reads);
  if (others.length > 0) throw narrow(`the attributes that the job depends on (${others.join(", ")})`, projection);
}

function narrow(what: string, projection: string): SluiceError {
  return new SluiceError("USAGE", `--export-projection must name ${what}, got ${projection}.`, { value: projection });
}

async function tableOf(dynamodb: DynamoDBClient, table: string): Promise<TableFacts> {
  const found = await describeTable(dynamodb, table);
  if (typeof found === "object") return found;
  const message = found === "denied" ? `You may not describe table ${table}.` : `There is no table ${table}.`;
  throw new SluiceError("NO_SUCH_TABLE", message, { value: table });
}

async function look({ dynamodb, signal }: TableExportOptions, ExportArn: string): Promise<ExportDescription> {
  const command = new DescribeExportCommand({ ExportArn });
  const until = AbortSignal.any([signal, AbortSignal.timeout(RETRY_MS)]);
  return (await retryTransient(() => dynamodb.send(command), until)).ExportDescription!;
}

function failed(table: string, { FailureCode = "no code", FailureMessage = "no reason given" }: ExportDescription) {
  const message = `The export of table ${table} failed (${FailureCode}): ${FailureMessage}`;
  return new SluiceError("EXPORT_FAILED", message, { value: FailureCode });
}
