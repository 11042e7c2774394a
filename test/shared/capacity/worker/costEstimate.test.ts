import type { LedgerItem } from "../../../../shared/capacity/ledger/ledgerItem";
import { CostEstimate } from "../../../../shared/capacity/worker/costEstimate";

const item = (costSum: number, costCount: number) => ({ costSum, costCount }) as LedgerItem;

test("the estimate is unknown before the first request, and after a request that cost nothing", () => {
  const estimate = new CostEstimate();
  estimate.observe(0);
  estimate.observe(-3);
  estimate.see(item(0, 0));
  expect([estimate.ms, estimate.takeUntold()]).toEqual([undefined, undefined]);
});

test("is the average of own and others' requests", () => {
  const estimate = new CostEstimate();
  estimate.observe(4);
  expect(estimate.ms).toBe(4);
  estimate.observe(6);
  expect(estimate.ms).toBe(5);
  estimate.see(item(20, 2));
  expect(estimate.ms).toBe(30 / 4);
});

test("own costs are reported once, and again only if the update was refused", () => {
  const estimate = new CostEstimate();
  estimate.observe(4);
  estimate.observe(6);
  const told = estimate.takeUntold();
  expect(told).toEqual({ costSum: 10, costCount: 2 });
  expect(estimate.takeUntold()).toBeUndefined();
  estimate.observe(1);
  estimate.putBack(told);
  estimate.putBack(undefined);
  expect(estimate.takeUntold()).toEqual({ costSum: 11, costCount: 3 });
});

test("forgets costs older than one to two windows of 200 requests", () => {
  const estimate = new CostEstimate();
  estimate.see(item(199, 199));
  expect(estimate.ms).toBe(1);
  // 200 requests are a window. The next window begins here, and this one still counts from the beginning.
  estimate.see(item(200, 200));
  expect(estimate.ms).toBe(1);
  estimate.see(item(200 + 199 * 3, 399));
  expect(estimate.ms).toBeCloseTo((200 + 199 * 3) / 399, 12);
  // The second window is full, so the first is forgotten.
  estimate.see(item(200 + 200 * 3, 400));
  expect(estimate.ms).toBe(3);
  estimate.see(item(200 + 200 * 3 + 100 * 5, 500));
  expect(estimate.ms).toBeCloseTo((600 + 500) / 300, 12);
});

test("keeps its value while there is nothing new, and starts from the item's totals after new limits", () => {
  const estimate = new CostEstimate();
  estimate.see(item(200, 200));
  estimate.see(item(800, 400));
  expect(estimate.ms).toBe(3);
  estimate.restart();
  expect(estimate.ms).toBe(3);
  estimate.see(item(7, 1));
  expect(estimate.ms).toBe(7);
  estimate.see(item(0, 0));
  expect(estimate.ms).toBe(7);
});

test("a request is charged at the average when it starts, or at the average of own requests if those cost more", () => {
  const estimate = new CostEstimate();
  expect([estimate.chargeAtStart, estimate.knowsOwn]).toEqual([0, false]);
  estimate.see(item(1_000, 200));
  expect([estimate.chargeAtStart, estimate.knowsOwn]).toEqual([5, false]);
  estimate.observe(20);
  expect(estimate.knowsOwn).toBe(true);
  const { ms } = estimate;
  expect(estimate.chargeAtStart).toBeCloseTo(4 * ms!, 12);
  // Others' requests and new limits change the average, and own costs with it.
  estimate.restart();
  estimate.see(item(500, 200));
  expect(estimate.chargeAtStart).toBeCloseTo(4 * 2.5, 12);
});

test("own requests that are cheaper, or cost hardly more, are charged at the average", () => {
  for (const own of [0.1, 4, 6]) {
    const estimate = new CostEstimate();
    estimate.see(item(1_000, 200));
    estimate.observe(own);
    expect(estimate.chargeAtStart).toBe(estimate.ms);
  }
});

test("after new limits, windows begin anew", () => {
  const estimate = new CostEstimate();
  estimate.see(item(200, 200));
  estimate.see(item(800, 400));
  estimate.restart();
  estimate.see(item(400, 200));
  expect(estimate.ms).toBe(2);
  estimate.see(item(400 + 200 * 4, 400));
  expect(estimate.ms).toBe(4);
});

test("after new limits, it reports no costs from the time of the old limits", () => {
  const estimate = new CostEstimate();
  estimate.see(item(4, 1));
  estimate.observe(4);
  estimate.restart();
  expect(estimate.takeUntold()).toBeUndefined();
  estimate.see(item(2, 0.25));
  expect(estimate.ms).toBe(8);
  estimate.observe(4);
  expect(estimate.ms).toBeCloseTo(6 / 1.25, 12);
});
