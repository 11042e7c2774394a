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
 * The promise: every item that is in the table during the whole job is in exactly one page whose result counts. A page
 * whose worker crashed comes again, with the `soFar` of the page before it; what it returned the first time is dropped.
 * So a function that only computes its result from `soFar` and the page is exact as it is. One that acts on the world has
 * to be idempotent per page: same `position`, same effect (a key that depends on the position overwrites itself). A page
 * that comes again may hold other items, if the table was changed meanwhile or the rate was.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Item } from "../aws/itemSize";
import type { Job, TableSource } from "../jobs/job";

export interface Page {
  /** The items that passed the filter, attribute values typed as DynamoDB has them (`{ S: "text" }`). May be none. */
  readonly items: readonly Item[];
  /** Items read, before the filter. */
  readonly scannedItems: number;
  /** Read units the page consumed. */
  readonly rcu: number;
  readonly position: Position;
  /** What is read: table, index, filter. */
  readonly source: TableSource;
  /** What the job was started with for this operation. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The unit ends with this page. */
  readonly last: boolean;
}

export interface Position {
  readonly job: string;
  /** Number of the segment, from 0. */
  readonly unit: number;
  /** Number of the page within the unit, from 0. */
  readonly page: number;
}

export interface Tools {
  /**
   * Its reads of the job's table share the job's capacity limit. The functions' role allows Scan of the scanner's tables; more
   * than that is to be given as `operationPermissions` of TableScanner.
   */
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  /** Where large results go: write below `prefix` only. What is small is returned instead. */
  readonly bucket: string;
  /** Key prefix of this job's objects, ending in `/`. */
  readonly prefix: string;
  /** Small records of this job, for what would make the units' results grow with the table. */
  readonly entries: Entries;
  /** Aborts when the invocation's time is over. */
  readonly signal: AbortSignal;
  /** Repeats a call for as long as it fails for a passing reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * Numbered records of each unit, kept until the job is deleted. One that is put again replaces what was there.
 * A page that is repeated may do other than the first time and leave an entry behind that no result speaks of: keep the
 * number of valid entries in the unit's result, and go by that when reading them.
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
 * in it. It is kept with the checkpoint: what JSON can say, 300 kB at most; anything else is an error. Undefined is no result.
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

/** A whole operation. Only `page` is needed. */
export interface Operation<Result = unknown> {
  readonly page: PageFunction<Result>;
  /** What is wrong with the params, a sentence each; asked before a job is made. Default: any will do. */
  readonly check?: (params: Readonly<Record<string, unknown>>) => string[];
  /**
   * Makes the job's result of the units' results, which come in the order of their numbers. Done again after a crash, and
   * within one invocation: what takes longer fails the job.
   * Default: the job has none, and the units' own are shown.
   */
  readonly finish?: (job: Job, results: AsyncIterable<UnitResult<Result>>, tools: Tools) => Promise<unknown>;
}
