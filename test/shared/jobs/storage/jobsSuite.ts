/** Tests for every store of jobs, wherever it keeps them. */
import type { Job } from "../../../../shared/jobs/job";
import { sampleJob } from "../../../support/sampleJob";
import type { OpenStores } from "./openStores";

const T = 1_800_000_000_000;

export function jobsSuite(open: OpenStores): void {
  let made = 0;

  /** Stores with one job in them. */
  async function start(part: Partial<Job> = {}) {
    const job = sampleJob({ id: `made-${made++}`, ...part });
    const stores = await open(job);
    return { ...stores, job, read: async () => (await stores.jobs.read(job.id))! };
  }

  test("there is no job before one is made", async () => {
    const { jobs } = await start();
    expect(await jobs.read("another")).toBeUndefined();
  });

  describe("a claim", () => {
    const none = { done: 0, failed: 0 };
    /** A head as it must be: a job without its spec. */
    const headOf = ({ source: _source, identity: _identity, operation: _operation, ...head }: Job) => head;
    /** The answer to a claim, without the fields that only some stores have beside the head. */
    const claim = async ({ jobs, job }: Awaited<ReturnType<typeof start>>, ended = none) => {
      const { claimed, head } = await jobs.claim(job.id, ended);
      return { claimed, head: head && headOf(head as Job) };
    };

    test("takes one place after the other, until all are taken", async () => {
      const all = await start({ units: 3 });
      const head = headOf(all.job);
      expect(await claim(all)).toEqual({ claimed: true, head: { ...head, claimed: 1 } });
      expect(await claim(all)).toEqual({ claimed: true, head: { ...head, claimed: 2 } });
      expect(await claim(all)).toEqual({ claimed: true, head: { ...head, claimed: 3 } });
      expect(await claim(all, { done: 1, failed: 1 })).toEqual({ claimed: false, head: { ...head, claimed: 3 } });
      expect(await all.read()).toEqual({ ...all.job, claimed: 3 });
    });

    test("adds to the counts, and adds nothing if nothing has ended", async () => {
      const all = await start({ units: 9, unitsDone: 2, unitsFailed: 1 });
      await claim(all, { done: 3, failed: 0 });
      expect(await all.read()).toEqual({ ...all.job, claimed: 1, unitsDone: 5 });
      await claim(all, { done: 0, failed: 2 });
      expect(await all.read()).toEqual({ ...all.job, claimed: 2, unitsDone: 5, unitsFailed: 3 });
      await claim(all);
      expect(await all.read()).toEqual({ ...all.job, claimed: 3, unitsDone: 5, unitsFailed: 3 });
    });

    test("by many at once gives each a place of its own", async () => {
      const all = await start({ units: 5 });
      const answers = await Promise.all(Array.from({ length: 8 }, () => claim(all, { done: 1, failed: 0 })));
      const places = answers.filter(({ claimed }) => claimed).map(({ head }) => head!.claimed - 1);
      expect(places.sort()).toEqual([0, 1, 2, 3, 4]);
      expect(await all.read()).toMatchObject({ claimed: 5, unitsDone: 5 });
    });

    test.each(["starting", "running"] as const)("is granted while the job is %s", async (state) => {
      expect(await claim(await start({ state }))).toMatchObject({ claimed: true, head: { state, claimed: 1 } });
    });

    test.each(["paused", "completed", "failed", "cancelled"] as const)("is refused once it is %s", async (state) => {
      const all = await start({ state });
      expect(await claim(all, { done: 1, failed: 1 })).toEqual({ claimed: false, head: headOf(all.job) });
      expect(await all.read()).toEqual(all.job);
    });

    test("is refused if there is no such job, and makes none", async () => {
      const { jobs } = await start();
      expect(await jobs.claim("another", none)).toEqual({ claimed: false, head: undefined });
      expect(await jobs.head("another")).toBeUndefined();
    });
  });

  describe("units that have ended", () => {
    test.each(["starting", "running"] as const)("are added to the counts of a job that is %s", async (state) => {
      const { jobs, job, read } = await start({ state, epoch: 2, units: 9, unitsDone: 2 });
      expect(await jobs.ended(job, { done: 1, failed: 0 })).toBe(true);
      expect(await jobs.ended(job, { done: 0, failed: 1 })).toBe(true);
      expect(await read()).toEqual({ ...job, unitsDone: 3, unitsFailed: 1 });
    });

    test.each<[string, Partial<Job>, Partial<Job>]>([
      ["is paused", { state: "paused" }, {}],
      ["was ended with exact counts", { state: "completed" }, {}],
      ["has failed", { state: "failed" }, {}],
      ["was cancelled", { state: "cancelled" }, {}],
      ["was resumed since", { epoch: 2 }, { epoch: 1 }],
      ["has all its units done", { units: 3, unitsDone: 3 }, {}],
      ["is not there", {}, { id: "another" }],
    ])("are not added to the counts of a job that %s", async (_how, part, seen) => {
      const { jobs, job, read } = await start(part);
      expect(await jobs.ended({ ...job, ...seen }, { done: 1, failed: 0 })).toBe(false);
      expect(await read()).toEqual(job);
      expect(await jobs.head("another")).toBeUndefined();
    });
  });

  test("the head is the job's present one", async () => {
    const { jobs, job } = await start({ units: 4 });
    expect(await jobs.head(job.id)).toMatchObject({ id: job.id, state: "running", claimed: 0, chains: 1, units: 4 });
    await jobs.claim(job.id, { done: 0, failed: 0 });
    expect(await jobs.head(job.id)).toMatchObject({ claimed: 1, chains: 1 });
  });

  test("only a worker that saw the present number of chains can change it", async () => {
    const { jobs, job, read } = await start({ epoch: 2, chains: 3, units: 9 });
    for (const seen of [{ chains: 2 }, { epoch: 1 }, { epoch: 3 }, { id: "another" }]) {
      expect(await jobs.setChains({ ...job, ...seen }, 7)).toBe(false);
    }
    expect(await read()).toEqual(job);
    expect(await jobs.head("another")).toBeUndefined();
    expect(await jobs.setChains(job, 7)).toBe(true);
    expect(await jobs.setChains(job, 8)).toBe(false);
    expect(await read()).toEqual({ ...job, chains: 7 });
    expect(await jobs.setChains({ ...job, chains: 7 }, 2)).toBe(true);
    expect(await read()).toEqual({ ...job, chains: 2 });
  });

  const counts = { unitsDone: 2, unitsFailed: 0 };

  test.each<Partial<Job>>([{ state: "paused" }, { state: "starting" }, { epoch: 1 }])(
    "a worker that saw the job otherwise cannot end it: %j",
    async (seen) => {
      const { jobs, job, read } = await start();
      expect(await jobs.end({ ...job, ...seen }, { ...counts, state: "completed", result: 1 }, T)).toBe(false);
      expect(await read()).toEqual(job);
    },
  );

  test("a job is ended once, by a worker that saw its present state; exact counts replace those that lagged behind", async () => {
    const { jobs, job, read } = await start({ unitsDone: 1, unitsFailed: 1 });
    // It makes no difference if counts rose since the job was read.
    expect(await jobs.end({ ...job, unitsDone: 0 }, { ...counts, state: "completed", result: { items: 5 } }, T)).toBe(
      true,
    );
    expect(await jobs.end(job, { ...counts, state: "failed" }, T + 1)).toBe(false);
    expect(await read()).toEqual({ ...job, ...counts, state: "completed", result: { items: 5 }, endedAt: T });
  });

  test.each<Partial<Job>>([{ state: "starting" }, { state: "running", epoch: 3, unitsDone: 1, unitsFailed: 1 }])(
    "an active job is stopped with one reason and together with its ledgers, units left or not: %j",
    async (part) => {
      const { jobs, job, read, paused } = await start(part);
      expect(await paused(job)).toBe(false);
      // It makes no difference if units ended since the job was read.
      expect(await jobs.stop({ ...job, unitsDone: 0 }, "Table answers is gone.", T)).toBe(true);
      expect(await read()).toEqual({ ...job, state: "failed", reason: "Table answers is gone.", endedAt: T });
      expect(await paused(job)).toBe(true);
    },
  );

  test.each<[Partial<Job>, Partial<Job>]>([
    [{ state: "paused" }, {}],
    [{ state: "completed" }, {}],
    [{ state: "cancelled" }, {}],
    [{ state: "failed", reason: "the first reason" }, {}],
    [{ state: "running", epoch: 2 }, { epoch: 1 }],
    [{ state: "running", epoch: 2 }, { epoch: 3 }],
  ])("a job that is %j cannot be stopped by a worker that saw %j", async (part, seen) => {
    const { jobs, job, read, paused } = await start(part);
    expect(await jobs.stop({ ...job, ...seen }, "gone", T)).toBe(false);
    expect(await read()).toEqual(job);
    expect(await paused(job)).toBe(false);
  });

  test("a job that ends with a reason keeps it", async () => {
    const { jobs, job, read } = await start();
    const failed = { unitsDone: 1, unitsFailed: 1, state: "failed", reason: "no" } as const;
    expect(await jobs.end(job, failed, T)).toBe(true);
    expect(await read()).toEqual({ ...job, ...failed, endedAt: T });
  });

  test("an end is recorded as published, but not the end of a former epoch or state", async () => {
    const { jobs, job, read } = await start();
    await jobs.announced({ ...job, epoch: 1 });
    await jobs.announced({ ...job, state: "failed" });
    expect(await read()).toEqual(job);
    await jobs.announced(job);
    expect(await read()).toEqual({ ...job, announced: true });
  });
}
