import type { JobHead } from "../../../shared/jobs/job";
import { FailureBrake } from "../../../shared/worker/failureBrake";
import { sampleJob } from "../../support/sampleJob";

function brake(head: Partial<JobHead> | undefined) {
  const paused: string[] = [];
  const added: number[] = [];
  const jobs = {
    addFailures: async (_job: string, failures: number) => {
      added.push(failures);
      return head && { ...sampleJob({ id: "job-1" }), ...head };
    },
    pause: async (_job: object, reason: string) => {
      paused.push(reason);
      return true;
    },
  };
  return { brake: new FailureBrake(jobs, { now: () => 0 }), paused, added };
}

test.each<[string, Partial<JobHead> | undefined]>([
  ["as many fail as may", { failures: 100, mostFailures: 100 }],
  ["any number may fail", { failures: 1_000_000 }],
  ["the job is gone", undefined],
])("goes on where %s", async (_, head) => {
  const at = brake(head);
  await at.brake.add(sampleJob(), 7);
  expect([at.added, at.paused]).toEqual([[7], []]);
});

test("pauses the job once one more fails, with the reason and advice", async () => {
  const at = brake({ failures: 101, mostFailures: 100 });
  await at.brake.add(sampleJob(), 1);
  expect(at.paused).toEqual([
    "101 items failed, more than the 100 that may (maxFailures). Look at them with `jobs failures job-1`; " +
      "`jobs resume job-1` goes on and lets as many fail again.",
  ]);
});
