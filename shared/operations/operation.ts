/**
 * What is done per page of items, and the contract of operations that users write themselves.
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
 * A module that exports `pure = true` too says that its function does nothing but that. Then a checkpoint comes about once a
 * second. Without it one comes after every page, and each costs a write.
 *
 * The promise: every item that is in the table during the whole job is in exactly one page whose result counts. (An item of
 * an index moves when its index keys change, and may then be in two pages or in none; docs/bulk-jobs.md, "Indexes".) After a
 * crash, the pages since the last checkpoint come again, with the `soFar` of that checkpoint; their first results are
 * dropped.
 * So a function that only computes its result from `soFar` and the page is exact as it is. One that acts on the world has
 * to be idempotent per page: same `position`, same effect (a key that depends on the position overwrites itself). A page
 * that comes again may hold other items, if the table was changed meanwhile or the rate was.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Item } from "../aws/itemSize";
import type { Consumption } from "../capacity/metering/consumption";
import type { Direction } from "../capacity/metering/direction";
import type { RequestOptions } from "../requestOption";
import type { SampleShare, UnreadableLine } from "../sources/source";
import type { TableSchema } from "../tables/schema";

export interface Page {
  /** The items that passed the filter, attribute values typed as DynamoDB has them (`{ S: "text" }`). May be none. */
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
  /** What the job was started with for this operation. */
  readonly params: Params;
  /** The unit ends with this page. */
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
  /** Capacity units per second in force for all workers together; undefined: there is no limit. */
  readonly perSecond: (direction: Direction) => number | undefined;
  /** What requests in a direction have consumed since the worker took its chain, under the job's limit. */
  readonly consumed: (direction: Direction) => Consumption;
  /** Aborts when the time for work is over. */
  readonly signal: AbortSignal;
  /** Repeats a call for as long as it fails for a passing reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * Numbered records of each unit, kept until the job is deleted. An entry that is put again replaces the one before.
 * A repeated page may put other entries than the first time, so entries may remain that no result counts. Keep the number of
 * valid entries in the unit's result, and rely on it when reading them.
 */
export interface Entries {
  /** `value`: plain values, a few hundred bytes; durable once it resolves. */
  put(unit: number, number: number, value: object): Promise<void>;
  /** All of the job's, in the order of unit and number, consistently read. */
  list(): AsyncIterable<Entry>;
}

export interface Entry {
  readonly unit: number;
  readonly number: number;
  readonly value: unknown;
}

/**
 * The one function of a user's operation: takes a page and the unit's result so far, returns the result with the page
 * in it. It is kept in the checkpoint as JSON, 300 kB at most; a value that JSON would change is an error. Undefined is no result.
 * An error it throws fails the unit after three attempts; one that is transient, after twenty.
 */
export type PageFunction<Result = unknown> = (
  page: Page,
  soFar: Result | undefined,
  tools: Tools,
) => Result | Promise<Result>;

export interface UnitResult<Result = unknown> {
  readonly unit: number;
  /** Undefined where the unit had no page. */
  readonly result: Result | undefined;
  /** When the unit ended, milliseconds since the epoch, as its checkpoint has it. Absent: not known. */
  readonly endedAt?: number;
}

/** What an operation knows of its job when it makes the job's result. */
export interface FinishedJob {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly params: Params;
  readonly table: {
    readonly name: string;
    /** As DynamoDB gave them at the start. Absent: not known. */
    readonly arn?: string;
    readonly id?: string;
  };
  /** The sample that was read. Absent: it was everything. */
  readonly sample?: SampleShare;
  /** Which part of the table was read: `index`, `filter`, `projection`. Empty: the whole table. */
  readonly scope: Readonly<Record<string, string>>;
}

/** The table that an operation changes. */
export interface Changed {
  /** Its name. */
  readonly table: string;
  /** The operation only finds out what it would change. It writes nothing. */
  readonly dryRun: boolean;
}

/** What a request's params are checked against: its source, and the tables of it that are there. */
export interface CheckedAgainst {
  /** Kind of the source. Default: `table`. */
  readonly source?: string;
  /** The job's. */
  readonly table?: TableSchema | undefined;
  /** The one that the operation changes. */
  readonly target?: TableSchema | undefined;
}

/** A whole operation. Only `page` is needed. */
export interface Operation<Result = unknown> {
  readonly page: PageFunction<Result>;
  /**
   * The page function only computes its result from `soFar` and the page: it acts on nothing else. Then a worker saves a
   * checkpoint for about a second of the job's reading, instead of after every page. Default false.
   */
  readonly pure?: boolean;
  /**
   * Makes the effects of the pages since the last checkpoint durable, and returns the result that says so. Called before
   * every checkpoint; with it, checkpoints are as rare as with `pure`. Default: a page's effects are durable when it
   * resolves.
   */
  readonly flush?: (result: Result, tools: Tools) => Promise<Result>;
  /** How many items failed for good, according to a unit's result. Too many pause the job. Default: none ever fails. */
  readonly failures?: (result: Result) => number;
  /** Its own options in a start request. Default: none. */
  readonly options?: RequestOptions;
  /** Whether it takes free `params`, as a user's own does. Default false. */
  readonly freeParams?: boolean;
  /** How many items of so many may fail before the job pauses; 0 items: their number is not known. Default: any number. */
  readonly mostFailures?: (params: Params, items: number) => number;
  /** Which table it changes. Default: none. @param table the job's. */
  readonly changes?: (params: Params, table: string) => Changed | undefined;
  /** Whether it needs whole items. An operation that doesn't may get items that hold their key alone. Default: it does. */
  readonly needsItems?: (params: Params) => boolean;
  /** Options of the source that make no sense with it, each with the reason as a sentence. Default: none. */
  readonly excludes?: Readonly<Record<string, string>>;
  /** What is wrong with the params, a sentence each; asked before a job is made. Default: any will do. */
  readonly check?: (params: Params, against?: CheckedAgainst) => string[];
  /**
   * Makes the job's result of the units' results, which come in the order of their numbers. Called again after a
   * crash. It must end within one invocation; if it takes longer, the job fails.
   * Default: the job has none, and the units' own are shown.
   */
  readonly finish?: (job: FinishedJob, results: AsyncIterable<UnitResult<Result>>, tools: Tools) => Promise<unknown>;
  /** Key prefixes in the results bucket of what the job has put there, for whoever deletes it. Default: `Tools.prefix`. */
  readonly prefixes?: (job: Pick<FinishedJob, "id" | "params">) => string[];
}

/** The operations of one kind of worker. */
export interface OperationSet {
  /** Sluice's own, by name. */
  readonly own: Readonly<Record<string, Operation>>;
  /** Names of all, those of the user last. */
  readonly names: readonly string[];
  /** The operation of a name; undefined where there is none. */
  named(name: string): Operation | undefined;
}
