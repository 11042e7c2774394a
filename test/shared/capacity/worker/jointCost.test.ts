import fc from "fast-check";
import type { Consumption } from "../../../../shared/capacity/metering/consumption";
import { costMs } from "../../../../shared/capacity/metering/limits";
import { JointCost } from "../../../../shared/capacity/worker/jointCost";

const limits = { table: 100, indexes: { g: 50 } };
const onTable = { table: 1 };
const onIndex = { table: 0, indexes: { g: 1 } };

test.each<[string, number, Consumption[], number[]]>([
  ["one resource costs its time", 100, [onTable, onTable], [10, 10]],
  [
    "a resource that lies behind costs only what exceeds the difference",
    100,
    [onIndex, onTable, onTable, onTable],
    [20, 0, 0, 10],
  ],
  ["no resource lies behind by more than the bound", 15, [onIndex, onTable, onTable, onTable], [20, 0, 5, 10]],
  ["a resource that comes later does not lie behind", 100, [onTable, onIndex, onTable], [10, 20, 0]],
])("%s", (_what, most, requests, expected) => {
  const joint = new JointCost();
  expect(requests.map((request) => joint.add(request, limits, 1, most))).toEqual(expected);
});

test("limits that are scaled down make requests cost more", () => {
  expect(new JointCost().add(onTable, limits, 0.5, 100)).toBe(20);
});

const units = fc.integer({ min: 0, max: 20 });
const requests = fc.array(
  fc.record({ table: units, g: units, h: units }).map(({ table, g, h }) => ({ table, indexes: { g, h } })),
);
const most = fc.integer({ min: 0, max: 500 });

test("no resource is used for longer than the requests cost, except by as much as it may lie behind", () => {
  fc.assert(
    fc.property(requests, most, (all, mostBehind) => {
      const joint = new JointCost();
      const cost = all.reduce((sum, each) => sum + joint.add(each, limits, 1, mostBehind), 0);
      for (const only of [
        ({ table }: Consumption) => ({ table }),
        ({ indexes }: Consumption) => ({ table: 0, indexes: { g: indexes!.g! } }),
        ({ indexes }: Consumption) => ({ table: 0, indexes: { h: indexes!.h! } }),
      ]) {
        const used = all.reduce((sum, each) => sum + costMs(only(each), limits), 0);
        expect(used).toBeLessThanOrEqual(cost + mostBehind + 1e-6);
      }
    }),
  );
});

test("requests never cost more than the sum of their own costs, and exactly that if no resource may lie behind", () => {
  fc.assert(
    fc.property(requests, most, (all, mostBehind) => {
      const [joint, strict] = [new JointCost(), new JointCost()];
      for (const each of all) {
        expect(joint.add(each, limits, 1, mostBehind)).toBeLessThanOrEqual(costMs(each, limits) + 1e-9);
        expect(strict.add(each, limits, 1, 0)).toBeCloseTo(costMs(each, limits), 6);
      }
    }),
  );
});
