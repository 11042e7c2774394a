import { type IntakeUsage, intakeBill, intakeParts, multiplied, withPowertools } from "../../../bench/ingest/bill";
import { listPrices } from "../../../shared/cost/prices";

const { prices: PRICES } = listPrices;
const MILLION = 1_000_000;

/** A million submissions in full batches of ten, each of 0.1 s with half a GB. */
const USAGE: IntakeUsage = {
  ...{ queueRequests: 1.2 * MILLION, invocations: 100_000, gigabyteSeconds: 5_000 },
  ...{ puts: MILLION, gets: 0, readUnits: 0 },
  ...{ markerUnits: 2 * MILLION, resultUnits: 2 * MILLION, indexUnits: MILLION },
  logBytes: 1024 ** 3,
};
const NOTHING = multiplied(USAGE, 0);

test("the cost of a million submissions, part by part", () => {
  const bill = intakeBill(USAGE);
  expect(bill.sqs).toBeCloseTo(0.48);
  expect(bill.lambda).toBeCloseTo(0.02 + 5_000 * PRICES.functionGigabyteSeconds.value!);
  expect(bill.s3).toBeCloseTo(5);
  expect(bill.tables).toBeCloseTo(2.5);
  expect(bill.index).toBeCloseTo(0.625);
  expect(bill.reads).toBe(0);
  expect(bill.logs).toBeCloseTo(0.5);
  expect(bill.total).toBeCloseTo(intakeParts.reduce((sum, part) => sum + bill[part], 0));
});

test.each<[keyof IntakeUsage, string]>([
  ["queueRequests", "sqs"],
  ["invocations", "lambda"],
  ["gigabyteSeconds", "lambda"],
  ["puts", "s3"],
  ["gets", "s3"],
  ["markerUnits", "tables"],
  ["resultUnits", "tables"],
  ["indexUnits", "index"],
  ["readUnits", "reads"],
  ["logBytes", "logs"],
])("%s are part of the cost of %s, and of no other cost", (name, part) => {
  const bill = intakeBill({ ...NOTHING, [name]: MILLION });
  expect(Object.entries(bill).flatMap(([one, dollars]) => (dollars > 0 ? [one] : []))).toEqual([part, "total"]);
});

test("twice the submissions cost twice as much", () => {
  expect(intakeBill(multiplied(USAGE, 2)).total).toBeCloseTo(2 * intakeBill(USAGE).total);
});

test("Powertools' utility writes three units with a put, and no index; all else is the same", () => {
  const [ours, theirs] = [intakeBill(USAGE), intakeBill(withPowertools(USAGE, MILLION))];
  expect(theirs.tables).toBeCloseTo(3 * 0.625);
  expect(theirs).toMatchObject({ sqs: ours.sqs, lambda: ours.lambda, s3: ours.s3, index: 0, logs: ours.logs });
});

test("a put of a larger item costs Powertools' users more units as well", () => {
  expect(withPowertools({ ...USAGE, resultUnits: 6 * MILLION }, MILLION)).toMatchObject({ resultUnits: 3 * MILLION });
});
