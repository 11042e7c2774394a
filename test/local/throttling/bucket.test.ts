import fc from "fast-check";
import { Bucket } from "../../../local/gateway/throttling/bucket";

describe("a bucket", () => {
  test("fills at its rate up to its depth", () => {
    const bucket = new Bucket(10, 50, 0, 0);
    expect(bucket.balance(1_000)).toBe(10);
    expect(bucket.balance(4_900)).toBe(49);
    expect(bucket.balance(3_600_000)).toBe(50);
  });

  test("goes into debt and is paid off by time", () => {
    const bucket = new Bucket(10, 50, 5, 0);
    bucket.take(25, 0);
    expect(bucket.balance(0)).toBe(-20);
    expect(bucket.balance(2_500)).toBe(5);
  });

  test("takes units back, but never beyond its depth", () => {
    const bucket = new Bucket(10, 50, 45, 0);
    bucket.take(-20, 0);
    expect(bucket.balance(0)).toBe(50);
  });

  test("stands still while the clock goes backwards", () => {
    const bucket = new Bucket(10, 50, 0, 5_000);
    expect(bucket.balance(1_000)).toBe(0);
    expect(bucket.balance(6_000)).toBe(10);
  });

  test("lets through, in any window, at most rate × window + depth + the last take", () => {
    const attempts = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 3_000 }), units: fc.integer({ min: 1, max: 40 }) }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    const limits = fc.record({ rate: fc.integer({ min: 1, max: 50 }), seconds: fc.integer({ min: 1, max: 300 }) });
    fc.assert(
      fc.property(limits, attempts, ({ rate, seconds }, list) => {
        const depth = rate * seconds;
        const bucket = new Bucket(rate, depth, depth, 0);
        const taken: { at: number; units: number }[] = [];
        let now = 0;
        for (const { wait, units } of list) {
          now += wait;
          if (bucket.balance(now) <= 0) continue;
          bucket.take(units, now);
          taken.push({ at: now, units });
        }
        for (const [first, { at: from }] of taken.entries()) {
          let sum = 0;
          for (const { at, units } of taken.slice(first)) {
            // Before the last take, the sum was below the most that the bucket could have given.
            expect(sum).toBeLessThan(depth + (rate * (at - from)) / 1000 + 1e-6);
            sum += units;
          }
        }
      }),
    );
  });
});
