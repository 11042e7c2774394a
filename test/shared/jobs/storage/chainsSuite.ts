/** Tests for every store of chains, wherever it keeps them. */
import type { ChainLease } from "../../../../shared/jobs/stores";
import { sampleJob } from "../../../support/sampleJob";
import type { OpenStores } from "./openStores";

const T = 1_800_000_000_000;
const MINUTE = 60_000;

export function chainsSuite(open: OpenStores): void {
  let jobs = 0;

  async function start() {
    const job = sampleJob({ id: `chained-${jobs++}` });
    const { chains } = await open(job);
    const lease: ChainLease = { job: job.id, chain: 2, owner: "a", turn: 5 };
    const take = (other: Partial<ChainLease> = {}, now = T) =>
      chains.take({ ...lease, ...other, now, until: now + MINUTE });
    return { chains, job, lease, take, read: () => chains.read(job.id, 2) };
  }
  const held = { number: 2, turn: 5, owner: "a", leaseUntil: T + MINUTE, attempts: 1 };

  test("a chain that nobody has taken has no record, and any turn can take it", async () => {
    const { take, read, chains, job } = await start();
    expect(await read()).toBeUndefined();
    expect(await take()).toEqual({ taken: true, chain: held });
    expect(await read()).toEqual(held);
    expect(await chains.read(job.id, 1)).toBeUndefined();
  });

  test.each<[string, Partial<ChainLease>, number, boolean]>([
    ["of another worker while the lease lasts", { owner: "b" }, T + MINUTE, false],
    ["of another worker after it", { owner: "b" }, T + MINUTE + 1, true],
    ["of a later turn while the lease lasts", { owner: "b", turn: 7 }, T + MINUTE, false],
    ["of a later turn after it", { owner: "b", turn: 7 }, T + MINUTE + 1, true],
    ["of an earlier turn, lease over or not", { owner: "b", turn: 4 }, T + 2 * MINUTE, false],
    ["of an earlier turn of its holder", { turn: 4 }, T + 1, false],
    ["of its holder, once more after an answer that was lost", {}, T + 1, true],
  ])("a chain that is held, and a message %s", async (_case, other, now, taken) => {
    const { take, read } = await start();
    await take();
    const after = taken ? { ...held, ...other, leaseUntil: now + MINUTE, attempts: 2 } : held;
    expect(await take(other, now)).toEqual({ taken, chain: after });
    expect(await read()).toEqual(after);
  });

  test("a released chain is for the message of its new turn, and for no older message", async () => {
    const { chains, take, lease, read } = await start();
    await take();
    expect(await chains.release(lease, 6)).toBe(true);
    const free = { number: 2, turn: 6 };
    expect(await read()).toEqual(free);
    expect(await take({ owner: "b" })).toEqual({ taken: false, chain: free });
    // It isn't for the message whose worker released it, either.
    expect(await take()).toEqual({ taken: false, chain: free });
    expect(await take({ owner: "b", turn: 6 })).toEqual({ taken: true, chain: { ...held, turn: 6, owner: "b" } });
  });

  test("a chain that was put down at its own turn is for the same message again", async () => {
    const { chains, take, lease } = await start();
    await take();
    expect(await chains.release(lease, 5)).toBe(true);
    expect(await take({ owner: "b" })).toEqual({ taken: true, chain: { ...held, owner: "b" } });
  });

  test.each<[string, Partial<ChainLease>]>([
    ["another worker", { owner: "b" }],
    ["an earlier turn", { turn: 4 }],
    ["a later turn", { turn: 6 }],
    ["another chain", { chain: 1 }],
    ["another job", { job: "another" }],
  ])("a worker that holds %s cannot release a chain, and no record is made", async (_who, other) => {
    const { chains, take, lease, read, job } = await start();
    await take();
    expect(await chains.release({ ...lease, ...other }, 6)).toBe(false);
    expect(await read()).toEqual(held);
    expect(await chains.read(job.id, 1)).toBeUndefined();
    expect(await chains.read("another", 2)).toBeUndefined();
  });

  test("a worker that has lost a chain cannot release it, and nobody can release it twice", async () => {
    const { chains, take, lease, read } = await start();
    await take();
    await take({ owner: "b" }, T + 2 * MINUTE);
    expect(await chains.release(lease, 6)).toBe(false);
    expect(await read()).toMatchObject({ owner: "b", turn: 5 });
    expect(await chains.release({ ...lease, owner: "b" }, 6)).toBe(true);
    expect(await chains.release({ ...lease, owner: "b" }, 6)).toBe(false);
  });

  test("if several workers want a chain at the same moment, one of them gets it", async () => {
    const { take, read } = await start();
    const owners = ["a", "b", "c", "d"];
    const answers = await Promise.all(owners.map((owner) => take({ owner })));
    const winners = owners.filter((_, at) => answers[at]!.taken);
    expect(winners).toHaveLength(1);
    expect(await read()).toMatchObject({ owner: winners[0] });
  });
}
