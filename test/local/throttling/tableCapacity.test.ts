import fc from "fast-check";
import { positionOf, scanPosition } from "../../../local/gateway/throttling/position";
import type { Direction, Throughput } from "../../../local/gateway/throttling/resourceCapacity";
import { TableCapacity } from "../../../local/gateway/throttling/tableCapacity";

const provisioned = (rcu: number, wcu: number, more: Partial<Throughput> = {}): Throughput => ({
  rcu,
  wcu,
  burst: 300,
  credit: 300,
  partitions: 1,
  ...more,
});

/** Requests of one unit, one after the other at the same moment, until the first is refused. */
function burstOf(capacity: TableCapacity, direction: Direction, now: number, position?: number): number {
  const touch = { units: 1, ...(position === undefined ? {} : { position }) };
  let admitted = 0;
  while (!capacity.admit(direction, [touch], now)) {
    capacity.settle(direction, [touch], { table: 1, indexes: {} }, now);
    admitted++;
  }
  return admitted;
}

describe("provisioned capacity", () => {
  test("keeps at most the unused capacity of the last 300 s, however long the table is idle", () => {
    const capacity = new TableCapacity(provisioned(5, 2), {}, 0);
    expect(burstOf(capacity, "write", 0)).toBe(600);
    expect(burstOf(capacity, "write", 10_000)).toBe(20);
    expect(burstOf(capacity, "write", 6 * 3_600_000)).toBe(600);
    expect(burstOf(capacity, "read", 6 * 3_600_000)).toBe(1_500);
  });

  test("without unused capacity allows exactly its rate", () => {
    const capacity = new TableCapacity(provisioned(5, 2, { credit: 0 }), {}, 0);
    let admitted = 0;
    for (let now = 0; now < 3_600_000; now += 100) admitted += burstOf(capacity, "write", now);
    expect(admitted).toBe(2 * 3_600);
  });

  test("waits out the debt of a request that cost more than was left", () => {
    const capacity = new TableCapacity(provisioned(5, 10, { credit: 0.1 }), {}, 0);
    const touches = [{ units: 1 }];
    expect(capacity.admit("write", touches, 0)).toBeUndefined();
    capacity.settle("write", touches, { table: 31, indexes: {} }, 0);
    expect(capacity.admit("write", touches, 2_999)).toEqual({ limit: "throughput" });
    expect(capacity.admit("write", touches, 3_001)).toBeUndefined();
  });

  test("counts requests in flight by the least that they can cost, and gives back what they didn't use", () => {
    const capacity = new TableCapacity(provisioned(5, 3, { credit: 1 }), {}, 0);
    const touches = [{ units: 1 }];
    const admitted = [1, 2, 3, 4].map(() => capacity.admit("write", touches, 0));
    expect(admitted).toEqual([undefined, undefined, undefined, { limit: "throughput" }]);
    capacity.settle("write", touches, { table: 0, indexes: {} }, 0);
    expect(capacity.admit("write", touches, 0)).toBeUndefined();
  });
});

describe("indexes", () => {
  test("an index out of write capacity refuses the table's writes that touch it, and only those", () => {
    const capacity = new TableCapacity(provisioned(100, 100), { byGroup: provisioned(1, 1, { credit: 1 }) }, 0);
    const indexed = [{ units: 1 }, { index: "byGroup", units: 1 }];
    expect(capacity.admit("write", indexed, 0)).toBeUndefined();
    capacity.settle("write", indexed, { table: 1, indexes: { byGroup: 2 } }, 0);
    expect(capacity.admit("write", indexed, 0)).toEqual({ limit: "throughput", index: "byGroup" });
    expect(capacity.admit("write", [{ units: 1 }], 0)).toBeUndefined();
    expect(capacity.admit("read", [{ index: "byGroup", units: 0.5 }], 0)).toBeUndefined();
  });

  test("an index is charged for a write's effect on it, even if the effect could not be foreseen", () => {
    const capacity = new TableCapacity(provisioned(100, 100), { byGroup: provisioned(1, 1, { credit: 1 }) }, 0);
    capacity.admit("write", [{ units: 1 }], 0);
    capacity.settle("write", [{ units: 1 }], { table: 1, indexes: { byGroup: 5, localIndex: 7 } }, 0);
    const touches = [{ index: "byGroup", units: 1 }];
    expect(capacity.admit("write", touches, 3_999)).toEqual({ limit: "throughput", index: "byGroup" });
    expect(capacity.admit("write", touches, 4_001)).toBeUndefined();
  });

  test("a refused request takes nothing, even from resources that had capacity", () => {
    const capacity = new TableCapacity(
      provisioned(1, 1, { credit: 1 }),
      { empty: provisioned(1, 1, { credit: 0 }) },
      0,
    );
    for (let i = 0; i < 10; i++) {
      expect(capacity.admit("write", [{ units: 1 }, { index: "empty", units: 1 }], 0)).toBeDefined();
    }
    expect(capacity.admit("write", [{ units: 1 }], 0)).toBeUndefined();
  });
});

