import fc from "fast-check";
import { drain } from "../../../bench/spike/drain";
import type { Stage } from "../../../bench/spike/stages";

const kind = { ours: true, refuses: false };
const steady = (name: string, perSecond: number): Stage => ({
  name,
  ...kind,
  perSecond: () => perSecond,
  steadyAfter: 0,
});
const wide = steady("wide", 1_000);

test("submissions that fit through are stored as they come", () => {
  expect(drain(600, 60, [wide])).toEqual({ backlog: 0, seconds: 60, heldBackBy: [], waited: 0, perSecond: 1_000 });
});

test("submissions that don't fit wait, and are worked off at the narrowest stage's rate", () => {
  const result = drain(1_200, 60, [wide, steady("narrow", 10)]);
  expect(result).toMatchObject({ backlog: 600, perSecond: 10 });
  expect(result.seconds).toBeCloseTo(120);
  expect(result.heldBackBy).toEqual([{ stage: "narrow", ...kind, seconds: expect.closeTo(120) }]);
  expect(result.waited).toBeCloseTo(1);
});

test("a stage whose rate changes holds back only while it is the narrowest", () => {
  const ramp: Stage = { name: "ramp", ...kind, perSecond: (second) => (second < 3 ? 5 : 100), steadyAfter: 3 };
  const { heldBackBy, seconds } = drain(1_200, 60, [ramp, steady("valve", 10)]);
  expect(heldBackBy.map(({ stage }) => stage)).toEqual(["ramp", "valve"]);
  expect(heldBackBy[0]?.seconds).toBeCloseTo(3);
  // Three seconds at half the rate cost a second and a half.
  expect(seconds).toBeCloseTo(121.5);
});

test("a backlog that is gone before the minute is over leaves the rest to be stored as it comes", () => {
  const ramp: Stage = { name: "ramp", ...kind, perSecond: (second) => (second < 10 ? 5 : 100), steadyAfter: 10 };
  const { heldBackBy, seconds, waited, backlog } = drain(600, 60, [ramp]);
  expect(seconds).toBe(60);
  expect(backlog).toBe(50);
  expect(heldBackBy[0]?.seconds).toBeGreaterThan(10);
  expect(heldBackBy[0]?.seconds).toBeLessThan(12);
  expect(waited).toBeLessThan(0.2);
});

test("with any stages, each submission is stored: never before it came, and never faster than the narrowest stage allows", () => {
  const stage = fc.record({ first: fc.integer({ min: 1, max: 5_000 }), later: fc.integer({ min: 1, max: 5_000 }) });
  const property = fc.property(
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.double({ min: 1, max: 500, noNaN: true }),
    fc.array(fc.tuple(stage, fc.integer({ min: 0, max: 100 })), { minLength: 1, maxLength: 4 }),
    (submissions, arrival, shapes) => {
      const stages = shapes.map(([{ first, later }, at], index): Stage => {
        const perSecond = (second: number) => (second < at ? first : later);
        return { name: `stage ${index}`, ...kind, perSecond, steadyAfter: at };
      });
      const fastest = Math.min(...shapes.map(([{ first, later }]) => Math.max(first, later)));
      const slowest = Math.min(...shapes.flatMap(([{ first, later }, at]) => (at > 0 ? [first, later] : [later])));
      const { seconds, backlog, waited, heldBackBy } = drain(submissions, arrival, stages);
      expect(seconds).toBeGreaterThanOrEqual(Math.max(arrival, submissions / fastest) - 1e-6);
      expect(seconds).toBeLessThanOrEqual(arrival + submissions / slowest + 2);
      expect(backlog).toBeLessThan(submissions + 1e-6);
      expect(waited).toBeLessThanOrEqual(1 + 1e-6);
      expect(heldBackBy.length === 0).toBe(waited === 0);
    },
  );
  // The arrivals end just after a second has begun, and the rest is done in this second.
  const found: [number, number, [{ first: number; later: number }, number][]] = [
    3,
    1 + Number.EPSILON,
    [[{ first: 2, later: 1 }, 1]],
  ];
  fc.assert(property, { numRuns: 300, examples: [found] });
});
