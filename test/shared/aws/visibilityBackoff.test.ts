import fc from "fast-check";
import {
  longestDelaySeconds,
  receivesToSurvive,
  shortestDelaySeconds,
  visibilityBackoffSeconds,
} from "../../../shared/aws/visibilityBackoff";

const receiveCount = fc.integer({ min: 1, max: 1_000 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("visibilityBackoffSeconds", () => {
  test.each([
    [1, 8, 15],
    [2, 15, 30],
    [6, 240, 480],
    [7, 450, 900],
    [1_000, 450, 900],
  ])("after receive %d it is %d to %d seconds", (count, shortest, longest) => {
    expect(visibilityBackoffSeconds(count, () => 0)).toBe(shortest);
    expect(visibilityBackoffSeconds(count, () => 1 - Number.EPSILON)).toBe(longest);
  });

  test("it is a whole number of seconds that SQS takes, between half and all of the doubling delay", () => {
    fc.assert(
      fc.property(receiveCount, random, (count, drawn) => {
        const delay = visibilityBackoffSeconds(count, () => drawn);
        const doubling = Math.min(900, 15 * 2 ** (count - 1));
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(Math.max(1, doubling / 2));
        expect(delay).toBeLessThanOrEqual(doubling);
      }),
    );
  });

  test("it never shrinks with the receive count", () => {
    fc.assert(
      fc.property(receiveCount, (count) => {
        expect(shortestDelaySeconds(count + 1)).toBeGreaterThanOrEqual(shortestDelaySeconds(count));
        expect(longestDelaySeconds(count + 1)).toBeGreaterThanOrEqual(longestDelaySeconds(count));
      }),
    );
  });
});

describe("receivesToSurvive", () => {
  const outage = fc.integer({ min: 0, max: 5 * 86_400 });

  /** Seconds from the first to the last of so many receives, for the given random numbers. */
  function waited(receives: number, draw: () => number): number {
    let seconds = 0;
    for (let receive = 1; receive < receives; receive++) seconds += visibilityBackoffSeconds(receive, draw);
    return seconds;
  }

  test("even if five receives are lost, the last one comes after the outage, with any random delays", () => {
    fc.assert(
      fc.property(outage, fc.infiniteStream(random), (seconds, draws) => {
        expect(waited(receivesToSurvive(seconds) - 5, () => draws.next().value)).toBeGreaterThanOrEqual(seconds);
      }),
    );
  });

  test("one receive less is not enough with the shortest delays", () => {
    fc.assert(
      fc.property(
        outage.filter((seconds) => seconds > 0),
        (seconds) => {
          expect(waited(receivesToSurvive(seconds) - 6, () => 0)).toBeLessThan(seconds);
        },
      ),
    );
  });

  test("an hour's outage fits far below the 1,000 receives that SQS allows", () => {
    expect(receivesToSurvive(3_600)).toBe(19);
    expect(receivesToSurvive(5 * 86_400)).toBeLessThanOrEqual(1_000);
  });
});
