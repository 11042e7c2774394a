/**
 * Operations process pages of items. This is their contract, also for operations that users write themselves.
 *
 * ```ts
 * // operations/countBySize.ts
 * import type { PageFunction } from "../shared/operations/operation";
 *
 * const countBySize: PageFunction<Record<string, number>> = (page, soFar = {}) => {
 *   const counts = new Map(Object.entries(soFar)); // a size may be "constructor"
 *   for (const { size } of page.items) counts.set(size?.S ?? "none", (counts.get(size?.S ?? "none") ?? 0) + 1);
 *   return Object.fromEntries(counts);
 * };
 * export default countBySize;
 * ```
 *
 * With the export `pure = true`, a module declares that its function does only that. A checkpoint is then saved about once a
 * second. Without `pure`, one is saved after every page, and each costs a write.
 *
 * The promise: every item that is in the table during the whole job is in exactly one page whose result counts. (An
 * item of an index moves if its index keys change, and may then be in two pages or in none; docs/bulk-jobs.md,
 * "Indexes".) After a crash, the pages since the last checkpoint are repeated, with the `soFar` of that checkpoint;
 * their first results are dropped. So a function that only computes its result from `soFar` and the page is exact as it
 * is. A function with side effects has to be idempotent per page: same `position`, same effect (a key that depends on
 * the position overwrites itself). A repeated page may hold other items, if the table or the rate has changed
 * meanwhile.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Item } from "../aws/itemSize";
import type { Consumption } from "../capacity/metering/consumption";
import type { Purpose } from "../capacity/metering/direction";
import type { CapacityLimits } from "../capacity/metering/limits";
import type { RequestOptions } from "../requestOption";
import type { SampleShare, UnreadableLine } from "../sources/source";
import type { TableSchema } from "../tables/schema";
import type { FailureBound } from "../writing/failureBound";

export interface Page {
  /** The items that passed the filter, with values in DynamoDB's typed form (`{ S: "text" }`). May be none. */
  readonly items: readonly Item[];
  /** Keys of items that the source names and that don't exist. Default: none. */
  readonly missing?: readonly Item[];
  /** Lines of the source that name no item. Default: none. */
  readonly unreadable?: readonly UnreadableLine[];
  /** Items read, before the filter. */
  readonly scannedItems: number;
  /** Bytes read, before the filter: exact, or what the page was charged for, which is up to 4 KB more. */
  readonly scannedBytes: number;
  /** Read capacity units the page consumed. */
  readonly rcu: number;
  readonly position: Position;
  /** Name of the table whose items these are. */
  readonly table: string;
  /** Names of that table's key attributes, the partition key first. Absent: not known. */
  readonly keys?: readonly string[];
  /** The table that the operation changes, as it was when the job began. Absent: it changes none. */
  readonly target?: TableSchema;
  /** The job's parameters for this operation. */
  readonly params: Params;
  /** True if the unit ends with this page. */
  readonly last: boolean;
}

export type Params = Readonly<Record<string, unknown>>;

export interface Position {
  readonly job: string;
  /** Number of the unit, from 0. */
  readonly unit: number;
  /** Number of the page within the unit, from 0. */
  readonly page: number;
}

