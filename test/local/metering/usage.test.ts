import type { Reading } from "../../../local/metering/metering";
import { lambdaUsage, ownCapacity, tableUnits, usageOf, without } from "../../../local/metering/usage";

const invocation = (at: number, billedMs: number, memoryMegabytes = 256) => ({
  ...{ function: "scanner", at, billedMs, initMs: 0, memoryMegabytes },
});
const request = (service: string, operation: string, billed: number, caller = "scanner", empty = 0) => ({
  ...{ service, operation, caller, calls: billed, billed, empty },
});

const reading: Reading = {
  invocations: [invocation(1_000, 2_000), invocation(4_000, 500, 512)],
  requests: [
    request("sqs", "SendMessageBatch", 3),
    request("sqs", "ReceiveMessage", 20, "scanner-poller", 18),
    request("sqs", "SendMessage", 7, "administrator"),
    request("s3", "PutObject", 5),
    request("s3", "GetObject", 2),
    request("s3", "DeleteObjects", 9),
    request("events", "PutEvents", 1),
  ],
  consumption: [
    { table: "jobs", caller: "scanner", readUnits: 4.5, writeUnits: 30 },
    { table: "jobs", caller: "administrator", readUnits: 100, writeUnits: 100 },
    { table: "orders", caller: "scanner", readUnits: 640, writeUnits: 0 },
    { table: "orders", caller: "administrator", readUnits: 630, writeUnits: 0 },
  ],
};

test("counts the use by functions and pollers, except for empty receives, and not the calls of a person", () => {
  expect(usageOf(reading, "jobs")).toEqual({
    ...{ invocations: 2, billedMs: 2_500, gigabyteSeconds: 0.75 },
    ...{ writeUnits: 30, readUnits: 4.5, queueRequests: 5, puts: 5, gets: 2, events: 1 },
  });
  expect(ownCapacity(reading, "orders")).toBe(640);
});

test("a table's units are counted separately from those of its indexes, and a person's calls don't count", () => {
  const consumption = [
    { table: "markers", caller: "store", readUnits: 1, writeUnits: 20 },
    { table: "markers", index: "byParticipant", caller: "store", readUnits: 0.5, writeUnits: 10 },
    { table: "markers", index: "byParticipant", caller: "administrator", readUnits: 7, writeUnits: 7 },
    { table: "results", caller: "store", readUnits: 3, writeUnits: 30 },
  ];
  const metered = { ...reading, consumption };
  expect(tableUnits(metered, "markers")).toEqual({ readUnits: 1.5, writeUnits: 20, indexWriteUnits: 10 });
  expect(tableUnits(metered, "results")).toEqual({ readUnits: 3, writeUnits: 30, indexWriteUnits: 0 });
});

test("counts the part of Lambda's time that lies in a phase", () => {
  expect(lambdaUsage(reading.invocations, 2_000, 4_200)).toEqual({
    ...{ invocations: 1, billedMs: 1_200, gigabyteSeconds: 0.25 + 0.1 },
  });
});

test("a usage minus itself is nothing", () => {
  const usage = usageOf(reading, "jobs");
  expect(new Set(Object.values(without(usage, usage)))).toEqual(new Set([0]));
});
