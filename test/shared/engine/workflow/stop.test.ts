/** Stopping a job whose execution has ended badly. */
import type { BadEnd } from "../../../../shared/drivers/driver";
import { stopJob } from "../../../../shared/engine/workflow/stop";
import type { Job } from "../../../../shared/jobs/job";
import { type Setting, T } from "../unitAtHand";
import { numberAtHand } from "./numberAtHand";

const reason = "Its execution job-0 was stopped.";
const all = () => true;

function stopping(setting: Setting = {}) {
  const ground = numberAtHand(setting);
  const stop = (candidates = ["job"], concerns: (job: Job) => boolean = all, more: Partial<BadEnd> = {}) =>
    stopJob({ candidates, concerns, reason, ...more }, ground.options);
  return { ...ground, stop };
}

test("an active job fails with the reason, and its end is published", async () => {
  const { stop, job, log } = stopping();
  expect(await stop()).toEqual({ state: "stopped" });
  expect(job()).toMatchObject({ state: "failed", reason, announced: true });
  expect(log.filter((step) => step === "ending.announce")).toHaveLength(1);
});

test("an event that comes twice changes nothing more", async () => {
  const { stop, job, log } = stopping();
  await stop();
  const before = job();
  expect(await stop()).toEqual({ state: "over" });
  expect(job()).toEqual(before);
  expect(log.filter((step) => step === "ending.announce")).toHaveLength(1);
});

test("the end is published if an earlier attempt was killed before that", async () => {
  const { stop, job } = stopping({ job: { state: "failed", reason: "earlier" } });
  expect(await stop()).toEqual({ state: "over" });
  expect(job()).toMatchObject({ state: "failed", reason: "earlier", announced: true });
});

test.each(["paused", "cancelled"] as const)("a job that is %s stays so", async (state) => {
  const { stop, job } = stopping({ job: { state } });
  expect(await stop()).toEqual({ state: "over" });
  expect(job()).toMatchObject({ state });
  expect(job()?.reason).toBeUndefined();
});

test("the first job that the end concerns is stopped, and ids without a job are passed over", async () => {
  const { stop, job } = stopping();
  expect(await stop(["nobody", "job"])).toEqual({ state: "stopped" });
  expect(job()).toMatchObject({ state: "failed" });
});

test("a job that the end doesn't concern goes on", async () => {
  const { stop, job, log } = stopping();
  expect(await stop(["job"], ({ epoch }) => epoch === 9)).toEqual({ state: "over" });
  expect(job()).toMatchObject({ state: "running" });
  expect(log).toEqual([]);
});

describe("a lane whose workers were killed one after the other", () => {
  test.each([
    ["goes on in the next round if one of them held a unit", { owner: "killed", leaseUntil: T + 1 }, "left"],
    ["even if that one's lease has ended since", { owner: "killed", leaseUntil: T - 59_000 }, "left"],
    ["stops the job if they never got to a unit", undefined, "stopped"],
    [
      "stops it although one of them was killed at a unit long ago",
      { owner: "killed", leaseUntil: T - 61_000 },
      "stopped",
    ],
    ["stops it although a unit was worked on and put down", {}, "stopped"],
  ])("%s", async (_, held, state) => {
    const { stop, job, log } = stopping({ job: { units: 3 }, ...(held && { unit: held }) });
    expect(await stop(["job"], all, { killedAt: [1, 0] })).toEqual({ state });
    expect(job()?.state).toBe(state === "left" ? "running" : "failed");
    expect(log.includes("ending.announce")).toBe(state === "stopped");
  });

  test("changes nothing of a job that is paused", async () => {
    const unit = { owner: "killed", leaseUntil: T + 1 };
    const { stop, job } = stopping({ job: { units: 3, state: "paused" }, unit });
    expect(await stop(["job"], all, { killedAt: [1, 0] })).toEqual({ state: "over" });
    expect(job()?.state).toBe("paused");
  });
});
