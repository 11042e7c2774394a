import { keepingReason, type Retry, type Trouble } from "../../../shared/engine/retries";
import { SluiceError } from "../../../shared/errors";

const T = 1_800_000_000_000;
const failure = (message: string) => Object.assign(new Error(message), { name: "ThrottlingException" });
const deadline = (cause?: unknown) =>
  new SluiceError("capacity.deadline", "no capacity before the deadline", { value: 7, retryable: true, cause });

/** A call whose attempts end as given, each after so many milliseconds. Every error except SluiceErrors is retried at once. */
function attempts(...ends: readonly [afterMs: number, end: unknown][]) {
  let now = T;
  let made = 0;
  const notes: Trouble[] = [];
  const call = async () => {
    const [afterMs, end] = ends[made++]!;
    now += afterMs;
    if (end instanceof Error) throw end;
    return end;
  };
  const retry: Retry = async (attempt) => {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof SluiceError || made === ends.length) throw error;
      }
    }
  };
  const remembering = keepingReason(retry, { now: () => now }, (trouble) => notes.push(trouble));
  const run = () => remembering(call).catch((error: unknown) => error);
  return { run, notes, made: () => made };
}

test("the result of a call that succeeds is passed on, and nothing is noted", async () => {
  const { run, notes, made } = attempts([60_000, "page"]);
  expect(await run()).toBe("page");
  expect([notes, made()]).toEqual([[], 1]);
});

test("a call that has been failing for five seconds is noted, and every five seconds after", async () => {
  const [a, b, c, d, e, f] = ["a", "b", "c", "d", "e", "f"].map(failure);
  const { run, notes } = attempts([100, a], [4_999, b], [1, c], [4_999, d], [1, e], [5_000, f], [0, "page"]);
  expect(await run()).toBe("page");
  const since = T + 100;
  expect(notes).toEqual([
    { error: c, since },
    { error: e, since },
    { error: f, since },
  ]);
});

test("the last error of a call that fails for good is passed on unchanged", async () => {
  const [a, b] = [failure("a"), failure("b")];
  const { run } = attempts([1, a], [1, b]);
  expect(await run()).toBe(b);
});

test("if no attempt gets capacity any more, the last error is the cause", async () => {
  const [a, b] = [failure("a"), failure("b")];
  const { run, notes } = attempts([1, a], [1, b], [30_000, deadline()]);
  const error = await run();
  expect(error).toBeInstanceOf(SluiceError);
  const { message, code, value, retryable, cause } = error as SluiceError;
  expect({ message, code, value, retryable }).toEqual({
    ...{ message: "no capacity before the deadline", code: "capacity.deadline", value: 7, retryable: true },
  });
  expect(cause).toBe(b);
  // A wait is no failure.
  expect(notes).toEqual([]);
});

test("if nothing failed before, the deadline's error has no cause", async () => {
  const error = deadline();
  const { run } = attempts([1, error]);
  expect(await run()).toBe(error);
  expect(error.cause).toBeUndefined();
});

test("a pause has no cause, even if something failed before it", async () => {
  const paused = new SluiceError("capacity.paused", "the job is paused", { retryable: true });
  const { run } = attempts([1, failure("a")], [1, paused]);
  expect(await run()).toBe(paused);
  expect(paused.cause).toBeUndefined();
});

test("every call's failures are kept separately", async () => {
  const { run, notes } = attempts([1, failure("a")], [1, "page"], [6_000, failure("b")], [1, "page"]);
  await run();
  await run();
  expect(notes).toEqual([]);
});
