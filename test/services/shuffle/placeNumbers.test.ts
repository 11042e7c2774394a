import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { type PlaceOptions, placeNumbers } from "../../../services/shuffle/placeNumbers";
import type { Generated } from "../../../shared/worker/generateNumbers";
import { sampleJob } from "../../support/sampleJob";

const NOW = Date.UTC(2026, 0, 1);
const task = { job: "nightly", epoch: 2 };

/** The place of so many batches, and the requests to S3. */
async function placed(
  batches: readonly (readonly number[])[],
  more: Partial<Generated> = {},
  options: Partial<PlaceOptions> = {},
) {
  const puts: PutObjectCommandInput[] = [];
  const send = async ({ input }: { input: PutObjectCommandInput }) => puts.push(input);
  const generated: Generated = { state: "ready", batches, concurrency: 4, job: sampleJob({ units: 10 }), ...more };
  const answer = await placeNumbers(generated, task, {
    ...{ s3: { send } as never, bucket: "results", timeoutSeconds: 60 },
    ...{ retry: (call: () => Promise<unknown>) => call() as never, now: () => NOW },
    ...options,
  });
  return { answer, puts };
}
const many = Array.from({ length: 3_000 }, (_, at) => [2 * at + 1, 2 * at]);

test("few batches go inline, in their order, and nothing goes to S3", async () => {
  const { answer, puts } = await placed([[3, 1], [0], [2]]);
  expect(answer).toMatchObject({ ...task, mode: "inline", concurrency: 3, worker: "reading" });
  expect(answer.batches).toEqual([{ numbers: [3, 1] }, { numbers: [0] }, { numbers: [2] }]);
  expect(answer).not.toHaveProperty("list");
  expect(puts).toEqual([]);
});

test("many go into a list of the epoch, in their order, and only the list's place goes into the state", async () => {
  const { answer, puts } = await placed(many, { job: sampleJob({ units: 6_000 }) });
  const list = { bucket: "results", key: "numbers/nightly/2.json" };
  expect(answer).toMatchObject({ ...task, mode: "distributed", concurrency: 4, list });
  expect(answer).not.toHaveProperty("batches");
  expect(puts).toMatchObject([{ Bucket: "results", Key: list.key, ContentType: "application/json" }]);
  expect(JSON.parse(String(puts[0]?.Body))).toEqual(many.map((numbers) => ({ numbers })));
});

test("without numbers there is no work: no list and no error, even for a job that is over", async () => {
  const { answer, puts } = await placed([], { state: "parked", job: undefined } as never);
  expect(answer).toMatchObject({ ...task, mode: "none", worker: "reading" });
  expect(puts).toEqual([]);
});

test("lanes wait for seven days at most", async () => {
  expect((await placed([[1]])).answer.until).toBe("2026-01-08T00:00:00.000Z");
});

test.each([
  ["count", "reading"],
  ["export", "reading"],
  ["histogram", "reading"],
  ["update", "writing"],
  ["delete", "writing"],
  ["copy", "writing"],
])("the numbers of %s go to the %s function", async (name, worker) => {
  const { answer } = await placed([[1]], { job: sampleJob({ operation: { name, params: {} } }) });
  expect(answer.worker).toBe(worker);
});

test("units that take many turns go to children, which have histories of their own", async () => {
  const estimatedBytes = 100 * 1_024 ** 3;
  const { answer } = await placed([[1], [2], [3]], { job: sampleJob({ units: 3, estimatedBytes }) });
  expect(answer.mode).toBe("distributed");
});

test("a put that fails for a passing reason is repeated", async () => {
  let failed = 0;
  const retry = async <T>(call: () => Promise<T>): Promise<T> => {
    failed++;
    return call();
  };
  const { puts } = await placed(many, {}, { retry });
  expect([failed, puts.length]).toEqual([1, 1]);
});
