/** Which numbers an execution works on. */
import { firstTurn, lastTurn } from "../../../../shared/engine/turns";
import { numbersLeft } from "../../../../shared/engine/workflow/numbersLeft";
import type { Job } from "../../../../shared/jobs/job";
import { unitOf } from "../../../../shared/jobs/storage/reading";
import type { Unit } from "../../../../shared/jobs/unit";
import { MemoryJobs, MemoryTables, MemoryUnits } from "../../../support/memoryStores";
import { sampleJob } from "../../../support/sampleJob";
import { T } from "../unitAtHand";

const EPOCH = 2;
const turn = firstTurn(EPOCH);

function ground(part: Partial<Job> = {}, units: readonly Partial<Unit>[] = []) {
  const tables = MemoryTables.with(sampleJob({ units: 8, epoch: EPOCH, ...part }));
  for (const unit of units) tables.putUnit("job", { ...unitOf(undefined), number: 0, turn, ...unit });
  const options = { jobs: new MemoryJobs(tables), units: new MemoryUnits(tables), clock: { now: () => T } };
  return (epoch = part.epoch ?? EPOCH, job = "job") => numbersLeft({ job, epoch }, options);
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

test("all of a job's numbers, each once, in an order that job and epoch decide", async () => {
  const orders = new Set<string>();
  for (const epoch of [0, 1]) {
    const left = ground({ epoch, units: 100 });
    const { answer, job } = await left();
    expect(answer.state).toBe("ready");
    expect(job).toMatchObject({ id: "job", epoch });
    expect(sorted(answer.numbers)).toEqual(Array.from({ length: 100 }, (_, number) => number));
    expect(answer.numbers).not.toEqual(sorted(answer.numbers));
    expect((await left()).answer).toEqual(answer);
    orders.add(answer.numbers.join());
  }
  expect(orders.size).toBe(2);
});

test("without the numbers that have ended, and the order of the others stays", async () => {
  const all = (await ground()()).answer.numbers;
  const units: Partial<Unit>[] = [
    { number: 1, state: "done" },
    { number: 2, state: "failed", turn: lastTurn(EPOCH) },
    { number: 3, owner: "other", leaseUntil: T + 1 },
    { number: 4, retryAt: T + 1 },
    { number: 5, state: "failed", turn: lastTurn(EPOCH - 1) },
    { number: 6, state: "done", turn: firstTurn(EPOCH - 1) },
  ];
  const { answer } = await ground({}, units)();
  expect(answer.numbers).toEqual(all.filter((number) => ![1, 2, 6].includes(number)));
});

test.each(["paused", "cancelled", "completed", "failed"] as const)("none of a job that is %s", async (state) => {
  expect(await ground({ state })()).toEqual({ answer: { state: "parked", numbers: [] } });
});

test("none of an epoch that is over", async () => {
  expect(await ground()(EPOCH - 1)).toEqual({ answer: { state: "stale", numbers: [] } });
});

test.each([
  [EPOCH, "another"],
  [EPOCH + 1, "job"],
])("epoch %d of %s, which never existed, is an error", async (epoch, job) => {
  await expect(ground()(epoch, job)).rejects.toMatchObject({ code: "NO_SUCH_JOB", retryable: false });
});
