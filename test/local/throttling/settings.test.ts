import { capacityOf, parseCapacitySettings } from "../../../local/gateway/throttling/settings";
import type { TableCapacity } from "../../../local/gateway/throttling/tableCapacity";

const schema = { hashKey: "pk", globalIndexes: { byGroup: ["group"] } };

function problemsOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    const { code, value } = error as { code: string; value: string[] };
    return { code, paths: value.map((problem) => problem.split(":")[0]) };
  }
}

test.each<[string, unknown, string[]]>([
  ["nothing", undefined, ["the settings"]],
  ["no mode", { table: "orders" }, ["mode"]],
  ["an unknown mode", { table: "orders", mode: "burst" }, ["mode"]],
  [
    "everything at once",
    { table: "o", mode: "provisioned", rcu: 0, partitions: 0.5 },
    ["table", "rcu", "wcu", "partitions"],
  ],
  ["limits on a record", { table: "orders", mode: "record", wcu: 1 }, ["wcu"]],
  [
    "an index without wcu",
    { table: "orders", mode: "provisioned", rcu: 1, wcu: 1, indexes: { a: { rcu: 1 } } },
    ["indexes.a.wcu"],
  ],
])("refuses %s and names every problem", (_, settings, paths) => {
  expect(problemsOf(() => parseCapacitySettings(settings))).toEqual({
    code: "BAD_CAPACITY",
    paths: expect.arrayContaining(paths),
  });
});

test("indexes must be exactly the table's", () => {
  const indexes = { byName: { rcu: 1, wcu: 1 } };
  const settings = parseCapacitySettings({ table: "orders", mode: "provisioned", rcu: 1, wcu: 1, indexes });
  const paths = ["indexes.byName", "indexes.byGroup"];
  expect(problemsOf(() => capacityOf(settings, schema, 0))).toEqual({ code: "BAD_CAPACITY", paths });
});

/** Units admitted at once, spread evenly over the hash space. */
function burst(capacity: TableCapacity | undefined, direction: "read" | "write", index?: string): number {
  let units = 0;
  for (;;) {
    const touch = { position: (units % 100) / 100, units: 1, ...(index ? { index } : {}) };
    if (capacity?.admit(direction, [touch], 0)) return units;
    units++;
  }
}

test("a new on-demand table and each of its indexes take 4,000 WCU and 12,000 RCU in a second", () => {
  const capacity = capacityOf(parseCapacitySettings({ table: "orders", mode: "on-demand" }), schema, 0);
  expect(burst(capacity, "write")).toBe(4_000);
  expect(burst(capacity, "read")).toBe(12_000);
  expect(burst(capacity, "write", "byGroup")).toBe(4_000);
});

test("provisioned capacity spreads over as many partitions as it needs", () => {
  const indexes = { byGroup: { rcu: 1, wcu: 1 } };
  const input = { table: "orders", mode: "provisioned", rcu: 3_000, wcu: 1_500, indexes };
  const capacity = capacityOf(parseCapacitySettings(input), schema, 0);
  let units = 0;
  while (!capacity?.admit("write", [{ position: 0, units: 1 }], 0)) units++;
  expect(units).toBe(1_000);
  const third = { position: 0.34, units: 1 };
  expect(capacity?.admit("write", [third], 0)).toBeUndefined();
});

test("recording sets no limit", () => {
  expect(capacityOf(parseCapacitySettings({ table: "orders", mode: "record" }), schema, 0)).toBeUndefined();
});
