/** Starts of jobs on the spark driver, and what a Glue job without room means for them. */
import { continueDispatch, resumeJob, type StartJobOptions, startJob } from "../../../services/jobs/startJob";
import type { EpochTask } from "../../../shared/drivers/driver";
import { SluiceError } from "../../../shared/errors";
import { JobControl } from "../../../shared/jobs/control";
import type { JobHead } from "../../../shared/jobs/job";
import { ownOperations } from "../../../shared/operations/registry";
import { type StartGround, startGroundOnce } from "./startGround";

jest.mock("../../../shared/operations/user/userOperations", () => {
  const default_ = async (_page: unknown, soFar: unknown) => soFar ?? null;
  return { userOperations: { histogram: { default: default_ }, sum: { default: default_ } } };
});
jest.mock("../../../shared/operations/user/userUpdates", () => ({
  userUpdates: { addYear: { default: () => undefined } },
}));

let ground: StartGround;
startGroundOnce((started) => {
  ground = started;
});

let next = 0;
const newId = () => `spark-${next++}`;
const control = () => new JobControl(ground.dynamodb, ground.jobsTable, Date.now);
const noRoom = () =>
  new SluiceError("NO_ROOM", "Glue job sluice-dev-glue can't begin another run now (full).", { retryable: true });

/** A stack with a Glue job. */
class Glue {
  readonly begun: (EpochTask & { resumedAt?: number })[] = [];
  hasRoom = true;

  get options(): StartJobOptions {
    const begin = async (task: EpochTask, { resumedAt }: Pick<JobHead, "resumedAt">) => {
      if (!this.hasRoom) throw noRoom();
      this.begun.push({ ...task, ...(resumedAt !== undefined && { resumedAt }) });
      return `jr_${task.job}_${task.epoch}`;
    };
    const { options } = ground;
    return {
      ...options,
      changedTables: [ground.table],
      sparkOperations: ["histogram"],
      driver: (job) => (job.driver === "spark" ? { begin } : options.driver(job)),
    };
  }
}

const request = (changes = {}) => ground.request({ driver: "spark", ...changes });

test("a job of the spark driver begins its epoch, sends no message, and names its run", async () => {
  const [id, glue] = [newId(), new Glue()];
  expect(await startJob(request(), id, glue.options)).toMatchObject({ job: id, state: "running", units: 4 });
  expect(glue.begun).toEqual([{ job: id, epoch: 0 }]);
  expect(ground.sent).toEqual([]);
  expect(await ground.job(id)).toMatchObject({ driver: "spark", state: "running", execution: `jr_${id}_0` });
});

test("a resumption begins the next run, and records its time", async () => {
  const [id, glue] = [newId(), new Glue()];
  await startJob(request(), id, glue.options);
  await control().pause(id);
  await resumeJob(id, glue.options);
  expect(glue.begun.at(-1)).toEqual({ job: id, epoch: 1, resumedAt: (await ground.job(id))?.resumedAt });
  expect(await ground.job(id)).toMatchObject({ epoch: 1, state: "running", execution: `jr_${id}_1` });
});

test("a job that is active without a run, because the event about the run's end was lost, can be resumed", async () => {
  const [id, glue] = [newId(), new Glue()];
  await startJob(request(), id, glue.options);
  expect(await resumeJob(id, glue.options)).toMatchObject({ state: "running" });
  expect(await ground.job(id)).toMatchObject({ epoch: 1, execution: `jr_${id}_1` });
});

