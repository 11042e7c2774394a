import {
  ConcurrentRunsExceededException,
  type JobRun,
  ResourceNumberLimitExceededException,
} from "@aws-sdk/client-glue";
import { SparkRuns } from "../../../../shared/drivers/spark/runs";
import { SluiceError } from "../../../../shared/errors";

const CREATED = Date.UTC(2026, 10, 26);
const job = { createdAt: CREATED };
const task = { job: "nightly", epoch: 0 };
const argumentsOf = (id: string, table = "jobs") => ({
  ...{ "--job_id": id, "--jobs_table": table, "--region": "eu-west-1" },
});
const run = (changes: Partial<JobRun> = {}): JobRun => ({
  ...{ Id: "jr_before", JobRunState: "RUNNING", Arguments: argumentsOf("nightly"), StartedOn: new Date(CREATED + 1) },
  ...changes,
});

/** Glue with these runs. @param failing the errors of StartJobRun, in turn; undefined: the call succeeds. */
class Glue {
  readonly sent: { name: string; input: unknown }[] = [];

  constructor(
    readonly runs: JobRun[] = [],
    readonly failing: (Error | undefined)[] = [],
  ) {}

  readonly send = async (command: { constructor: { name: string }; input: unknown }) => {
    const name = command.constructor.name.replace("Command", "");
    this.sent.push({ name, input: command.input });
    if (name === "GetJobRuns") return { JobRuns: [...this.runs] };
    const error = this.failing.shift();
    if (error !== undefined) throw error;
    return { JobRunId: "jr_new" };
  };

  get names(): string[] {
    return this.sent.map(({ name }) => name);
  }
}

const once = <T>(call: () => Promise<T>) => call();
const runsOn = (glue: Glue, retry: <T>(call: () => Promise<T>) => Promise<T> = once) =>
  new SparkRuns({ glue: glue as never, glueJob: "sluice-dev-glue", jobsTable: "jobs", region: "eu-west-1", retry });

test("an epoch begins with a run whose arguments are the job, the jobs table and the region", async () => {
  const glue = new Glue();
  expect(await runsOn(glue).begin(task, job)).toBe("jr_new");
  expect(glue.sent.at(-1)).toEqual({
    name: "StartJobRun",
    input: { JobName: "sluice-dev-glue", Arguments: argumentsOf("nightly") },
  });
});

test.each<[string, Partial<JobRun>, { resumedAt?: number }]>([
  ["of another job", { Arguments: argumentsOf("weekly") }, {}],
  ["of another stack's job of the same id", { Arguments: argumentsOf("nightly", "others") }, {}],
  ["that somebody started by hand, without arguments", { Arguments: undefined }, {}],
  ["of an earlier epoch, which is about to end", {}, { resumedAt: CREATED + 2 }],
  ["of an earlier job of the same id", { StartedOn: new Date(CREATED - 1) }, {}],
  ["that has ended", { JobRunState: "SUCCEEDED" }, {}],
  ["that is being stopped", { JobRunState: "STOPPING" }, {}],
])("a run %s isn't mistaken for this epoch's run", async (_, changes, before) => {
  const glue = new Glue([run(changes)]);
  expect(await runsOn(glue).begin(task, { ...job, ...before })).toBe("jr_new");
});

test.each(["STARTING", "RUNNING", "WAITING"] as const)(
  "a run that is %s, and was begun but not recorded, is used, and no other run begins",
  async (JobRunState) => {
    const glue = new Glue([run({ JobRunState })]);
    expect(await runsOn(glue).begin(task, { ...job, resumedAt: CREATED + 1 })).toBe("jr_before");
    expect(glue.names).toEqual(["GetJobRuns"]);
  },
);

test("if the answer to a start is lost, the next attempt finds the run", async () => {
  const glue = new Glue([], [Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })]);
  const again = async <T>(call: () => Promise<T>) =>
    call().catch(() => {
      glue.runs.push(run({ Id: "jr_lost" }));
      return call();
    });
  expect(await runsOn(glue, again).begin(task, job)).toBe("jr_lost");
  expect(glue.names).toEqual(["GetJobRuns", "StartJobRun", "GetJobRuns"]);
});

test.each([ConcurrentRunsExceededException, ResourceNumberLimitExceededException])(
  "%p means that there is no room now",
  async (Exceeded) => {
    const full = new Exceeded({ message: "full", $metadata: {} });
    const error = await runsOn(new Glue([], [full]))
      .begin(task, job)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SluiceError);
    expect(error).toMatchObject({
      code: "NO_ROOM",
      retryable: true,
      cause: full,
      message: `Glue job sluice-dev-glue can't begin another run now (${full.name}).`,
    });
  },
);

test("any other error reaches the caller", async () => {
  const gone = Object.assign(new Error("no such job"), { name: "EntityNotFoundException" });
  await expect(runsOn(new Glue([], [gone])).begin(task, job)).rejects.toBe(gone);
});
