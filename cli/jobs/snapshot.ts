import { purposeOf } from "../../shared/capacity/metering/direction";
import type { Clock } from "../../shared/clock";
import type { Ledgers } from "../../shared/jobs/bottleneck";
import { finalStates, type Job } from "../../shared/jobs/job";
import { type JobProgress, jobProgress, type UnitProgress, unitProgress } from "../../shared/jobs/progress";
import { ledgerOf } from "../../shared/jobs/storage/ledgers";
import { readUnits } from "../../shared/jobs/storage/reading";
import type { Unit } from "../../shared/jobs/unit";
import type { Operator } from "../operator";
import { toJson } from "../text/json";

/** The state of a job at one moment. */
export interface Snapshot {
  readonly job: Job;
  readonly progress: JobProgress;
  /** Units that a worker took at least once, in the order of their numbers. */
  readonly units: readonly UnitProgress[];
  /** When it was read, milliseconds since the epoch. */
  readonly at: number;
}

/** The source from which a job is read. */
export interface JobSource {
  /** @throws SluiceError NO_SUCH_JOB */
  job(): Promise<Job>;
  /** The present ledgers of the job's limits. */
  ledgers(job: Job): Promise<Ledgers>;
  /** `exact`: strongly consistent, at twice the cost. */
  units(exact: boolean): AsyncIterable<Unit>;
}

/**
 * The most that watching may consume of the jobs table on average, RCU/s. The workers need the rest for their checkpoints.
 */
const WATCH_RCU = 5;
/** Bytes that an eventually consistent Query reads for one unit. */
const BYTES_PER_RCU = 8192;

/**
 * Reads a job again and again. Its record is read each time, its units only as often as WATCH_RCU allows: ten thousand of
 * them cost some hundreds of RCU. In between, their figures stay the same. Once the job has ended, they are up to date.
 */
export class SnapshotReader {
  private units: readonly UnitProgress[] = [];
  private dueAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly source: JobSource,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  async read(): Promise<Snapshot> {
    const job = await this.source.job();
    const ended = finalStates.includes(job.state);
    if (ended || this.clock.now() >= this.dueAt) await this.readUnits(job, ended);
    const ledgers = ended ? {} : await this.source.ledgers(job);
    const at = this.clock.now();
    return { job, units: this.units, progress: jobProgress(job, this.units, at, ledgers), at };
  }

  private async readUnits(job: Job, exact: boolean): Promise<void> {
    const units: UnitProgress[] = [];
    let bytes = 0;
    const begun = this.clock.now();
    for await (const unit of this.source.units(exact)) {
      units.push(unitProgress(unit, job, this.clock.now()));
      bytes += Buffer.byteLength(toJson(unit));
    }
    this.units = units;
    this.dueAt = begun + (1000 * bytes) / BYTES_PER_RCU / WATCH_RCU;
  }
}

/** A job in a stack's jobs table. */
export function jobSource({ control, dynamodb, jobsTable }: Operator, id: string): JobSource {
  return {
    job: () => control.read(id),
    ledgers: async (job) => {
      const read = job.limits.map(async (limit) => {
        return [purposeOf(limit), await ledgerOf(dynamodb, jobsTable, job, limit).read()] as const;
      });
      return Object.fromEntries(await Promise.all(read));
    },
    units: (exact) => readUnits(dynamodb, jobsTable, id, { ConsistentRead: exact }),
  };
}
