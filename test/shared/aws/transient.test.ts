import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { isTransient, retryTransient } from "../../../shared/aws/transient";

const named = (name: string, fields: object = {}) => Object.assign(new Error("message"), { name, ...fields });
const status = (httpStatusCode: number, name = "SomeError") => named(name, { $metadata: { httpStatusCode } });
const code = (name: string) => Object.assign(new Error("message"), { code: name });
const cancelled = (...codes: (string | undefined)[]) =>
  new TransactionCanceledException({
    message: "",
    $metadata: { httpStatusCode: 400 },
    CancellationReasons: codes.map((Code) => (Code === undefined ? {} : { Code })),
  });

describe("isTransient", () => {
  test.each([
    ["500", status(500)],
    ["502", status(502)],
    ["503", status(503)],
    ["504", status(504)],
    ["S3 asks to slow down", status(503, "SlowDown")],
    ["429", status(429)],
    ["DynamoDB throttles", status(400, "ThrottlingException")],
    ["DynamoDB has too little capacity", status(400, "ProvisionedThroughputExceededException")],
    ["DynamoDB's account limit", status(400, "RequestLimitExceeded")],
    ["a transaction is in progress", status(400, "TransactionInProgressException")],
    ["a transaction conflicts", status(400, "TransactionConflictException")],
    ["a transaction was cancelled for a conflict", cancelled("None", "TransactionConflict")],
    ["a transaction was cancelled for capacity", cancelled("ProvisionedThroughputExceeded", "None")],
    ["a transaction was cancelled by a throttle", cancelled("ThrottlingError")],
    ["a conflict beside a failed condition", cancelled("ConditionalCheckFailed", "TransactionConflict")],
    ["S3 is writing the key already", status(409, "ConditionalRequestConflict")],
    ["S3 is busy with the bucket", status(409, "OperationAborted")],
    ["S3 waited too long for the body", status(400, "RequestTimeout")],
    ["the SDK waited too long", named("TimeoutError")],
    ["the connection broke", code("ECONNRESET")],
    ["nobody listens", code("ECONNREFUSED")],
    ["the connection was closed", code("EPIPE")],
    ["the connection took too long", code("ETIMEDOUT")],
    ["there is no such host for now", code("ENOTFOUND")],
    ["the name service is down", code("EAI_AGAIN")],
    ["there is no way to the host", code("EHOSTUNREACH")],
  ])("yes: %s", (_, error) => expect(isTransient(error)).toBe(true));

  test.each([
    ...["Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"],
    ...["RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "PriorRequestNotComplete"],
    ...["ProvisionedThroughputExceededException", "SlowDown", "TooManyRequestsException", "EC2ThrottledException"],
  ])("yes: a throttle by the name of %s", (name) => expect(isTransient(status(400, name))).toBe(true));

  test.each(
    ["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"].flatMap((name) => [
      [name, code(name)] as const,
      [`${name} of another error`, named("SomeError", { code: name, $metadata: { httpStatusCode: 400 } })] as const,
    ]),
  )("yes: %s", (_, error) => expect(isTransient(error)).toBe(true));

  test.each(["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"])(
    "yes: a transaction cancelled for %s, wherever the reason stands",
    (reason) => {
      for (const codes of [[reason], ["None", reason], [reason, "None"], ["None", undefined, reason]]) {
        expect(isTransient(cancelled(...codes))).toBe(true);
      }
    },
  );

  test.each([500, 502, 503, 504, 507, 599])("yes: status %i", (httpStatusCode) =>
    expect(isTransient(status(httpStatusCode))).toBe(true),
  );

  test.each([200, 301, 400, 403, 404, 409, 412, 499])("no: status %i", (httpStatusCode) =>
    expect(isTransient(status(httpStatusCode))).toBe(false),
  );

  test("a cancelled transaction is judged only by its reasons, with any status", () => {
    const error = Object.assign(cancelled("ConditionalCheckFailed"), { $metadata: { httpStatusCode: 503 } });
    expect(isTransient(error)).toBe(false);
  });

  test.each([
    ["a code that only looks like one", code("ECONN")],
    ["an empty code", code("")],
    ["an unknown reason", cancelled("Throttling")],
    ["access denied", status(400, "AccessDeniedException")],
    ["a request that is wrong", status(400, "ValidationException")],
    ["no such table", status(400, "ResourceNotFoundException")],
    ["no such bucket", status(404, "NoSuchBucket")],
    ["a key that is taken", status(412, "PreconditionFailed")],
    ["a failed condition", cancelled("ConditionalCheckFailed", "None")],
    ["an item that is too large", cancelled("None", "ValidationError")],
    ["a cancelled transaction without reasons", cancelled()],
    ["reasons without codes", cancelled(undefined)],
    ["an abort", named("AbortError")],
    ["a mistake of ours", new TypeError("undefined is not a function")],
    ["something that is no error", { name: "TimeoutError" }],
    ["nothing", undefined],
  ])("no: %s", (_, error) => expect(isTransient(error)).toBe(false));
});

describe("retryTransient", () => {
  /** Fails so many times, then answers. */
  function failing(times: number, error: Error = status(503)) {
    return jest.fn(() => (times-- > 0 ? Promise.reject(error) : Promise.resolve("answer")));
  }
  const soon = () => new AbortController().signal;

  test("a call that succeeds is made once", async () => {
    const call = failing(0);
    expect(await retryTransient(call, soon())).toBe("answer");
    expect(call).toHaveBeenCalledTimes(1);
  });

  test("a call is repeated until it succeeds", async () => {
    const call = failing(2);
    expect(await retryTransient(call, soon())).toBe("answer");
    expect(call).toHaveBeenCalledTimes(3);
  });

  describe("with time in hand", () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => {
      jest.useRealTimers();
      jest.restoreAllMocks();
    });

    test.each<[string, number, number[]]>([
      ["without jitter, from 50 ms to 2 s", 0, [50, 100, 200, 400, 800, 1_600, 2_000, 2_000]],
      ["with half of the jitter", 0.5, [75, 150, 300, 600, 1_200, 2_000, 2_000, 2_000]],
    ])("between tries there is a pause that doubles: %s", async (_, random, expected) => {
      jest.spyOn(Math, "random").mockReturnValue(random);
      const started: number[] = [];
      const call = failing(expected.length);
      const answer = retryTransient(() => {
        started.push(Date.now());
        return call();
      }, soon());
      await jest.runAllTimersAsync();
      expect(await answer).toBe("answer");
      expect(started.slice(1).map((at, index) => at - (started[index] as number))).toEqual(expected);
    });

    test("it ends when the time is over, even in the middle of a pause, and tries no more", async () => {
      const call = failing(Number.POSITIVE_INFINITY);
      const time = new AbortController();
      const over = new Error("the time is over");
      setTimeout(() => time.abort(over), 120);
      const started = Date.now();
      const ended = retryTransient(call, time.signal).catch((error) => ({ error, after: Date.now() - started }));
      await jest.runAllTimersAsync();
      expect(await ended).toMatchObject({ error: { code: "OUT_OF_TIME", cause: status(503) }, after: 120 });
      expect(call.mock.calls.length).toBeLessThanOrEqual(3);
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  test("a permanent error is thrown at once, unchanged", async () => {
    const error = status(400, "AccessDeniedException");
    const call = failing(1, error);
    await expect(retryTransient(call, soon())).rejects.toBe(error);
    expect(call).toHaveBeenCalledTimes(1);
  });

  test("if the time is over before it begins, nothing is called", async () => {
    const call = failing(0);
    await expect(retryTransient(call, AbortSignal.abort())).rejects.toThrow();
    expect(call).not.toHaveBeenCalled();
  });

  describe("on a fake clock", () => {
    beforeEach(() => jest.useFakeTimers({ now: 0 }));
    afterEach(() => {
      jest.useRealTimers();
      jest.restoreAllMocks();
    });

    test.each<[string, number, number[]]>([
      ["the shortest pauses", 0, [50, 100, 200, 400, 800, 1_600, 2_000, 2_000]],
      ["the longest pauses", 1, [100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000]],
    ])("%s double from try to try, up to 2 s", async (_, random, pauses) => {
      jest.spyOn(Math, "random").mockReturnValue(random);
      const calls: number[] = [];
      const retried = retryTransient(async () => {
        calls.push(Date.now());
        if (calls.length <= pauses.length) throw status(503);
      }, new AbortController().signal);
      await jest.advanceTimersByTimeAsync(60_000);
      await retried;
      expect(calls.slice(1).map((at, index) => at - calls[index]!)).toEqual(pauses);
    });

    test("no pause outlasts the time: the retry ends at once, with the last error as the cause", async () => {
      const controller = new AbortController();
      const throttled = status(400, "ThrottlingException");
      const call = jest.fn().mockRejectedValueOnce(status(503)).mockRejectedValue(throttled);
      const ended = retryTransient(call, controller.signal).catch((error) => ({ error, at: Date.now() }));
      setTimeout(() => controller.abort(), 3_210);
      await jest.advanceTimersByTimeAsync(3_210);
      const { error, at } = (await ended) as { error: Error; at: number };
      expect(at).toBe(3_210);
      expect(error).toMatchObject({ code: "OUT_OF_TIME", retryable: true, cause: throttled });
      expect(error.message).toMatch(
        /^The time was over while a call was retried that failed with .*ThrottlingException/,
      );
      const calls = call.mock.calls.length;
      await jest.advanceTimersByTimeAsync(60_000);
      expect(call.mock.calls.length).toBe(calls);
    });

    test("an attempt that was interrupted by the end of the time does not hide the failure before it", async () => {
      const controller = new AbortController();
      const throttled = status(400, "ThrottlingException");
      const call = jest.fn().mockRejectedValueOnce(throttled);
      call.mockImplementationOnce(async () => {
        controller.abort();
        throw named("AbortError");
      });
      const ended = retryTransient(call, controller.signal).catch((error) => error);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(await ended).toMatchObject({ code: "OUT_OF_TIME", cause: throttled });
    });

    test("a first attempt that is interrupted reports that it was under way", async () => {
      const controller = new AbortController();
      const ended = retryTransient(async () => {
        controller.abort();
        throw named("AbortError");
      }, controller.signal).catch((error) => error);
      await jest.advanceTimersByTimeAsync(0);
      const error = await ended;
      expect(error).toMatchObject({ code: "OUT_OF_TIME", message: "The time was over while a call was under way." });
      // The call failed only because the time was over.
      expect(error.cause).toBeUndefined();
    });
  });
});
