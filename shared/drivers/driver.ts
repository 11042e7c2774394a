/** The contract of drivers, which hand a job's work to workers. */
import type { Job, JobHead, JobState } from "../jobs/job";

/** Permission to go on with a chain, as a driver carries it. A driver may deliver it more than once. */
export interface ChainTurn {
  readonly job: string;
  readonly chain: number;
  /** Rises with each hand-over; see shared/engine/protocol.ts. */
  readonly turn: number;
  /**
   * The unit that the chain's last worker put down unfinished. Only a hint: if another worker has that unit, the chain
   * takes any other.
   */
  readonly unit?: number;
}

export interface Driver {
  /**
   * Resolves once no crash can lose any of the turns.
   * @param delaySeconds none is delivered earlier; whole seconds, 0 to 900. Default 0.
   */
  dispatch(turns: readonly ChainTurn[], delaySeconds?: number): Promise<void>;
}

/** The work of a workflow's task: one epoch of a job. A workflow may deliver a task more than once. */
export interface EpochTask {
  readonly job: string;
  readonly epoch: number;
}

/** A driver that gets a job's work all at once. */
export interface EpochDriver {
  /**
   * Begins an epoch, unless it was begun before. Resolves once no crash can lose it.
   * @param job as it was read. Executions that began before its epoch don't count: they belong to an earlier epoch, or to an
   *   earlier job with the same id.
   * @returns an identifier of what works on it, such as an execution's ARN.
   * @throws SluiceError NO_ROOM: the driver has no room for it now, but will have.
   */
  begin(task: EpochTask, job: Pick<JobHead, "createdAt" | "resumedAt">): Promise<string>;
}

/** One step of the work on a number, which is a unit's number. */
export interface NumberTask extends EpochTask {
  readonly number: number;
}

/**
 * The outcome of a step. `done`, `failed`: the unit has ended; `parked`: the job is paused, cancelled or over; `stale`: the job was
 * resumed, so another execution works on it; `continued`: the worker has no time or no capacity left until `at`; `retrying`: the
 * unit's next attempt is due at `at`; `held`: another worker has the unit, and its lease ends at `at`. Milliseconds since the
 * epoch.
 */
export type NumberStep =
  | { readonly state: "done" | "failed" | "parked" | "stale" }
  | { readonly state: "continued" | "retrying" | "held"; readonly at: number };

/** One turn at a batch of numbers, which are worked on one after the other. */
export interface BatchTask extends EpochTask {
  readonly numbers: readonly number[];
}

/**
 * The outcome of a turn at a batch. `done`: all its units have ended; `parked`, `stale`: as for a step; `continued`: the next turn
 * is due at `at`; `held`: other workers hold all units that are left, until `at`. Milliseconds since the epoch.
 */
export type BatchStep =
  | { readonly state: "done" | "parked" | "stale" }
  | {
      readonly state: "continued" | "held";
      readonly at: number;
      /** Those that are left, one or more. */
      readonly numbers: readonly number[];
    };

/** The numbers of an epoch's units that are not done, in the order in which they are worked on. */
export interface Numbers {
  /** With `parked` and `stale` there are none. */
  readonly state: "ready" | "parked" | "stale";
  readonly numbers: readonly number[];
}

/**
 * The outcome of an epoch's round. `ended`: the job is over; `left`: some units are neither done nor given up, so another
 * round begins at `at`, milliseconds since the epoch.
 */
export type Summary =
  | { readonly state: "ended"; readonly job: JobState }
  | { readonly state: "parked" | "stale" }
  | { readonly state: "left"; readonly at: number };

/** How an execution failed. */
export interface BadEnd {
  /** Ids of jobs that the execution may work on; the first one that fits counts. */
  readonly candidates: readonly string[];
  /** Whether the job is the one that the execution works on. */
  readonly concerns: (job: Job) => boolean;
  readonly reason: string;
  /** Units of a lane whose workers were killed one after the other. Absent: the end has another reason. */
  readonly killedAt?: readonly number[];
}

/**
 * `stopped`: the job has failed; `over`: it was no longer active, or doesn't exist; `left`: the next round goes on with the lane's
 * units.
 */
export interface Stopped {
  readonly state: "stopped" | "over" | "left";
}
