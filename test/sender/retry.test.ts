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

  test("does not try again what cannot get better", async () => {
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

  test("throttling is answered with longer pauses", () => {
    expect(pauseBound(DEFAULT_RETRY, 1, false)).toBe(100);
    expect(pauseBound(DEFAULT_RETRY, 1, true)).toBe(500);
  });

  test("a try that hangs is given up after its time, even if it does not listen to its signal", async () => {
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

  test("all together never takes longer than allowed, for any policy and any luck", async () => {
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

  describe("aborted by the caller", () => {
    test("before it starts, it does not try", async () => {
      const { clock, context } = setUp();
      const attempt = jest.fn();
      const work = withRetry(attempt, { ...context, signal: AbortSignal.abort() });
      await expect(clock.run(work)).rejects.toMatchObject({ code: "ABORTED", retryable: true });
      expect(attempt).not.toHaveBeenCalled();
    });

    test.each(["a try", "a pause"])("during %s, it ends at once", async (phase) => {
      const { context, elapsed } = setUp();
      const controller = new AbortController();
      let tries = 0;
      const attempt = () => {
        tries++;
        return phase === "a try" ? new Promise<never>(() => {}) : Promise.reject(down());
      };
      const work = withRetry(attempt, { ...context, signal: controller.signal });
      setImmediate(() => controller.abort(new Error("user left")));
      await expect(work).rejects.toMatchObject({ code: "ABORTED" });
      expect([tries, elapsed()]).toEqual([1, 0]);
    });
  });
});
