/** Reads a job once for everybody who watches it, and keeps what it consumed. */

import type { Clock } from "../../../shared/clock";
import type { Prices } from "../../../shared/cost/prices";
import type { AuditEntry } from "../../../shared/jobs/audit";
import { finalStates, type Job, type JobState } from "../../../shared/jobs/job";
import { readAudit } from "../../../shared/jobs/storage/audit";
import { type JobBill, type JobUse, jobBill, readUse } from "../../jobs/jobBill";
import { type JobSource, jobSource, type Snapshot, SnapshotReader } from "../../jobs/snapshot";
import type { Operator } from "../../operator";
import type { Sample } from "../contract";
import { type Look, recentLooks, sampleOf } from "./rates";

/** Looks within this time share one read, milliseconds. */
const SAME_MS = 900;
/** What the workers have used, a record for each chain and Glue run, is read at most this often, milliseconds. */
const USAGE_MS = 10_000;
/**
 * The audit list is read when the job's record changes, and this often for changes that leave no trace there, milliseconds.
 */
const AUDIT_MS = 10_000;
/** Samples of a job: an hour of looks. Older ones are thinned out. */
const MOST_SAMPLES = 3_600;
/** Jobs whose samples are kept. */
const MOST_JOBS = 200;

export class JobWatch {
  readonly samples: Sample[] = [];
  private readonly reader: SnapshotReader;
  private looks: Look[] = [];
  /** Those of the newest look. */
  private units: Snapshot["units"] | undefined;
  private last: { readonly begun: number; readonly snapshot: Promise<Snapshot> } | undefined;
  private ledgers: Look["ledgers"] = {};
  private used: { readonly at: number; readonly state: JobState; readonly use: JobUse } | undefined;

  private noted: { readonly at: number; readonly record: string; readonly audit: readonly AuditEntry[] } | undefined;

  constructor(
    source: JobSource,
    private readonly clock: Pick<Clock, "now">,
  ) {
    // The reader reads the ledgers, but its snapshot doesn't include them.
    const ledgers: JobSource["ledgers"] = async (job) => {
      this.ledgers = await source.ledgers(job);
      return this.ledgers;
    };
    this.reader = new SnapshotReader({ ...source, ledgers }, clock);
  }

  /** The job as it stands, or as somebody else has just read it. @throws SluiceError NO_SUCH_JOB */
  look(): Promise<Snapshot> {
    const begun = this.clock.now();
    if (this.last === undefined || begun - this.last.begun >= SAME_MS) {
      const snapshot = this.read();
      this.last = { begun, snapshot };
      snapshot.catch(() => {
        this.last = undefined;
      });
    }
    return this.last.snapshot;
  }

  /** What the job has cost so far. */
  async bill(operator: Operator, snapshot: Snapshot, prices: Prices): Promise<JobBill> {
    const { state } = snapshot.job;
    const now = this.clock.now();
    if (this.used?.state !== state || now - this.used.at >= USAGE_MS) {
      this.used = { at: now, state, use: await readUse(operator, snapshot.job) };
    }
    return jobBill(this.used.use, snapshot, prices);
  }

  /** Who changed what, the newest change first. */
  async audit({ dynamodb, jobsTable }: Operator, job: Job): Promise<readonly AuditEntry[]> {
    const { id, state, epoch, limits } = job;
    const record = JSON.stringify([state, epoch, limits]);
    const now = this.clock.now();
    if (this.noted?.record !== record || now - this.noted.at >= AUDIT_MS) {
      this.noted = { at: now, record, audit: await readAudit(dynamodb, jobsTable, id) };
    }
    return this.noted.audit;
  }

  private async read(): Promise<Snapshot> {
    const snapshot = await this.reader.read();
    const { job, progress, units, at } = snapshot;
    const ended = finalStates.includes(job.state);
    const look = { at, job, progress, ledgers: ended ? {} : this.ledgers };
    if (!ended) this.samples.push(sampleOf(look, this.looks));
    // If several looks show the same units, the first one counts, because the units of a large job are read only every
    // few minutes.
    if (this.units !== units) this.looks = recentLooks([...this.looks, look], at);
    this.units = units;
    if (this.samples.length > MOST_SAMPLES) this.thinOut();
    return snapshot;
  }

  /** Drops every second sample of the older half, so that a long job keeps its whole course. */
  private thinOut(): void {
    const half = Math.floor(this.samples.length / 2);
    this.samples.splice(0, half, ...this.samples.slice(0, half).filter((_, at) => at % 2 === 0));
  }
}

/** The watches of a stack's jobs; those that were not asked for the longest are dropped. */
export class JobWatches {
  private readonly watches = new Map<string, JobWatch>();

  constructor(
    private readonly operator: Operator,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  of(id: string): JobWatch {
    const watch = this.watches.get(id) ?? new JobWatch(jobSource(this.operator, id), this.clock);
    this.watches.delete(id);
    this.watches.set(id, watch);
    const [oldest] = this.watches.keys();
    if (this.watches.size > MOST_JOBS && oldest !== undefined) this.watches.delete(oldest);
    return watch;
  }
}
