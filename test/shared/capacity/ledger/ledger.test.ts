/** Which updates the ledger makes, and how many. The suite beside this file shows their effects. */
import { Ledger, type ReserveRequest } from "../../../../shared/capacity/ledger/ledger";
import type { LedgerChange, LedgerItem, LedgerStore } from "../../../../shared/capacity/ledger/ledgerItem";

const T = 1_800_000_000_000;
const limits = { table: 100 };
const item: LedgerItem = {
  ...{ until: T, reservations: 0, workers: 0, costSum: 0, costCount: 0 },
  ...{ limits, paused: false, factor: 1, factorAt: 0 },
};

/** A ledger whose store has the given item, and answers one update after the other with `applied`. */
function world(found: Partial<LedgerItem>, applied: boolean[] = [], member?: string) {
  const changes: LedgerChange[] = [];
  const created: LedgerItem[] = [];
  const store: LedgerStore = {
    create: async (fresh) => created.push(fresh) > 0,
    read: async () => ({ ...item, ...found }),
    update: async (change) => {
      changes.push(change);
      return { applied: applied.shift() ?? true, item: { ...item, ...found } };
    },
  };
  return { ledger: new Ledger(store, member === undefined ? {} : { member }), changes, created };
}

test("new books promise nothing before now, and all of the limits", async () => {
  const { ledger, created } = world({});
  await ledger.create(limits, T + 7);
  expect(created).toEqual([{ ...item, until: T + 7 }]);
});

describe("new limits", () => {
  test.each<[string, Partial<LedgerItem>, number, LedgerChange[]]>([
    ["the same", {}, 100, []],
    ["half of them, of an idle ledger", { until: T - 5 }, 50, [{ set: { limits: { table: 50 } }, add: { until: 0 } }]],
    ["half of them, of a busy one", { until: T + 40 }, 50, [{ set: { limits: { table: 50 } }, add: { until: 40 } }]],
    ["double, of a busy one", { until: T + 40 }, 200, [{ set: { limits: { table: 200 } }, add: { until: -20 } }]],
    [
      "half of them, if the cost of one request is known",
      { costSum: 6, costCount: 1 },
      50,
      [{ set: { limits: { table: 50 }, costSum: 3, costCount: 0.25 }, add: { until: 0 } }],
    ],
    [
      "half of them, if the cost of several requests is known",
      { costSum: 6, costCount: 3 },
      50,
      [{ set: { limits: { table: 50 }, costSum: 1, costCount: 0.25 }, add: { until: 0 } }],
    ],
    [
      "half of them, if several workers make large requests, which they charge in full",
      { until: T + 40, workers: 2, costSum: 25, costCount: 1 },
      50,
      [{ set: { limits: { table: 50 }, costSum: 12.5, costCount: 0.25 }, add: { until: 0 } }],
    ],
    [
      "half of them, if the requests of several workers are smaller",
      { until: T + 40, workers: 2, costSum: 24, costCount: 1 },
      50,
      [{ set: { limits: { table: 50 }, costSum: 12, costCount: 0.25 }, add: { until: 40 } }],
    ],
    [
      "half of them, if a single worker makes large requests",
      { until: T + 40, workers: 1, costSum: 25, costCount: 1 },
      50,
      [{ set: { limits: { table: 50 }, costSum: 12.5, costCount: 0.25 }, add: { until: 40 } }],
    ],
    [
      "double, if several workers make large requests",
      { until: T + 40, workers: 2, costSum: 200, costCount: 1 },
      200,
      [{ set: { limits: { table: 200 }, costSum: 25, costCount: 0.25 }, add: { until: -20 } }],
    ],
  ])("%s", async (_, found, table, expected) => {
    const { ledger, changes } = world(found);
    await ledger.configure({ table }, T);
    expect(changes).toEqual(expected);
  });

  test("of zero are refused", async () => {
    const { ledger, changes } = world({});
    await expect(ledger.configure({ table: 0 }, T)).rejects.toMatchObject({ code: "capacity.limits-invalid" });
    expect(changes).toEqual([]);
  });
});

