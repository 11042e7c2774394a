import { getEventListeners } from "node:events";
import fc from "fast-check";
import { SenderError } from "../../sender/index";
import { DEFAULT_RETRY, pauseBound, type RetryPolicy, withRetry } from "../../sender/retry";
import { FakeClock } from "./helpers";

const down = () => new SenderError("NETWORK", "down", { retryable: true });

function setUp(policy: Partial<RetryPolicy> = {}, random = () => 1 - Number.EPSILON) {
  const clock = new FakeClock();
  const context = { policy: { ...DEFAULT_RETRY, ...policy }, clock, random };
  const start = clock.now();
  return { clock, context, elapsed: () => clock.now() - start };
}

describe("withRetry", () => {
  test.each([1, 2, 5])("gives the result of try %i", async (good) => {
    const { clock, context } = setUp();
    let tries = 0;
    const work = withRetry(async () => {
      tries++;
      if (tries < good) throw down();
      return "done";
    }, context);
    expect(await clock.run(work)).toBe("done");
    expect(tries).toBe(good);
  });

  test("stops after the attempts allowed, with the last failure", async () => {
    const { clock, context } = setUp({ attempts: 3 });
    let tries = 0;
    const work = withRetry(
      () => Promise.reject(new SenderError("NETWORK", `${++tries}`, { retryable: true })),
      context,
    );
    await expect(clock.run(work)).rejects.toMatchObject({ code: "NETWORK", message: "3" });
  });

  test("does not retry a call that cannot succeed", async () => {
    const { clock, context } = setUp();
    let tries = 0;
    const work = withRetry(() => {
      tries++;
      return Promise.reject(new SenderError("ACCESS_DENIED", "no"));
    }, context);
    await expect(clock.run(work)).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    expect(tries).toBe(1);
  });

  test("pauses double up to the highest, and are scaled by the random number", async () => {
    const { clock, context } = setUp(
      { attempts: 6, baseDelayMs: 100, maxDelayMs: 500, attemptTimeoutMs: 9_999 },
      () => 0.5,
    );
    await clock.run(withRetry(() => Promise.reject(down()), context)).catch(() => {});
    expect(clock.pauses.filter((ms) => ms !== 9_999)).toEqual([50, 100, 200, 250, 250]);
  });

  test("the policy by default", () => {
    expect(DEFAULT_RETRY).toEqual({
      attempts: 5,
      baseDelayMs: 100,
      maxDelayMs: 5_000,
      attemptTimeoutMs: 15_000,
      totalTimeoutMs: 45_000,
    });
  });

  test.each<[string, Partial<RetryPolicy>, boolean, number[]]>([
    ["by default", {}, false, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]],
    ["by default, throttled", {}, true, [500, 1_000, 2_000, 4_000, 5_000, 5_000]],
    ["of a policy with longer pauses than a throttle's", { baseDelayMs: 900 }, true, [900, 1_800, 3_600, 5_000]],
    ["of a policy without pauses", { baseDelayMs: 0 }, false, [0, 0]],
    ["of a policy without pauses, throttled", { baseDelayMs: 0 }, true, [500, 1_000]],
  ])("the longest pauses %s", (_, policy, throttled, expected) => {
    const bounds = expected.map((_pause, index) => pauseBound({ ...DEFAULT_RETRY, ...policy }, index + 1, throttled));
    expect(bounds).toEqual(expected);
  });

  test.each(["THROTTLED", "NETWORK"] as const)("%s decides how long the pauses are", async (code) => {
    const { clock, context, elapsed } = setUp({ attempts: 3 }, () => 0.5);
    const failing = () => Promise.reject(new SenderError(code, "no", { retryable: true }));
    await expect(clock.run(withRetry(failing, context))).rejects.toMatchObject({ code });
    expect(elapsed()).toBe(code === "THROTTLED" ? 250 + 500 : 50 + 100);
  });

  test.each([
    ["ends just before the deadline", 999, 2, 999],
    ["ends at the deadline", 1_000, 1, 0],
    ["ends after it", 1_001, 1, 0],
  ])("a pause that %s: %d ms of 1,000, %d tries", async (_, pause, expected, after) => {
    const policy = { attempts: 2, baseDelayMs: pause, totalTimeoutMs: 1_000 };
    const { clock, context, elapsed } = setUp(policy, () => 1);
    let tries = 0;
    const work = withRetry(() => {
      tries++;
      return Promise.reject(down());
    }, context);
    await expect(clock.run(work)).rejects.toMatchObject({ code: "NETWORK" });
    expect([tries, elapsed()]).toEqual([expected, after]);
  });

  test("each try has its own time, but the last one no more than is left", async () => {
    const policy = { attempts: 3, baseDelayMs: 100, attemptTimeoutMs: 700, totalTimeoutMs: 2_000 };
    const { clock, context, elapsed } = setUp(policy, () => 1);
    const hang = () => new Promise<never>(() => {});
    const error = await clock.run(withRetry(hang, context)).catch((failure: SenderError) => failure);
    // 700 ms, a pause of 100, 700 ms, a pause of 200, and the 300 ms that are left.
    expect(clock.pauses).toEqual([700, 100, 700, 200, 300]);
    expect(elapsed()).toBe(2_000);
    expect(error).toMatchObject({ code: "TIMEOUT", value: 300, retryable: true });
  });

  test("any other thrown error is classified", async () => {
    const { clock, context } = setUp();
    const thrown = Object.assign(new Error("gone"), { name: "AccessDenied" });
    const work = withRetry(() => Promise.reject(thrown), context);
    await expect(clock.run(work)).rejects.toMatchObject({ code: "ACCESS_DENIED", cause: thrown });
  });

  test.each(["succeeds", "fails"])(
    "a try that %s leaves no timer and no listener, and its signal ends",
    async (how) => {
      const { clock, context } = setUp({ attempts: 1 });
      const { signal } = new AbortController();
      let heard: AbortSignal | undefined;
      const attempt = async (inner: AbortSignal) => {
        heard = inner;
        if (how === "fails") throw down();
      };
      await clock.run(withRetry(attempt, { ...context, signal })).catch(() => {});
      expect(heard?.aborted).toBe(true);
      expect(clock.waiting).toBe(0);
      expect(getEventListeners(signal, "abort")).toEqual([]);
    },
  );

  test("a try that hangs is given up after its time, even if it ignores its signal", async () => {
    const { clock, context, elapsed } = setUp({ attempts: 1, attemptTimeoutMs: 700 });
    let heard: AbortSignal | undefined;
    const work = withRetry((signal) => {
      heard = signal;
      return new Promise(() => {});
    }, context);
    await expect(clock.run(work)).rejects.toMatchObject({ code: "TIMEOUT", retryable: true });
    expect(elapsed()).toBe(700);
    expect(heard?.aborted).toBe(true);
  });

  test("all tries together never take longer than allowed, with any policy and any random numbers", async () => {
    const policy = fc.record({
      attempts: fc.integer({ min: 1, max: 8 }),
      baseDelayMs: fc.integer({ min: 0, max: 2_000 }),
      maxDelayMs: fc.integer({ min: 0, max: 5_000 }),
      attemptTimeoutMs: fc.integer({ min: 1, max: 5_000 }),
      totalTimeoutMs: fc.integer({ min: 1, max: 9_000 }),
    });
    await fc.assert(
      fc.asyncProperty(policy, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), async (p, luck) => {
        const { clock, context, elapsed } = setUp(p, () => luck.next().value);
        let tries = 0;
        const hang = () => {
          tries++;
          return new Promise<never>(() => {});
        };
        await expect(clock.run(withRetry(hang, context))).rejects.toMatchObject({ code: "TIMEOUT" });
        expect(elapsed()).toBeLessThanOrEqual(p.totalTimeoutMs);
        expect(tries).toBeLessThanOrEqual(p.attempts);
      }),
      { numRuns: 50 },
    );
  });

  test("a clock that fails during a pause ends it, with the clock's own error", async () => {
    const { clock, context } = setUp();
    const broken = new Error("no timers left");
    const sleep = (ms: number, signal?: AbortSignal) =>
      ms === DEFAULT_RETRY.attemptTimeoutMs ? clock.sleep(ms, signal) : Promise.reject(broken);
    const work = withRetry(() => Promise.reject(down()), { ...context, clock: { now: () => clock.now(), sleep } });
    await expect(clock.run(work)).rejects.toBe(broken);
  });

  const lost = () => new SenderError("TIMEOUT", "no answer", { retryable: true, mayHaveArrived: true });
  test.each([
    ["every answer is lost", [lost, lost], true],
    ["an answer is lost, and then nothing is reached", [lost, down], true],
    ["nothing is reached", [down, down], false],
    [
      "an answer is lost, and then the credentials are refused",
      [lost, () => new SenderError("ACCESS_DENIED", "")],
      true,
    ],
  ] as const)("what it sent may have arrived if %s: %s", async (_, failures, mayHaveArrived) => {
    const { clock, context } = setUp({ attempts: failures.length });
    let tries = 0;
    const error = await clock.run(withRetry(() => Promise.reject(failures[tries++]!()), context)).catch((why) => why);
    expect(error).toMatchObject({ code: failures.at(-1)!().code, mayHaveArrived });
  });

  test("what it sent may have arrived if a try takes too long", async () => {
    const { clock, context } = setUp({ attempts: 1 });
    const work = withRetry(() => new Promise<never>(() => {}), context);
    await expect(clock.run(work)).rejects.toMatchObject({ code: "TIMEOUT", mayHaveArrived: true });
  });

  describe("aborted by the caller", () => {
    test("without a reason, as with the signals of some polyfills, the error has no reason", async () => {
      const { clock, context } = setUp();
      const signal = { aborted: true, reason: undefined } as AbortSignal;
      const error = await clock.run(withRetry(jest.fn(), { ...context, signal })).catch((failure) => failure);
      expect(error).toMatchObject({ code: "ABORTED", message: "Sending was aborted", retryable: true });
      expect(error).not.toHaveProperty("cause");
    });

    test("before it starts, it does not try", async () => {
      const { clock, context } = setUp();
      const attempt = jest.fn();
      const work = withRetry(attempt, { ...context, signal: AbortSignal.abort() });
      await expect(clock.run(work)).rejects.toMatchObject({ code: "ABORTED", retryable: true, mayHaveArrived: false });
      expect(attempt).not.toHaveBeenCalled();
    });

    test.each(["a try", "a pause"])("during %s, it ends at once", async (phase) => {
      const { context, elapsed } = setUp();
      const controller = new AbortController();
      const reason = new Error("user left");
      let tries = 0;
      const attempt = () => {
        tries++;
        return phase === "a try" ? new Promise<never>(() => {}) : Promise.reject(down());
      };
      const work = withRetry(attempt, { ...context, signal: controller.signal });
      setImmediate(() => controller.abort(reason));
      await expect(work).rejects.toMatchObject({
        code: "ABORTED",
        message: "Sending was aborted: user left",
        cause: reason,
        retryable: true,
        mayHaveArrived: phase === "a try",
      });
      expect([tries, elapsed()]).toEqual([1, 0]);
    });
  });
});
