import { shuffledUnits } from "../../../shared/drivers/shuffle";
import { type Claim, Claims } from "../../../shared/engine/claims";
import { firstTurn, lastTurn } from "../../../shared/engine/turns";
import type { Job, JobHead } from "../../../shared/jobs/job";
import { unitOf } from "../../../shared/jobs/storage/reading";
import type { Ended } from "../../../shared/jobs/stores";
import type { Unit } from "../../../shared/jobs/unit";
import { MemoryJobs, MemoryTables, MemoryUnits } from "../../support/memoryStores";
import { sampleJob } from "../../support/sampleJob";

const NOW = 1_800_000_000_000;
const LEASE = NOW + 60_000;

/** A job in memory, and the claims of its chains, one chain after the other. */
class Ground {
  readonly tables: MemoryTables;
  readonly heads: JobHead[] = [];
  /** The counts that went along with each claim of a place. */
  readonly counts: Ended[] = [];
  readonly lists: string[] = [];
  now = NOW;
  /** Called before a unit is taken. */
  beforeTake: (unit: number) => void = () => undefined;

  constructor(readonly job: Job) {
    this.tables = MemoryTables.with(job);
  }

  /** The claims of a worker that reads the job now. */
  claims(chain = 0, first?: number, owner = `w${chain}`): Claims {
    const [jobs, units] = [new MemoryJobs(this.tables), new MemoryUnits(this.tables)];
    return new Claims(this.tables.job(this.job.id)!, first, chain, {
      jobs: {
        claim: (id, ended) => {
          this.counts.push(ended);
          return jobs.claim(id, ended);
        },
      },
      units: {
        take: async (request) => {
          this.beforeTake(request.unit);
          return units.take(request);
        },
        list: (id) => {
          this.lists.push(id);
          return units.list(id);
        },
      },
      clock: { now: () => this.now },
      owner,
      leaseUntil: LEASE,
      seen: (head) => this.heads.push(head),
    });
  }

  put(number: number, part: Partial<Unit> = {}): void {
    this.tables.putUnit(this.job.id, { ...unitOf(undefined), number, turn: firstTurn(this.job.epoch), ...part });
  }

  unit(number: number): Unit | undefined {
    return this.tables.unit({ job: this.job.id, unit: number });
  }

  change(part: Partial<Job>): void {
    this.tables.changeJob(this.job.id, part);
  }
}

const ground = (part: Partial<Job> = {}) => new Ground(sampleJob({ id: "claimed", units: 5, ...part }));
const order = (units = 5) => shuffledUnits(units, "claimed");
const numberOf = (claim: Claim) => (claim.found === "unit" ? claim.unit.number : claim.found);
/** The units that a chain takes until there is none, and the final answer. */
async function all(claims: Claims): Promise<(number | string)[]> {
  const found: (number | string)[] = [];
  for (;;) {
    const next = numberOf(await claims.next());
    found.push(next);
    if (typeof next === "string") return found;
  }
}

describe("places", () => {
  test("come one after the other in the job's order of units, until there is none", async () => {
    const at = ground();
    expect(await all(at.claims())).toEqual([...order(), "nothing"]);
    expect(at.tables.job("claimed")).toMatchObject({ claimed: 5 });
    // The records of all units are looked at once, not before all places are claimed.
    expect(at.lists).toEqual(["claimed"]);
  });

  test("a unit is taken for this worker, in the first turn of the epoch, until its lease ends", async () => {
    const at = ground({ epoch: 2, expiresAt: 1_900_000_000 });
    const claim = await at.claims(0, undefined, "me").next();
    const number = order()[0]!;
    const turn = firstTurn(2);
    const unit = { number, state: "active", turn, owner: "me", leaseUntil: LEASE, attempts: 1 };
    expect(claim).toMatchObject({ found: "unit", unit });
    expect(at.unit(number)).toMatchObject(unit);
  });

  test("are different for two chains", async () => {
    const at = ground({ chains: 2 });
    const [first, second] = [at.claims(0), at.claims(1)];
    const found: (number | string)[] = [];
    for (const claims of [first, second, second, first, second]) found.push(numberOf(await claims.next()));
    expect(found).toEqual(order());
    expect(numberOf(await first.next())).toBe("nothing");
    expect(numberOf(await second.next())).toBe("nothing");
  });

  test("continue behind those of another worker of the job", async () => {
    const at = ground({ claimed: 3 });
    const [fourth, fifth, ...before] = [...order().slice(3), ...order().slice(0, 3)];
    for (const number of before) at.put(number, { state: "done" });
    expect(await all(at.claims())).toEqual([fourth, fifth, "nothing"]);
  });

  test("are passed over if another worker has their unit or has ended it", async () => {
    const at = ground();
    const [held, done, failed, free] = order();
    at.put(held!, { owner: "other", leaseUntil: LEASE });
    at.put(done!, { state: "done" });
    at.put(failed!, { state: "failed", turn: lastTurn(0) });
    expect(numberOf(await at.claims().next())).toBe(free);
    expect(at.tables.job("claimed")).toMatchObject({ claimed: 4 });
    expect(at.unit(held!)).toMatchObject({ owner: "other" });
  });

  test("are not claimed if the job that the worker has read shows that all are claimed", async () => {
    const at = ground({ claimed: 5 });
    expect(await all(at.claims())).toHaveLength(6);
    expect(at.counts).toEqual([]);
  });

  test("are not claimed again once there was none", async () => {
    const at = ground({ units: 2 });
    const claims = at.claims();
    expect(await all(claims)).toEqual([...order(2), "nothing"]);
    expect(numberOf(await claims.next())).toBe("nothing");
    expect(at.counts).toHaveLength(3);
    expect(at.lists).toHaveLength(2);
  });
});