describe("partitions", () => {
  const throughput = provisioned(100_000, 100_000, { partitions: 4 });

  test.each<[Direction, number]>([
    ["write", 1_000],
    ["read", 3_000],
  ])("one partition takes no more than its own %s capacity, whatever the table has", (direction, limit) => {
    const capacity = new TableCapacity(throughput, {}, 0);
    expect(burstOf(capacity, direction, 0, 0.1)).toBe(limit);
    expect(capacity.admit(direction, [{ position: 0.1, units: 1 }], 0)).toEqual({ limit: "partition" });
    expect(capacity.admit(direction, [{ position: 0.24, units: 1 }], 0)).toEqual({ limit: "partition" });
    expect(capacity.admit(direction, [{ position: 0.25, units: 1 }], 0)).toBeUndefined();
    expect(burstOf(capacity, direction, 3_600_000, 0.1)).toBe(limit);
  });

  test("the joint consumption of several parts is shared among their partitions, by their least costs", () => {
    const capacity = new TableCapacity(throughput, {}, 0);
    const touches = [
      { position: 0.1, units: 1 },
      { position: 0.9, units: 3 },
    ];
    capacity.admit("write", touches, 0);
    capacity.settle("write", touches, { table: 800, indexes: {} }, 0);
    expect(burstOf(capacity, "write", 0, 0.1)).toBe(800);
    expect(burstOf(capacity, "write", 0, 0.9)).toBe(400);
  });

  test("keys spread over the hash space", () => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4_000; i++) {
      const partition = Math.floor(positionOf({ S: `user-${i}` }) * 4);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(900);
  });

  test("a segment's pages stay within the segment's part of the hash space", () => {
    const key = fc.option(
      fc.string().map((S) => ({ S })),
      { nil: undefined },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat(999), key, (total, nat, start) => {
        const segment = nat % total;
        const position = scanPosition(segment, total, start);
        expect(position).toBeGreaterThanOrEqual(segment / total);
        expect(position).toBeLessThan((segment + 1) / total);
      }),
    );
  });
});

test("no request pattern drives table or index over its limit by more than one request", () => {
  const request = fc.record({
    wait: fc.integer({ min: 0, max: 2_000 }),
    position: fc.constantFrom(0.1, 0.6),
    indexed: fc.boolean(),
    cost: fc.integer({ min: 1, max: 30 }),
    indexCost: fc.integer({ min: 0, max: 30 }),
  });
  const rates = fc.record({ table: fc.integer({ min: 1, max: 40 }), index: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(
      rates,
      fc.integer({ min: 0, max: 300 }),
      fc.array(request, { maxLength: 80 }),
      (rate, credit, requests) => {
        const of = (wcu: number) => provisioned(1, wcu, { credit, partitions: 2 });
        const capacity = new TableCapacity(of(rate.table), { index: of(rate.index) }, 0);
        const spent = { table: 0, index: 0, last: { table: 0, index: 0 } };
        let now = 0;
        for (const { wait, position, indexed, cost, indexCost } of requests) {
          now += wait;
          const touches = [{ position, units: 1 }, ...(indexed ? [{ index: "index", units: 1 }] : [])];
          if (capacity.admit("write", touches, now)) continue;
          capacity.settle("write", touches, { table: cost, indexes: indexed ? { index: indexCost } : {} }, now);
          spent.table += cost;
          spent.last.table = cost;
          if (indexed) {
            spent.index += indexCost;
            spent.last.index = indexCost;
          }
          for (const name of ["table", "index"] as const) {
            const allowed = rate[name] * (Math.min(300, credit) + now / 1000) + spent.last[name];
            expect(spent[name]).toBeLessThanOrEqual(allowed + 1e-6);
          }
        }
      },
    ),
  );
});
