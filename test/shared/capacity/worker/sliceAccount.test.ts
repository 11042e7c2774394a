import fc from "fast-check";
import { spanToReserve, wantedRequests } from "../../../../shared/capacity/worker/pace";
import { SliceAccount } from "../../../../shared/capacity/worker/sliceAccount";

const SPREAD = 250;
const account = () => new SliceAccount(SPREAD, SPREAD);

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
  test("are spent evenly over the spread, from their own start", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(1000, 50);
    expect(spend(books, 10, 5000)).toEqual([1025, 1075, 1125, 1175, 1225]);
  });

  test("without credit nothing is due", () => {
    expect(account().dueAt(0, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  test("debt is waited out in the next slice", () => {
    const books = account();
    books.dueAt(0, 10);
    books.charge(25, 0);
    books.grant(0, 50);
    expect(spend(books, 10, 5000)).toEqual([150, 200, 250]);
  });

  test("credit that was not spent in time is void, except for the remainder below a request", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(0, 50);
    expect(books.takeVoided(499, 1)).toBe(0);
    expect(books.takeVoided(500, 100)).toBe(0);
    expect(books.takeVoided(500, 1)).toBe(40);
    expect(books.held).toBe(10);
  });

  test("closing takes out all that is held, or the debt", () => {
    const books = account();
    books.grant(0, 50);
    books.charge(70, 0);
    expect([books.clear(), books.held]).toEqual([-20, 0]);
  });

  test.each([
    [999, 0],
    [1000, 0],
    [1100, 20],
    [1125, 25],
    [1250, 50],
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
    // Estimate, span, start times. Large requests are spread by their cost, small ones over the spread; each starts in its
    // middle.
    ["a small request", 5, 5, [125]],
    ["small requests", 19, 38, [62.5, 187.5]],
    ["a large request", 20, 20, [125]],
    ["large requests", 20, 40, [125, 145]],
    ["a request that lasts longer than a spread", 400, 400, [125]],
    // It is spent over its own spread of 390 ms.
    ["a slice that is longer than the spread even without one request", 10, 400, [4.875, 14.625]],
  ])(
    "the middle of spending is half a spread after the start, or half the slice if that is longer: %s",
    (_, estimate, span, times) => {
      const books = account();
      books.dueAt(0, estimate);
      books.grant(1000, span);
      const spent = spend(books, estimate, 10_000);
      expect(spent.slice(0, times.length)).toEqual(times.map((at) => expect.closeTo(1000 + at, 9)));
    },
  );

  test("slices that overlap accrue together, and a gap between them is waited out", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(0, 50);
    books.grant(125, 50);
    expect(spend(books, 10, 5000)).toEqual([25, 75, 125, 150, 175, 200, 225, 250, 300, 350]);
    const gap = account();
    gap.dueAt(0, 10);
    gap.grant(100, 15);
    gap.grant(600, 15);
    expect(gap.dueAt(0, 10)).toBeCloseTo(100 + (250 * 5) / 15, 9);
    gap.charge(10, 200);
    expect(gap.dueAt(200, 10)).toBeCloseTo(350, 9);
    gap.charge(10, 400);
    expect(gap.dueAt(400, 10)).toBeCloseTo(600 + (250 * 10) / 15, 9);
  });

  test("a request starts only if so much is held", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(0, 5);
    expect(books.dueAt(0, 10)).toBe(250);
    expect(books.dueAt(0, 10, 5)).toBe(250);
    expect(books.dueAt(0, 10, 5.1)).toBe(Number.POSITIVE_INFINITY);
    expect(books.dueAt(300, 10, 5)).toBe(300);
    books.charge(0.0000001, 300);
    expect(books.dueAt(300, 10, 5)).toBe(300);
  });

  describe("after a moment without requests", () => {
    /** `requests` of 10 ms from 900 on, one a millisecond, and credit that accrues at a little more than the whole limit. */
    function spent(requests: number): SliceAccount {
      const books = account();
      books.dueAt(0, 10);
      books.grant(0, 2_000);
      for (let i = 0; i < requests; i++) books.charge(10, 900 + i);
      return books;
    }

    test("a lone worker spends no more than the limit and 40 ms in a second", () => {
      expect(spent(104).dueAt(1_200, 10, 5, 1)).toBe(1_200);
      expect(spent(105).dueAt(1_200, 10, 5, 1)).toBe(1_900);
      expect(spent(106).dueAt(1_200, 10, 5, 1)).toBe(1_901);
    });

    test("one of few spends no more than what accrued in the second, and 12 ms", () => {
      expect(spent(101).dueAt(1_200, 10, 5, 4)).toBe(1_200);
      expect(spent(102).dueAt(1_200, 10, 5, 4)).toBe(1_900);
    });

    test("one of few to which less accrued may spend its fair share, and 12 ms", () => {
      const books = (requests: number) => {
        const all = account();
        all.dueAt(0, 10);
        all.grant(0, 250);
        all.grant(1_100, 400);
        for (let i = 0; i < requests; i++) all.charge(10, 700 + i);
        return all;
      };
      expect(books(26).dueAt(1_150, 10, 5, 4)).toBeLessThan(1_300);
      expect(books(27).dueAt(1_150, 10, 5, 4)).toBeGreaterThan(1_300);
    });

    test("nobody holds back one of many workers, or large requests", () => {
      expect(spent(110).dueAt(1_200, 10)).toBe(1_200);
      expect(spent(110).dueAt(1_200, 20, 10, 1)).toBe(1_200);
    });

    test("credit stays valid for twice as long", () => {
      const books = account();
      books.dueAt(0, 10, 5, 4);
      books.grant(0, 50);
      expect([books.dueAt(749, 10, 5, 4), books.held]).toEqual([749, 50]);
      expect([books.dueAt(750, 10, 5, 4), books.held]).toEqual([750, 10]);
    });
  });

  test("less than half a request does not start a request, and void credit doesn't count as held", () => {
    const books = account();
    books.grant(0, 4.9);
    expect(books.dueAt(0, 10)).toBe(Number.POSITIVE_INFINITY);
    books.grant(0, 45.1);
    expect(books.held).toBe(50);
    expect(books.dueAt(500, 10)).toBe(500);
    expect(books.held).toBe(10);
  });

  test("before a request's cost is known, a slice longer than the spread accrues over its span", () => {
    const books = account();
    books.grant(1000, 400);
    expect([books.lag(1000), books.lag(1100), books.lag(1200), books.lag(1400)]).toEqual([0, 100, 200, 400]);
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
    expect(books.dueAt(0, 10)).toBeCloseTo(100 + 1 / 0.24, 9);
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
    expect([books.takeVoided(500, 25), books.takeVoided(500, 1), books.held]).toEqual([25, 0, 10]);
    books.putBackVoided(25);
    books.putBackVoided(3);
    expect([books.takeVoided(500, 28.1), books.takeVoided(500, 28), books.takeVoided(500, 0)]).toEqual([0, 28, 0]);
    books.putBackVoided(4);
    expect([books.clear(), books.takeVoided(500, 0), books.lag(500)]).toEqual([14, 0, 0]);
  });

  test("a slice is forgotten when its grace is over, together with its spending", () => {
    const books = account();
    books.dueAt(0, 10);
    books.grant(0, 50);
    books.charge(60, 0);
    books.grant(400, 50);
    expect(books.lag(499)).toBeCloseTo(50 + 19.8 - 60, 9);
    expect([books.takeVoided(500, 1), books.held]).toEqual([0, 40]);
    expect(books.lag(500)).toBeCloseTo(20 - 10, 9);
    expect([books.takeVoided(899, 1), books.takeVoided(900, 1), books.held]).toEqual([0, 30, 10]);
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
        const spent = spend(books, estimate, start + SPREAD).length * estimate;
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
