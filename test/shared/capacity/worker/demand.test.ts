import fc from "fast-check";
import { Demand } from "../../../../shared/capacity/worker/demand";

/**
 * `threads` that make one request after the other: each waits `waitMs` for capacity, is under way for `busyMs`, and does
 * something else for `thinkMs`.
 */
function observe(threads: number, waitMs: number, busyMs: number, thinkMs: number, endMs = 20_000): Demand {
  const demand = new Demand(0);
  const cycle = waitMs + busyMs + thinkMs;
  const events: [at: number, waiting: number, inFlight: number, finished: number][] = [];
  for (let thread = 0; thread < threads; thread++) {
    for (let at = Math.floor((thread * cycle) / threads); at < endMs; at += cycle) {
      events.push([at, 1, 0, 0], [at + waitMs, -1, 1, 0], [at + waitMs + busyMs, 0, -1, 1]);
    }
  }
  let [waiting, inFlight] = [0, 0];
  for (const [at, moreWaiting, moreInFlight, finished] of events.sort(([a], [b]) => a - b)) {
    if (at > endMs) break;
    waiting += moreWaiting;
    inFlight += moreInFlight;
    if (moreWaiting > 0) demand.arrive(0);
    demand.change(at, waiting, inFlight, finished);
  }
  demand.visit(endMs);
  return demand;
}

