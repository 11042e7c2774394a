import type { Job, JobLimit } from "../../../shared/jobs/job";
import { expectedWork } from "../../../shared/worker/expectedWork";
import { readLimit } from "../../support/sampleJob";

const writeLimit = (perSecond: number): JobLimit => ({ ...readLimit(perSecond), direction: "write" });
const job = (limits: JobLimit[], part: Partial<Job> = {}) => ({
  estimatedBytes: 0,
  estimatedItems: 0,
  limits,
  ...part,
});

test.each<[string, ReturnType<typeof job>, number]>([
  ["reads 8 KB with each unit", job([readLimit(100)], { estimatedBytes: 8_192_000 }), 10],
  ["writes an item with each unit", job([writeLimit(50)], { estimatedItems: 1_000 }), 20],
  [
    "takes as long as the slower of both, here writing",
    job([readLimit(100), writeLimit(50)], { estimatedBytes: 8_192_000, estimatedItems: 1_000 }),
    20,
  ],
  [
    "takes as long as the slower of both, here reading",
    job([readLimit(10), writeLimit(50)], { estimatedBytes: 8_192_000, estimatedItems: 1_000 }),
    100,
  ],
  ["of unknown size takes no time", job([readLimit(100), writeLimit(50)]), 0],
])("a job that %s", (_, of, seconds) => {
  expect(expectedWork(of).seconds).toBeCloseTo(seconds, 9);
});

test("has at least one page if it reads a table, and an unknown number if it reads none", () => {
  expect(expectedWork(job([readLimit(100)])).pages).toBe(1);
  expect(expectedWork(job([writeLimit(50)], { estimatedItems: 10 }))).not.toHaveProperty("pages");
});

test("at a low rate a page lasts for 20 seconds", () => {
  const { seconds, pages } = expectedWork(job([readLimit(1)], { estimatedBytes: 8_192_000 }));
  expect([seconds, pages]).toEqual([1_000, 50]);
});
