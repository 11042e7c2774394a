import type { LedgerItem } from "../../../../shared/capacity/ledger/ledgerItem";
import { FairShare } from "../../../../shared/capacity/worker/fairShare";

/** The share of one of so many workers, counted from time 0. */
function shareOf(workers: number): FairShare {
  const share = new FairShare();
  share.workers.see({ workers } as LedgerItem);
  share.start(0);
  return share;
}

test.each([
  [1, 250],
  [10, 25],
  [53, 250 / 53],
  [106, 500 / 106],
])("one of %d workers has a share of %d ms at each visit", (workers, ms) => {
  expect(shareOf(workers).ofVisit).toBeCloseTo(ms, 9);
});

test("a worker is owed its part of the time that passes, and nothing for the time before it came", () => {
  const share = shareOf(4);
  share.start(1000);
  share.accrue(1040, 1);
  expect(share.owed).toBe(10);
  share.accrue(1060, 1);
  expect(share.owed).toBe(15);
  share.accrue(1050, 1);
  expect(share.owed).toBe(15);
  share.accrue(1060, 1);
  expect(share.owed).toBe(17.5);
});

test("a worker without a beginning is owed the whole time", () => {
  const share = new FairShare();
  share.accrue(40, 1);
  expect(share.owed).toBe(40);
});

test.each([
  ["three shares", 10, 1, 75],
  ["three requests, if they cost more than three shares", 10, 30, 90],
])("it is owed at most %s", (_, workers, cost, most) => {
  const share = shareOf(workers);
  share.accrue(1e6, cost);
  expect(share.owed).toBeCloseTo(most, 9);
});

test.each([
  ["two shares", 10, 1, -50],
  ["three requests, if they cost more than two shares", 10, 30, -90],
  ["two shares, if three requests cost less", 10, 16, -50],
])("it is ahead by at most %s", (_, workers, cost, least) => {
  const share = shareOf(workers);
  share.owed = -1e6;
  share.accrue(1, cost);
  expect(share.owed).toBeCloseTo(least, 9);
});

test.each([
  [0, 0.75],
  [0.5, 1],
  [1, 1.25],
])("the first share is of random size: %d", (random, part) => {
  const share = shareOf(10);
  share.startRandomly(() => random);
  expect(share.owed).toBeCloseTo(25 * (212 / 120) * part, 9);
});

test.each([
  [10.4, false],
  [10.5, true],
])("shares of 12.5 ms are crowded if requests cost %d: %s", (cost, crowded) => {
  expect(shareOf(20).crowded(cost)).toBe(crowded);
});

test.each([
  ["small requests, with the share of a visit four times a second", 19, false],
  ["large requests, with the share of a second", 60, false],
  ["larger requests, of which the share of a second holds hardly one", 70, true],
])("whether ten workers are crowded depends on the cost of requests: %s", (_, cost, crowded) => {
  expect(shareOf(10).crowded(cost)).toBe(crowded);
});

test("a share of just 1.2 requests is not crowded", () => {
  expect(shareOf(1).crowded(250 / 1.2)).toBe(false);
});

test.each([
  ["a share, if requests cost less", 5, 12.5, 200],
  ["half a share", 5, 6.25, 150],
  ["a request, if it costs more than a share", 40, 40, 0.35 * 200 - 60],
  ["part of such a request", 40, 20, 0.35 * 150 - 60],
])("it may reserve further ahead, the more it is owed: %s", (_, cost, owed, ms) => {
  const share = shareOf(20);
  share.owed = owed;
  expect(share.horizon(cost)).toBeCloseTo(ms, 9);
});
