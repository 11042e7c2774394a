/** Tests for the failures of a job, for every store, wherever it keeps them. */
import type { Job } from "../../../../shared/jobs/job";
import { sampleJob } from "../../../support/sampleJob";
import type { OpenStores } from "./openStores";

const T = 1_800_000_000_000;

export function failuresSuite(open: OpenStores): void {
  let made = 0;

  async function start(part: Partial<Job> = {}) {
    const job = sampleJob({ id: `failing-${made++}`, ...part });
    const stores = await open(job);
    return { ...stores, job, read: async () => (await stores.jobs.read(job.id))! };
  }

  test("failures are added to the estimate, whatever the job's state", async () => {
    const { failures, job, read } = await start({ state: "paused" });
    expect(await failures.addFailures(job.id, 2)).toMatchObject({ id: job.id, failures: 2 });
    expect(await failures.addFailures(job.id, 3)).toMatchObject({ id: job.id, failures: 5 });
    expect(await read()).toEqual({ ...job, failures: 5 });
    expect(await failures.addFailures("another", 3)).toBeUndefined();
    expect(await failures.head("another")).toBeUndefined();
  });

  test("a recount replaces the estimate that was seen, keeps what was added since, and happens once", async () => {
    const { failures, job, read } = await start({ mostFailures: 10 });
    const seen = (await failures.addFailures(job.id, 12))!;
    await failures.addFailures(job.id, 3);
    expect(await failures.recount(seen, { failures: 7, mostFailures: 11 })).toBe(true);
    expect(await failures.recount(seen, { failures: 7, mostFailures: 11 })).toBe(false);
    const after = { failures: 10, recounts: 1, mostFailures: 11 };
    expect(await read()).toEqual({ ...job, ...after });
    const again = (await failures.head(job.id))!;
    expect(await failures.recount(seen, { failures: 7, mostFailures: 11 })).toBe(false);
    expect(await failures.recount(again, { failures: 15, mostFailures: 11 })).toBe(true);
    expect(await failures.recount(again, { failures: 15, mostFailures: 11 })).toBe(false);
    expect(await read()).toEqual({ ...job, failures: 15, recounts: 2, mostFailures: 11 });
    expect(await failures.recount({ ...job, id: "another" }, { failures: 7, mostFailures: 11 })).toBe(false);
    expect(await failures.head("another")).toBeUndefined();
  });

  test.each<[string, Partial<Job>]>([
    ["paused", { state: "paused" }],
    ["resumed", { epoch: 1 }],
  ])("a job that was %s since is not recounted", async (_, change) => {
    const { failures, job, read } = await start({ mostFailures: 10, failures: 12, ...change });
    expect(await failures.recount({ ...(await read())!, epoch: 0 }, { failures: 7, mostFailures: 11 })).toBe(false);
    expect(await read()).toEqual(job);
  });

  test("the exact number is the sum over the checkpoints of all units, whether they are under way, done or failed", async () => {
    const { failures, units, job } = await start({ units: 5 });
    expect(await failures.failedItems(job.id)).toEqual({ scannedItems: 0, failures: 0 });
    const lease = (unit: number) => ({ job: job.id, unit, owner: "a", turn: 0 });
    const checkpoint = (failed: number) => ({
      ...{ cursor: "c", result: "x".repeat(1_000), rcuPerSecond: 0 },
      counts: { pages: 1, scannedItems: 10, items: 9, rcu: 1, ...(failed > 0 && { failures: failed }) },
    });
    for (const unit of [0, 1, 2, 3, 4]) await units.take({ ...lease(unit), now: T, until: T + 1 });
    await units.save(lease(0), checkpoint(1), T);
    await units.release(lease(1), { now: T, attempts: 0, unsaved: checkpoint(20) });
    await units.finish(lease(2), checkpoint(300), T);
    await units.save(lease(3), checkpoint(4_000), T);
    await units.fail(lease(3), { now: T, turn: 9, reason: "no" });
    await units.save(lease(4), checkpoint(0), T);
    expect(await failures.failedItems(job.id)).toEqual({ scannedItems: 50, failures: 4_321 });
  });

  test.each<[string, Partial<Job>, Partial<Job>, boolean]>([
    ["an active job", { state: "starting", epoch: 2 }, {}, true],
    ["a job with more units done than was seen", { unitsDone: 1 }, { unitsDone: 0 }, true],
    ["a job that is paused already", { state: "paused", reason: "first" }, {}, false],
    ["a job that was resumed since", { epoch: 2 }, { epoch: 1 }, false],
    ["a job that has ended", { state: "completed" }, {}, false],
  ])("failures pause %s, with the reason and together with its ledgers", async (_, part, seen, expected) => {
    const { failures, job, read, paused } = await start(part);
    expect(await failures.pause({ ...job, ...seen }, "5 failed", T)).toBe(expected);
    expect(await paused(job)).toBe(expected);
    expect(await read()).toEqual(expected ? { ...job, state: "paused", reason: "5 failed" } : job);
  });
}
