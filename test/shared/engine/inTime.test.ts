import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../../shared/clock";
import { inTime } from "../../../shared/engine/inTime";

/** An invocation that began so long ago and has so long for work, milliseconds. */
const since = (agoMs: number, leftMs: number) => ({ startedAt: Date.now() - agoMs, stopAt: Date.now() + leftMs });
const endless = () => new Promise<never>(() => undefined);

test("what ends in time is passed on, an error too", async () => {
  expect(await inTime(async () => 5, since(0, 60_000), systemClock)).toBe(5);
  const broken = () => Promise.reject(new Error("broken"));
  await expect(inTime(broken, since(0, 60_000), systemClock)).rejects.toThrow("broken");
});

test("what had nearly a whole invocation and did not end is too slow for any", async () => {
  const error = inTime(endless, since(10, 100), systemClock);
  await expect(error).rejects.toMatchObject({ code: "FINISH_TOO_SLOW", retryable: false });
});

test.each([
  ["late", 60],
  ["when the time was over", -60],
])("what was begun %s comes again, with more time", async (_, leftMs) => {
  const error = inTime(endless, since(600, leftMs), systemClock);
  await expect(error).rejects.toMatchObject({ code: "FINISH_INTERRUPTED", retryable: true });
});

test("what fails after its time harms nobody", async () => {
  const fails = async () => {
    await sleep(60);
    throw new Error("late");
  };
  await expect(inTime(fails, since(0, 20), systemClock)).rejects.toMatchObject({ code: "FINISH_TOO_SLOW" });
  await sleep(80);
});