describe("the unit that the chain's last worker put down", () => {
  test("comes first, and costs no place", async () => {
    const at = ground({ claimed: 2 });
    const [, hint] = order();
    at.put(hint!, { attempts: 0, cursor: { at: 7 } as never });
    const claims = at.claims(0, hint);
    expect(await claims.next()).toMatchObject({
      found: "unit",
      unit: { number: hint, cursor: { at: 7 }, attempts: 1 },
    });
    expect(at.counts).toEqual([]);
    expect(numberOf(await claims.next())).toBe(order()[2]);
  });

  test("may be unit 0", async () => {
    const at = ground();
    at.put(0);
    expect(numberOf(await at.claims(0, 0).next())).toBe(0);
    expect(at.counts).toEqual([]);
  });

  test.each<[string, Partial<Unit>]>([
    ["is in other hands", { owner: "other", leaseUntil: LEASE }],
    ["is done", { state: "done" }],
    ["was given up", { state: "failed", turn: lastTurn(0) }],
  ])("is passed over if it %s", async (_, part) => {
    const at = ground({ claimed: 2 });
    at.put(order()[0]!, part);
    expect(numberOf(await at.claims(0, order()[0]).next())).toBe(order()[2]);
  });
});

describe("counts of units that have ended", () => {
  test("are passed on with the next claim, each once", async () => {
    const at = ground();
    const claims = at.claims();
    await claims.next();
    claims.count("done");
    claims.count("done");
    claims.count("failed");
    await claims.next();
    await claims.next();
    claims.count("failed");
    await claims.next();
    expect(at.counts).toEqual([
      { done: 0, failed: 0 },
      { done: 2, failed: 1 },
      { done: 0, failed: 0 },
      { done: 0, failed: 1 },
    ]);
    expect(at.tables.job("claimed")).toMatchObject({ unitsDone: 2, unitsFailed: 2 });
  });
});

describe("the job's head", () => {
  test("is shown with every claim, even a refused one", async () => {
    const at = ground({ units: 2 });
    await all(at.claims());
    expect(at.heads.map(({ claimed }) => claimed)).toEqual([1, 2, 2]);
  });

  test.each<[string, Partial<Job>]>([
    ["was paused", { state: "paused" }],
    ["was stopped", { state: "failed" }],
    ["was cancelled", { state: "cancelled" }],
    ["was resumed", { state: "running", epoch: 1 }],
    ["was resumed, and all places are claimed", { state: "running", epoch: 1, claimed: 5 }],
  ])("no unit is taken once the job %s", async (_, part) => {
    const at = ground();
    const claims = at.claims();
    await claims.next();
    at.change(part);
    expect(await claims.next()).toEqual({ found: "inactive" });
    expect(at.tables.unitsOf("claimed")).toHaveLength(1);
    expect(at.heads).toHaveLength(1);
    expect(at.lists).toEqual([]);
  });

  test("no unit is taken once the job is gone", async () => {
    const at = ground();
    const claims = new Claims(sampleJob({ id: "gone" }), undefined, 0, {
      jobs: new MemoryJobs(at.tables),
      ...{ units: new MemoryUnits(at.tables), clock: { now: () => NOW } },
      ...{ owner: "w", leaseUntil: LEASE, seen: () => undefined },
    });
    expect(await claims.next()).toEqual({ found: "inactive" });
  });
});

