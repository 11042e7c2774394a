import { executionName, laterName } from "../../../../shared/drivers/workflow/executionName";
import { jobIdOf } from "../../../../shared/drivers/workflow/jobIdOf";

const arn = (name: string) => `arn:aws:states:us-east-1:111122223333:execution:machine:${name}`;
const ID = /^[\w-]{1,64}$/;

test.each(["nightly", "a".repeat(64), "8a1c5e0e-2f53-4b0e-9d0a-0f4f6f2b7a11", "under_score-9"])(
  "the name %s is an id, and stays",
  (name) => {
    expect(jobIdOf(arn(name))).toBe(name);
  },
);

test.each(["a".repeat(65), "count.orders", "nächtlich", "a".repeat(80)])(
  "the name %s leads to an id, always the same",
  (name) => {
    expect(jobIdOf(arn(name))).toMatch(ID);
    expect(jobIdOf(arn(name))).toBe(jobIdOf(arn(name)));
    expect(jobIdOf(arn(name))).not.toBe(jobIdOf(arn(`${name}x`)));
  },
);

test("an epoch's execution has a name that Step Functions takes, one for each epoch", () => {
  expect(executionName({ job: "nightly", epoch: 0 })).toBe("nightly-0");
  expect(executionName({ job: "a".repeat(64), epoch: 999_999_999_999_999 }).length).toBeLessThanOrEqual(80);
  expect(executionName({ job: "a", epoch: 1 })).not.toBe(executionName({ job: "a", epoch: 2 }));
});

test("a job whose id an earlier one had has other names, which Step Functions takes too", () => {
  const task = { job: "a".repeat(64), epoch: 0 };
  const [first, second] = [laterName(task, 1_800_000_000_000), laterName(task, 1_800_000_000_001)];
  expect(new Set([executionName(task), first, second]).size).toBe(3);
  for (const name of [first, second]) expect(name.length).toBeLessThanOrEqual(80);
});
