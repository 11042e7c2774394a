import fc from "fast-check";
import {
  longestLifeSeconds,
  maximumConcurrency,
  maxReceiveCount,
  visibilityTimeoutSeconds,
} from "../../../services/ingest/sizing";
import { visibilityBackoffSeconds } from "../../../shared/aws/visibilityBackoff";

const timeout = fc.integer({ min: 5, max: 900 });
const window = fc.integer({ min: 0, max: 300 });

test("the visibility timeout covers six function timeouts and the batch window, within SQS's 12 hours", () => {
  fc.assert(
    fc.property(timeout, window, (functionTimeout, batchWindow) => {
      const seconds = visibilityTimeoutSeconds(functionTimeout, batchWindow);
      expect(seconds - batchWindow).toBe(6 * functionTimeout);
      expect(seconds).toBeLessThanOrEqual(43_200);
    }),
  );
});

test("every outage that config allows gives a receive count that SQS allows", () => {
  expect(maxReceiveCount(1)).toBeGreaterThanOrEqual(1);
  expect(maxReceiveCount(4_320)).toBeLessThanOrEqual(1_000);
});

test("no series of failures takes longer than a message's longest life", () => {
  const failure = fc.record({ crashed: fc.boolean(), drawn: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(
      fc.array(failure, { minLength: 1, maxLength: 50 }),
      timeout,
      window,
      (failures, seconds, batchWindow) => {
        const visibility = visibilityTimeoutSeconds(seconds, batchWindow);
        const life = failures.reduce((total, { crashed, drawn }, index) => {
          return total + (crashed ? visibility : seconds + visibilityBackoffSeconds(index + 1, () => drawn));
        }, 0);
        expect(life).toBeLessThanOrEqual(longestLifeSeconds(failures.length, seconds, visibility));
      },
    ),
  );
});

describe("maximum concurrency", () => {
  test.each([
    ["a new on-demand table", { batchSize: 10, recordConcurrency: 10 }, 10],
    ["records one after the other", { batchSize: 10, recordConcurrency: 1 }, 100],
    ["batches of one", { batchSize: 1, recordConcurrency: 10 }, 100],
    ["a small provisioned table", { writeCapacity: 5, batchSize: 10, recordConcurrency: 10 }, 2],
    ["a large provisioned table", { writeCapacity: 40_000, batchSize: 1, recordConcurrency: 1 }, 1_000],
  ])("%s", (_, args, expected) => {
    expect(maximumConcurrency(args)).toBe(expected);
  });

  test("it stays within Lambda's bounds; above the minimum it never writes more than the table takes", () => {
    const args = fc.record({
      writeCapacity: fc.integer({ min: 1, max: 40_000 }),
      batchSize: fc.integer({ min: 1, max: 10_000 }),
      recordConcurrency: fc.integer({ min: 1, max: 100 }),
    });
    fc.assert(
      fc.property(args, (given) => {
        const concurrency = maximumConcurrency(given);
        expect(concurrency).toBeGreaterThanOrEqual(2);
        expect(concurrency).toBeLessThanOrEqual(1_000);
        // Each submission in work takes 4 WCU, ten times a second.
        const writeUnits = concurrency * Math.min(given.batchSize, given.recordConcurrency) * 4 * 10;
        if (concurrency > 2) expect(writeUnits).toBeLessThanOrEqual(given.writeCapacity);
      }),
    );
  });
});

/** The queue is updated before the function: for some seconds the old time-out meets the new visibility timeout. */
test("a time-out lowered to a sixth or more never exceeds the visibility timeout, even during the update", () => {
  fc.assert(
    fc.property(timeout, window, (before, batchWindow) => {
      const lowered = Math.max(5, Math.ceil(before / 6));
      expect(visibilityTimeoutSeconds(lowered, batchWindow)).toBeGreaterThanOrEqual(before);
    }),
  );
});
