import fc from "fast-check";
import { hasEnded, tallyOf } from "../../../shared/engine/tally";
import { firstTurn, lastTurn } from "../../../shared/engine/turns";
import { unitOf } from "../../../shared/jobs/storage/reading";
import { mayTake, type UnitSummary } from "../../../shared/jobs/stores";

const NOW = 1_800_000_000_000;
const EPOCH = 3;
const job = (units: number) => ({ units, epoch: EPOCH });
const turn = firstTurn(EPOCH);
const unit = (number: number, part: Partial<UnitSummary> = {}): UnitSummary => ({
  number,
  state: "active",
  turn,
  ...part,
});

test("units that no worker has taken are free, even if they are between others", () => {
  expect(tallyOf([], job(3), NOW)).toEqual({ done: 0, failed: 0, free: [0, 1, 2], dueAt: undefined });
  const found = [unit(1, { state: "done" }), unit(3, { state: "done" })];
  expect(tallyOf(found, job(5), NOW)).toEqual({ done: 2, failed: 0, free: [0, 2, 4], dueAt: undefined });
});

test("every unit counts once: done, failed, free, waiting, or in other hands", () => {
  const units = [
    unit(4, { state: "done", owner: "a" }),
    unit(0, { state: "failed", turn: lastTurn(EPOCH), owner: "a" }),
    unit(1, { owner: "b", leaseUntil: NOW + 1 }),
    unit(2, { retryAt: NOW + 5_000 }),
    unit(3),
  ];
  expect(tallyOf(units, job(6), NOW)).toEqual({ done: 1, failed: 1, free: [3, 5], dueAt: NOW + 5_000 });
});

const one: [string, Partial<UnitSummary>, "done" | "failed" | "free" | "waits" | "left alone"][] = [
  ["was put down", {}, "free"],
  ["was put down in an epoch before", { turn: firstTurn(EPOCH - 1) }, "free"],
  ["was taken in a later epoch, and put down", { turn: firstTurn(EPOCH + 1) }, "left alone"],
  ["is held until now", { owner: "b", leaseUntil: NOW }, "left alone"],
  ["is held in a later epoch", { owner: "b", leaseUntil: NOW + 1, turn: firstTurn(EPOCH + 1) }, "left alone"],
  ["was left by a crash", { owner: "b", leaseUntil: NOW - 1 }, "free"],
  ["was left by a crash in a later epoch", { owner: "b", leaseUntil: NOW - 1, turn: turn + 1 }, "left alone"],
  ["is held by a worker of an epoch before", { owner: "b", leaseUntil: NOW, turn: firstTurn(EPOCH - 1) }, "left alone"],
  ["has a lease that nobody holds", { leaseUntil: NOW + 1 }, "free"],
  ["is due later", { retryAt: NOW + 1 }, "waits"],
  [
    "was due later in an epoch before, because a resumption ends the wait",
    { retryAt: NOW + 1, turn: turn - 1 },
    "free",
  ],
  ["is due now", { retryAt: NOW }, "free"],
  ["was due", { retryAt: NOW - 1 }, "free"],
  ["is held although it was due later", { owner: "b", leaseUntil: NOW, retryAt: NOW + 1 }, "left alone"],
  ["is due later in a later epoch", { retryAt: NOW + 1, turn: firstTurn(EPOCH + 1) }, "left alone"],
  ["crashed while it was due later", { owner: "b", leaseUntil: NOW - 1, retryAt: NOW + 1 }, "waits"],
  ["failed in this epoch", { state: "failed", turn: lastTurn(EPOCH) }, "failed"],
  ["failed in this epoch at its first turn", { state: "failed", turn }, "failed"],
  ["failed in the epoch before", { state: "failed", turn: lastTurn(EPOCH - 1) }, "free"],
  ["failed in a later epoch", { state: "failed", turn: lastTurn(EPOCH + 1) }, "failed"],
  [
    "failed, and its record still has the time of a next attempt",
    { state: "failed", turn: 0, retryAt: NOW + 1 },
    "free",
  ],
  [
    "failed in the epoch before, with a lease in its record",
    { state: "failed", turn: 0, owner: "b", leaseUntil: NOW + 1 },
    "free",
  ],
  ["is done", { state: "done" }, "done"],
  [
    "is done since an epoch before, with a lease in its record",
    { state: "done", turn: 0, owner: "b", leaseUntil: NOW + 1 },
    "done",
  ],
  ["is done in a later epoch", { state: "done", turn: firstTurn(EPOCH + 1) }, "done"],
];

test.each(one)("a unit that %s: %j is %s", (_, part, expected) => {
  expect(tallyOf([unit(0, part)], job(1), NOW)).toEqual({
    done: expected === "done" ? 1 : 0,
    failed: expected === "failed" ? 1 : 0,
    free: expected === "free" ? [0] : [],
    dueAt: expected === "waits" ? NOW + 1 : undefined,
  });
});

test("free units can be taken at that moment, so a worker that follows the tally always succeeds", () => {
  const turns = fc.constantFrom(0, firstTurn(EPOCH) - 1, turn, turn + 1, lastTurn(EPOCH), firstTurn(EPOCH + 1));
  const times = fc.constantFrom(NOW - 1, NOW, NOW + 1);
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const states = fc.constantFrom("active", "done", "failed");
  const record = fc.record({ state: states, turn: turns, held: optional(times), retryAt: optional(times) });
  fc.assert(
    fc.property(record, ({ state, turn: of, held, retryAt }) => {
      const found = { state, turn: of, ...(held && { owner: "b", leaseUntil: held }), ...(retryAt && { retryAt }) };
      const stored = { ...unitOf(undefined), number: 0, ...found };
      const { free, done, failed } = tallyOf([stored], job(1), NOW);
      const request = { job: "job", unit: 0, owner: "a", turn, now: NOW, until: NOW + 1 };
      if (free.length > 0) expect(mayTake(stored, request)).toBe(true);
      if (done + failed > 0) expect(mayTake(stored, request)).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test("of several waiting units, the first one counts", () => {
  const due = [30, 10, 20].map((seconds, number) => unit(number, { retryAt: NOW + 1_000 * seconds }));
  expect(tallyOf(due, job(3), NOW).dueAt).toBe(NOW + 10_000);
});

test.each([
  [0, 0, false],
  [2, 0, false],
  [1, 1, false],
  [3, 0, true],
  [1, 2, true],
  [0, 3, true],
])("with %d of three units done and %d failed: all ended %s", (done, failed, ended) => {
  expect(hasEnded({ done, failed }, { units: 3 })).toBe(ended);
});
