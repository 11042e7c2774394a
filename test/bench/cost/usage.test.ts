import { AWS_EXPORT, billOf, overhead, total } from "../../../bench/cost/bill";
import { exportPerGibibyte } from "../../../bench/cost/report";
import { gigabyteSeconds, ownCapacity, usageOf } from "../../../bench/cost/usage";
import { workerTimes } from "../../../bench/cost/workerTimes";

const request = (service: string, operation: string, caller: string, calls: number, empty = 0) => ({
  ...{
    service,
    operation,
    caller,
    calls,
    billed: operation.startsWith("Delete") && service === "s3" ? 0 : calls,
    empty,
  },
});

const reading = {
  invocations: [
    { function: "start", at: 0, billedMs: 500, initMs: 400, memoryMegabytes: 512 },
    { function: "work", at: 1_000, billedMs: 4_000, initMs: 0, memoryMegabytes: 256 },
  ],
  requests: [
    request("sqs", "SendMessageBatch", "start", 2),
    request("sqs", "ReceiveMessage", "work-poller", 7, 4),
    request("sqs", "DeleteMessageBatch", "work-poller", 3),
    request("s3", "PutObject", "work", 5),
    request("s3", "GetObject", "work", 2),
    request("s3", "DeleteObject", "work", 4),
    request("events", "PutEvents", "work", 1),
    request("lambda", "Invoke", "administrator", 1),
    request("s3", "PutObject", "administrator", 9),
  ],
  consumption: [
    { table: "jobs", caller: "work", readUnits: 3, writeUnits: 8 },
    { table: "jobs", caller: "administrator", readUnits: 100, writeUnits: 0 },
    { table: "orders", caller: "work", readUnits: 1_000, writeUnits: 0 },
    { table: "orders", caller: "administrator", readUnits: 990, writeUnits: 0 },
  ],
};

test("a job's usage is what functions and pollers used, without idle polls and the person who watches", () => {
  expect(usageOf(reading, "jobs")).toEqual({
    ...{ invocations: 2, gigabyteSeconds: 1.25, writeUnits: 8, readUnits: 3 },
    ...{ queueRequests: 2 + 3 + 3, puts: 5, gets: 2, events: 1 },
  });
  expect(ownCapacity(reading, "orders")).toBe(1_000);
});

test("Lambda's time can be cut out of a period", () => {
  expect(gigabyteSeconds(reading.invocations, 0, 1_000)).toBe(0.25);
  expect(gigabyteSeconds(reading.invocations, 3_000)).toBe(0.5);
});

test("the bill has a part for each service, and the overhead leaves capacity and puts out", () => {
  const bill = billOf(usageOf(reading, "jobs"), 1_000);
  expect(bill.capacity).toBeCloseTo(125e-6);
  expect(bill.lambda).toBeCloseTo(1.25 * 0.0000133334 + 2 * 0.2e-6);
  expect(bill.jobsTable).toBeCloseTo(8 * 0.625e-6 + 3 * 0.125e-6);
  expect(bill.sqs).toBeCloseTo(8 * 0.4e-6);
  expect([bill.s3Puts, bill.s3Gets, bill.events]).toEqual(
    [25e-6, 0.8e-6, 1e-6].map((dollars) => expect.closeTo(dollars)),
  );
  expect(overhead(bill)).toBeCloseTo(total(bill) - 125e-6 - 25e-6, 12);
});

test("AWS's export is priced by GB of 1,000,000,000 bytes", () => {
  expect(exportPerGibibyte(AWS_EXPORT.dollarsPerGigabyte)).toBeCloseTo(0.10737, 4);
});

test("workers report their time in two log lines; other lines don't count", () => {
  const lines = [
    { message: "chain handed on", ms: 1_000, waitedMs: 400 },
    { message: "chain ended", ms: 500, waitedMs: 0 },
    { message: "unit done", ms: 7, waitedMs: 7 },
  ];
  const text = `START\n${lines.map((line) => JSON.stringify(line)).join("\n")}\nnull\n`;
  expect(workerTimes(text)).toEqual({ ms: 1_500, waitedMs: 400 });
  expect(workerTimes("START\nEND\n")).toBeUndefined();
});
