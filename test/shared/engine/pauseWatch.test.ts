import { PauseWatch } from "../../../shared/engine/pauseWatch";
import type { JobState } from "../../../shared/jobs/job";
import { sampleJob } from "../../support/sampleJob";

class Ground {
  now = 5_000;
  state: JobState = "running";
  spentMs = 0;
  looks = 0;
  readonly watch = new PauseWatch({
    jobs: {
      head: async () => {
        this.looks++;
        return sampleJob({ state: this.state });
      },
    },
    clock: { now: () => this.now },
    spentMs: () => this.spentMs,
  });
  at(ms: number): Promise<boolean> {
    this.now = 5_000 + ms;
    return this.watch.isPaused("job-1");
  }
}

test("looks at the job every two seconds, and sees that it is paused", async () => {
  const ground = new Ground();
  expect([await ground.at(0), await ground.at(1_999), await ground.at(2_000), await ground.at(3_999)]).toEqual(
    Array(4).fill(false),
  );
  expect(ground.looks).toBe(1);
  ground.state = "paused";
  expect(await ground.at(3_999)).toBe(false);
  expect(await ground.at(4_000)).toBe(true);
});

test.each<JobState>(["failed", "cancelled", "completed"])("a job that is %s counts as paused, too", async (state) => {
  const ground = new Ground();
  ground.state = state;
  expect(await ground.at(2_000)).toBe(true);
});

test("does not look while requests spend capacity, because the ledgers show a pause", async () => {
  const ground = new Ground();
  ground.state = "paused";
  for (const seconds of [2, 10, 60]) {
    ground.spentMs += 1;
    expect(await ground.at(1_000 * seconds)).toBe(false);
  }
  expect(ground.looks).toBe(0);
});

test("looks again two seconds after the last request", async () => {
  const ground = new Ground();
  ground.state = "paused";
  ground.spentMs = 1;
  expect(await ground.at(10_000)).toBe(false);
  expect(await ground.at(11_999)).toBe(false);
  expect(await ground.at(12_000)).toBe(true);
});