describe("if the Glue job has no room", () => {
  test("a job stays starting, reports that, and is begun by the message to itself once there is room", async () => {
    const [id, glue] = [newId(), new Glue()];
    glue.hasRoom = false;
    expect(await startJob(request(), id, glue.options)).toMatchObject({
      state: "starting",
      warnings: [expect.stringMatching(/another run now \(full\)\. Job \S+ stays starting, and begins by itself/)],
    });
    expect(ground.later).toEqual([{ request: { dispatch: id, epoch: 0 }, delaySeconds: 60 }]);
    // Each message sends another one, because SQS would make a repeated message a dead letter.
    await continueDispatch({ dispatch: id, epoch: 0 }, glue.options);
    expect(ground.later).toHaveLength(2);
    const reason =
      "Glue job sluice-dev-glue can't begin another run now (full). The job begins by itself once there is room.";
    expect(await ground.job(id)).toMatchObject({ state: "starting", reason });
    glue.hasRoom = true;
    await continueDispatch({ dispatch: id, epoch: 0 }, glue.options);
    expect(ground.later).toHaveLength(2);
    expect(await ground.job(id)).toMatchObject({ state: "running", execution: `jr_${id}_0` });
    expect(await ground.job(id)).not.toHaveProperty("reason");
  });

  test.each(["pause", "cancel"] as const)("%s ends the waiting", async (verb) => {
    const [id, glue] = [newId(), new Glue()];
    glue.hasRoom = false;
    await startJob(request(), id, glue.options);
    await control()[verb](id);
    await continueDispatch({ dispatch: id, epoch: 0 }, glue.options);
    expect(ground.later).toHaveLength(1);
    expect(await ground.job(id)).not.toHaveProperty("reason");
  });

  test("a resumed job waits in the same way", async () => {
    const [id, glue] = [newId(), new Glue()];
    await startJob(request(), id, glue.options);
    await control().pause(id);
    glue.hasRoom = false;
    expect(await resumeJob(id, glue.options)).toMatchObject({ state: "starting", warnings: [expect.any(String)] });
    glue.hasRoom = true;
    await continueDispatch({ dispatch: id, epoch: 1 }, glue.options);
    expect(await ground.job(id)).toMatchObject({ state: "running", execution: `jr_${id}_1` });
  });
});

test("a stack that no longer has the driver resumes nothing, and leaves the job unchanged", async () => {
  const [id, glue] = [newId(), new Glue()];
  await startJob(request(), id, glue.options);
  await control().pause(id);
  const gone = () => {
    throw new SluiceError("NO_DRIVER", "gone");
  };
  await expect(resumeJob(id, { ...glue.options, driver: gone })).rejects.toMatchObject({ code: "NO_DRIVER" });
  expect(await ground.job(id)).toMatchObject({ state: "paused", epoch: 0 });
});

describe("is refused", () => {
  const problemsOf = async (changes: object, options: Partial<StartJobOptions> = {}) => {
    const started = startJob(request(changes), newId(), { ...new Glue().options, ...options });
    return (
      (await started.then(
        () => ({ value: [] }),
        (thrown) => thrown,
      )) as { value: string[] }
    ).value;
  };

  test.each([
    [false, "driver must be queue: the stack has no Glue job (config glueWorkers)."],
    [true, "driver must be queue or workflow: the stack has no Glue job (config glueWorkers)."],
  ])("by a stack without a Glue job, with the driver that it has (workflow: %p)", async (hasWorkflow, problem) => {
    expect(await problemsOf({}, { sparkOperations: undefined, hasWorkflow })).toEqual([problem]);
  });

  test("for an operation in TypeScript, unless it has a twin in Python", async () => {
    expect(await problemsOf({ operation: "sum" })).toEqual([
      "driver must be queue: operation sum is in TypeScript, and config gluePythonOperations names no twin of it in Python.",
    ]);
    expect(await problemsOf({ operation: "histogram" })).toEqual([]);
  });

  test("for an update in TypeScript: a function of a page would ignore its conditions, and write in a dry run", async () => {
    const reason =
      "driver must be queue: addYear is an update in TypeScript, and only operations have twins in Python.";
    for (const sparkOperations of [[], ["addYear"]]) {
      const problems = await problemsOf({ operation: "addYear", writeRate: 10, dryRun: true }, { sparkOperations });
      expect(problems).toEqual([reason]);
    }
  });

  test("for undo, and for its source of former values", async () => {
    const reason = "driver must be queue: only workers in TypeScript read the former values of items.";
    expect(await problemsOf({ operation: "undo" })).toContain(reason);
  });

  test("for none of Sluice's other operations", async () => {
    for (const operation of Object.keys(ownOperations).filter((name) => name !== "undo")) {
      const problems = await problemsOf({ operation });
      expect(problems.filter((problem) => problem.startsWith("driver"))).toEqual([]);
    }
  });

  test("and the refusal names the other drivers if the workflow is missing", async () => {
    expect(await problemsOf({ driver: "workflow" })).toEqual([
      "driver must be queue or spark: the stack has no workflow (config shuffleMaximumConcurrency).",
    ]);
  });
});
