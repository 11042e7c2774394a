import { withShares } from "../../../cli/jobs/listJobs";
import type { Operator } from "../../../cli/operator";
import { SluiceError } from "../../../shared/errors";
import { job } from "./jobs";

/** A stack whose jobs can't be read, for this reason. */
function stackWith(error: Error): Operator {
  return { control: { read: () => Promise.reject(error) } } as unknown as Operator;
}

const clock = { now: () => 0 };

test("a job that is deleted after it was listed stays in the list, with the share of its record", async () => {
  const gone = stackWith(new SluiceError("NO_SUCH_JOB", "There is no job nightly."));
  const [listed] = await withShares(gone, [job({ unitsDone: 1 })], clock);
  expect(listed).toMatchObject({ id: "nightly", share: 0.25 });
});

test("any other failure to read a job ends the list", async () => {
  await expect(withShares(stackWith(new Error("denied")), [job()], clock)).rejects.toThrow("denied");
});
