/** Tests for every store of units, wherever it keeps them. */
import type { Job } from "../../../../shared/jobs/job";
import type { Checkpoint, GiveUp, Lease, PutDown, UnitStore } from "../../../../shared/jobs/stores";
import { noCounts, type Unit } from "../../../../shared/jobs/unit";
import { sampleJob } from "../../../support/sampleJob";
import type { OpenStores } from "./openStores";

const T = 1_800_000_000_000;
const MINUTE = 60_000;

const checkpoint: Checkpoint = {
  cursor: JSON.parse('{ "id": { "S": "m" }, "photo": { "B": "AQI=" }, "__proto__": { "N": "1" }, "": [null, true] }'),
  counts: { pages: 3, scannedItems: 30, items: 12, rcu: 4.5 },
  result: { items: 12, names: ["a", "b"], "": 1 },
  rcuPerSecond: 2.5,
};
const failure = { reason: "ThrottlingException: slow", retryAt: T + 30_000 };
const giveUp: GiveUp = { now: T + 9, turn: 999, reason: "Error: no" };
const putDown: PutDown = { now: T + 8, attempts: 0 };

export function unitsSuite(open: OpenStores): void {
  let jobs = 0;

  /** Stores with one job in them, and a request for a lease on its unit 1. */
  async function start(part: Partial<Job> = {}) {
    const job = sampleJob({ id: `job-${jobs++}`, ...part });
    const lease: Lease = { job: job.id, unit: 1, owner: "a", turn: 5 };
    const stores = await open(job);
    const take = (other: Partial<Lease> = {}, now = T) =>
      stores.units.take({ ...lease, ...other, now, until: now + MINUTE });
    const read = async () => (await stores.jobs.read(job.id))!;
    return { ...stores, job, lease, take, read };
  }

  async function taken(part: Partial<Job> = {}) {
    const all = await start(part);
    await all.take();
    return all;
  }

  test("a unit that nobody has taken can be taken, and has no progress yet", async () => {
    const { take } = await start();
    expect(await take()).toEqual({
      taken: true,
      unit: {
        ...{ number: 1, state: "active", turn: 5, owner: "a", leaseUntil: T + MINUTE, attempts: 1 },
        ...{ counts: noCounts, rcuPerSecond: 0, updatedAt: 0 },
      },
    });
  });

  test.each([
    ["of another worker while the lease lasts", { owner: "b" }, T + MINUTE, false],
    ["of another worker after it", { owner: "b" }, T + MINUTE + 1, true],
    ["of a later turn while the lease lasts", { owner: "b", turn: 7 }, T + 1, false],
    ["of an earlier turn, lease over or not", { owner: "b", turn: 4 }, T + 2 * MINUTE, false],
    ["of its holder, once more", { owner: "a" }, T + 1, true],
  ])("a held unit and a message %s", async (_case, other, now, expected) => {
    const { take } = await taken();
    const second = await take(other, now);
    expect(second.taken).toBe(expected);
    const unit = { owner: expected ? other.owner : "a", turn: 5, attempts: expected ? 2 : 1 };
    expect(second.unit).toMatchObject(unit);
  });

  test("a unit that nobody has taken has no record", async () => {
    const { units, job } = await start();
    expect(await units.read(job.id, 1)).toBeUndefined();
  });

  test("a unit's state is read without its progress", async () => {
    const { units, lease, job } = await taken();
    const held = { number: 1, state: "active", turn: 5, owner: "a", leaseUntil: T + MINUTE };
    await units.save(lease, checkpoint, T + 7);
    expect(await units.read(job.id, 1)).toEqual(held);
    await units.release(lease, { ...putDown, failure });
    expect(await units.read(job.id, 1)).toEqual({ number: 1, state: "active", turn: 5, retryAt: failure.retryAt });
  });

  test("a checkpoint comes back with the next lease, as it was written", async () => {
    const { units, lease, take } = await taken();
    expect(await units.save(lease, checkpoint, T + 7)).toBe(true);
    const { unit } = await take({ owner: "b" }, T + 2 * MINUTE);
    expect(unit).toMatchObject({ ...checkpoint, attempts: 1, updatedAt: T + 7 });
    expect(JSON.stringify(unit.cursor)).toBe(JSON.stringify(checkpoint.cursor));
  });

  test("a released unit is free at once, for its turn and later ones", async () => {
    const { units, lease, take } = await taken();
    expect(await units.release(lease, { ...putDown, attempts: 2 })).toBe(true);
    const old = await take({ owner: "b", turn: 4 });
    expect(old).toMatchObject({ taken: false, unit: { turn: 5, attempts: 2, updatedAt: T + 8 } });
    expect(old.unit).not.toHaveProperty("owner");
    expect(old.unit).not.toHaveProperty("leaseUntil");
    const next = await take({ owner: "b" });
    expect(next).toMatchObject({ taken: true, unit: { turn: 5, attempts: 3, owner: "b" } });
  });

  test("a release leaves the last checkpoint as it was", async () => {
    const { units, lease, take } = await taken();
    await units.save(lease, checkpoint, T + 7);
    expect(await units.release(lease, putDown)).toBe(true);
    expect((await take({ owner: "b" })).unit).toMatchObject({ ...checkpoint, updatedAt: T + 8 });
  });

  test("a release writes progress that was not saved yet in the same step", async () => {
    const { units, lease, take } = await taken();
    await units.save(lease, { ...checkpoint, result: { items: 1 }, rcuPerSecond: 1 }, T + 7);
    expect(await units.release(lease, { ...putDown, unsaved: checkpoint })).toBe(true);
    const { unit } = await take({ owner: "b" });
    expect(unit).toMatchObject({ ...checkpoint, attempts: 1, updatedAt: T + 8 });
    expect(JSON.stringify(unit.cursor)).toBe(JSON.stringify(checkpoint.cursor));
    expectNoTrouble(unit);
  });

  test("progress behind the last page has no cursor", async () => {
    const { units, lease, take } = await taken();
    await units.save(lease, checkpoint, T + 7);
    expect(await units.release(lease, { ...putDown, unsaved: { ...checkpoint, cursor: undefined } })).toBe(true);
    expect((await take({ owner: "b" })).unit).not.toHaveProperty("cursor");
  });

  test("the reason of a failed attempt and the time of the next stay after a take, until a checkpoint", async () => {
    const { units, lease, take } = await taken();
    expect(await units.release(lease, { ...putDown, failure })).toBe(true);
    const again = await take({ owner: "b" });
    expect(again).toMatchObject({ taken: true, unit: failure });
    expect(await units.save({ ...lease, owner: "b" }, checkpoint, T)).toBe(true);
    expectNoTrouble((await take({ owner: "b" })).unit);
  });

  test("a call that keeps failing is recorded, and the next take removes the record", async () => {
    const { units, lease, take } = await taken();
    const { unit: before } = await take();
    expect(await units.note(lease, { reason: "TimeoutError: slow", since: T + 3 })).toBe(true);
    const noted = { ...before, reason: "TimeoutError: slow", retryingSince: T + 3 };
    expect(await take({ owner: "b" })).toEqual({ taken: false, unit: noted });
    const { unit } = await take();
    expect(unit).toMatchObject({ reason: "TimeoutError: slow" });
    expect(unit).not.toHaveProperty("retryingSince");
  });

  const clearing: [string, (units: UnitStore, lease: Lease) => Promise<boolean>][] = [
    ["a checkpoint", (units, lease) => units.save(lease, checkpoint, T)],
    ["an end in good order", (units, lease) => units.release(lease, { ...putDown })],
    ["its last page", (units, lease) => units.finish(lease, checkpoint, T)],
  ];

  test.each(clearing)("%s removes the record of a failing call", async (_what, write) => {
    const { units, lease, take } = await taken();
    await units.release(lease, { ...putDown, failure });
    await take();
    await units.note(lease, { reason: "TimeoutError: slow", since: T + 3 });
    expect(await write(units, lease)).toBe(true);
    expectNoTrouble((await take({ owner: "b", turn: 4 })).unit);
  });

  test("a unit that is given up keeps only its reason", async () => {
    const { units, lease, take } = await taken();
    await units.release(lease, { ...putDown, failure });
    await take();
    await units.note(lease, { reason: "TimeoutError: slow", since: T + 3 });
    expect(await units.fail(lease, giveUp)).toBe(true);
    const { unit } = await take({ owner: "b" });
    expect(unit).toMatchObject({ state: "failed", reason: giveUp.reason });
    expect(unit).not.toHaveProperty("retryAt");
    expect(unit).not.toHaveProperty("retryingSince");
  });

  test.each([
    ["an attempt that failed", failure],
    ["an end in good order", undefined],
  ])("after %s the record no longer shows that its worker keeps retrying", async (_what, given) => {
    const { units, lease, take } = await taken();
    await units.note(lease, { reason: "TimeoutError: slow", since: T + 3 });
    expect(await units.release(lease, { ...putDown, failure: given })).toBe(true);
    const { unit } = await take({ owner: "b" });
    expect(unit).not.toHaveProperty("retryingSince");
    expect(unit.reason).toBe(given?.reason);
    expect(unit.retryAt).toBe(given?.retryAt);
  });

  test("a finished unit keeps its result, and is never taken again", async () => {
    const { units, lease, take, read, job } = await taken();
    await units.save(lease, checkpoint, T + 7);
    const last = { ...checkpoint, cursor: undefined, result: { items: 13 } };
    expect(await units.finish(lease, last, T + 9)).toBe(true);
    expect(await read()).toEqual(job);
    const { taken: again, unit } = await take({ owner: "b", turn: 1_000_000 }, T + 2 * MINUTE);
    expect(again).toBe(false);
    expect(unit).toMatchObject({ state: "done", result: { items: 13 }, counts: checkpoint.counts, rcuPerSecond: 2.5 });
    expect(unit).not.toHaveProperty("cursor");
  });

  test("a unit that was given up keeps its checkpoint, and only a turn above its new one can take it", async () => {
    const { units, lease, take, read, job } = await taken();
    await units.save(lease, checkpoint, T + 7);
    expect(await units.fail(lease, giveUp)).toBe(true);
    expect(await read()).toEqual(job);
    const refused = await take({ owner: "b", turn: 999 }, T + 2 * MINUTE);
    expect(refused).toMatchObject({ taken: false, unit: { state: "failed", turn: 999, reason: "Error: no" } });
    const again = await take({ owner: "b", turn: 1000 });
    expect(again).toMatchObject({ taken: true, unit: { state: "active", cursor: checkpoint.cursor, attempts: 1 } });
  });

  const writes: [string, (units: UnitStore, lease: Lease) => Promise<boolean>][] = [
    ["save", (units, lease) => units.save(lease, checkpoint, T)],
    ["note", (units, lease) => units.note(lease, { reason: "slow", since: T })],
    ["release", (units, lease) => units.release(lease, putDown)],
    ["finish", (units, lease) => units.finish(lease, checkpoint, T)],
    ["fail", (units, lease) => units.fail(lease, giveUp)],
  ];

  test.each(writes)(
    "%s: refused for a worker that does not hold the unit, and changes nothing",
    async (_name, write) => {
      const { units, lease, take, read, job } = await taken();
      for (const other of [{ owner: "b" }, { turn: 4 }, { turn: 6 }, { unit: 0 }]) {
        expect(await write(units, { ...lease, ...other })).toBe(false);
      }
      expect(await read()).toEqual(job);
      const { unit } = await take({ owner: "c" });
      expect(unit).toMatchObject({ state: "active", owner: "a", turn: 5, counts: noCounts });
      expectNoTrouble(unit);
    },
  );

  test.each(writes)("%s: refused once another worker has the lease", async (_name, write) => {
    const { units, lease, take, read, job } = await taken();
    await take({ owner: "b" }, T + 2 * MINUTE);
    expect(await write(units, lease)).toBe(false);
    expect(await read()).toEqual(job);
  });

  test("repeated after a lost answer, a checkpoint and an end have no further effect, and return true again", async () => {
    const { units, lease, take } = await taken();
    for (const _ of [1, 2]) expect(await units.save(lease, checkpoint, T)).toBe(true);
    for (const _ of [1, 2]) expect(await units.finish(lease, checkpoint, T)).toBe(true);
    const { unit: done } = await take();
    await take({ unit: 0 });
    for (const _ of [1, 2]) expect(await units.fail({ ...lease, unit: 0 }, giveUp)).toBe(true);
    const { unit: failed } = await take({ unit: 0 });
    // The same worker can't end the unit in another way, and no other worker can end it.
    expect(await units.fail(lease, giveUp)).toBe(false);
    expect(await units.finish({ ...lease, unit: 0 }, checkpoint, T)).toBe(false);
    expect(await units.finish({ ...lease, owner: "b" }, checkpoint, T)).toBe(false);
    expect(await units.fail({ ...lease, unit: 0, owner: "b" }, giveUp)).toBe(false);
    expect(await take()).toEqual({ taken: false, unit: done });
    expect(await take({ unit: 0 })).toEqual({ taken: false, unit: failed });
  });

  test("the list has every unit that was taken, in its present state, and no unit of another job", async () => {
    const { units, lease, take, job } = await start({ units: 6 });
    expect(await units.list(job.id)).toEqual([]);
    for (const unit of [0, 1, 2, 4]) await take({ unit });
    await units.save({ ...lease, unit: 0 }, checkpoint, T + 7);
    await units.finish({ ...lease, unit: 1 }, checkpoint, T + 7);
    await units.fail({ ...lease, unit: 2 }, giveUp);
    await units.release({ ...lease, unit: 4 }, { ...putDown, failure });
    const listed = (await units.list(job.id)).toSorted((a, b) => a.number - b.number);
    expect(listed).toMatchObject([
      { number: 0, state: "active", turn: 5, owner: "a", leaseUntil: T + MINUTE },
      { number: 1, state: "done", turn: 5 },
      { number: 2, state: "failed", turn: 999 },
      { number: 4, state: "active", turn: 5, retryAt: failure.retryAt },
    ]);
    for (const name of ["owner", "leaseUntil"]) expect(listed[3]).not.toHaveProperty(name);
    for (const unit of listed.slice(0, 3)) expect(unit).not.toHaveProperty("retryAt");
    expect(await units.list(`${job.id}0`)).toEqual([]);
  });
}

function expectNoTrouble(unit: Unit): void {
  for (const name of ["reason", "retryAt", "retryingSince"]) expect(unit).not.toHaveProperty(name);
}
