import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createTable, stringKeys } from "../../../local/fillTable";
import { addUsage, noUsage } from "../../../shared/cost/usage";
import { JobControl } from "../../../shared/jobs/control";
import type { Job, JobHead } from "../../../shared/jobs/job";
import { chainKey, jobKey, toAttributes, unitKey } from "../../../shared/jobs/storage/jobsTable";
import { ledgerOf } from "../../../shared/jobs/storage/ledgers";
import { keepRun } from "../../../shared/jobs/storage/runs";
import type { Unit } from "../../../shared/jobs/unit";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";
import { LambdaApi, OPERATOR, OPERATOR_ARN, sluice, stackAt } from "../operatorStack";
import { CREATED, job, NOW, reading, unit } from "./jobs";

const TABLE = OPERATOR.jobsTable;

let local: DynamoDbLocal;
let api: LambdaApi;
let root: string;
let control: JobControl;
/** What the start function does when it gets a request to resume. */
let answer: (payload: Record<string, unknown>) => Promise<unknown> | unknown = () => null;

beforeAll(async () => {
  local = await startDynamoDbLocal();
  await createTable(local.client, TABLE, stringKeys("pk", "sk"));
  const ProvisionedThroughput = { ReadCapacityUnits: 1_000, WriteCapacityUnits: 1_000 };
  await createTable(local.client, "surveys", { BillingMode: "PROVISIONED", ProvisionedThroughput });
  api = await LambdaApi.start(async ({ payload }) => ({ body: await answer(payload) }), local.endpoint);
  root = await stackAt(api.endpoint);
  control = new JobControl(local.client, TABLE, () => NOW);
});

afterAll(async () => {
  await api?.stop();
  await local?.stop();
});

async function make(id: string, of: Partial<Job> = {}, units: Partial<Unit>[] = []): Promise<void> {
  await control.create(job({ id, ...of }));
  await Promise.all(units.map((overrides) => put(id, unit(overrides))));
}

async function put(id: string, { number, ...rest }: Unit): Promise<void> {
  const Item = { ...unitKey(id, number), ...toAttributes({ number, ...rest }) };
  await local.client.send(new PutItemCommand({ TableName: TABLE, Item }));
}

/** Writes the job's record anew, as its workers would. */
async function become(id: string, of: Partial<Job>): Promise<void> {
  const Item = { ...jobKey(id), ...toAttributes({ ...headOf(await control.read(id)), ...of, ...resultOf(of) }) };
  await local.client.send(new PutItemCommand({ TableName: TABLE, Item }));
}

/** The part of a job that is in its record. */
function headOf({ source: _source, identity: _identity, operation: _operation, ...head }: Job): JobHead {
  return head;
}

/** A result lies in the table as JSON text. */
function resultOf({ result }: Partial<Job>): { result?: string } {
  return result === undefined ? {} : { result: JSON.stringify(result) };
}

