import { ConsumptionRecord } from "../../../local/gateway/throttling/record";

const consumed = (table: number, indexes: Record<string, number> = {}) => ({ table, indexes });

describe("the record", () => {
  test("adds up per 100 ms, reads and writes apart, table and indexes apart", () => {
    const record = new ConsumptionRecord();
    record.add("write", consumed(2, { byGroup: 4 }), 1_000);
    record.add("write", consumed(3), 1_099);
    record.add("read", consumed(0.5), 1_050);
    record.add("read", consumed(1.5), 1_100);
    record.refused("byGroup", 1_100);
    expect(record.report("orders")).toEqual({
      table: "orders",
      slotMs: 100,
      consumption: [
        { at: 1_000, rcu: 0.5, wcu: 5, throttled: 0 },
        { at: 1_100, rcu: 1.5, wcu: 0, throttled: 0 },
      ],
      indexes: {
        byGroup: [
          { at: 1_000, rcu: 0, wcu: 4, throttled: 0 },
          { at: 1_100, rcu: 0, wcu: 0, throttled: 1 },
        ],
      },
    });
  });

  test("is in the order of time, even if answers come in another order", () => {
    const record = new ConsumptionRecord();
    for (const at of [300, 100, 200]) record.add("read", consumed(1), at);
    expect(record.report("orders").consumption.map(({ at }) => at)).toEqual([100, 200, 300]);
  });

  test("can be read from a moment on", () => {
    const record = new ConsumptionRecord();
    for (const at of [100, 200, 300]) record.add("read", consumed(1), at);
    expect(record.report("orders", 250).consumption.map(({ at }) => at)).toEqual([200, 300]);
  });

  test("keeps an hour of consumption without a pause, and forgets older slots", () => {
    const record = new ConsumptionRecord();
    for (let slot = 0; slot < 50_000; slot++) record.add("read", consumed(1), slot * 100);
    const { consumption } = record.report("orders");
    expect(consumption).toHaveLength(36_000);
    expect(consumption[0]?.at).toBe(1_400_000);
  });
});
