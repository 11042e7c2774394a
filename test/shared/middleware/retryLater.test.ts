import type { ChangeMessageVisibilityBatchCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent } from "aws-lambda";
import { retryLater } from "../../../shared/middleware/retryLater";
import { contextFor, record, sqsEvent } from "../runtime/sqsEvents";

type Input = ChangeMessageVisibilityBatchCommandInput;
type Answer = { Failed?: { Id: string; Code: string; Message: string }[] };

const done = { status: "fulfilled", value: undefined } as const;
const failed = { status: "rejected", reason: new Error("failed") } as const;

const known = { status: "rejected", reason: new Error("over in 3 s") } as const;
const hideSeconds = (error: unknown) => (error === known.reason ? 3 : undefined);

/** The middleware over an SQS that gives the answers of the test, and the effects. */
function setUp(answer: (signal: AbortSignal) => Promise<Answer> = async () => ({}), random = () => 0) {
  const calls: Input[] = [];
  const errors: unknown[] = [];
  const send = ({ input }: { input: Input }, { abortSignal }: { abortSignal: AbortSignal }) => {
    calls.push(input);
    return answer(abortSignal);
  };
  const sqs = { send } as unknown as SQSClient;
  const onError = (error: unknown) => errors.push(error);
  const middleware = retryLater({ sqs, queueUrl: "the queue", random, hideSeconds, onError });
  const run = (
    hook: "after" | "onError",
    event: SQSEvent,
    response?: unknown[],
    context: Context = contextFor(30_000),
  ) => middleware[hook]?.({ event, context, response, error: null, internal: {} } as never);
  return { calls, errors, run };
}

const timeouts = (calls: Input[]) =>
  calls.flatMap(({ Entries = [] }) =>
    Entries.map(({ ReceiptHandle, VisibilityTimeout }) => [ReceiptHandle, VisibilityTimeout]),
  );

describe("after the handler", () => {
  test("records that failed are hidden, and no others", async () => {
    const { calls, run } = setUp();
    await run("after", sqsEvent("a", "b", "c"), [failed, done, failed]);
    expect(calls).toMatchObject([{ QueueUrl: "the queue" }]);
    expect(timeouts(calls)).toEqual([
      ["handle of a", 8],
      ["handle of c", 8],
    ]);
  });

  test("if the end of a failure is known, its record is hidden until then, with any receive count", async () => {
    const { calls, run } = setUp();
    const Records = [record("a", { receives: 9 }), record("b", { receives: 9 })];
    await run("after", { Records }, [known, failed]);
    expect(timeouts(calls).map(([, seconds]) => seconds)).toEqual([3, 450]);
  });

  test("if all records are done, SQS is not called", async () => {
    const { calls, run } = setUp();
    await run("after", sqsEvent("a", "b"), [done, done]);
    expect(calls).toEqual([]);
  });

  test("the time grows with the receive count, up to 15 minutes", async () => {
    const { calls, run } = setUp(undefined, () => 1 - Number.EPSILON);
    const receives = [1, 2, 3, 6, 7, 40];
    const Records = receives.map((count) => record(`received ${count}`, { receives: count }));
    await run(
      "after",
      { Records },
      receives.map(() => failed),
    );
    expect(timeouts(calls).map(([, seconds]) => seconds)).toEqual([15, 30, 60, 480, 900, 900]);
  });

  test("SQS is asked for ten records at a time, each with a unique id in its call", async () => {
    const { calls, run } = setUp();
    const ids = Array.from({ length: 23 }, (_, index) => `r${index}`);
    await run(
      "after",
      sqsEvent(...ids),
      ids.map(() => failed),
    );
    expect(calls.map(({ Entries = [] }) => Entries.length)).toEqual([10, 10, 3]);
    for (const { Entries = [] } of calls) expect(new Set(Entries.map(({ Id }) => Id)).size).toBe(Entries.length);
    expect(timeouts(calls).map(([handle]) => handle)).toEqual(ids.map((id) => `handle of ${id}`));
  });

  test("the handler's answer stays unchanged", async () => {
    const { run } = setUp();
    const response = [failed, done];
    expect(await run("after", sqsEvent("a", "b"), response)).toBeUndefined();
    expect(response).toEqual([failed, done]);
  });
});

describe("after a handler that failed as a whole", () => {
  test("all records are hidden", async () => {
    const { calls, run } = setUp();
    await run("onError", sqsEvent("a", "b"));
    expect(timeouts(calls)).toHaveLength(2);
  });

  test("an event without records passes", async () => {
    const { calls, run } = setUp();
    await run("onError", {} as SQSEvent);
    expect(calls).toEqual([]);
  });
});

describe("a refusal of SQS is reported, but nothing fails: the queue's own timeout applies", () => {
  test("a call that fails", async () => {
    const { errors, run } = setUp(() => Promise.reject(new Error("SQS is down")));
    await run("after", sqsEvent("a"), [failed]);
    expect(errors).toEqual([new Error("SQS is down")]);
  });

  test("single entries", async () => {
    const { errors, run } = setUp(async () => ({
      Failed: [{ Id: "1", Code: "ReceiptHandleIsInvalid", Message: "gone" }],
    }));
    await run("after", sqsEvent("a", "b"), [failed, failed]);
    expect(errors).toEqual([new Error("ReceiptHandleIsInvalid: gone")]);
  });

  test("one call of several", async () => {
    let first = true;
    const { calls, errors, run } = setUp(async () => {
      if (!first) return {};
      first = false;
      throw new Error("one");
    });
    const ids = Array.from({ length: 11 }, (_, index) => `r${index}`);
    await run(
      "after",
      sqsEvent(...ids),
      ids.map(() => failed),
    );
    expect([calls.length, errors.length]).toEqual([2, 1]);
  });

  test("the function stops waiting for SQS before the invocation ends; otherwise finished records would come again", async () => {
    const hangs = (signal: AbortSignal) =>
      signal.aborted ? Promise.reject(signal.reason) : new Promise<never>(() => undefined);
    const { errors, run } = setUp(hangs);
    const late = new Error("late");
    const timeout = jest.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.abort(late));
    await run("after", sqsEvent("a"), [failed], { ...contextFor(0), getRemainingTimeInMillis: () => 700 });
    expect(timeout.mock.calls).toEqual([[200]]);
    timeout.mockRestore();
    expect(errors).toEqual([late]);
  });

  test("if no time is left, the function doesn't wait for SQS at all", async () => {
    const hangs = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const { errors, run } = setUp(hangs);
    await run("after", sqsEvent("a"), [failed], contextFor(0));
    expect(errors).toHaveLength(1);
  });
});