export interface Tools {
  /**
   * Its reads of the job's table share the job's capacity limit, PartiQL and transactions included. The functions' role allows
   * Scan of the stack's tables; pass anything more as `operationPermissions` of TableScanner.
   */
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  /** Bucket for large results: write below `prefix` only. Return small results instead. */
  readonly bucket: string;
  /** Key prefix of this job's objects, ending in `/`. */
  readonly prefix: string;
  /** Small records of this job. Use them for data that would make the units' results grow with the table. */
  readonly entries: Entries;
  /** The present limit of all workers together; undefined: no limit. */
  readonly limits: (purpose: Purpose) => CapacityLimits | undefined;
  /** Average duration of a request lately, without its wait for capacity, milliseconds; undefined while nobody knows. */
  readonly requestMs: (purpose: Purpose) => number | undefined;
  /** The consumption of requests for a purpose since the worker took its chain, under the job's limit. */
  readonly consumed: (purpose: Purpose) => Consumption;
  /** Aborts when the time for work is over. */
  readonly signal: AbortSignal;
  /** Repeats a call for as long as it fails for a transient reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * Numbered records of each unit, kept until the job is deleted. An entry that is put again replaces the former one. A
 * repeated page may put other entries than the first time. So entries may remain that no result counts. Keep the number of
 * valid entries in the unit's result, and rely on it when reading them.
 */
export interface Entries {
  /** `value`: plain values, a few hundred bytes; durable once it resolves. */
  put(unit: number, number: number, value: object): Promise<void>;
  /** All entries of the job, in the order of unit and number, consistently read. */
  list(): AsyncIterable<Entry>;
}

export interface Entry {
  readonly unit: number;
  readonly number: number;
  readonly value: unknown;
}

/**
 * The one function of a user's operation: takes a page and the unit's result so far, returns the result with the page in it. It is
 * kept in the checkpoint as JSON, 300 kB at most; a value that JSON would change is an error. It must not be undefined. If it
 * throws an error, the unit fails after three attempts; after twenty if the error is transient.
 */
export type PageFunction<Result = unknown> = (
  page: Page,
  soFar: Result | undefined,
  tools: Tools,
) => Result | Promise<Result>;

export interface UnitResult<Result = unknown> {
  readonly unit: number;
  /** Undefined if the unit had no page. */
  readonly result: Result | undefined;
  /** When the unit ended, milliseconds since the epoch, as its checkpoint has it. Absent: not known. */
  readonly endedAt?: number;
}

/** The facts about its job from which an operation makes the job's result. */
export interface FinishedJob {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly params: Params;
  readonly table: {
    readonly name: string;
    /** As DynamoDB reported them at the start. Absent: not known. */
    readonly arn?: string;
    readonly id?: string;
  };
  /** The sample that was read. Absent: everything was read. */
  readonly sample?: SampleShare;
  /** Which part of the table was read: `index`, `filter`, `projection`. Empty: the whole table. */
  readonly scope: Readonly<Record<string, string>>;
}

/** The table that an operation changes. */
export interface Changed {
  /** Its name. */
  readonly table: string;
  /** True if the operation only finds out what it would change, and writes nothing. */
  readonly dryRun: boolean;
  /** True if it is a dry run that looks into the table: its reads there need a limit. Default false. */
  readonly lookups?: boolean;
}

/** What a request's params are checked against: its source, and those of its tables that are known. */
export interface CheckedAgainst {
  /** Kind of the source. Default: `table`. */
  readonly source?: string;
  /** Name of the job's table. Absent: not known. */
  readonly name?: string | undefined;
  /** The job's table. */
  readonly table?: TableSchema | undefined;
  /** The table that the operation changes. */
  readonly target?: TableSchema | undefined;
}

/** The declaration of an operation, for the start of jobs and the command line. Every field is optional. */
export interface OperationDeclaration {
  /** Its own options in a start request. Default: none. */
  readonly options?: RequestOptions;
  /** Whether it takes free `params`, as a user's own does. Default false. */
  readonly freeParams?: boolean;
  /** How many items may fail before the job pauses. Default: all may fail. */
  readonly failureBound?: (params: Params) => FailureBound;
  /** Which table it changes. Default: none. @param table the job's. */
  readonly changes?: (params: Params, table: string) => Changed | undefined;
  /**
   * Whether it needs whole items. An operation that doesn't may get items with their key alone, or with the attributes
   * that an index or a projection has. Default: it does.
   */
  readonly needsItems?: (params: Params) => boolean;
  /** Names of the attributes on which its decisions depend; called for params without problems. Default: nobody knows. */
  readonly reads?: (params: Params) => readonly string[];
  /** True if its former values include items that were put: to undo those, the table has to be read. Default false. */
  readonly puts?: boolean;
  /** Options of the source that make no sense with this operation, each with the reason as a sentence. Default: none. */
  readonly excludes?: Readonly<Record<string, string>>;
  /** The problems of the params, a sentence each; called before a job is started. Default: no problems. */
  readonly check?: (params: Params, against?: CheckedAgainst) => string[];
  /** Key prefixes of the job's objects in the results bucket, which are deleted with the job. Default: `Tools.prefix`. */
  readonly prefixes?: (job: Pick<FinishedJob, "id" | "params">) => string[];
}

/** The work of an operation. Only `page` is required. */
export interface OperationWork<Result = unknown> {
  readonly page: PageFunction<Result>;
  /**
   * The page function only computes its result from `soFar` and the page: it has no side effects. A worker then saves a
   * checkpoint for about each second of the job's reading, instead of after every page. Default false.
   */
  readonly pure?: boolean;
  /**
   * True if its pages write to the table that the job changes, so that a page may be interrupted half-way. Default false.
   */
  readonly writes?: boolean;
  /**
   * Makes the effects of the pages since the last checkpoint durable, and returns the result that includes them. Called
   * before every checkpoint; with it, checkpoints are as rare as with `pure`. Default: a page's effects are durable when
   * it resolves.
   */
  readonly flush?: (result: Result, tools: Tools) => Promise<Result>;
  /** How many items failed for good, by a unit's result. Too many pause the job. Default: none ever fails. */
  readonly failures?: (result: Result) => number;
  /**
   * Computes the job's result from the units' results, which come in the order of their numbers. It may be called again
   * after a crash. It must end within one invocation; if it takes longer, the job fails. Default: the job has no
   * result, and the units' results are shown.
   */
  readonly finish?: (job: FinishedJob, results: AsyncIterable<UnitResult<Result>>, tools: Tools) => Promise<unknown>;
}

/**
 * A whole operation. Sluice's own are in two parts, a declaration and the work, so that the start function's bundle has no
 * writers, and a worker's bundle has no schemas of the start request.
 */
export interface Operation<Result = unknown> extends OperationDeclaration, OperationWork<Result> {}

/** The operations of one kind of worker. */
export interface OperationSet {
  /** Sluice's own, by name. */
  readonly own: Readonly<Record<string, OperationWork>>;
  /** The operation of a name; undefined if there is none. */
  named(name: string): OperationWork | undefined;
}
