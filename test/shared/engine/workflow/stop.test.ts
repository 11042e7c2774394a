/** Stopping a job whose execution has ended badly. */
import { stopJob } from "../../../../shared/engine/workflow/stop";
import type { Job } from "../../../../shared/jobs/job";
import type { Setting } from "../unitAtHand";
import { numberAtHand } from "./numberAtHand";

const reason = "Its execution job-0 was stopped.";
const all = () => true;

function stopping(setting: Setting = {}) {
  const ground = numberAtHand(setting);
  const stop = (candidates = ["job"], concerns: (job: Job) => boolean = all) =>
    stopJob({ candidates, concerns, reason }, ground.options);
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
