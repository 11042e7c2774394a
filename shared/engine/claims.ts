/**
 * Which unit a chain works on next.
 *
 *   1. the unit that the chain's last worker put down
 *   2. the next place in the job's order of units, which one update claims for this chain
 *   3. once all places are claimed: any free unit that a sweep finds. A sweep reads the records of all units. It finds units
 *      whose workers crashed, that failed before, or that a pause put down.
 */
import type { Clock } from "../clock";
import { shuffledUnits } from "../drivers/shuffle";
import { isActive, type Job, type JobHead } from "../jobs/job";
import type { Ended, JobStore, TakeRequest, UnitStore } from "../jobs/stores";
import type { Unit } from "../jobs/unit";
import { type Tally, tallyOf } from "./tally";
import { firstTurn } from "./turns";

/**
 * `waits`: units are free only later (`dueAt`, milliseconds since the epoch). `nothing`: other workers hold the rest, or no
 * unit is left. `inactive`: the job was paused, stopped, cancelled or resumed since the worker began.
 */
export type Claim =
  | { readonly found: "unit"; readonly unit: Unit }
  | { readonly found: "waits"; readonly dueAt: number }
  | { readonly found: "nothing"; readonly tally: Tally }
  | { readonly found: "inactive" };

export interface ClaimOptions {
  readonly jobs: Pick<JobStore, "claim">;
  readonly units: Pick<UnitStore, "take" | "list">;
  readonly clock: Pick<Clock, "now">;
  readonly owner: string;
  /** End of the leases, milliseconds since the epoch. */
  readonly leaseUntil: number;
  /** Called with the job's head after each claim. */
  readonly seen: (head: JobHead) => void;
}

export class Claims {
  private order: readonly number[] | undefined;
  private free: number[] = [];
  private ended: Ended = { done: 0, failed: 0 };
  private allClaimed: boolean;

  /** @param first a unit to begin with. */
  constructor(
    private readonly job: Job,
    private first: number | undefined,
    private readonly chain: number,
    private readonly options: ClaimOptions,
  ) {
    this.allClaimed = job.claimed >= job.units;
  }

  /** Notes that a unit has ended, for the job's counts. */
  count(how: keyof Ended): void {
    this.ended = { ...this.ended, [how]: this.ended[how] + 1 };
  }

  /** Takes a unit, if there is one. */
  async next(): Promise<Claim> {
    for (;;) {
      const number = this.listed() ?? (await this.claimed());
      if (number === "inactive") return { found: "inactive" };
      if (number === undefined) {
        const tally = await this.sweep();
        if (tally.free.length > 0) continue;
        return tally.dueAt === undefined ? { found: "nothing", tally } : { found: "waits", dueAt: tally.dueAt };
      }
      const unit = await this.take(number);
      if (unit !== undefined) return { found: "unit", unit };
    }
  }

  /** The unit to begin with, or one that a sweep has found. */
  private listed(): number | undefined {
    const { first } = this;
    this.first = undefined;
    return first ?? this.free.pop();
  }

  private async claimed(): Promise<number | "inactive" | undefined> {
    if (this.allClaimed) return undefined;
    const { jobs, seen } = this.options;
    const { id, units, epoch } = this.job;
    const { claimed, head } = await jobs.claim(id, this.ended);
    // A worker that began before the job was resumed hands its chain on to one that knows the new epoch.
    if (head === undefined || !isActive(head) || head.epoch !== epoch) return "inactive";
    seen(head);
    if (!claimed) {
      this.allClaimed = true;
      return undefined;
    }
    this.ended = { done: 0, failed: 0 };
    this.order ??= shuffledUnits(units, id);
    return this.order[head.claimed - 1];
  }

  /** Reads the records of all units. Chains begin at different free units, so that they don't compete for one. */
  private async sweep(): Promise<Tally> {
    const { units, clock } = this.options;
    const { job, chain } = this;
    const tally = tallyOf(await units.list(job.id), job, clock.now());
    const { free } = tally;
    const from = free.length === 0 ? 0 : Math.floor((chain * free.length) / job.chains) % free.length;
    this.free = [...free.slice(from), ...free.slice(0, from)].reverse();
    return tally;
  }

  /** @returns the unit; undefined if another worker has it or it has ended. */
  private async take(unit: number): Promise<Unit | undefined> {
    const { units, clock, owner, leaseUntil: until } = this.options;
    const { id: job, epoch, expiresAt } = this.job;
    const request: TakeRequest = { job, unit, turn: firstTurn(epoch), owner, now: clock.now(), until, expiresAt };
    const { taken, unit: found } = await units.take(request);
    return taken ? found : undefined;
  }
}
