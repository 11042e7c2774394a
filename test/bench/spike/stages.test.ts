import { arrivalSeconds, concurrencyOf, perParticipant, stagesOf } from "../../../bench/spike/stages";
import { ASSUMED, settings } from "./settings";

const rates = (changes = {}, assumed = {}, second = 0) =>
  Object.fromEntries(
    stagesOf(settings(changes), { ...ASSUMED, ...assumed }).map(({ name, perSecond }) => [name, perSecond(second)]),
  );

test("the defaults: pollers begin with five batches of ten in 0.1 s, our valve follows, everything behind it is wider", () => {
  expect(rates()).toEqual({
    "Lambda's first pollers": 500,
    ingestMaximumConcurrency: 1_000,
    "Lambda's concurrent executions": 100_000,
    "S3's writes to one prefix": 3_500,
    "the submissions table": 2_000,
    "the results table": 2_000,
  });
});

test("the assumed time of a submission is the one that the program computes its concurrency with", () => {
  // Both tables together, as sizing.ts counts: 4 write units a submission fill the 4,000 of a new table.
  expect(4 * (rates().ingestMaximumConcurrency ?? 0)).toBe(4_000);
});

test.each([
  [0, 500],
  [1, 1_000],
  [60, 30_500],
  [198, 99_500],
  [199, Number.POSITIVE_INFINITY],
])("%i s after the first message pollers let %d submissions/s through, until there are enough", (second, perSecond) => {
  expect(rates({ maximumConcurrency: 1_000 }, {}, second)["Lambda's first pollers"]).toBe(perSecond);
});

test.each([
  [0, 2_000],
  [1_799, 2_000],
  [1_800, 4_000],
  [5_400, 16_000],
  [7_200, 20_000],
  [90_000, 20_000],
])("%i s after the beginning an on-demand table takes %d submissions/s", (second, perSecond) => {
  expect(rates({}, {}, second)["the results table"]).toBe(perSecond);
});

test("a provisioned table takes its provisioned capacity, and the maximum concurrency follows from it", () => {
  const provisioned = { billing: "provisioned", readCapacity: 5, writeCapacity: 800 } as const;
  expect(rates(provisioned)).toMatchObject({
    ingestMaximumConcurrency: 200,
    "the results table (ingestWriteCapacity)": 400,
  });
  expect(concurrencyOf(settings(provisioned))).toBe(2);
  expect(concurrencyOf(settings({ maximumConcurrency: 77 }))).toBe(77);
});

test("larger items take more write units, and one participant's can be written less often", () => {
  expect(rates({}, { itemBytes: 5_000 })).toMatchObject({ "the submissions table": 2_000, "the results table": 400 });
  expect(perParticipant(ASSUMED)).toBe(500);
  expect(perParticipant({ ...ASSUMED, itemBytes: 5_000 })).toBe(100);
});

test("a batch that takes several rounds takes that many times as long", () => {
  expect(rates({ recordConcurrency: 4, maximumConcurrency: 10 }).ingestMaximumConcurrency).toBeCloseTo(10 * (10 / 0.3));
});

test("guests come in as fast as Cognito gives them identities, everybody else within the minute", () => {
  expect(arrivalSeconds(settings(), 10_000_000)).toBe(60);
  expect(arrivalSeconds(settings({ senderAccess: "cognito-guest" }), 1_000)).toBe(60);
  expect(arrivalSeconds(settings({ senderAccess: "cognito-guest" }), 100_000)).toBe(4_000);
});
