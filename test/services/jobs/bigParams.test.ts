/** A start with as many params as a record holds, of an operation that a user wrote. */
import { resumeJob, startJob } from "../../../services/jobs/startJob";
import { JobControl } from "../../../shared/jobs/control";
import { jobKey, specKey } from "../../../shared/jobs/storage/jobsTable";
import { StartGround } from "./startGround";

jest.mock("../../../shared/operations/user/userOperations", () => ({
  userOperations: { mine: { default: () => undefined } },
}));
let ground: StartGround;
beforeAll(async () => {
  ground = await StartGround.start();
});
afterAll(() => ground?.stop());

const KB = 1_000;
const params = (bytes: number) => ({
  list: Array.from({ length: bytes / 100 }, (_, n) => String(n).padStart(94, "x")),
});
const request = (bytes: number) => ground.request({ operation: "mine", params: params(bytes), segments: 3_500 });

/** The bytes written by each request. */
const written = () =>
  ground.inputs.flatMap(({ name, input }) => {
    return name === "TransactWriteItems" || name === "UpdateItem" ? [JSON.stringify(input).length] : [];
  });

test("300 kB of params are written once, and dispatching and resuming cost a small record each", async () => {
  ground.forget();
  expect(await startJob(request(300 * KB), "big", ground.options)).toMatchObject({ state: "running", units: 3_500 });
  expect((await ground.job("big"))!.operation).toEqual({ name: "mine", params: params(300 * KB) });
  const [made, ...later] = written();
  expect(made).toBeGreaterThan(300 * KB);
  // This request records that the job runs.
  expect(later).toHaveLength(1);
  expect(later[0]).toBeLessThan(1 * KB);

  ground.forget();
  await new JobControl(ground.dynamodb, ground.jobsTable, Date.now).pause("big");
  await resumeJob("big", ground.options);
  for (const bytes of written()) expect(bytes).toBeLessThan(2 * KB);
  expect(ground.sent.flat()).toEqual([{ job: "big", chain: 0, turn: 1_000_000 }]);
});

test("the record that changes has no params", async () => {
  ground.forget();
  await startJob(request(300 * KB), "head", ground.options);
  const { input } = ground.inputs.find(({ name }) => name === "TransactWriteItems")!;
  const puts = (input as { TransactItems: { Put?: { Item: object } }[] }).TransactItems.flatMap(
    ({ Put }) => Put?.Item ?? [],
  );
  const sizeOf = (key: object) => JSON.stringify(puts.find((Item) => hasKey(Item, key))).length;
  expect(sizeOf(jobKey("head"))).toBeLessThan(2 * KB);
  expect(sizeOf(specKey("head"))).toBeGreaterThan(300 * KB);
});

test("the same request again is the same job, at any size", async () => {
  await startJob(request(300 * KB), "twice", ground.options);
  expect(await startJob(request(300 * KB), "twice", ground.options)).toMatchObject({ startedBefore: true });
  await expect(startJob(request(299 * KB), "twice", ground.options)).rejects.toMatchObject({ code: "JOB_EXISTS" });
});

test("more than a record holds is refused in one sentence", async () => {
  await expect(startJob(request(450 * KB), "huge", ground.options)).rejects.toMatchObject({
    ...{
      code: "INVALID_REQUEST",
      value: [expect.stringMatching(/^The request cannot be kept as the job's record: .*size/)],
    },
  });
  expect(await ground.job("huge")).toBeUndefined();
});

function hasKey(item: object, key: object): boolean {
  return Object.entries(key).every(([name, value]) => {
    return JSON.stringify((item as Record<string, unknown>)[name]) === JSON.stringify(value);
  });
}
