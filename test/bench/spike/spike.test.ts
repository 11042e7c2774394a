import { LIMITS } from "../../../bench/spike/limits";
import { spike } from "../../../bench/spike/spike";
import { listPrices } from "../../../shared/cost/prices";
import { ASSUMED, settings } from "./settings";

const { prices: PRICES } = listPrices;
const on = (submissions: number, changes = {}, assumed = {}) =>
  spike(submissions, settings(changes), { ...ASSUMED, ...assumed });
const codes = (submissions: number, changes = {}, assumed = {}) =>
  on(submissions, changes, assumed).safety.remarks.map(({ code }) => code);

describe("with the defaults", () => {
  test("a thousand in a minute are stored as they come", () => {
    const { first, drain, safety } = on(1_000, { alarms: false });
    expect({ first, seconds: drain.seconds, backlog: drain.backlog }).toEqual({
      first: "nothing",
      seconds: 60,
      backlog: 0,
    });
    expect(safety).toMatchObject({ highestAgeSeconds: 0.1, remarks: [] });
  });

  test("a hundred thousand wait for a minute and a half, at our own valve", () => {
    const { drain } = on(100_000);
    expect(drain.heldBackBy.map(({ stage }) => stage)).toEqual(["Lambda's first pollers", "ingestMaximumConcurrency"]);
    expect(drain.seconds).toBeCloseTo(100.5, 0);
    expect(drain.backlog).toBeCloseTo(40_500);
  });

  test("ten million are worked off in 2.8 hours, far within the four days that the queue keeps them", () => {
    const { drain, safety } = on(10_000_000, { alarms: false });
    expect(drain.seconds / 3_600).toBeCloseTo(2.78, 2);
    expect(safety.retentionSeconds).toBe(345_600);
    expect(safety.margin).toBeCloseTo(34.56, 2);
    expect(safety.remarks).toEqual([]);
  });
});

test("the longest wait is as long as the whole drain, because a standard queue promises no order", () => {
  const { drain, safety } = on(100_000);
  expect(safety.highestAgeSeconds).toBe(drain.seconds);
});

describe("warnings for people", () => {
  test("a drain that outlives the queue's retention is a loss", () => {
    const { safety } = on(10_000_000, { queueRetentionDays: 1, surviveOutageMinutes: 60 }, { secondsPerSubmission: 1 });
    expect(safety.remarks[0]).toMatchObject({ code: "DRAIN_OUTLIVES_RETENTION", danger: true });
    expect(safety.remarks[0]?.text).toMatch(/LOSS/);
    expect(safety.margin).toBeLessThan(1);
  });

  test.each([
    [
      "an outage on top would outlive it",
      { queueRetentionDays: 1 },
      { secondsPerSubmission: 0.75 },
      "NO_ROOM_FOR_OUTAGE",
    ],
    [
      "dead letters would expire first",
      { queueRetentionDays: 1 },
      { secondsPerSubmission: 0.6 },
      "DEAD_LETTERS_EXPIRE",
    ],
  ])("%s", (_, changes, assumed, code) => {
    const { remarks } = on(10_000_000, { ...changes, alarms: false }, assumed).safety;
    expect(remarks).toMatchObject([{ code, danger: true }]);
  });

  test("a valve wider than DynamoDB and S3 makes them refuse; after too long it makes dead letters", () => {
    expect(codes(10_000_000, { maximumConcurrency: 100, alarms: false })).toEqual(["REFUSALS"]);
    expect(codes(10_000_000, { maximumConcurrency: 100, surviveOutageMinutes: 30, alarms: false })).toEqual([
      "REFUSALS",
      "DEAD_LETTERS",
    ]);
  });

  test("more in flight than SQS allows", () => {
    expect(codes(1_000, { maximumConcurrency: 1_000 })).toEqual(["IN_FLIGHT"]);
    expect(on(1_000).safety.inFlight).toBe(100 + (100 / 30) * 900);
  });

  test("if guests have to queue up, Cognito saturates first", () => {
    const guests = on(100_000, { senderAccess: "cognito-guest" });
    expect(guests.first).toBe("Cognito's guest identities");
    expect(guests.drain.heldBackBy).toEqual([]);
    expect(guests.safety.remarks.map(({ code }) => code)).toEqual(["GUESTS_QUEUE_UP"]);
    expect(guests.safety.remarks[0]?.text).toContain("67 min");
  });

  test("an alarm that will be raised, if there are alarms", () => {
    expect(codes(10_000_000)).toEqual(["ALARM"]);
    expect(codes(100_000)).toEqual([]);
  });
});

describe("cost", () => {
  test("ten million: the charge of each service", () => {
    const { cost } = on(10_000_000);
    // Sent one by one, received and deleted by ten: 12 million requests.
    expect(cost.sqs).toBeCloseTo(12 * PRICES.queueRequests.value!, 1);
    expect(cost.s3).toBeCloseTo(50);
    // Two transactional writes of up to 1 KB: four units; and one of the index.
    expect(cost.dynamodb).toBeCloseTo(31.25);
    // A million invocations of 0.1 s with half a GB.
    expect(cost.lambda).toBeCloseTo(0.2 + 50_000 * PRICES.functionGigabyteSeconds.value!, 2);
    expect(cost.total).toBeCloseTo(cost.sqs + cost.lambda + cost.s3 + cost.dynamodb + cost.logs);
  });

  test("submissions that don't wait are processed one by one, which costs more invocations", () => {
    const { cost } = on(1_000);
    expect(cost.sqs).toBeCloseTo(0.003 * PRICES.queueRequests.value!);
    expect(cost.lambda).toBeCloseTo(0.001 * PRICES.invocations.value! + 50 * PRICES.functionGigabyteSeconds.value!);
  });

  test("provisioned capacity is paid by the hour, used or not", () => {
    const { cost } = on(1_000, { billing: "provisioned", readCapacity: 5, writeCapacity: 1_000 });
    expect(cost.dynamodb).toBeCloseTo(3 * 1_000 * PRICES.tableWriteCapacityHours.value!);
  });
});

test.each(Object.entries(LIMITS))("%s has a value, a unit, and a page of AWS as its source", (_, one) => {
  expect(one.value).toBeGreaterThan(0);
  expect(one.unit).not.toBe("");
  expect(one.title.length).toBeGreaterThan(8);
  expect(new URL(one.address).hostname).toMatch(/^(docs\.)?aws\.amazon\.com$/);
});
