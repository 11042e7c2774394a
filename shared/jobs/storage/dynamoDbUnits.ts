/** Checkpoints in the jobs table. */
import type { Checkpoint, GiveUp, Lease, PutDown, TakeRequest, UnitStore, UnitSummary } from "../stores";
import type { Unit } from "../unit";
import { isKept } from "./isKept";
import { jsonAttribute, unitKey } from "./jobsTable";
import { readUnitSummaries, readUnitSummary, unitOf } from "./reading";
import { type JobsTableOptions, updateRecord } from "./updateRecord";

/** As `mayTake` in stores.ts, for an item that may not exist yet. */
const MAY_TAKE = [
  "attribute_not_exists(#pk)",
  "(#state = :failed AND #turn < :turn)",
  "(#state = :active AND #turn <= :turn AND (attribute_not_exists(#owner) OR #owner = :owner OR #leaseUntil < :now))",
].join(" OR ");

/** Attributes of a unit without failures. */
const noTrouble = { reason: undefined, retryAt: undefined, retryingSince: undefined };

const HOLDS = "#state = :active AND #owner = :owner AND #turn = :turn";

export class DynamoDbUnits implements UnitStore {
  constructor(private readonly options: JobsTableOptions) {}

  async take({ job, unit, owner, turn, now, until, expiresAt }: TakeRequest): Promise<{ taken: boolean; unit: Unit }> {
    const { applied, item } = await updateRecord(this.options, unitKey(job, unit), {
      condition: MAY_TAKE,
      values: { failed: "failed", active: "active", turn, owner, now },
      set: { number: unit, state: "active", turn, owner, leaseUntil: until, retryingSince: undefined, expiresAt },
      add: { attempts: 1 },
    });
    const found = unitOf(item);
    const untouched = applied && found.updatedAt === 0;
    if (!untouched || (await isKept(job, this.options))) return { taken: applied, unit: found };
    const expired = { condition: HOLDS, values: holder({ owner, turn }), set: { expiresAt: Math.floor(now / 1000) } };
    await updateRecord(this.options, unitKey(job, unit), expired);
    return { taken: false, unit: found };
  }

  save(lease: Lease, checkpoint: Checkpoint, now: number): Promise<boolean> {
    return this.write(lease, { ...progressOf(checkpoint), ...noTrouble, attempts: 0, updatedAt: now });
  }

  note(lease: Lease, { reason, since }: { reason: string; since: number }): Promise<boolean> {
    return this.write(lease, { reason, retryingSince: since });
  }

  release(lease: Lease, { now, attempts, unsaved, failure }: PutDown): Promise<boolean> {
    const progress = unsaved === undefined ? {} : progressOf(unsaved);
    const free = { owner: undefined, leaseUntil: undefined, attempts, ...noTrouble, ...failure };
    return this.write(lease, { ...progress, ...free, updatedAt: now });
  }

  finish(lease: Lease, checkpoint: Checkpoint, now: number): Promise<boolean> {
    const last = progressOf({ ...checkpoint, cursor: undefined });
    return this.end(lease, { state: "done", ...last, ...noTrouble, attempts: 0, updatedAt: now });
  }

  fail(lease: Lease, { now, turn, reason }: GiveUp): Promise<boolean> {
    return this.end(lease, {
      ...{ state: "failed", turn, ...noTrouble, reason },
      ...{ rcuPerSecond: 0, attempts: 0, updatedAt: now },
    });
  }

  read(job: string, unit: number): Promise<UnitSummary | undefined> {
    const { client, table, retry } = this.options;
    return readUnitSummary(client, table, { job, unit }, retry);
  }

  list(job: string): Promise<readonly UnitSummary[]> {
    const { client, table, retry } = this.options;
    return readUnitSummaries(client, table, job, retry);
  }

  private async write(lease: Lease, set: Record<string, unknown>): Promise<boolean> {
    const parts = { condition: HOLDS, values: holder(lease), set };
    return (await updateRecord(this.options, unitKey(lease.job, lease.unit), parts)).applied;
  }

  /** The owner stays in the unit, so that a repetition after a lost answer recognizes its own write. */
  private async end(lease: Lease, set: Record<string, unknown>): Promise<boolean> {
    const parts = { condition: HOLDS, values: holder(lease), set };
    const { applied, item } = await updateRecord(this.options, unitKey(lease.job, lease.unit), parts);
    if (applied) return true;
    const { state, owner } = unitOf(item);
    return state === set.state && owner === lease.owner;
  }
}

function progressOf({ cursor, counts, result, rcuPerSecond, wcuPerSecond }: Checkpoint): Record<string, unknown> {
  const writing = wcuPerSecond === undefined ? {} : { wcuPerSecond };
  return { cursor: jsonAttribute(cursor), counts, result: jsonAttribute(result), rcuPerSecond, ...writing };
}

function holder({ owner, turn }: Pick<Lease, "owner" | "turn">): Record<string, unknown> {
  return { active: "active", owner, turn };
}
