import * as pace from "../../../../shared/capacity/worker/pace";

test("the times that shape visits have these values, in milliseconds", () => {
  const {
    SPREAD_MS,
    DELAY_MS,
    BLUR_MS,
    UNEVEN_BLUR_MS,
    GRACE_MS,
    SHORTEST_PERIOD_MS,
    LEAD_MS,
    HORIZON_MS,
    PAST_MS,
    LOW_MS,
    PROBE_MS,
    PAUSED_LOOK_MS,
  } = pace;
  expect({ SPREAD_MS, DELAY_MS, BLUR_MS, UNEVEN_BLUR_MS, GRACE_MS, SHORTEST_PERIOD_MS, LEAD_MS, HORIZON_MS }).toEqual({
    ...{
      SPREAD_MS: 250,
      DELAY_MS: 125,
      BLUR_MS: 450,
      UNEVEN_BLUR_MS: 250,
      GRACE_MS: 250,
      SHORTEST_PERIOD_MS: 250,
      LEAD_MS: 150,
      HORIZON_MS: 200,
    },
  });
  expect({ PAST_MS, LOW_MS, PROBE_MS, PAUSED_LOOK_MS }).toEqual({
    ...{ PAST_MS: 100, LOW_MS: 100, PROBE_MS: 1000, PAUSED_LOOK_MS: 1000 },
  });
  expect(pace.VISITS_PER_SECOND).toBe(212);
  expect(pace.FIRST_SHARE).toBeCloseTo(212 / 120, 12);
});

test.each([
  [1, 1000 / 212, 250],
  [53, 250, 250],
  [106, 500, 500],
  [424, 2000, 2000],
])("each of %d workers may visit every %d ms, and a share lasts %d ms", (workers, gap, period) => {
  expect(pace.visitGapMs(workers)).toBeCloseTo(gap, 9);
  expect(pace.periodMs(workers)).toBeCloseTo(period, 9);
});

test.each([
  [0, 0],
  [1, 0],
  [2, 1000 / 120],
  [121, 1000],
])("one of %d workers that join first visits after %d ms", (workers, ms) => {
  expect(pace.firstVisitMs(workers)).toBeCloseTo(ms, 9);
});

test.each([
  [true, 10, 1400],
  [false, 10, 500],
  [false, 500, 500],
  [false, 501, 501],
  [false, 1899, 1899],
  [false, 1900, 2850],
  [false, 2000, 3000],
])("a worker (one of few: %p) with a gap of %d ms between visits sleeps at most %d ms", (few, gap, ms) => {
  expect(pace.longestSleepMs(gap, few)).toBe(ms);
});

test.each([
  [1, 0, true],
  [8, 0, true],
  [8, 1000, true],
  // More than eight count as few only if requests are large, and a share of a second holds more than one.
  [9, 0, false],
  [9, 19.9, false],
  [9, 20, true],
  [9, 74, true],
  [9, 75, false],
  [16, 41, true],
  [16, 42, false],
  [17, 32, false],
])("%d workers with requests of %d ms are few: %p", (workers, cost, few) => {
  expect(pace.areFew(workers, cost)).toBe(few);
});

describe("how far ahead a worker may reserve, milliseconds", () => {
  test.each([
    ["owed nothing", 0, 100],
    ["owed half a turn", 25, 150],
    ["owed a turn", 50, 200],
    ["passed over half a time", 75, 225],
    ["passed over once", 100, 250],
    ["passed over twice", 150, 300],
    ["passed over more often", 500, 300],
    ["a little ahead of its share", -10, 80],
    ["far ahead of its share", -1000, 75],
  ])("%s: %d of 50", (_, owed, ms) => {
    expect(pace.horizonFor(owed, 50, false)).toBeCloseTo(ms, 9);
    expect(pace.horizonFor(owed, 50, true)).toBeCloseTo(0.35 * ms - 60, 9);
  });

  test("how far ahead it may reserve, and below which promise it takes more than its share", () => {
    expect([pace.mostHorizon(false), pace.mostHorizon(true)]).toEqual([200, 10]);
    expect([pace.lowMs(false), pace.lowMs(true)]).toEqual([100, -40]);
  });
});

