/** What every ledger must do, wherever its item lives. */
import fc from "fast-check";
import { Ledger, type ReserveRequest } from "../../../../shared/capacity/ledger/ledger";
import type { LedgerStore } from "../../../../shared/capacity/ledger/ledgerItem";

const T = 1_800_000_000_000;
const ask: ReserveRequest = { now: T, span: 50, horizon: 200, counted: true, expectIdle: false };

export function ledgerSuite(newStore: () => LedgerStore, runs: number): void {
  async function open(): Promise<Ledger> {
    const ledger = new Ledger(newStore());
    await ledger.create({ table: 100, indexes: { byDate: 50 } }, T);
    return ledger;
  }

  test("creates the item once", async () => {
    const ledger = new Ledger(newStore());
    expect(await ledger.create({ table: 100 }, T)).toBe(true);
    expect(await ledger.create({ table: 7 }, T + 5)).toBe(false);
    expect(await ledger.read()).toMatchObject({ until: T, limits: { table: 100 }, reservations: 0, paused: false });
  });

  test("a missing ledger is an error with a code", async () => {
    const ledger = new Ledger(newStore());
    for (const use of [() => ledger.read(), () => ledger.join(), () => ledger.reserve(ask)]) {
      await expect(use()).rejects.toMatchObject({ code: "capacity.ledger-missing" });
    }
  });

  test("limits of zero or less are refused, all at once", async () => {
    const ledger = new Ledger(newStore());
    const limits = { table: 0, indexes: { a: -1, b: 5 } };
    await expect(async () => ledger.create(limits, T)).rejects.toMatchObject({
      code: "capacity.limits-invalid",
      message: expect.stringMatching(/table: 0.*a: -1/),
    });
  });

  test("slices follow one another without gaps, and an idle ledger grants from now", async () => {
    const ledger = await open();
    const first = await ledger.reserve(ask);
    const second = await ledger.reserve({ ...ask, span: 30 });
    const later = await ledger.reserve({ ...ask, now: T + 1000 });
    expect([first, second, later]).toMatchObject([
      { granted: true, start: T },
      { granted: true, start: T + 50, item: { until: T + 80, reservations: 2 } },
      { granted: true, start: T + 1000, item: { until: T + 1050 } },
    ]);
  });

  test("the expectation of an idle or busy ledger changes only the number of updates", async () => {
    const ledger = await open();
    expect(await ledger.reserve({ ...ask, now: T + 10, expectIdle: false })).toMatchObject({ start: T + 10 });
    expect(await ledger.reserve({ ...ask, now: T + 10, expectIdle: true })).toMatchObject({ start: T + 60 });
  });

  test("refuses beyond the horizon; without a horizon it grants only when it is idle", async () => {
    const ledger = await open();
    await ledger.reserve({ ...ask, span: 201 });
    expect(await ledger.reserve(ask)).toMatchObject({ granted: false, item: { until: T + 201 } });
    expect(await ledger.reserve({ ...ask, now: T + 1 })).toMatchObject({ granted: true });
    expect(await ledger.reserve({ ...ask, now: T + 200, horizon: 0 })).toMatchObject({ granted: false });
    expect(await ledger.reserve({ ...ask, now: T + 252, horizon: 0 })).toMatchObject({ granted: true, start: T + 252 });
  });

  test("grants depend on known costs, if the request says so", async () => {
    const ledger = await open();
    expect(await ledger.reserve({ ...ask, costKnown: true })).toMatchObject({ granted: false });
    expect(await ledger.reserve({ ...ask, costKnown: false })).toMatchObject({ granted: true });
    await ledger.adjust(0, { costSum: 20, costCount: 2 });
    expect(await ledger.reserve({ ...ask, costKnown: false })).toMatchObject({ granted: false });
    expect(await ledger.reserve({ ...ask, costKnown: true, costs: { costSum: 5, costCount: 1 } })).toMatchObject({
      granted: true,
      item: { costSum: 25, costCount: 3 },
    });
  });

  test("unspent capacity comes back, and debt is added to the ledger", async () => {
    const ledger = await open();
    await ledger.reserve(ask);
    expect(await ledger.adjust(-20)).toMatchObject({ until: T + 30 });
    await ledger.join();
    expect(await ledger.leave(-15)).toMatchObject({ until: T + 45, workers: 0 });
  });

  test("void credit comes back with the next reservation", async () => {
    const ledger = await open();
    await ledger.reserve(ask);
    const next = await ledger.reserve({ ...ask, span: 30, returned: 20 });
    expect(next).toMatchObject({ granted: true, start: T + 50, item: { until: T + 60 } });
  });

  test("a leaving worker doesn't give back a slice behind which others have reserved, if it asks for that", async () => {
    const ledger = await open();
    await ledger.join();
    await ledger.join();
    await ledger.reserve(ask);
    await ledger.reserve(ask);
    // There is nothing else to report, so nothing changes.
    expect(await ledger.adjust(-50, undefined, T + 50)).toMatchObject({ until: T + 100 });
    expect(await ledger.leave(50, { ifUntil: T + 50 })).toMatchObject({ until: T + 100, workers: 1 });
    expect(await ledger.leave(50, { ifUntil: T + 100 })).toMatchObject({ until: T + 50, workers: 0 });
  });

  test("a slice may begin in the recent past, if the request says so", async () => {
    const ledger = await open();
    const past = { ...ask, past: 100, horizon: -20 };
    expect(await ledger.reserve({ ...past, now: T + 90 })).toMatchObject({ granted: true, start: T });
    expect(await ledger.reserve({ ...past, now: T + 60 })).toMatchObject({ granted: false });
    expect(await ledger.reserve({ ...past, now: T + 200 })).toMatchObject({ granted: true, start: T + 200 });
  });

  test("an idle ledger may grant from a moment ago, but nothing twice", async () => {
    const ledger = await open();
    const early = { ...ask, past: 100, early: true };
    const { item } = await ledger.reserve({ ...early, now: T + 300 });
    expect(item.until).toBe(T + 200 + ask.span);
    expect(await ledger.reserve({ ...early, now: item.until + 60 })).toMatchObject({
      granted: true,
      start: item.until,
    });
  });

  test("grants nothing while paused", async () => {
    const ledger = await open();
    await ledger.pause(true);
    expect(await ledger.reserve(ask)).toMatchObject({ granted: false, item: { paused: true } });
    await ledger.pause(false);
    expect(await ledger.reserve(ask)).toMatchObject({ granted: true });
  });

  describe("shared by several jobs", () => {
    /** One ledger as a whole, and as two of its members see it. */
    async function share() {
      const store = newStore();
      const whole = new Ledger(store);
      await whole.create({ table: 100 }, T);
      return { whole, a: new Ledger(store, { member: "a" }), b: new Ledger(store, { member: "b" }) };
    }

    test("grants slices of one time line to all members", async () => {
      const { whole, a, b } = await share();
      const slices = [await a.reserve(ask), await b.reserve(ask), await whole.reserve(ask)];
      expect(slices).toMatchObject([
        { granted: true, start: T },
        { granted: true, start: T + 50 },
        { granted: true, start: T + 100, item: { until: T + 150, paused: false } },
      ]);
    });

    test.each([true, false])(
      "grants a paused member nothing, while the others go on; idle expected: %s",
      async (idle) => {
        const { whole, a, b } = await share();
        const request = { ...ask, expectIdle: idle };
        expect(await a.pause(true)).toMatchObject({ paused: true, pausedMembers: ["a"] });
        expect(await a.reserve({ ...request, now: T + 5 })).toMatchObject({
          granted: false,
          item: { paused: true, until: T },
        });
        expect(await b.reserve(request)).toMatchObject({ granted: true, start: T, item: { paused: false } });
        expect(await whole.reserve(request)).toMatchObject({ granted: true, start: T + 50, item: { paused: false } });
        expect(await a.reserve(request)).toMatchObject({ granted: false, item: { paused: true, until: T + 100 } });
      },
    );

    test("a paused member still joins, leaves, settles, reports throttles and changes the limits", async () => {
      const { a, b } = await share();
      await a.pause(true);
      await b.join();
      const paused = { paused: true };
      expect(await a.join()).toMatchObject({ ...paused, workers: 2 });
      expect(await a.adjust(7)).toMatchObject({ ...paused, until: T + 7 });
      expect(await a.leave(3)).toMatchObject({ ...paused, until: T + 4, workers: 1 });
      expect(await a.throttled(T, await a.read())).toMatchObject({ ...paused, factor: 0.8 });
      expect(await a.configure({ table: 200 }, T)).toMatchObject({ ...paused, until: T + 2, limits: { table: 200 } });
      expect(await b.read()).toMatchObject({ paused: false, limits: { table: 200 } });
    });

    test("each member is paused and resumed by itself, any number of times", async () => {
      const { whole, a, b } = await share();
      for (const member of [a, b, a]) await member.pause(true);
      expect([...(await whole.read()).pausedMembers!].sort()).toEqual(["a", "b"]);
      await a.pause(false);
      expect(await a.pause(false)).toMatchObject({ paused: false, pausedMembers: ["b"] });
      expect(await a.reserve(ask)).toMatchObject({ granted: true });
      expect(await b.reserve(ask)).toMatchObject({ granted: false });
      const item = await b.pause(false);
      expect([item.paused, item.pausedMembers]).toEqual([false, undefined]);
      expect(await b.reserve(ask)).toMatchObject({ granted: true });
    });

    test("a pause of the whole ledger stops every member; its end resumes only members that are not paused themselves", async () => {
      const { whole, a, b } = await share();
      await a.pause(true);
      await whole.pause(true);
      for (const each of [whole, a, b]) {
        expect(await each.reserve(ask)).toMatchObject({ granted: false, item: { paused: true } });
      }
      await whole.pause(false);
      expect(await a.reserve(ask)).toMatchObject({ granted: false });
      expect(await b.reserve(ask)).toMatchObject({ granted: true });
    });
  });

  test("new limits rescale what is promised, and the average cost", async () => {
    const ledger = await open();
    await ledger.reserve({ ...ask, span: 100, costs: { costSum: 30, costCount: 3 } });
    const limits = { table: 200, indexes: { byDate: 100 } };
    const item = await ledger.configure(limits, T + 20);
    expect(item).toMatchObject({ limits, until: T + 60, costSum: 1.25, costCount: 0.25 });
    expect(await ledger.configure(limits, T + 30)).toEqual(item);
  });

  test("throttles lower the limits by a fifth, at most once a second for all", async () => {
    const ledger = await open();
    const item = await ledger.read();
    expect(await ledger.throttled(T, item)).toMatchObject({ factor: 0.8, factorAt: T });
    expect(await ledger.throttled(T + 999, item)).toMatchObject({ factor: 0.8, factorAt: T });
    expect(await ledger.throttled(T + 1000, await ledger.read())).toMatchObject({ factor: expect.closeTo(0.648) });
  });

  test("a corrected number of workers is written with a reservation", async () => {
    const ledger = await open();
    await ledger.join();
    await ledger.join();
    expect(await ledger.reserve({ ...ask, workers: 1 })).toMatchObject({ item: { workers: 1 } });
  });

  test("with any requests at any times, slices never overlap and never begin before now", async () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 120 }),
      span: fc.integer({ min: 1, max: 400 }),
      horizon: fc.integer({ min: 0, max: 300 }),
      expectIdle: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const ledger = await open();
        let now = T;
        let end = T;
        for (const { wait, ...request } of steps) {
          now += wait;
          const result = await ledger.reserve({ ...ask, ...request, now });
          const queue = end - now;
          expect(result.granted).toBe(queue < 0 || (queue <= request.horizon && request.horizon > 0));
          if (!result.granted) continue;
          expect(result.start).toBe(Math.max(now, end));
          end = result.start + request.span;
        }
      }),
      { numRuns: runs },
    );
  });

  test("each of many workers at the same moment gets a slice of its own", async () => {
    const ledger = await open();
    const results = await Promise.all(Array.from({ length: 20 }, () => ledger.reserve({ ...ask, span: 10 })));
    const starts = results.map((result) => (result.granted ? result.start - T : Number.NaN));
    expect(starts.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i * 10));
  });
}
