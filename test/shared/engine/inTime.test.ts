import { systemClock } from "../../../shared/clock";
import { inTime } from "../../../shared/engine/inTime";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** An invocation that began so long ago and has so long for work, milliseconds. */
const since = (agoMs: number, leftMs: number) => ({ startedAt: Date.now() - agoMs, stopAt: Date.now() + leftMs });
const endless = () => new Promise<never>(() => undefined);

test("a result in time is passed on, and so is an error", async () => {
  expect(await inTime(async () => 5, since(0, 60_000), systemClock)).toBe(5);
  const broken = () => Promise.reject(new Error("broken"));
  await expect(inTime(broken, since(0, 60_000), systemClock)).rejects.toThrow("broken");
});

test("work that did not end in nearly a whole invocation is too slow for any invocation", async () => {
  const begun = Date.now();
  const error = inTime(endless, since(10, 100), systemClock).catch((reason) => ({ reason, after: Date.now() - begun }));
  await jest.runAllTimersAsync();
  expect(await error).toEqual({
    reason: expect.objectContaining({ code: "FINISH_TOO_SLOW", retryable: false }),
    after: 100,
  });
});

test.each([
  ["late", 60],
  ["when the time was over", -60],
])("work that began %s comes again, with more time", async (_, leftMs) => {
  const error = expect(inTime(endless, since(600, leftMs), systemClock)).rejects.toMatchObject({
    code: "FINISH_INTERRUPTED",
    retryable: true,
  });
  await jest.runAllTimersAsync();
  await error;
});

test("an error after the time is over does no harm", async () => {
  const fails = async () => {
    await systemClock.sleep(60);
    throw new Error("late");
  };
  const error = expect(inTime(fails, since(0, 20), systemClock)).rejects.toMatchObject({ code: "FINISH_TOO_SLOW" });
  await jest.runAllTimersAsync();
  await error;
});

describe("at a fixed time", () => {
  /** Endless work that begins so long after its invocation, which has 100 s for work. */
  async function lateAt(agoMs: number) {
    const sleeps: number[] = [];
    const clock = { now: () => 1_000_000 + agoMs, sleep: async (ms: number) => void sleeps.push(ms) };
    const times = { startedAt: 1_000_000, stopAt: 1_100_000 };
    const error: unknown = await inTime(endless, times, clock).catch((thrown: unknown) => thrown);
    return { error, sleeps };
  }

  test.each([
    [0, "FINISH_TOO_SLOW"],
    [25_000, "FINISH_TOO_SLOW"],
    [25_001, "FINISH_INTERRUPTED"],
    [99_999, "FINISH_INTERRUPTED"],
  ])("three quarters of an invocation are enough time: begun after %i ms, the work is %s", async (agoMs, code) => {
    const { error, sleeps } = await lateAt(agoMs);
    expect(error).toMatchObject({ code });
    expect(sleeps).toEqual([100_000 - agoMs]);
  });

  test("the error of slow work names the time that it may take", async () => {
    const { error } = await lateAt(0);
    expect(error).toMatchObject({ value: 100, message: expect.stringMatching(/^finish must end within 100 s, /) });
  });

  test("the wait ends with the work", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const clock = {
      now: () => 0,
      sleep: (_ms: number, signal?: AbortSignal) => {
        signals.push(signal);
        return endless();
      },
    };
    expect(await inTime(async () => 7, { startedAt: 0, stopAt: 100 }, clock)).toBe(7);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });
});
