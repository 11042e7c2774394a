import { systemClock } from "../../../shared/clock";
import { inTime } from "../../../shared/engine/inTime";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** An invocation that began so long ago and has so long for work, milliseconds. */
const since = (agoMs: number, leftMs: number) => ({ startedAt: Date.now() - agoMs, stopAt: Date.now() + leftMs });
const endless = () => new Promise<never>(() => undefined);

test("what ends in time is passed on, an error too", async () => {
  expect(await inTime(async () => 5, since(0, 60_000), systemClock)).toBe(5);
  const broken = () => Promise.reject(new Error("broken"));
  await expect(inTime(broken, since(0, 60_000), systemClock)).rejects.toThrow("broken");
});

test("what had nearly a whole invocation and did not end is too slow for any", async () => {
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
])("what was begun %s comes again, with more time", async (_, leftMs) => {
  const error = expect(inTime(endless, since(600, leftMs), systemClock)).rejects.toMatchObject({
    code: "FINISH_INTERRUPTED",
    retryable: true,
  });
  await jest.runAllTimersAsync();
  await error;
});

test("what fails after its time harms nobody", async () => {
  const fails = async () => {
    await systemClock.sleep(60);
    throw new Error("late");
  };
  const error = expect(inTime(fails, since(0, 20), systemClock)).rejects.toMatchObject({ code: "FINISH_TOO_SLOW" });
  await jest.runAllTimersAsync();
  await error;
});
