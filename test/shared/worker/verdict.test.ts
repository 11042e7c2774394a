import { SluiceError } from "../../../shared/errors";
import { readingOperations } from "../../../shared/operations/reading";
import { writingOperations } from "../../../shared/operations/writing";
import { verdictOf } from "../../../shared/worker/verdict";
import { sampleJob } from "../../support/sampleJob";

const error = (name: string, message = "the message", fields: object = {}) =>
  Object.assign(new Error(message), { name, ...fields });

const job = sampleJob({ source: { kind: "table", table: "answers", index: "by-day", consistentRead: false } });
const exporting = sampleJob({ operation: { name: "export", params: {} } });
const mine = sampleJob({ operation: { name: "mine", params: {} } });

describe("a fatal error of reading the source stops the job", () => {
  test.each<[string, Error, string]>([
    ["the table is gone", error("ResourceNotFoundException"), "Table answers no longer exists."],
    ["access is denied", error("AccessDeniedException"), "Table answers may not be read: the message"],
    [
      "the index is gone",
      error("ValidationException", "The table does not have the specified index: by-day"),
      "Table answers has no index by-day any more.",
    ],
    ...[
      "The provided starting key is invalid",
      "The provided starting key is outside query boundaries based on provided conditions",
      "Exclusive Start Key must have same size as table's key schema",
      "The provided exclusiveStartKey is invalid",
      "Type mismatch for attribute to update",
    ].map((message): [string, Error, string] => [
      `the key schema is another: ${message}`,
      error("ValidationException", message),
      `The keys of table answers are not what they were when the job began: ${message}`,
    ]),
  ])("%s", (_, thrown, verdict) => {
    expect(verdictOf(thrown, job, true, readingOperations)).toBe(verdict);
    // If an operation calls tables of its own, the same error proves nothing.
    expect(verdictOf(thrown, mine, false, readingOperations)).toBeUndefined();
  });
});

test.each<[string, Error, string]>([
  ["the bucket is gone", error("NoSuchBucket"), "The bucket for results no longer exists: the message"],
  ["the bucket is closed", error("AccessDenied"), "The bucket for results may not be used: the message"],
])("an error about the results, from one of Sluice's own operations, stops the job: %s", (_, thrown, verdict) => {
  expect(verdictOf(thrown, exporting, false, readingOperations)).toBe(verdict);
  expect(verdictOf(thrown, mine, false, readingOperations)).toBeUndefined();
});

test.each<[string, Error, string]>([
  ["the table is gone", error("ResourceNotFoundException"), "Table answers-copy no longer exists: the message"],
  [
    "the table may not be changed",
    error("AccessDeniedException"),
    "Table answers-copy may not be changed: the message",
  ],
])("an error of writing to the table stops a job that changes it: %s", (_, thrown, verdict) => {
  const target = { name: "answers-copy", keys: ["id"], keyTypes: {}, indexes: [] };
  expect(verdictOf(thrown, sampleJob({ target }), false, writingOperations)).toBe(verdict);
});

test.each(["UPDATE_NOT_IDEMPOTENT", "UPDATE_READS_UNDECLARED", "KEY_MISSING"])(
  "an error of the operation stops the job: %s",
  (code) => {
    expect(verdictOf(new SluiceError(code, "Why."), job, false, writingOperations)).toBe("Why.");
  },
);

test("a missing operation stops the job, whether it is Sluice's or the user's", () => {
  const gone = new SluiceError("NO_SUCH_OPERATION", "The function has no operation.");
  for (const each of [job, mine])
    expect(verdictOf(gone, each, false, readingOperations)).toBe("The function has no operation.");
});

describe("an error that another unit or attempt may not meet stops nothing", () => {
  const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });
  test.each<[string, unknown]>([
    ["a throttle", error("ProvisionedThroughputExceededException")],
    ["another", error("ThrottlingException")],
    ["S3 asks to slow down", error("SlowDown", "slow", status(503))],
    ["a time-out", error("TimeoutError")],
    ["a broken connection", error("Error", "reset", { code: "ECONNRESET" })],
    ["a fault of the service", error("InternalServerError", "oops", status(500))],
    ["a failed condition", error("ConditionalCheckFailedException")],
    ["a transaction", error("TransactionCanceledException")],
    ["a request that is wrong", error("ValidationException", "One or more parameter values were invalid")],
    ["an object that is gone", error("NoSuchKey")],
    ["the name of an Object property", error("constructor")],
    ["out of time", new SluiceError("OUT_OF_TIME", "over", { retryable: true })],
    ["no progress", new SluiceError("NO_PROGRESS", "none", { retryable: true })],
    ["an operation's own error", new Error("unexpected item")],
    ["an operation's own mistake", new TypeError("undefined is not a function")],
    ["an operation's own code", new SluiceError("RESULT_TOO_LARGE", "too large")],
    ["no error", "text"],
  ])("%s", (_, thrown) => {
    for (const each of [job, exporting, mine]) {
      for (const fromSource of [true, false])
        expect(verdictOf(thrown, each, fromSource, readingOperations)).toBeUndefined();
    }
  });
});
