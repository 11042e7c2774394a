/** What the workers of all drivers are made of. */
import type { DynamoDBClient, DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../clock";
import type { Usage } from "../cost/usage";
import type { InvocationTime } from "../drivers/invocationTime";
import type { UnitEnd } from "../engine/unitWork";
import type { Job } from "../jobs/job";
import type { OperationSet } from "../operations/operation";

/** What stays the same from invocation to invocation. */
export interface WorkParts {
  /** For the jobs table; not limited. */
  readonly dynamodb: DynamoDBClient;
  /** For the limited clients, one per invocation, which share their connections. */
  readonly clientConfig: DynamoDBClientConfig;
  readonly s3: S3Client;
  readonly events: EventBridgeClient;
  /** The operations that this worker knows. */
  readonly operations: OperationSet;
  readonly jobsTable: string;
  readonly resultsBucket: string;
  readonly eventBus: string;
  readonly clock: Clock;
  readonly retryTransient: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly isTransient: (error: unknown) => boolean;
  /** How long a unit waits after this many attempts without progress, milliseconds. */
  readonly backoffMs: (attempts: number) => number;
  readonly onLedgerError: (error: unknown) => void;
  /** Called after the work on each unit. */
  readonly onUnit: (job: string, unit: number, end: UnitEnd, progress: UnitsProgress) => void;
  /** Called once a job's end is published. Crashes may repeat it. */
  readonly onEnd: (job: Job) => void;
  /** Usage since the work began, or since the last call; called before a chain is released. */
  readonly usage: () => Usage;
}

/** The progress of units that was checkpointed since the last call of `onUnit`. */
export interface UnitsProgress {
  readonly items: number;
  /** Read capacity units that the source consumed. */
  readonly rcu: number;
}

/** What belongs to one delivery. */
export interface WorkAtHand extends InvocationTime {
  /** Unique for this delivery. */
  readonly owner: string;
  /** Aborts when page work has to stop, early enough to record why. */
  readonly workSignal: AbortSignal;
  /** Aborts when time is over, for records too. */
  readonly signal: AbortSignal;
}
