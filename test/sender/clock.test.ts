import { getEventListeners } from "node:events";
import { systemClock } from "../../sender/clock";

beforeEach(() => void jest.useFakeTimers({ now: 1_700_000_000_123 }));
afterEach(() => void jest.useRealTimers());

/** The state of the work so far. */
function watch(work: Promise<void>) {
  const seen = { state: "open", reason: undefined as unknown };
  work.then(
    () => Object.assign(seen, { state: "over" }),
    (reason) => Object.assign(seen, { state: "ended", reason }),
  );
  return seen;
}

test("now is the system's time in milliseconds", () => expect(systemClock.now()).toBe(1_700_000_000_123));

test.each([undefined, new AbortController().signal])("a pause lasts as long as it should: %#", async (signal) => {
  const seen = watch(systemClock.sleep(2_000, signal));
  await jest.advanceTimersByTimeAsync(1_999);
  expect(seen.state).toBe("open");
  await jest.advanceTimersByTimeAsync(1);
  expect(seen.state).toBe("over");
  if (signal) expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("an abort ends a pause with the abort's reason, and clears its timer", async () => {
  const controller = new AbortController();
  const seen = watch(systemClock.sleep(2_000, controller.signal));
  await jest.advanceTimersByTimeAsync(500);
  const reason = new Error("user left");
  controller.abort(reason);
  await jest.advanceTimersByTimeAsync(0);
  expect(seen).toEqual({ state: "ended", reason });
  expect(jest.getTimerCount()).toBe(0);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("after an abort a pause does not begin", async () => {
  const reason = new Error("user left");
  const signal = AbortSignal.abort(reason);
  await expect(systemClock.sleep(2_000, signal)).rejects.toBe(reason);
  expect(jest.getTimerCount()).toBe(0);
});
