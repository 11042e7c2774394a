import type { Purpose } from "../../../shared/capacity/metering/direction";
import { divideTime } from "../../../shared/drivers/invocationTime";
import { Budget } from "../../../shared/engine/budget";

/** A budget whose last request passes 60 s from now, at so many write capacity units per second. */
function budgetAt(
  write: number | undefined,
  { now = 0, deadline = 60_000, failedAttempts = 0, lookup = Number.NaN } = {},
) {
  const time = { now };
  const rates = { read: 400, write, lookup: Number.isNaN(lookup) ? undefined : lookup };
  const perSecond = (purpose: Purpose) => rates[purpose];
  const clock = { now: () => time.now, sleep: async () => undefined };
  const budget = new Budget({ clock, deadline, perSecond, failedAttempts });
  return { budget, time };
}

test("a dry run's lookups bound a page as writes do, and of both the slower", () => {
  expect(budgetAt(undefined, { lookup: 200 }).budget.mostItems()).toBe(50);
  expect(budgetAt(400, { lookup: 200 }).budget.mostItems()).toBe(50);
  expect(budgetAt(200, { lookup: 400 }).budget.mostItems()).toBe(50);
});

test("passes on the rates in force, per direction", () => {
  const { budget } = budgetAt(25);
  expect([budget.perSecond("read"), budget.perSecond("write")]).toEqual([400, 25]);
});

test.each<[string, number | undefined, number, number | undefined]>([
  ["without a write limit there is no bound", undefined, 0, undefined],
  ["what can be written in a quarter of a second", 400, 0, 100],
  ["25 items at least", 10, 0, 25],
  ["no more than can be written in half of the time that is left", 0.5, 40_000, 5],
  ["whole items", 1 / 7, 0, 4],
  ["one item at least", 0.01, 0, 1],
  ["one item when the time is over", 10, 60_000, 1],
  ["one item when the time is long over", 10, 70_000, 1],
  ["as many as a page may have", 4_000_000, 0, 1_000_000],
  ["no bound, if it exceeds a page", 4_400_000, 0, undefined],
])("before the first page: %s", (_case, write, now, items) => {
  expect(budgetAt(write, { now }).budget.mostItems()).toBe(items);
});

test.each([
  [1, 50],
  [2, 25],
  [6, 1],
  [10, 1],
])("after %i attempts without progress the first page has %i items, not 100", (failedAttempts, items) => {
  const { budget } = budgetAt(400, { failedAttempts });
  expect(budget.mostItems()).toBe(items);
  budget.observe(items, items);
  expect(budget.mostItems()).toBe(1_000);
});

test("items that take no time have no bound, not even at the very end", () => {
  const { budget } = budgetAt(undefined, { now: 60_000 });
  budget.observe(10, 0);
  expect(budget.mostItems()).toBeUndefined();
});

test("after a page, its real time counts and not the write limit", () => {
  const { budget, time } = budgetAt(10);
  budget.observe(100, 2_000);
  expect(budget.mostItems()).toBe(50);
  time.now = 59_500;
  expect(budget.mostItems()).toBe(12);
});

test("without a write limit the page fits into half of the time that is left", () => {
  const { budget, time } = budgetAt(undefined);
  budget.observe(100, 5_000);
  expect(budget.mostItems()).toBe(600);
  time.now = 30_000;
  expect(budget.mostItems()).toBe(300);
});

test("the newest page weighs three tenths", () => {
  const { budget } = budgetAt(undefined);
  budget.observe(10, 1_000);
  budget.observe(10, 2_000);
  // 100 ms an item, then 200: 130. Half a minute at 130 ms an item.
  expect(budget.mostItems()).toBe(230);
  budget.observe(10, 300);
  // 130 and 30: 100.
  expect(budget.mostItems()).toBe(300);
});

test("a page without items changes nothing", () => {
  const { budget } = budgetAt(70);
  budget.observe(0, 9_000);
  expect(budget.mostItems()).toBe(25);
});

test("items that take no time are not bounded", () => {
  const { budget } = budgetAt(undefined);
  budget.observe(50, 0);
  expect(budget.mostItems()).toBeUndefined();
});

test("items that the filter holds back cost the operation nothing, so a page reads more of them", () => {
  const { budget } = budgetAt(100);
  budget.observe(25, 1_000);
  expect([1, 0.5, 0.1, 0.01, 0].map((passed) => budget.mostItems(passed))).toEqual([25, 50, 250, 250, 250]);
});

test("the last page of an invocation may be as large as the others", () => {
  const { stopAt, deadline } = divideTime(0, 60_000);
  const { budget, time } = budgetAt(50, { deadline });
  budget.observe(50, 1_000);
  const most = budget.mostItems();
  time.now = stopAt;
  expect(budget.mostItems()).toBe(most);
});

test("a first page ends in time even if the worker gets only a fiftieth of the rate", () => {
  const { budget } = budgetAt(2_000, { deadline: 20_000 });
  expect(budget.mostItems()! / (2_000 / 50)).toBeLessThan(20);
});