test.each([
  // held, estimate, to start and requests where roomy, to start and requests where crowded
  [0, 10, 5, 0, 7, 0],
  [4.9, 10, 5, 0, 7, 0],
  [5, 10, 5, 1, 7, 0],
  [7, 10, 5, 1, 7, 1],
  [14.9, 10, 5, 1, 7, 1],
  [15, 10, 5, 2, 7, 1],
  [17, 10, 5, 2, 7, 2],
  [-30, 10, 5, 0, 7, 0],
  [41, 20, 10, 2, 14, 2],
])("%d ms held are enough for whole requests of %d ms", (held, estimate, roomy, requests, crowded, requestsCrowded) => {
  expect(pace.heldToStart(estimate, false)).toBeCloseTo(roomy, 9);
  expect(pace.wholeRequests(held, estimate, false)).toBe(requests);
  expect(pace.heldToStart(estimate, true)).toBeCloseTo(crowded, 9);
  expect(pace.wholeRequests(held, estimate, true)).toBe(requestsCrowded);
});

describe("how much to reserve", () => {
  const need: pace.Need = { held: 0, lag: 0, owed: 0, estimate: 10, wanted: 1e9, crowded: false };

  test.each<[string, Partial<pace.Need>, number, number]>([
    ["just what is owed", { owed: 30 }, 0, 30],
    ["float noise does not lose a request", { owed: 29.9999999 }, 0, 30],
    ["less than a request", { owed: 9.99 }, 0, 0],
    ["credit beyond whole requests counts", { owed: 37, held: 13 }, 0, 37],
    ["one late request less", { owed: 30, lag: 10 }, 0, 20],
    ["credit a little late counts as on time", { owed: 30, lag: 9 }, 0, 30],
    ["credit ahead of time changes nothing", { owed: 30, lag: -50 }, 0, 30],
    ["late by more than is owed", { owed: 30, lag: 45 }, 0, 0],
    ["a remainder that completes a request", { owed: 6, held: 4 }, 0, 6],
    ["of which most is held", { owed: 20, held: 8 }, 0, 22 - 10],
    ["if crowded, the remainder of 6 does not start a request", { owed: 20, held: 6, crowded: true }, 0, 14],
    ["else it does", { owed: 20, held: 6 }, 0, 14],
    ["there is work for one", { owed: 95, wanted: 1 }, 0, 10],
    ["there is work for none", { owed: 95, wanted: 0 }, 0, 0],
    ["at least one", { owed: -500 }, 1, 10],
    ["at least two", { owed: -500 }, 2, 20],
    ["at least one, but late by one", { owed: -500, lag: 10 }, 1, 0],
  ])("%s", (_, given, atLeast, span) => {
    expect(pace.spanToReserve({ ...need, ...given }, atLeast)).toBeCloseTo(span, 6);
    if (atLeast === 0) expect(pace.spanToReserve({ ...need, ...given })).toBeCloseTo(span, 6);
  });
});

test.each([
  ["what waits", 3, 0, 250, 10, 3],
  ["a period and a half", 0, 0.1, 200, 10, 30],
  ["no more than it can make before credit is void", 0, 0.1, 400, 10, 53],
  ["no more than it can make before credit of a long slice is void", 0, 0.1, 1000, 500, 79],
  ["both", 7, 0.1, 200, 10, 37],
  ["to the nearest", 0, 0.0116, 250, 10, 4],
])("a worker wants requests for %s", (_, waiting, pace_, period, span, requests) => {
  expect(pace.wantedRequests(waiting, pace_, period, span)).toBe(requests);
});