describe("the pace of a worker that nothing delays", () => {
  test.each([
    ["one request after the other, never held up", 1, 0, 5, 0],
    ["one after the other, held up most of the time", 1, 95, 5, 0],
    ["many at once, all held up", 64, 500, 7, 0],
    ["requests that take long", 4, 100, 300, 0],
  ])("is the worker's own pace: %s", (_, threads, waitMs, busyMs, thinkMs) => {
    const expected = threads / (busyMs + thinkMs);
    expect(observe(threads, waitMs, busyMs, thinkMs).pace() / expected).toBeGreaterThan(0.9);
    expect(observe(threads, waitMs, busyMs, thinkMs).pace() / expected).toBeLessThan(1.2);
  });

  test("is the worker's own rate of requests, if it has other things to do between them", () => {
    const perSecond = 1000 * observe(1, 10, 5, 185).pace();
    expect(perSecond).toBeGreaterThan(4);
    expect(perSecond).toBeLessThan(7);
  });

  test("is never estimated much lower than the worker's real pace", () => {
    const ms = fc.integer({ min: 0, max: 50 });
    const some = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), ms, some, ms, (threads, wait, busy, think) => {
        const does = threads / (wait + busy + think);
        expect(observe(threads, wait, busy, think).pace()).toBeGreaterThanOrEqual(0.85 * does);
      }),
      { numRuns: 50 },
    );
  });

  test("is unknown before a request is done, and unbounded if requests take no time", () => {
    const demand = new Demand(0);
    demand.arrive(0);
    demand.change(0, 1, 0);
    expect(demand.pace()).toBe(0);
    demand.change(100, 0, 1);
    demand.change(100, 0, 0, 1);
    expect(demand.pace()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("at a visit", () => {
  test("there is work if a request waits, is under way, or came since the last visit", () => {
    const demand = new Demand(0);
    expect(demand.visit(1)).toEqual({ idle: true, eager: false });
    demand.arrive(0);
    demand.change(2, 1, 0);
    expect(demand.visit(3)).toEqual({ idle: false, eager: true });
    demand.change(4, 0, 1);
    expect(demand.visit(5)).toEqual({ idle: false, eager: true });
    expect(demand.visit(6)).toEqual({ idle: false, eager: false });
    demand.change(7, 0, 0, 1);
    expect(demand.visit(8)).toEqual({ idle: true, eager: false });
  });
});

describe("an observation counts half after a second", () => {
  /** One request: under way from 0, done after `ms`, and no other since then. */
  function one(ms: number): Demand {
    const demand = new Demand(0);
    demand.change(0, 0, 1);
    demand.change(ms, 0, 0, 1);
    return demand;
  }

  test("a request counts half after a second and a quarter after two; the time since then counts in full", () => {
    const demand = one(100);
    expect(demand.pace()).toBeCloseTo(1 / 100, 12);
    demand.visit(1100);
    expect(demand.pace()).toBeCloseTo(0.5 / (50 + 1000), 12);
    demand.visit(2100);
    expect(demand.pace()).toBeCloseTo(0.25 / ((50 + 1000) / 2 + 1000), 12);
  });

  test("time that does not pass, or goes back, changes nothing", () => {
    const demand = one(100);
    demand.visit(100);
    demand.visit(50);
    expect(demand.pace()).toBeCloseTo(1 / 100, 12);
    demand.visit(1050);
    expect(demand.pace()).toBeCloseTo(0.5 ** 0.95 / (100 * 0.5 ** 0.95 + 950), 12);
  });

  test("waiting is left out, divided by the most requests seen at once", () => {
    const demand = new Demand(0);
    demand.change(0, 3, 1);
    demand.change(100, 3, 1, 1);
    // They waited for 300 of 4 × 100 ms, so 25 ms are left for each.
    expect(demand.pace()).toBeCloseTo(1 / (100 - 300 / 4), 12);
    demand.change(200, 1, 1, 1);
    const kept = 0.5 ** 0.1;
    const [finished, elapsed, waited] = [kept + 1, 100 * kept + 100, 300 * kept + 300];
    expect(demand.pace()).toBeCloseTo(finished / (elapsed - waited / 4), 12);
    // The largest number fades as well, but never below the present number.
    demand.change(1200, 1, 1, 0);
    const more = [0.5 * finished, 0.5 * elapsed + 1000, 0.5 * waited + 1000] as const;
    expect(demand.pace()).toBeCloseTo(more[0] / (more[1] - more[2] / 2), 12);
    demand.change(1200, 0, 5, 0);
    expect(demand.pace()).toBeCloseTo(more[0] / (more[1] - more[2] / 5), 12);
  });

  test.each([
    [1, 0],
    [2, 0.2],
    [8, 0.8],
  ])("before a request is done, %d at once count as if each took 10 ms", (most, pace) => {
    const demand = new Demand(0);
    demand.change(0, most - 1, 1);
    expect(demand.pace()).toBeCloseTo(pace, 12);
  });
});

test("there is work while as many requests are under way as wait", () => {
  const demand = new Demand(0);
  demand.change(1, 2, 2);
  demand.visit(2);
  expect(demand.visit(3)).toEqual({ idle: false, eager: true });
});

test("a pace of requests that take less than a millisecond is finite", () => {
  const demand = new Demand(0);
  demand.change(0, 0, 1);
  demand.change(0.5, 0, 0, 1);
  expect(demand.pace()).toBe(2);
});

test("a request that comes and ends between two visits counts as work, but not as waiting", () => {
  const demand = new Demand(0);
  demand.arrive(0);
  demand.change(1, 0, 1);
  demand.change(2, 0, 0, 1);
  expect(demand.visit(3)).toEqual({ idle: false, eager: false });
  demand.change(4, 1, 0);
  demand.change(5, 0, 0);
  expect(demand.visit(6)).toEqual({ idle: true, eager: true });
  expect(demand.visit(7)).toEqual({ idle: true, eager: false });
});

test("the duration of requests leaves out their wait, and overlapping requests count one by one", () => {
  const demand = new Demand(0);
  expect(demand.requestMs).toBeUndefined();
  demand.arrive(0);
  demand.change(0, 2, 0);
  demand.change(100, 0, 2);
  demand.change(130, 0, 1, 1);
  demand.change(150, 0, 0, 1);
  expect(demand.requestMs).toBeCloseTo((30 + 50) / 2, 0);
});

test("the time of a pause doesn't count for the pace once work begins again", () => {
  const demand = new Demand(0);
  const request = (at: number) => {
    demand.arrive(at);
    demand.change(at, 0, 1);
    demand.change(at + 10, 0, 0, 1);
  };
  request(0);
  demand.suspend();
  request(10_000);
  expect(demand.pace()).toBeCloseTo(1 / 10, 3);
});

describe("after a rest", () => {
  /** Ten seconds of requests of 10 ms, a rest of ten seconds, and then so many further requests. */
  const pace = (after: number): number => {
    const demand = new Demand(0);
    const request = (at: number) => {
      demand.arrive(at);
      demand.change(at, 0, 1);
      demand.change(at + 10, 0, 0, 1);
    };
    for (let at = 0; at < 10_000; at += 10) request(at);
    demand.rest();
    for (let n = 0; n < after; n++) request(20_000 + 10 * n);
    return demand.pace();
  };

  test.each([1, 2])("%s requests may be all the work that there is, so the rest counts", (after) => {
    expect(pace(after)).toBeLessThan(1 / 300);
  });

  test.each([3, 4, 100])("%s requests go on at their pace, so the rest is forgotten", (after) => {
    expect(pace(after)).toBeCloseTo(1 / 10, 3);
  });
});
