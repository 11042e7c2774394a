import fc from "fast-check";
import { spanToReserve, wantedRequests } from "../../../../shared/capacity/worker/pace";
import { SliceAccount } from "../../../../shared/capacity/worker/sliceAccount";

const [DELAY, BLUR, GRACE] = [125, 300, 250];
const account = () => new SliceAccount(DELAY, GRACE, () => BLUR);

/** Makes requests as early as allowed up to `end`, with the costs that `cost` returns. Returns their times. */
function spend(books: SliceAccount, estimate: number, end: number, cost = () => estimate): number[] {
  const times: number[] = [];
  for (let now = 0; ; ) {
    const due = books.dueAt(now, estimate);
    if (due > end) return times;
    now = Math.max(now, due);
    books.charge(cost(), now);
    times.push(now);
  }
}

describe("a worker's slices", () => {
  test("are spent evenly, later than their place by the delay", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(1000, 50);
    expect(spend(books, 10, 5000)).toEqual([1030, 1090, 1150, 1210, 1270].map((at) => expect.closeTo(at, 9)));
  });

  test("without credit nothing is due", () => {
    expect(account().dueAt(0, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  test("debt is waited out in the next slice", () => {
    const books = account();
    books.dueAt(0, 10);
    books.charge(25, 0);
    books.grant(0, 50);
    expect(spend(books, 10, 5000)).toEqual([180, 240, 325].map((at) => expect.closeTo(at, 5)));
  });

  test("credit that was not spent in time is void, except for the remainder below a request", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(0, 50);
    expect(books.takeVoided(574, 1)).toBe(0);
    expect(books.takeVoided(575, 100)).toBe(0);
    expect(books.takeVoided(575, 1)).toBe(40);
    expect(books.held).toBe(10);
  });

  test("closing takes out all that is held, or the debt", () => {
    const books = account();
    books.grant(0, 50);
    books.charge(70, 0);
    expect([books.clear(), books.held]).toEqual([-20, 0]);
  });

  test.each([
    [974, 0],
    [975, 0],
    [1000, 25 ** 2 / 600],
    [1025, 50 ** 2 / 600],
    [1145, 50 ** 2 / 600 + 20],
    [1150, 25],
    [1275, 50 - 50 ** 2 / 600],
    [1300, 50 - 25 ** 2 / 600],
    [1325, 50],
    [9999, 50],
  ])("at %d the accrued credit is %d", (now, accrued) => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(1000, 50);
    expect(books.lag(now)).toBeCloseTo(accrued, 9);
    books.charge(7, now);
    expect(books.lag(now)).toBeCloseTo(accrued - 7, 9);
    expect(books.held).toBe(43);
  });

  test.each([
    // Estimate, span, start times. Large requests follow one another by their cost, the accrual of small ones is blurred; each
    // starts in its middle.
    ["a small request", 5, 5, [2.5 + 125]],
    ["small requests", 19, 38, [19 + 125 - 75, 19 + 125 + 75]],
    ["a large request", 20, 20, [125]],
    ["large requests", 20, 40, [125, 145]],
    ["a request that lasts longer than a spread", 400, 400, [125]],
    ["a slice of small requests that is longer than the blur", 10, 400, [-25 + 3_000 ** 0.5, -25 + 9_000 ** 0.5]],
  ])(
    "the delay is that of a slice's middle, or of the first large request's middle: %s",
    (_, estimate, span, times) => {
      const books = account();
      books.dueAt(0, estimate);
      books.grant(1000, span);
      const spent = spend(books, estimate, 10_000);
      expect(spent.slice(0, times.length)).toEqual(times.map((at) => expect.closeTo(1000 + at, 9)));
    },
  );

  test("a request starts at the moment at which half of it has accrued beyond what is spent, whatever slices there are", () => {
    const slice = fc.record({ start: fc.nat(2_000), span: fc.double({ min: 1, max: 900, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(slice, { minLength: 1, maxLength: 6 }), fc.nat(2_500), fc.nat(100), (slices, now, spent) => {
        const books = account();
        books.dueAt(0, 10);
        for (const { start, span } of slices) books.grant(start, span);
        books.charge(spent, 0);
        const due = books.dueAt(now, 10);
        if (due === Number.POSITIVE_INFINITY) return expect(books.held).toBeLessThan(5);
        if (due === now) return expect(books.lag(due)).toBeGreaterThan(5 - 1e-5);
        expect(due).toBeGreaterThan(now);
        expect(books.lag(due)).toBeCloseTo(5, 5);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a gap between slices is waited out", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(100, 15);
    books.grant(900, 15);
    expect(books.dueAt(0, 10)).toBeLessThan(100 + 7.5 + 125);
    books.charge(10, 200);
    expect(books.dueAt(200, 10)).toBeCloseTo(100 + 7.5 + 125 + 150 + 7.5, 6);
    books.charge(10, 400);
    expect(books.dueAt(400, 10)).toBeGreaterThan(900 + 7.5 + 125);
  });

  test("slices that follow one another accrue at exactly the limit, whatever their sizes and whoever holds them", () => {
    const spans = fc.array(fc.double({ min: 1, max: 500, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(spans, fc.integer({ min: 1, max: 5 }), (all, workers) => {
        const crew = Array.from({ length: workers }, account);
        for (const books of crew) books.dueAt(0, 1);
        let end = 0;
        for (const [index, span] of [1_000, ...all, 1_000].entries()) {
          crew[index % workers]!.grant(end, span);
          end += span;
        }
        const accrued = (now: number) => crew.reduce((sum, books) => sum + books.lag(now), 0);
        for (let now = 500; now < end - 100; now += 37) expect(accrued(now)).toBeCloseTo(now - DELAY, 6);
      }),
    );
  });

  test("a request starts only if so much is held", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(0, 5);
    expect(books.dueAt(0, 10)).toBeCloseTo(280, 3);
    expect(books.dueAt(0, 10, 5)).toBeCloseTo(280, 3);
    expect(books.dueAt(0, 10, 5.1)).toBe(Number.POSITIVE_INFINITY);
    expect(books.dueAt(300, 10, 5)).toBe(300);
    books.charge(0.0000001, 300);
    expect(books.dueAt(300, 10, 5)).toBe(300);
  });

  describe("after a moment without requests", () => {
    /** `requests` of 10 ms from 900 on, one a millisecond, and credit that accrues at the whole limit. */
    function spent(requests: number): SliceAccount {
      const books = account();
      books.dueAt(0, 10);
      books.grant(0, 2_000);
      for (let i = 0; i < requests; i++) books.charge(10, 900 + i);
      return books;
    }

    test("a lone worker spends no more than the limit and 30 ms in a second", () => {
      expect(spent(103).dueAt(1_300, 10, 5, 1)).toBe(1_300);
      expect(spent(104).dueAt(1_300, 10, 5, 1)).toBe(1_900);
      expect(spent(105).dueAt(1_300, 10, 5, 1)).toBe(1_901);
    });

    test("one of few spends no more than what accrued in the second, and its part of 30 ms", () => {
      expect(spent(100).dueAt(1_300, 10, 5, 4)).toBe(1_300);
      expect(spent(101).dueAt(1_300, 10, 5, 4)).toBe(1_900);
    });

    test("one of few to which little accrued in the second spends little, even if a fair share is more", () => {
      const books = account();
      books.dueAt(0, 10);
      books.grant(0, 250);
      books.grant(1_100, 400);
      for (let i = 0; i < 25; i++) books.charge(10, 700 + i);
      expect(books.dueAt(1_150, 10)).toBe(1_150);
      expect(books.dueAt(1_150, 10, 5, 2)).toBe(1_700);
    });

    test("nobody holds back one of many workers, or large requests", () => {
      expect(spent(110).dueAt(1_300, 10)).toBe(1_300);
      expect(spent(110).dueAt(1_300, 20, 10, 1)).toBe(1_300);
    });

    test("a worker forgoes what it is late by for a second after another one has joined", () => {
      const books = spent(0);
      books.makeRoom(300);
      // 175 ms have accrued.
      expect([books.dueAt(300, 10, 5, 2), books.lag(300), books.held]).toEqual([300, 50, 1_875]);
      expect([books.dueAt(1_299, 10, 5, 2), books.lag(1_299)]).toEqual([1_299, 50]);
      // Nothing goes back to the ledger.
      expect(books.takeVoided(1_299, 0)).toBe(0);
      expect([books.dueAt(1_300, 10, 5, 2), books.lag(1_300)]).toEqual([1_300, 51]);
      expect([books.dueAt(1_600, 10, 5, 2), books.lag(1_600)]).toEqual([1_600, 351]);
    });

    test("one of many workers, or one that is early, forgoes nothing after another one has joined", () => {
      const many = spent(0);
      many.makeRoom(300);
      expect([many.dueAt(300, 10), many.lag(300)]).toEqual([300, 175]);
      const early = spent(0);
      early.charge(160, 300);
      early.makeRoom(300);
      expect([early.dueAt(300, 10, 5, 2), early.lag(300)]).toEqual([300, 15]);
    });

    test("credit stays valid for four times as long", () => {
      const books = account();
      books.dueAt(0, 10, 5, 4);
      books.grant(0, 50);
      expect([books.dueAt(1324, 10, 5, 4), books.held]).toEqual([1324, 50]);
      expect([books.dueAt(1325, 10, 5, 4), books.held]).toEqual([1325, 10]);
    });
  });

  test("less than half a request does not start a request, and void credit doesn't count as held", () => {
    const books = account();
    books.grant(0, 4.9);
    expect(books.dueAt(0, 10)).toBe(Number.POSITIVE_INFINITY);
    books.grant(0, 45.1);
    expect(books.held).toBe(50);
    expect(books.dueAt(571, 10)).toBe(571);
    expect(books.held).toBeCloseTo(10, 9);
  });

  test("before a request's cost is known, a slice accrues like one of small requests", () => {
    const books = account();
    books.grant(1000, 400);
    expect([books.lag(975), books.lag(1275), books.lag(1375), books.lag(1675)]).toEqual([0, 150, 250, 400]);
  });

  test("credit that has accrued is due now, and a slice that begins meanwhile brings a request forward", () => {
    const late = account();
    late.dueAt(0, 10);
    late.grant(0, 50);
    expect(late.dueAt(100, 10)).toBe(100);
    const books = account();
    books.dueAt(0, 10);
    books.grant(0, 10);
    books.grant(100, 50);
    const due = books.dueAt(0, 10);
    expect([due, books.lag(due)]).toEqual([expect.closeTo(99.64, 2), expect.closeTo(5, 9)]);
  });

  test("when a request may start doesn't depend on earlier questions", () => {
    const event = fc.record({ at: fc.integer({ min: 0, max: 200 }), span: fc.nat(60), cost: fc.nat(30) });
    const few = fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), few, (events, workers) => {
        events.sort((a, b) => a.at - b.at);
        const asked = account();
        for (const [index, { at, span, cost }] of events.entries()) {
          const fresh = account();
          asked.grant(at, span);
          asked.charge(cost, at);
          for (const each of events.slice(0, index + 1)) {
            fresh.grant(each.at, each.span);
            fresh.charge(each.cost, each.at);
          }
          const now = at + 100;
          expect(asked.dueAt(now, 1, 0.5, workers)).toBe(fresh.dueAt(now, 1, 0.5, workers));
        }
      }),
    );
  });

  test("after closing no slice is left", () => {
    const books = account();
    books.grant(0, 50);
    expect([books.clear(), books.lag(100), books.dueAt(100, 10)]).toEqual([50, 0, Number.POSITIVE_INFINITY]);
  });

  test("void credit is taken out once, and can be put back", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(0, 50);
    books.charge(15, 0);
    expect([books.takeVoided(575, 25), books.takeVoided(575, 1), books.held]).toEqual([25, 0, 10]);
    books.putBackVoided(25);
    books.putBackVoided(3);
    expect([books.takeVoided(575, 28.1), books.takeVoided(575, 28), books.takeVoided(575, 0)]).toEqual([0, 28, 0]);
    books.putBackVoided(4);
    expect([books.clear(), books.takeVoided(575, 0), books.lag(575)]).toEqual([14, 0, 0]);
  });

  test("a slice is forgotten when its grace is over, together with its spending", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(0, 50);
    books.charge(60, 0);
    books.grant(400, 50);
    expect(books.lag(574)).toBeCloseTo(50 + 29 - 60, 9);
    expect([books.takeVoided(575, 1), books.held]).toEqual([0, 40]);
    expect(books.lag(575)).toBeCloseTo(29 + 1 / 6 - 10, 9);
    expect([books.takeVoided(974, 1), books.takeVoided(975, 1), books.held]).toEqual([0, 30, 10]);
  });

  test("over any tiling, spending differs from accrued credit by at most one request", () => {
    const spans = fc.array(fc.integer({ min: 5, max: 100 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(spans, fc.integer({ min: 1, max: 15 }), (all, estimate) => {
        const books = account();
        books.dueAt(0, estimate);
        let start = 0;
        for (const span of all) {
          books.grant(start, span);
          start += span;
        }
        const spent = spend(books, estimate, start + DELAY + BLUR / 2).length * estimate;
        expect(Math.abs(spent - start)).toBeLessThanOrEqual(estimate);
      }),
    );
  });
});

describe("how much to reserve", () => {
  const need = { held: 0, lag: 0, owed: 0, estimate: 10, wanted: Number.POSITIVE_INFINITY, crowded: false };

  test.each([
    ["whole requests only", { owed: 37 }, 0, 30],
    ["nothing while less than a request is owed", { owed: 9 }, 0, 0],
    ["a request that is not owed, if asked for", { owed: -20 }, 1, 10],
    ["less by the remainder that is held", { owed: 37, held: 13 }, 0, 37],
    ["more by the debt, if that is owed too", { owed: 37, held: -12 }, 0, 32],
    ["less by the credit that the worker could not spend", { owed: 37, lag: 21 }, 0, 10],
    ["no more than there is work for", { owed: 95, wanted: 2 }, 0, 20],
  ] as const)("%s", (_, given, atLeast, span) => {
    expect(spanToReserve({ ...need, ...given }, atLeast)).toBe(span);
  });

  test("with any account, it is zero or brings the account to whole requests", () => {
    const amount = fc.integer({ min: -200, max: 200 });
    fc.assert(
      fc.property(amount, fc.nat(100), amount, fc.integer({ min: 1, max: 60 }), (held, lag, owed, estimate) => {
        const span = spanToReserve({ ...need, held, lag, owed, estimate });
        if (span === 0) return;
        expect(span).toBeGreaterThan(0);
        expect(span).toBeLessThanOrEqual(Math.max(owed, 0) + 1e-6);
        const requests = (held + span) / estimate;
        expect(Math.abs(requests - Math.round(requests))).toBeLessThan(1e-9);
      }),
    );
  });

  test("a worker wants the waiting requests, and half more than it could make until its next slice", () => {
    const wanted = [wantedRequests(3, 0, 250, 9), wantedRequests(1, 0.1, 250, 9), wantedRequests(0, 0.1, 2000, 9)];
    expect(wanted).toEqual([3, 1 + 38, 53]);
  });
});
