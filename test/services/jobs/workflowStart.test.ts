/** Starts of jobs on the workflow driver: by a request, and by an execution. */
import { startInExecution } from "../../../services/jobs/startInExecution";
import { resumeJob, type StartJobOptions, startJob } from "../../../services/jobs/startJob";
import type { EpochTask } from "../../../shared/drivers/driver";
import { JobControl } from "../../../shared/jobs/control";
import { type StartGround, startGroundOnce } from "./startGround";

let ground: StartGround;
startGroundOnce((started) => {
  ground = started;
});

let next = 0;
const newId = () => `workflow-${next++}`;
const ARN = "arn:aws:states:us-east-1:123456789012:execution:shuffle";
const control = () => new JobControl(ground.dynamodb, ground.jobsTable, Date.now);

function withWorkflow(begun: EpochTask[] = []): StartJobOptions {
  const executions = {
    begin: async (task: EpochTask) => {
      begun.push(task);
      return `${ARN}:${task.job}-${task.epoch}`;
    },
  };
  const { options } = ground;
  return {
    ...options,
    hasWorkflow: true,
    driver: (job) => (job.driver === "workflow" ? executions : options.driver(job)),
  };
}

test("a job of the workflow driver begins its epoch, sends no message, and names its execution", async () => {
  const [id, begun] = [newId(), [] as EpochTask[]];
  expect(await startJob(ground.request({ driver: "workflow" }), id, withWorkflow(begun))).toMatchObject({
    ...{ job: id, state: "running", units: 4 },
  });
  expect(begun).toEqual([{ job: id, epoch: 0 }]);
  expect(ground.sent).toEqual([]);
  const expected = { driver: "workflow", state: "running", execution: `${ARN}:${id}-0` };
  expect(await ground.job(id)).toMatchObject(expected);
});

test("a resumption begins the next epoch, with the driver that the job began with", async () => {
  const [id, begun] = [newId(), [] as EpochTask[]];
  await startJob(ground.request({ driver: "workflow" }), id, withWorkflow());
  await control().pause(id);
  await resumeJob(id, withWorkflow(begun));
  expect(begun).toEqual([{ job: id, epoch: 1 }]);
  expect(await ground.job(id)).toMatchObject({ epoch: 1, state: "running", execution: `${ARN}:${id}-1` });
});

test("a resumption of an epoch opens one new epoch, however often it is requested", async () => {
  const [id, begun] = [newId(), [] as EpochTask[]];
  await startJob(ground.request({ driver: "workflow" }), id, withWorkflow());
  expect(await resumeJob(id, withWorkflow(begun), 0)).toMatchObject({ state: "running" });
  expect(await resumeJob(id, withWorkflow(begun), 0)).toMatchObject({ state: "running", startedBefore: true });
  expect(begun).toEqual([{ job: id, epoch: 1 }]);
});

test("the queue driver is the default, and can be named", async () => {
  for (const request of [ground.request(), ground.request({ driver: "queue" })]) {
    const id = newId();
    await startJob(request, id, withWorkflow());
    expect((await ground.job(id))?.driver).toBeUndefined();
    await control().cancel(id);
  }
  expect(ground.sent).toHaveLength(2);
});

test("a stack without a workflow refuses the driver; an unknown driver is refused with a list of the others", async () => {
  const refused = (driver: string) => startJob(ground.request({ driver }), newId(), ground.options);
  await expect(refused("workflow")).rejects.toMatchObject({
    value: ["driver must be queue: the stack has no workflow (config shuffleMaximumConcurrency)."],
  });
  await expect(refused("cron")).rejects.toMatchObject({
    value: ['driver must be queue, workflow or spark, got "cron".'],
  });
});

describe("an execution that was started with a start request", () => {
  const ask = (start: unknown, execution: string) => startInExecution({ start, execution }, withWorkflow());

  test("gets a job with its own name, and begins no other execution", async () => {
    const [id, begun] = [newId(), [] as EpochTask[]];
    const execution = `${ARN}:${id}`;
    const answer = await startInExecution({ start: ground.request(), execution }, withWorkflow(begun));
    expect(answer).toEqual({ job: id, epoch: 0 });
    expect(begun).toEqual([]);
    expect(ground.sent).toEqual([]);
    expect(await ground.job(id)).toMatchObject({ driver: "workflow", state: "running", execution });
  });

  test("that asks again because the answer was lost gets the same job", async () => {
    const execution = `${ARN}:${newId()}`;
    const first = await ask(ground.request(), execution);
    expect(await ask(ground.request(), execution)).toEqual(first);
  });

  test("with a name that no job can have gets a job with another id, the same each time", async () => {
    const execution = `${ARN}:nightly run!`;
    const { job } = await ask(ground.request(), execution);
    expect(job).toMatch(/^[0-9a-f]{32}$/);
    expect(await ask(ground.request(), execution)).toEqual({ job, epoch: 0 });
  });

  test("is refused a job that another execution works on", async () => {
    const id = newId();
    await ask(ground.request({ jobId: id }), `${ARN}:one`);
    await expect(ask(ground.request({ jobId: id }), `${ARN}:two`)).rejects.toMatchObject({
      code: "JOB_EXISTS",
      message: `jobId must be new, but execution ${ARN}:one works on job "${id}".`,
    });
  });

  test.each<[string, unknown, string[]]>([
    ["with several problems", { operation: "count", table: "orders", segments: 0, unknown: 1 }, []],
    ["that is none", 7, ["The request must be an object, got 7."]],
  ])("learns all problems of a request %s", async (_, given, expected) => {
    const error = await ask(given, `${ARN}:${newId()}`).catch((thrown: unknown) => thrown);
    const { code, value } = error as { code: string; value: string[] };
    expect(code).toBe("INVALID_REQUEST");
    if (expected.length > 0) expect(value).toEqual(expected);
    else expect(value.length).toBeGreaterThan(1);
  });

  test.each<[string, object, number]>([
    ["queue driver, alone", { driver: "queue" }, 1],
    ["queue driver, together with the others", { driver: "queue", readRate: 0, segments: 0 }, 3],
    ["spark driver", { driver: "spark" }, 1],
  ])("is refused the %s", async (_, changes, problems) => {
    const error = await ask({ ...ground.request(), ...changes }, `${ARN}:${newId()}`).catch((thrown) => thrown);
    const { code, value } = error as { code: string; value: string[] };
    expect([code, value.length]).toEqual(["INVALID_REQUEST", problems]);
    expect(value[0]).toBe("driver must be workflow, or absent: the request started an execution.");
  });
});