describe("a reservation", () => {
  const ask: ReserveRequest = { now: T, span: 50, horizon: 200, counted: true, expectIdle: false };
  const busy: LedgerChange = {
    require: { unpaused: true, untilFrom: T, untilTo: T + 200 },
    add: { reservations: 1, until: 50 },
  };
  const idle: LedgerChange = {
    require: { unpaused: true, untilBefore: T },
    add: { reservations: 1 },
    set: { until: T + 50 },
  };

  test.each<[string, Partial<ReserveRequest>, Partial<LedgerItem>, boolean[], LedgerChange[], boolean]>([
    ["behind what is promised", {}, { until: T + 90 }, [true], [busy], true],
    ["from now, if an idle ledger is expected", { expectIdle: true }, { until: T + 50 }, [true], [idle], true],
    ["behind it after all", { expectIdle: true }, { until: T + 90 }, [false, true], [idle, busy], true],
    ["from now after all", {}, { until: T - 1 }, [false, true], [busy, idle], true],
    ["refused, as others were quicker", {}, { until: T - 1 }, [false, false], [busy, idle], false],
    ["refused, as it is not idle", {}, { until: T }, [false], [busy], false],
    ["refused, as too much is promised", { expectIdle: true }, { until: T + 201 }, [false], [idle], false],
    ["granted at the horizon", { expectIdle: true }, { until: T + 200 }, [false, true], [idle, busy], true],
    ["refused, as too little is promised", { expectIdle: true }, { until: T - 1 }, [false], [idle], false],
    ["granted at now", { expectIdle: true }, { until: T }, [false, true], [idle, busy], true],
    ["refused while paused", {}, { until: T - 1, paused: true }, [false], [busy], false],
    ["only from now, if no horizon is given", { horizon: 0 }, { until: T + 50 }, [true], [idle], true],
    ["only from now, and refused", { horizon: 0 }, { until: T }, [false], [idle], false],
    [
      "which may begin a moment ago",
      { past: 30, horizon: -20 },
      { until: T - 25 },
      [true],
      [{ ...busy, require: { unpaused: true, untilFrom: T - 30, untilTo: T - 20 } }],
      true,
    ],
    [
      "only from now, if the horizon is as long ago",
      { past: 30, horizon: -30 },
      { until: T - 31 },
      [true],
      [{ ...idle, require: { unpaused: true, untilBefore: T - 30 } }],
      true,
    ],
    [
      "from a moment ago, if an idle ledger grants early",
      { past: 30, early: true, expectIdle: true },
      { until: T - 20 },
      [true],
      [{ ...idle, require: { unpaused: true, untilBefore: T - 30 }, set: { until: T + 20 } }],
      true,
    ],
    [
      "not counted, with costs, returned credit and a number of workers",
      { counted: false, costs: { costSum: 7, costCount: 2 }, returned: 20, workers: 3 },
      {},
      [true],
      [{ require: busy.require!, add: { costSum: 7, costCount: 2, until: 30 }, set: { workers: 3 } }],
      true,
    ],
    [
      "from now, with the same",
      { expectIdle: true, counted: false, costs: { costSum: 7, costCount: 2 }, returned: 20, workers: 3 },
      {},
      [true],
      [{ require: idle.require!, add: { costSum: 7, costCount: 2 }, set: { workers: 3, until: T + 50 } }],
      true,
    ],
  ])("%s", async (_, part, found, applied, expected, granted) => {
    const { ledger, changes } = world(found, applied);
    expect((await ledger.reserve({ ...ask, ...part })).granted).toBe(granted);
    expect(changes).toEqual(expected);
  });

  test.each([
    // Costs that the request requires to be known, costs that the ledger knows, and the updates that this takes.
    [undefined, 0, 2],
    [undefined, 1, 2],
    [true, 0, 1],
    [true, 1, 2],
    [false, 0, 2],
    [false, 1, 1],
  ])(
    "that requires costs to be known (%s), of which there are %d, takes %d updates",
    async (costKnown, costCount, updates) => {
      const { ledger, changes } = world({ until: T - 1, costCount }, [false, true]);
      await ledger.reserve({ ...ask, ...(costKnown !== undefined && { costKnown }) });
      expect(changes).toHaveLength(updates);
      for (const { require } of changes) expect(require?.costKnown).toBe(costKnown);
    },
  );

  test.each([
    [["a"], 1],
    [["b"], 2],
    [undefined, 2],
  ])("of member a, where %j are paused, takes %d updates", async (pausedMembers, updates) => {
    const { ledger, changes } = world({ until: T - 1, ...(pausedMembers && { pausedMembers }) }, [false, true], "a");
    await ledger.reserve(ask);
    expect(changes).toHaveLength(updates);
    for (const { require } of changes) expect(require).toMatchObject({ unpaused: true, memberUnpaused: "a" });
  });

  test("starts at the end of the promise, or now", async () => {
    const start = async (part: Partial<ReserveRequest>, until: number) => {
      const result = await world({ until }).ledger.reserve({ ...ask, ...part });
      return result.granted ? result.start - T : undefined;
    };
    expect(await start({}, T + 120)).toBe(70);
    expect(await start({ returned: 20 }, T + 120)).toBe(90);
    expect(await start({ returned: 20, expectIdle: true }, T + 50)).toBe(0);
  });
});

describe("a throttle", () => {
  const report = { require: { factorAtTo: T - 1000 }, set: { factor: 0.8, factorAt: T } };

  test.each([
    ["long ago", 0, [report]],
    ["just a second ago", T - 1000, [report]],
    ["less than a second ago", T - 999, []],
  ])("is reported if the last report was %s", async (_, factorAt, expected) => {
    const { ledger, changes } = world({});
    await ledger.throttled(T, { ...item, factorAt });
    expect(changes).toEqual(expected);
  });
});

test("leaving gives capacity back if nobody has reserved behind it; otherwise it only counts the worker out", async () => {
  const exact = { require: { untilFrom: T, untilTo: T }, add: { workers: -1, until: -9 } };
  const plain = world({});
  await plain.ledger.leave(9);
  expect(plain.changes).toEqual([{ add: { workers: -1, until: -9 } }]);
  const last = world({}, [true]);
  await last.ledger.leave(9, { ifUntil: T });
  expect(last.changes).toEqual([exact]);
  const passed = world({}, [false, true]);
  await passed.ledger.leave(9, { ifUntil: T });
  expect(passed.changes).toEqual([exact, { add: { workers: -1 } }]);
});