describe("once all places are claimed", () => {
  const claimed = (part: Partial<Job> = {}) => ground({ claimed: 5, ...part });

  test("all free units are taken, and nothing else", async () => {
    const at = claimed({ units: 8, claimed: 8, epoch: 1 });
    at.put(0, { state: "done" });
    at.put(1, { owner: "crashed", leaseUntil: NOW - 1 });
    at.put(2, { owner: "other", leaseUntil: NOW + 1 });
    at.put(3, { state: "failed", turn: lastTurn(1) });
    at.put(4, { state: "failed", turn: lastTurn(0) });
    at.put(5);
    at.put(6, { turn: firstTurn(2) });
    const found = await all(at.claims());
    expect(found).toEqual([1, 4, 5, 7, "nothing"]);
    expect(at.unit(2)).toMatchObject({ owner: "other" });
  });

  test("the tally counts the units that have ended", async () => {
    const at = claimed();
    for (const number of [0, 1, 2]) at.put(number, { state: "done" });
    at.put(3, { state: "failed", turn: lastTurn(0) });
    at.put(4, { owner: "other", leaseUntil: LEASE });
    const tally = { done: 3, failed: 1, free: [], dueAt: undefined };
    expect(await at.claims().next()).toEqual({ found: "nothing", tally });
  });

  test("units are looked at again before the worker ends, because one may have become free", async () => {
    const at = claimed({ units: 2, claimed: 2 });
    at.put(0, { owner: "other", leaseUntil: LEASE });
    const claims = at.claims();
    expect(numberOf(await claims.next())).toBe(1);
    at.put(0);
    expect(numberOf(await claims.next())).toBe(0);
    at.put(1, { state: "done" });
    at.put(0, { state: "done" });
    expect(numberOf(await claims.next())).toBe("nothing");
  });

  test("a unit that waits for its next attempt is waited for", async () => {
    const at = claimed({ units: 3, claimed: 3 });
    at.put(0, { retryAt: NOW + 9_000 });
    at.put(1, { retryAt: NOW + 4_000 });
    at.put(2, { owner: "other", leaseUntil: LEASE });
    const claims = at.claims();
    expect(await claims.next()).toEqual({ found: "waits", dueAt: NOW + 4_000 });
    at.now = NOW + 4_000;
    expect(numberOf(await claims.next())).toBe(1);
    expect(await claims.next()).toEqual({ found: "waits", dueAt: NOW + 9_000 });
  });

  test("free units come before waiting ones", async () => {
    const at = claimed({ units: 2, claimed: 2 });
    at.put(0, { retryAt: NOW + 4_000 });
    at.put(1);
    expect(numberOf(await at.claims().next())).toBe(1);
  });

  test.each([
    [0, [0, 1, 2, 3, 4, 5, 6, 7]],
    [1, [2, 3, 4, 5, 6, 7, 0, 1]],
    [2, [4, 5, 6, 7, 0, 1, 2, 3]],
    [3, [6, 7, 0, 1, 2, 3, 4, 5]],
    // One chain has a number that the job no longer has. The other belongs to a job that has got more chains since.
    [4, [0, 1, 2, 3, 4, 5, 6, 7]],
    [5, [2, 3, 4, 5, 6, 7, 0, 1]],
  ])("chain %d of four begins at a unit of its own", async (chain, expected) => {
    const at = claimed({ units: 8, claimed: 8, chains: 4 });
    expect(await all(at.claims(chain))).toEqual([...expected, "nothing"]);
  });

  test("chains beyond the number of free units begin at some unit nevertheless", async () => {
    const at = claimed({ units: 3, claimed: 3, chains: 16 });
    for (const number of [0, 2]) at.put(number, { state: "done" });
    expect(await all(at.claims(15))).toEqual([1, "nothing"]);
  });

  test("if another chain takes a unit more quickly, the unit is passed over", async () => {
    const at = claimed({ units: 3, claimed: 3 });
    at.beforeTake = (unit) => {
      if (unit === 0) at.put(0, { owner: "other", leaseUntil: LEASE });
    };
    expect(await all(at.claims())).toEqual([1, 2, "nothing"]);
    expect(at.unit(0)).toMatchObject({ owner: "other" });
  });

  test("if others are quicker each time, the search ends without a unit", async () => {
    const at = claimed({ units: 3, claimed: 3 });
    at.beforeTake = (unit) => at.put(unit, { owner: "other", leaseUntil: LEASE });
    expect(await all(at.claims())).toEqual(["nothing"]);
  });

  test("a worker of the former epoch leaves units of the next one alone", async () => {
    const at = claimed({ units: 2, claimed: 2 });
    const claims = at.claims();
    at.change({ epoch: 1 });
    for (const number of [0, 1]) at.put(number, { turn: firstTurn(1) });
    expect(numberOf(await claims.next())).toBe("nothing");
  });
});