describe("jobs list", () => {
  test("shows the newest first, as many as asked for", async () => {
    expect((await sluice(root, ["jobs", "list"])).stdout).toBe("No job has been started yet.\n");
    for (const [index, id] of ["older", "middle", "newest"].entries())
      await make(id, { createdAt: CREATED + index * 1_000 });
    const { code, stdout } = await sluice(root, ["jobs", "list", "--limit", "2"]);
    expect(code).toBe(0);
    expect(stdout.match(/^\S+/gm)).toEqual(["JOB", "newest", "middle", "Older"]);
  });

  test("--json prints jobs with times as ISO 8601, without large or internal fields, and the next page's place", async () => {
    const { stdout } = await sluice(root, ["jobs", "list", "--limit", "1", "--json"]);
    const { epoch: _epoch, claimed: _claimed, chains: _chains, ...head } = headOf(job({ id: "newest" }));
    const createdAt = "2025-11-22T10:12:02.000Z";
    expect(JSON.parse(stdout)).toEqual({
      jobs: [{ ...head, driver: "queue", createdAt, share: 0 }],
      next: `${createdAt}#newest`,
    });
  });

  const listed = async (...flags: string[]) => {
    const { code, stdout } = await sluice(root, ["jobs", "list", ...flags]);
    return { code, stdout, ids: (stdout.match(/^\S+(?= {2}.*Z )/gm) ?? []) as string[] };
  };

  test("names the command for the next page, which goes on there", async () => {
    const first = await listed("--limit", "2", "--table", "surveys");
    const [, flags] = /Older jobs: npm run sluice -- jobs list (.*)\n$/.exec(first.stdout)!;
    expect(flags).toBe('--table surveys --limit 2 --from "2025-11-22T10:12:01.000Z#middle"');
    const second = await listed(...flags!.replaceAll('"', "").split(" "));
    expect(second.ids).toEqual(["older"]);
    expect(second.stdout).not.toContain("Older jobs");
  });

  test("filters by state, table and operation, and shows how much is done", async () => {
    const createdAt = CREATED - 60_000;
    const work = { operation: "copy", table: "surveys", to: "archive" };
    await make("copying", { createdAt, work }, [{}]);
    await make("copied", { createdAt, work, state: "completed", unitsDone: 4, endedAt: CREATED });
    expect((await listed("--operation", "copy")).ids).toEqual(["copying", "copied"]);
    expect((await listed("--table", "archive", "--state", "completed")).ids).toEqual(["copied"]);
    expect((await listed("--table", "surveys", "--limit", "100")).ids).toHaveLength(5);
    expect((await listed("--operation", "copy")).stdout).toMatch(/^copying .* 10 % +0\/4 .*\ncopied .* 100 % +4\/4 /m);
    expect(await listed("--state", "paused")).toMatchObject({ code: 0, stdout: "No job matches.\n" });
  });

  test("a state that jobs don't have is wrong usage, and the nearest is offered", async () => {
    const { code, stderr } = await sluice(root, ["jobs", "list", "--state", "runing"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Did you mean "running"?')]);
  });
});

describe("jobs show", () => {
  beforeAll(() => make("shown", { unitsDone: 1 }, [{}, { number: 1, state: "done" }]));

  test("prints totals and units", async () => {
    const { code, stdout } = await sluice(root, ["jobs", "show", "shown"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Units +4: 1 working, 2 waiting, 1 done$/m);
    expect(stdout).toMatch(/^ +0 {2}working .*\n +1 {2}done /m);
  });

  test("names source, results and changes", async () => {
    await sluice(root, ["jobs", "rate", "shown", "--read-rate", "200"]);
    const { stdout } = await sluice(root, ["jobs", "show", "shown"]);
    expect(stdout).toMatch(/^Source +table surveys$/m);
    expect(stdout).toMatch(/^Results +s3:\/\/results\/count\/shown\/$/m);
    const [by, at] = [OPERATOR_ARN, new Date(NOW).toISOString()];
    expect(stdout).toMatch(new RegExp(`Z +rate +${by} +readRate 200, before 100 *\n`));
    expect(JSON.parse((await sluice(root, ["jobs", "show", "shown", "--json"])).stdout)).toMatchObject({
      results: ["s3://results/count/shown/"],
      // These entries have the same millisecond, so they may come in any order.
      audit: expect.arrayContaining([
        { at, caller: by, action: "rate", details: { readRate: 200, before: 100 } },
        { at, caller: "sluice", action: "start", details: { readRate: 100 } },
      ]),
    });
  });

  test("--json names driver and execution", async () => {
    const of = async (id: string) => JSON.parse((await sluice(root, ["jobs", "show", id, "--json"])).stdout);
    const execution = "arn:aws:states:eu-central-1:0:execution:s:by-workflow-0";
    await make("by-workflow", { driver: "workflow", execution });
    expect(await of("by-workflow")).toMatchObject({ driver: "workflow", execution });
    const queue = await of("shown");
    expect([queue.driver, "execution" in queue]).toEqual(["queue", false]);
  });

  test("of the spark driver names the run, and prices the seconds that Glue billed", async () => {
    await make("by-spark", { driver: "spark", execution: "jr_1" });
    const head = { id: "by-spark" };
    const records = { client: local.client, table: TABLE, retry: <T>(call: () => Promise<T>) => call() };
    const show = async () => (await sluice(root, ["jobs", "show", "by-spark", "--json"])).stdout;
    expect(JSON.parse(await show())).toMatchObject({ driver: "spark", execution: "jr_1" });
    await keepRun(head, { run: "jr_0", dpuSeconds: 3_600, flex: false }, records);
    await keepRun(head, { run: "jr_1", dpuSeconds: 1_800, flex: true }, records);
    const { bill } = JSON.parse(await show());
    expect(bill.dpu).toEqual({ standard: 3_600, flex: 1_800 });
    expect(bill.parts).toContainEqual({ part: "glue", dollars: 0.44 + 0.29 / 2 });
  });

  describe("the bill so far", () => {
    const usage = {
      ...noUsage,
      invocations: 3,
      billedMs: 80_000,
      gigabyteSeconds: 20,
      writeUnits: 200,
      queueRequests: 12,
    };
    const chain = async (number: number, record: object) => {
      const keys = chainKey("shown", number);
      await local.client.send(new PutItemCommand({ TableName: TABLE, Item: { ...keys, ...toAttributes(record) } }));
    };

    test("covers only the capacity, if the workers recorded nothing", async () => {
      const { stdout } = await sluice(root, ["jobs", "show", "shown"]);
      expect(stdout).toMatch(
        /^Cost +\$0\.000026 for capacity, at prices of us-east-1, 2026-11; its workers did not record what they used$/m,
      );
    });

    test("adds up the usage of all chains, by part", async () => {
      await chain(0, { usage });
      await chain(1, { usage: { ...usage, puts: 1 } });
      const { stdout } = await sluice(root, ["jobs", "show", "shown"]);
      expect(stdout).toMatch(
        /^Cost +\$0\.00\d+ \(capacity \$0\.000026, Lambda \$0\.00053, jobs table \$0\.00025, SQS \$0\.0000096, S3 \$0\.0000050\), at prices of us-east-1, 2026-11; workers add what they use when their invocations end$/m,
      );
    });

    test("--json has usage, parts and sum", async () => {
      const { bill } = JSON.parse((await sluice(root, ["jobs", "show", "shown", "--json"])).stdout);
      expect(bill.usage).toEqual(addUsage(usage, usage, { puts: 1 }));
      expect(bill.dollars).toBeCloseTo(
        bill.parts.reduce((sum: number, part: { dollars: number }) => sum + part.dollars, 0),
      );
      expect(bill).toMatchObject({
        soFar: true,
        notPriced: [],
        prices: { region: "us-east-1", asOf: "2026-11", currency: "USD" },
      });
    });

    test("--prices replaces prices, and a file that is not there ends with 2", async () => {
      await writeFile(join(root, "mine.json"), '{ "prices": { "tableReads": { "value": 1000000 } } }');
      const { stdout } = await sluice(root, ["jobs", "show", "shown", "--prices", "mine.json"]);
      expect(stdout).toContain("(capacity $211.00, ");
      const { code, stderr } = await sluice(root, ["jobs", "show", "shown", "--prices", "none.json"]);
      expect([code, stderr]).toEqual([2, "--prices must be a file with prices, but none.json does not exist.\n"]);
    });
  });

  test("--json prints record, progress and every unit as one document", async () => {
    const { stdout } = await sluice(root, ["jobs", "show", "shown", "--json"]);
    const { job: record, progress, units } = JSON.parse(stdout);
    expect(record).toMatchObject({ id: "shown", units: 4 });
    expect(progress).toMatchObject({ counts: { items: 4_200 }, units: { total: 4, done: 1 } });
    expect(units.map((one: { unit: number; phase: string }) => [one.unit, one.phase])).toEqual([
      [0, "working"],
      [1, "done"],
    ]);
  });
});

describe("control", () => {
  test("pause changes the record and prints the job's state", async () => {
    await make("pausing");
    const { code, stdout } = await sluice(root, ["jobs", "pause", "pausing"]);
    expect([code, stdout]).toEqual([0, "Job pausing is paused: 4 units at 100 RCU/s.\n"]);
    expect(await control.read("pausing")).toMatchObject({ state: "paused" });
  });

  test("cancel ends the job", async () => {
    await make("cancelling");
    const { code, stdout } = await sluice(root, ["jobs", "cancel", "cancelling", "--json"]);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { job: "cancelling", state: "cancelled", units: 4, limits: reading(100) },
    ]);
    expect(await control.read("cancelling")).toMatchObject({ state: "cancelled", endedAt: NOW });
  });

  test("rate changes the rate", async () => {
    await make("rated");
    const { code, stdout } = await sluice(root, ["jobs", "rate", "rated", "--read-rate", "62.5"]);
    expect([code, stdout]).toEqual([0, "Job rated is running: 4 units at 62.5 RCU/s.\n"]);
    expect(await control.read("rated")).toMatchObject({ limits: reading(62.5) });
  });

  test("rate takes a percentage of what the table has by now", async () => {
    await make("halved");
    const { code, stdout } = await sluice(root, ["jobs", "rate", "halved", "--read-rate", "50%", "--json"]);
    const expected = { job: "halved", state: "running", units: 4, limits: [{ ...reading(500)[0], percentage: "50%" }] };
    expect([code, JSON.parse(stdout)]).toEqual([0, expected]);
    expect(await control.read("halved")).toMatchObject({ limits: reading(500) });
    const limit = { direction: "read", table: "surveys" } as const;
    const ledger = ledgerOf(local.client, TABLE, job({ id: "halved" }), { ...limit, limits: { table: 100 } });
    expect(await ledger.read()).toMatchObject({ limits: { table: 500 } });
  });

  test("the rate of a limit group changes for all its jobs that have not ended", async () => {
    const limitGroup = "night";
    await make("group-a", { limitGroup });
    await make("group-b", { limitGroup, state: "paused" });
    await make("group-over", { limitGroup, state: "completed" });
    await make("group-none");
    await make("group-other", { limitGroup: "day" });
    expect(await sluice(root, ["jobs", "rate", "group-a", "--read-rate", "30"])).toMatchObject({ code: 0 });
    const rates = ["a", "b", "over", "none", "other"].map(async (name) => {
      return [name, (await control.read(`group-${name}`)).limits[0]!.limits.table];
    });
    expect(Object.fromEntries(await Promise.all(rates))).toEqual({ a: 30, b: 30, over: 100, none: 100, other: 100 });
  });

  test("if one rate is wrong, the other doesn't change either", async () => {
    await make("both-rates");
    const args = ["jobs", "rate", "both-rates", "--read-rate", "50", "--write-rate", "5"];
    expect(await sluice(root, args)).toEqual({ code: 1, stdout: "", stderr: "Job both-rates has no write rate.\n" });
    expect(await control.read("both-rates")).toMatchObject({ limits: reading(100) });
  });

  test("the rate of a table that is gone is refused in one sentence", async () => {
    const work = { operation: "count", table: "nowhere" };
    const limits = [{ direction: "read", table: "nowhere", limits: { table: 100 } }] as const;
    await make("lost", { work, source: { kind: "table", table: "nowhere", consistentRead: false }, limits });
    const { code, stderr } = await sluice(root, ["jobs", "rate", "lost", "--read-rate", "50%"]);
    expect([code, stderr]).toEqual([
      1,
      "There is no table nowhere, or you may not describe it: its capacity is not known.\n",
    ]);
  });

  test("resume invokes the start function", async () => {
    await make("resuming", { state: "paused" });
    answer = ({ resume }) => ({ job: resume, state: "running", units: 4, limits: reading(100) });
    const { code, stdout } = await sluice(root, ["jobs", "resume", "resuming"]);
    expect([code, stdout]).toEqual([0, "Job resuming is running: 4 units at 100 RCU/s.\n"]);
    expect(api.invocations.at(-1)).toEqual({
      ...{ name: "jobs-start", payload: { resume: "resuming" } },
      context: { custom: { caller: OPERATOR_ARN } },
    });
  });

  test("resume prints why a job does not begin at once", async () => {
    await make("waiting", { state: "paused" });
    const warnings = ["Glue job g can't begin another run now."];
    answer = ({ resume }) => ({ job: resume, state: "starting", units: 4, limits: reading(100), warnings });
    const { code, stdout, stderr } = await sluice(root, ["jobs", "resume", "waiting"]);
    expect([code, stderr]).toEqual([0, `Warning: ${warnings[0]}\n`]);
    expect(stdout).toContain("Job waiting is starting");
    expect(JSON.parse((await sluice(root, ["jobs", "resume", "waiting", "--json"])).stdout)).toMatchObject({
      warnings,
    });
  });

  test("a resumption that the start function refuses ends with 1", async () => {
    await make("refused", { state: "completed" });
    answer = () => ({ code: "WRONG_STATE", problems: ["Job refused is completed; it cannot be resumed."] });
    const { code, stderr } = await sluice(root, ["jobs", "resume", "refused"]);
    expect(code).toBe(1);
    expect(stderr).toBe("Job refused was not resumed:\n  Job refused is completed; it cannot be resumed.\n");
  });

  test.each([["show"], ["watch"], ["pause"], ["resume"], ["cancel"], ["rate"]])(
    "%s of a missing job ends with 1, and names the command that lists the existing jobs",
    async (verb) => {
      const args = ["jobs", verb, "nobody", ...(verb === "rate" ? ["--read-rate", "5"] : [])];
      const { code, stdout, stderr } = await sluice(root, args);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toBe("There is no job nobody. `npm run sluice -- jobs list` lists the newest jobs.\n");
    },
  );

  test.each<[string, string[], string]>([
    ["pause", ["pause", "over"], "Job over is completed; it cannot be paused.\n"],
    ["cancel", ["cancel", "over"], "Job over is completed; it cannot be cancelled.\n"],
    ["rate", ["rate", "over", "--read-rate", "5"], "Job over is completed; it cannot change its rate.\n"],
    [
      "rate",
      ["rate", "full", "--read-rate", "5000"],
      "--read-rate must be at most what table surveys has, 1000 capacity units per second, got 5000.\n",
    ],
    [
      "rate",
      ["rate", "full", "--read-rate", "0.00001%"],
      "--read-rate must come to at least 0.001 capacity units per second on the table and its indexes, got 0.0001.\n",
    ],
  ])("%s in a state that doesn't allow it ends with 1 and one sentence", async (_, args, sentence) => {
    await make("over", { state: "completed" });
    await make("full");
    expect(await sluice(root, ["jobs", ...args])).toEqual({ code: 1, stdout: "", stderr: sentence });
  });
});

describe("jobs watch", () => {
  /** Time that passes in an instant. At each pause, the next step of the workers is done. */
  function passing(...doings: (() => Promise<void>)[]) {
    let now = NOW;
    return {
      now: () => now,
      async sleep(ms: number) {
        now += ms;
        await doings.shift()?.();
      },
    };
  }
  const done = { state: "completed", unitsDone: 4, endedAt: NOW + 2_000, result: { items: 2_100 } } as const;

  test("prints lines until the job ends, and how it ended", async () => {
    await make("watched", {}, [{}]);
    const clock = passing(
      () => become("watched", { state: "paused" }),
      () => become("watched", done),
    );
    expect(await sluice(root, ["jobs", "watch", "watched"], { clock })).toEqual({
      code: 0,
      stdout:
        "10:13:03Z  running  10 %  2,100 items  10.6 of 100 RCU/s  0 of 4 units done  1 min 25 s left\n" +
        "10:13:04Z  paused  10 %  2,100 items  10.6 of 100 RCU/s  0 of 4 units done\n" +
        "10:13:05Z  completed  100 %  2,100 items  10.6 of 100 RCU/s  0 of 4 units done  took 1 min 5 s\n" +
        'Job watched is completed: 2,100 items, 106 RCU, 1 min 5 s.\nResult: {"items":2100}\n',
      stderr: "",
    });
  });

  test("--json prints how the job ended, and lines on the way on standard error", async () => {
    await make("lines", {}, [{}]);
    const clock = passing(
      async () => undefined,
      () => become("lines", done),
    );
    const { code, stdout, stderr } = await sluice(root, ["jobs", "watch", "lines", "--json"], { clock });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ at: "2025-11-22T10:13:05.000Z", state: "completed" });
    expect(stderr.match(/(?<=Z {2})\w+/g)).toEqual(["running", "completed"]);
  });

  test("draws bars on a terminal", async () => {
    await make("bars", done, [{ state: "done", number: 3 }]);
    const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
    const { code } = await sluice(root, ["jobs", "watch", "bars"], { stdout });
    const drawn = String(stdout.read());
    expect(code).toBe(0);
    expect(drawn).toContain(`Unit 3   ${"█".repeat(24)} 100 %`);
    expect(drawn).toMatch(/\nJob bars is completed: [^\n]*\nResult: [^\n]*\n$/);
  });

  test.each<[string, Partial<Job>, RegExp]>([
    [
      "failed",
      { state: "failed", unitsFailed: 1 },
      /To work on the failed units again: npm run sluice -- jobs resume end-failed\n$/,
    ],
    ["cancelled", { state: "cancelled" }, /^Job end-cancelled was cancelled at about/m],
  ])("of a job that %s ends with 1", async (state, of, last) => {
    await make(`end-${state}`, { ...of, endedAt: NOW });
    const { code, stdout } = await sluice(root, ["jobs", "watch", `end-${state}`]);
    expect(code).toBe(1);
    expect(stdout).toMatch(last);
  });

  test("ends with 3 on Ctrl-C, reports that the job goes on, and leaves it alone", async () => {
    await make("left");
    const stop = new AbortController();
    const clock = passing(async () => {
      stop.abort(new Error("interrupted"));
      throw stop.signal.reason;
    });
    const { code, stderr } = await sluice(root, ["jobs", "watch", "left"], { clock, interruptible: () => stop.signal });
    expect(code).toBe(3);
    expect(stderr).toBe("Stopped watching; job left goes on. To watch again: npm run sluice -- jobs watch left\n");
    expect(await control.read("left")).toMatchObject({ state: "running" });
  });

  test("start --watch watches the job after the start; with --json all is in one document", async () => {
    answer = async ({ jobId }) => {
      await make(String(jobId), done);
      return { job: jobId, state: "running", units: 4, limits: reading(100) };
    };
    const args = ["start", "count", "surveys", "--read-rate", "100", "--job-id", "both", "--watch"];
    const { code, stdout } = await sluice(root, [...args, "--json"]);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ job: "both", limits: reading(100), id: "both", state: "completed", share: 1 });
  });
});

