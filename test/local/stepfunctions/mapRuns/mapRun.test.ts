import { Execution } from "../../../../local/stepfunctions/execution";
import type { MapRunRequest } from "../../../../local/stepfunctions/interpreter/level";
import { MapRun } from "../../../../local/stepfunctions/mapRuns/mapRun";
import { StateError } from "../../../../local/stepfunctions/stateError";
import type { Json } from "../../../../shared/json";
import { JumpingClock, only, task } from "../testExecution";

interface Options extends Partial<MapRunRequest> {
  /** The output of a child for its item, after a second. */
  work?: (item: Json) => Json;
}

/** A Map Run over a list, whose children take a second each. */
function mapRun(items: readonly Json[], { work = (item) => item, ...request }: Options = {}) {
  const clock = new JumpingClock();
  const controller = new AbortController();
  const seen = { running: 0, most: 0, ended: 0 };
  const states = only(task()) as unknown as MapRunRequest["state"]["ItemProcessor"];
  const attempt = async ({ parameters }: { parameters: Json }) => {
    seen.most = Math.max(seen.most, ++seen.running);
    await clock.sleep(1_000);
    seen.running--;
    return work(parameters);
  };
  const run = new MapRun({
    ...{ arn: "mapRun", executionArn: "execution", stateMachineArn: "stateMachine/units", clock },
    signal: controller.signal,
    request: {
      ...{ state: { Type: "Map", ItemProcessor: states }, items, inputOf: (item) => item, maxConcurrency: 10_000 },
      ...{ toleratedFailureCount: undefined, toleratedFailurePercentage: undefined },
      ...request,
    },
    authorize: async () => undefined,
    read: async () => items,
    child: (input) =>
      new Execution({
        ...{ arn: "child", name: "child", stateMachineArn: "stateMachine/units", stateMachineName: "machine" },
        ...{ roleArn: "role", states, timeoutSeconds: undefined, input, mapRunArn: "mapRun" },
        world: { clock, random: () => 0.5, region: "r", attempt, startMapRun: unexpected },
        onStatus: () => undefined,
        onError: (error) => {
          throw error;
        },
      }),
    onEnded: () => {
      seen.ended++;
    },
  });
  return { run, clock, seen, stop: () => controller.abort(new Error("stopped")) };
}

function unexpected(): never {
  throw new Error("a child starts no Map Run here");
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const odd = (item: Json) => {
  if (Number(item) % 2 === 1) throw new StateError("Odd", String(item));
  return item;
};

test.each([
  ["as many at once as are allowed", 300, 300],
  ["10,000 at once at most", 20_000, 10_000],
])("children run, %s", async (_, asked, most) => {
  const { run, clock, seen } = mapRun(numbers(10_050), { maxConcurrency: Math.min(asked, 10_000), work: () => 1 });
  if (asked > 10_000) run.update({ maxConcurrency: asked });
  const outputs = run.run();
  await clock.until(outputs);
  expect(await outputs).toHaveLength(10_050);
  expect([seen.most, seen.ended, run.status]).toEqual([most, 10_050, "SUCCEEDED"]);
});

test("outputs have the order of the items", async () => {
  const { run, clock } = mapRun([3, 1, 2], { maxConcurrency: 2 });
  const outputs = run.run();
  await clock.until(outputs);
  expect(await outputs).toEqual([3, 1, 2]);
});

test("a run over an empty list succeeds with an empty list", async () => {
  const { run } = mapRun([]);
  expect(await run.run()).toEqual([]);
  expect(run.counts.total).toBe(0);
});

test("a change takes effect while it runs: more start at once, and fewer start later", async () => {
  const { run, clock, seen } = mapRun(numbers(100), { maxConcurrency: 1 });
  const outputs = run.run();
  await clock.until(clock.sleep(5_500));
  expect([run.counts.succeeded, seen.most]).toEqual([5, 1]);
  run.update({ maxConcurrency: 10 });
  await clock.until(clock.sleep(2_000));
  expect(seen.most).toBe(10);
  run.update({ maxConcurrency: 2 });
  await clock.until(clock.sleep(3_250));
  expect(seen.running).toBe(2);
  await clock.until(outputs);
  expect(run.counts).toMatchObject({ total: 100, succeeded: 100, pending: 0, running: 0 });
});

test.each<[string, Options, string]>([
  ["no failure by default", {}, "FAILED"],
  ["their share, just", { toleratedFailurePercentage: 50 }, "SUCCEEDED"],
  ["not a share that is smaller", { toleratedFailurePercentage: 49 }, "FAILED"],
  ["their number, just", { toleratedFailureCount: 5 }, "SUCCEEDED"],
  ["not a number that is smaller", { toleratedFailureCount: 4 }, "FAILED"],
  ["not a small number if the share is large", { toleratedFailureCount: 4, toleratedFailurePercentage: 100 }, "FAILED"],
])("failures are tolerated: %s", async (_, tolerance, status) => {
  const { run, clock } = mapRun(numbers(10), { ...tolerance, work: odd, maxConcurrency: 1 });
  const outputs = run.run().catch((error: unknown) => error);
  await clock.until(outputs);
  expect(run.status).toBe(status);
  if (status === "SUCCEEDED") expect(await outputs).toEqual([0, 2, 4, 6, 8]);
  else expect(await outputs).toMatchObject({ error: "States.ExceedToleratedFailureThreshold" });
});

test("children that still run are ended when it fails", async () => {
  const { run, clock, seen } = mapRun([2, 1, 4, 6], { maxConcurrency: 2, work: odd });
  await clock.until(run.run().catch(() => undefined));
  expect(run.counts).toMatchObject({ succeeded: 1, failed: 1, aborted: 1, pending: 1, running: 0 });
  expect(seen.ended).toBe(3);
});

test.each([
  [262_144, "SUCCEEDED"],
  [262_145, "FAILED"],
])("with outputs of %i bytes in all it has %s", async (bytes, status) => {
  // Brackets and one comma beside the quotes.
  const half = 131_000;
  const { run, clock } = mapRun(["x".repeat(half), "x".repeat(bytes - half - 7)]);
  const outputs = run.run().catch((error: unknown) => error);
  await clock.until(outputs);
  expect(run.status).toBe(status);
  if (status === "FAILED") expect(await outputs).toMatchObject({ error: "States.DataLimitExceeded" });
});

test("a run ends together with its execution", async () => {
  const { run, clock, stop } = mapRun(numbers(3), { maxConcurrency: 2 });
  const outputs = run.run().catch((error: unknown) => error);
  void clock.sleep(500).then(stop);
  await clock.until(outputs);
  expect(run.status).toBe("ABORTED");
  expect(run.counts).toMatchObject({ aborted: 2, pending: 1, running: 0 });
});
