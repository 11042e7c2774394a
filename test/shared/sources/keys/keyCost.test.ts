import { KeyCost } from "../../../../shared/sources/keys/keyCost";
import type { PageBudget } from "../../../../shared/sources/source";

const budget = (rcu: number | undefined): PageBudget => ({
  perSecond: (direction) => (direction === "read" ? rcu : undefined),
  mostItems: () => undefined,
});

test.each<[string, number | undefined, "eventual" | "strong", number | undefined, number, number]>([
  ["no limit, small items", undefined, "eventual", 400, 100, 2048],
  ["no limit, items of 400 KB", undefined, "eventual", 400_000, 100, 25],
  ["20 RCU/s", 20, "eventual", 400, 40, 80],
  ["20 RCU/s, strongly consistent", 20, "strong", 400, 20, 40],
  ["20 RCU/s, items of 9 KB", 20, "eventual", 9_000, 13, 26],
  ["a rate below one item's cost", 1, "eventual", 100_000, 1, 25],
  ["unknown items", 10, "eventual", undefined, 20, 40],
])("%s", (_, rcu, strength, averageBytes, batch, page) => {
  const cost = new KeyCost(budget(rcu), strength, averageBytes);
  expect({ batch: cost.batch(), page: cost.page() }).toEqual({ batch, page });
});

test("learns the cost of keys", () => {
  const cost = new KeyCost(budget(20), "eventual");
  for (let n = 0; n < 20; n++) cost.observe(25, 25 * 5);
  expect(cost.batch()).toBe(4);
  cost.observe(0, 0);
  cost.observe(10, 0);
  expect(cost.batch()).toBe(4);
});