describe("tables", () => {
  const at = (tables: object) => stackAt(api.endpoint, { operator: { ...OPERATOR, tables } });
  const provisioned = { perSecond: 1_000, from: "provisioned", most: 1_000 };

  test("lists what jobs may read and change, with size, capacity and indexes", async () => {
    const { code, stdout } = await sluice(await at({ read: ["surveys", "gone"], write: ["surveys"] }), ["tables"]);
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "TABLE    JOBS MAY       ITEMS  SIZE  CAPACITY     RCU/S  WCU/S",
      "gone     read, missing",
      "surveys  read, write        0   0 B  provisioned  1,000  1,000",
      "",
    ]);
  });

  test("--json names the capacity mode, and the capacity that percentages refer to", async () => {
    const { stdout } = await sluice(await at({ read: ["surveys"], write: [] }), ["tables", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      tables: [
        {
          ...{ table: "surveys", read: true, write: false, status: "ACTIVE", items: 0, bytes: 0, indexes: [] },
          ...{ capacityMode: "provisioned", readCapacity: provisioned, writeCapacity: provisioned },
        },
      ],
    });
  });

  test("of a stack that doesn't name its tables yet are a sentence", async () => {
    const { code, stderr } = await sluice(root, ["tables"]);
    expect([code, stderr]).toEqual([1, "The stack's outputs name no tables: run `pulumi up` again.\n"]);
  });
});

test("a jobs table that is gone is one sentence", async () => {
  const elsewhere = await stackAt(api.endpoint, { operator: { ...OPERATOR, jobsTable: "gone" } });
  const { code, stderr } = await sluice(elsewhere, ["jobs", "list"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^A resource that the stack's outputs name does not exist: [^\n]+\n$/);
});

test("as a command, it watches until Ctrl-C", async () => {
  await make("process", {}, [{}]);
  const project = join(__dirname, "../../..");
  const args = ["--import", join(project, "loader.mjs"), join(project, "cli/sluice.ts")];
  const child = spawn(process.execPath, [...args, "jobs", "watch", "process"], { cwd: root });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  const ended = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), ended]);
  child.kill("SIGINT");
  const [code] = await ended;
  expect({ code, ...written }).toEqual({
    code: 3,
    stdout: expect.stringMatching(/^\d\d:\d\d:\d\dZ {2}running {2}10 % [^\n]+\n$/),
    stderr: "Stopped watching; job process goes on. To watch again: npm run sluice -- jobs watch process\n",
  });
});
