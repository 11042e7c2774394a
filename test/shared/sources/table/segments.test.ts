import fc from "fast-check";
import {
  automaticSegments,
  MOST_SEGMENTS,
  sampledUnits,
  segmentOf,
  segmentsOfSample,
} from "../../../../shared/sources/table/segments";

const MB = 1024 ** 2;
const GB = 1024 ** 3;
const bytes = fc.integer({ min: 1, max: 2 ** 50 });
const rcu = fc.double({ min: 0.001, max: 1_000_000, noNaN: true });

test.each([
  ["with an unknown size, a high rate decides", 0, 40_000, 2_000],
  ["with an unknown size, a low rate decides", 0, 1, 20],
  ["an unknown size, at an extremely high rate", 0, 1e9, MOST_SEGMENTS],
  ["one byte is one segment", 1, 40_000, 1],
  ["less than four megabytes are one", 4 * MB - 1, 40_000, 1],
  ["no segment is below four megabytes", 40 * MB, 40_000, 10],
  ["a slow job over a large table has one for each 2 GB", 100 * GB, 1, 50],
  ["a fast job has twenty for each 400 RCU/s", 10 * GB, 4_000, 200],
  ["the larger of both numbers counts", 1_000 * GB, 5_000, 500],
  ["401 RCU/s make 40", 10 * GB, 401, 40],
  ["400 RCU/s make 20", 7 * GB, 400, 20],
  ["a byte more than 2 GB each makes one more", 50 * GB + 1, 1, 26],
  ["a byte less than eight megabytes is one", 8 * MB - 1, 40_000, 1],
  ["never more than Sluice allows", 2 ** 50, 1, MOST_SEGMENTS],
])("%s", (_, size, rate, expected) => expect(automaticSegments(size, rate)).toBe(expected));

test("the number is whole and within bounds, for any table and rate", () => {
  fc.assert(
    fc.property(bytes, rcu, (size, rate) => {
      const segments = automaticSegments(size, rate);
      expect(Number.isInteger(segments)).toBe(true);
      expect(segments).toBeGreaterThanOrEqual(1);
      expect(segments).toBeLessThanOrEqual(MOST_SEGMENTS);
      // If there is more than one segment, each holds at least four megabytes.
      if (segments > 1) expect(size / segments).toBeGreaterThanOrEqual(4 * MB);
    }),
  );
});

test("a segment takes at most a twentieth of a worker's time, if it may be that small", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2 ** 31, max: 2 ** 50 }), fc.integer({ min: 1, max: 6_000 }), (size, rate) => {
      const workers = Math.ceil(rate / 400);
      const segments = automaticSegments(size, rate);
      // Each worker reads as fast as the others, so a segment takes this share of the whole.
      expect(workers / segments).toBeLessThanOrEqual(1 / 20);
    }),
  );
});

test("more bytes or more capacity never make fewer segments", () => {
  fc.assert(
    fc.property(bytes, bytes, rcu, rcu, (a, b, p, q) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      const [slow, fast] = [Math.min(p, q), Math.max(p, q)];
      expect(automaticSegments(less, slow)).toBeLessThanOrEqual(automaticSegments(more, fast));
    }),
  );
});

test("Sluice allows 100,000 segments", () => expect(MOST_SEGMENTS).toBe(100_000));

describe("a sample", () => {
  test.each([
    [0.01, 1, 10],
    [0.01, 50, 10],
    [0.01, 5_000, 50],
    [0.5, 1, 10],
    [0.0001, 1, 10],
    [0.000_01, 1, 1],
  ])("with share %d, of a job that would have %d segments, has %d units", (share, segments, units) => {
    expect(sampledUnits(share, segments)).toBe(units);
  });

  test("divides the table into as many segments as its share wants", () => {
    expect(segmentsOfSample(10, { share: 0.01 })).toBe(1_000);
    expect(segmentsOfSample(10, { share: 0.5 })).toBe(20);
    expect(segmentsOfSample(1, { share: 0.000_01 })).toBe(100_000);
  });

  test("reads a separate segment for each unit, evenly spread", () => {
    const sample = { share: 0.01, seed: "job-1" };
    const segments = Array.from({ length: 10 }, (_, unit) => segmentOf(unit, 10, sample));
    expect(segments.every(({ TotalSegments }) => TotalSegments === 1_000)).toBe(true);
    const numbers = segments.map(({ Segment }) => Segment);
    expect(new Set(numbers).size).toBe(10);
    expect(numbers.every((number) => number >= 0 && number < 1_000)).toBe(true);
    expect(numbers.slice(1).map((number, at) => number - numbers[at]!)).toEqual(Array(9).fill(100));
    expect(segmentOf(3, 10, { ...sample, seed: "job-2" })).not.toEqual(segments[3]);
  });

  test("without a sample each unit is a segment", () => {
    expect(segmentOf(3, 10, undefined)).toEqual({ Segment: 3, TotalSegments: 10 });
  });
});
