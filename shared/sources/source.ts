/** The contract of sources: where the items of a job come from, how they are split into units, and how a unit is read. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Item } from "../aws/itemSize";
import type { Purpose } from "../capacity/metering/direction";
import type { CapacityLimits } from "../capacity/metering/limits";
import type { Json } from "../json";
import type { RequestOptions } from "../requestOption";
import type { Described, TableFacts } from "../tables/facts";
import type { TableIdentity } from "../tables/identity";

/** Where a unit's next page starts. Only the source kind that wrote it understands it; it is kept as JSON text. */
export type Cursor = Json;

export interface SourcePage {
  /** The items that passed the filter, in the source's form. */
  readonly items: readonly Item[];
  /** Items read, before the filter. */
  readonly scannedItems: number;
  /** Bytes read, before the filter: exact, or what the page was charged for, which is up to 4 KB more. */
  readonly scannedBytes: number;
  /** Where the next page starts; undefined behind the last. */
  readonly cursor: Cursor | undefined;
  /** Read capacity units it consumed. 0 where reading costs none. */
  readonly rcu: number;
  /**
   * Keys of items that the source names and that are known not to exist: deleted, according to an incremental export, or not
   * in the table when a list of keys was looked up. Not in `items`. Default: none.
   */
  readonly missing?: readonly Item[];
  /**
   * Lines of the source that name no item of the table. These lines count as failed items; the job goes on. Default:
   * none.
   */
  readonly unreadable?: readonly UnreadableLine[];
}

export interface UnreadableLine {
  /** Its first 200 characters. */
  readonly line: string;
  /** Its problem, a sentence. */
  readonly reason: string;
}

/** One unit, ready to be read. */
export interface Source {
  /** Reads the page that starts at `cursor`; waits for capacity if there is a limit. */
  read(cursor: Cursor | undefined, signal: AbortSignal): Promise<SourcePage>;
  /** Releases what it keeps open between pages. Called when the worker puts the unit down, for whatever reason. Default: nothing. */
  close?(): void;
}

/** How large a page may be. The answers change while a job runs. */
export interface PageBudget {
  /** Capacity units per second that all workers together may consume now; undefined: there is no limit. */
  perSecond(purpose: Purpose): number | undefined;
  /**
   * Most items that a page may read, so that the operation can finish them in time; undefined: no bound. `passed`: the share of
   * recently read items that passed the filter. Default 1.
   */
  mostItems(passed?: number): number | undefined;
}

/** The reading of a unit so far, according to its checkpoint. */
export interface ReadBefore {
  readonly pages: number;
  /** Items read, how many of them passed the filter, and the read capacity units they cost. */
  readonly scannedItems: number;
  readonly items: number;
  readonly rcu: number;
}

/** The parts of a job that a source needs to open a unit. */
export interface UnitOfSource<Spec> {
  readonly spec: Spec;
  /** Number of the unit, from 0, and how many the source was split into. */
  readonly unit: number;
  readonly units: number;
  /** Average bytes of an item; undefined: not known. */
  readonly averageBytes: number | undefined;
  /** The reading of the unit so far. Default: none. */
  readonly before?: ReadBefore;
}

export interface SourceTools {
  /** Its capacity is limited where the client is created. */
  readonly dynamodb: DynamoDBClient;
  /** For sources in S3; not limited. */
  readonly s3: S3Client;
  readonly budget: PageBudget;
  /** Repeats a call until it succeeds, fails for good, or the time for work is over. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/** The size of a source. 0 means "not known". */
export interface Estimate {
  readonly items: number;
  readonly bytes: number;
  /** Read capacity units of one pass with full pages. */
  readonly rcu: number;
}

export interface SourcePlan {
  readonly units: number;
  readonly estimate: Estimate;
  readonly identity: TableIdentity;
  /** The capacity that serves the reads. Absent: reading consumes none. */
  readonly capacity?: ReadCapacity;
}

export interface ReadCapacity {
  /** RCU/s that it can serve now. */
  readonly perSecond: number;
  /** Billed by request, or by the hour whether it is used or not. */
  readonly paidBy: "request" | "hour";
}

/**
 * A part of the source that stands for the whole. `share` of the items, above 0 and below 1; they are chosen one by one, or in
 * clusters: whole units, out of `clusters` in all.
 */
export interface SampleShare {
  readonly share: number;
  readonly clusters?: number;
}

/** The valid options of a request. */
export type Sound = Readonly<Record<string, unknown>>;

/** The part of a kind of source that workers need. */
export interface SourceReader<Spec extends { readonly kind: string }> {
  readonly kind: Spec["kind"];
  open(unit: UnitOfSource<Spec>, tools: SourceTools): Source;
  /** The source's identity now. */
  identify(spec: Spec, dynamodb: DynamoDBClient): Promise<TableIdentity>;
  /** The sample that the source is, with this many units. Undefined: it is not a sample. */
  sampleOf(spec: Spec, units: number): SampleShare | undefined;
  /** Why no unit of the source can be read any more, if the error means that. */
  verdict(error: unknown, spec: Spec): string | undefined;
}

/** The facts from which a job's start plans the source. */
export interface Ground<Facts> {
  /** The job's table. */
  readonly table: Described;
  /** What `facts` found. */
  readonly facts: Facts;
  /** Whether the operation needs whole items, not only their keys. */
  readonly needsItems: boolean;
}

/** A kind of source: preparation (facts, problems, plan) beside reading. */
export interface SourceKind<Spec extends { readonly kind: string }, Facts = undefined> extends SourceReader<Spec> {
  /** Its options in a start request. */
  readonly options: RequestOptions;
  /**
   * Facts about the place in S3 that the request names. Default: the source has no such place, and only the table's
   * description.
   * @param location what follows `<kind>:` in the request's `source`.
   */
  facts?(location: string, s3: S3Client): Promise<Facts>;
  /**
   * All problems of the options' combination, a sentence each. Options whose form is wrong are in `given` but not in
   * `sound`; they get no further problems. Default: none.
   */
  optionProblems?(sound: Sound, given: ReadonlySet<string>): string[];
  /** All problems that the facts show, a sentence each. */
  problems(sound: Sound, ground: Ground<Facts>): string[];
  /** Why items lack attributes that they have in the table, the end of a sentence. Default, and undefined: they are whole. */
  partial?(sound: Sound, ground: Pick<Ground<Facts>, "table" | "facts">): string | undefined;
  /** Which capacity of the job's table reading consumes: the table's or that of an index. Undefined: none. */
  reads(sound: Sound, ground: Pick<Ground<Facts>, "needsItems" | "facts">): { readonly index?: string } | undefined;
  /** Whether `reads` depends on `facts`. Default false: it may be called without. */
  readonly readsByFacts?: boolean;
  spec(sound: Sound, ground: SoundGround<Facts>): Spec;
  /** @param limits of reading; undefined: reading consumes no capacity. */
  plan(sound: Sound, ground: SoundGround<Facts>, limits: CapacityLimits | undefined): SourcePlan;
  /**
   * The problems that DynamoDB itself finds in expressions, a sentence each. Costs the read of one item. Default:
   * nothing.
   */
  probe?(spec: Spec, dynamodb: DynamoDBClient): Promise<string[]>;
}

/** The facts behind a request without problems. */
export interface SoundGround<Facts> extends Ground<Facts> {
  readonly table: TableFacts;
}
