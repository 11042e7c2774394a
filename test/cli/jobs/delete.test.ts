import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SluiceIo } from "../../../cli/session";
import type { Job } from "../../../shared/jobs/job";
import { scratchFolder } from "../../sender/helpers";
import { endedJob, JobGround } from "../../shared/jobs/jobGround";
import { type Ran, sluice } from "../operatorStack";
import { NOW } from "./jobs";

let ground: JobGround;
let root: string;

beforeAll(async () => {
  ground = await JobGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  await ground.renew();
  root = await stack();
});

/** A project's folder in which the ground's gateway seems to be the local cloud. */
async function stack(): Promise<string> {
  const { config } = ground.client;
  const { protocol, hostname, port } = await config.endpoint!();
  const { accessKeyId, secretAccessKey } = await config.credentials();
  const operator = {
    region: "us-east-1",
    jobsTable: ground.table,
    startFunction: "start",
    resultsBucket: ground.bucket,
  };
  const local = {
    endpoint: `${protocol}//${hostname}:${port}`,
    region: operator.region,
    credentials: { accessKeyId, secretAccessKey },
    outputs: { operator },
  };
  const folder = await scratchFolder();
  await mkdir(join(folder, ".sluice"));
  await writeFile(join(folder, ".sluice/local.json"), JSON.stringify(local));
  return folder;
}

/** A job that ended an hour before NOW. */
function keep(job: Partial<Job> = {}, objects?: readonly string[]): Promise<Job> {
  return ground.keep({
    job: { createdAt: NOW - 7_200_000, endedAt: NOW - 3_600_000, ...job },
    ...(objects && { objects }),
  });
}

const remove = (args: string[], io: Partial<SluiceIo> = {}): Promise<Ran> =>
  sluice(root, ["jobs", "delete", ...args], io);

/** A terminal at which somebody answers. */
function terminal(answer: string) {
  const ask = jest.fn<Promise<string>, [string]>(async () => answer);
  return { ask };
}

const exported = endedJob({
  state: "completed",
  unitsDone: 2,
  work: { operation: "export", table: "answers" },
  operation: { name: "export", params: { exportPrefix: "nightly/" } },
});
const ROOT = "nightly/AWSDynamoDB/a/";

describe("jobs delete", () => {
  test("--yes deletes, and prints how much", async () => {
    await keep();
    expect(await remove(["a", "--yes"])).toEqual({
      code: 0,
      stdout: "Job a is deleted: 13 records, 2 objects.\n",
      stderr: "",
    });
    expect([await ground.records(), await ground.objects()]).toEqual([[], []]);
  });

  test("of a completed job prints which objects stay, and where", async () => {
    const { endedAt: _, createdAt: __, ...job } = exported;
    await keep(job, [`${ROOT}data/0`]);
    const { code, stdout } = await remove(["a", "--yes"]);
    expect([code, stdout]).toEqual([
      0,
      `Job a is deleted: 13 records, 0 objects. Its objects below s3://${ground.bucket}/${ROOT} stay.\n`,
    ]);
    expect(await ground.objects()).toEqual([`${ROOT}data/0`]);
  });

  test("--with-results deletes the results too", async () => {
    const { endedAt: _, createdAt: __, ...job } = exported;
    await keep(job, [`${ROOT}data/0`]);
    const { code, stdout } = await remove(["a", "--yes", "--with-results", "--json"]);
    expect([code, JSON.parse(stdout)]).toEqual([0, { job: "a", deleted: true, records: 13, objects: 1, kept: [] }]);
    expect(await ground.objects()).toEqual([]);
  });

  test("--json of a completed job has the places that stay", async () => {
    const { endedAt: _, createdAt: __, ...job } = exported;
    await keep(job, []);
    const { stdout } = await remove(["a", "--yes", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ kept: [`s3://${ground.bucket}/${ROOT}`] });
  });

  test.each(["y", "Y", "yes", " y "])("asks at a terminal; %j is yes", async (answer) => {
    await keep();
    const { ask } = terminal(answer);
    const { code, stdout } = await remove(["a"], { ask });
    expect([code, stdout]).toEqual([0, "Job a is deleted: 13 records, 2 objects.\n"]);
    expect(ask.mock.calls).toEqual([
      [
        "Delete all records of job a (count over answers, cancelled) " +
          `and all objects below s3://${ground.bucket}/count/a/? [y/N] `,
      ],
    ]);
  });

  test("asks about a completed job without its results, and with them", async () => {
    await keep({ state: "completed", unitsDone: 2 });
    const { ask } = terminal("n");
    await remove(["a"], { ask });
    await remove(["a", "--with-results"], { ask });
    expect(ask.mock.calls.map(([question]) => question)).toEqual([
      "Delete all records of job a (count over answers, completed) but not its results? [y/N] ",
      `Delete all records of job a (count over answers, completed) and all objects below s3://${ground.bucket}/count/a/? [y/N] `,
    ]);
  });

  test.each(["", "n", "no", "yep", "x y"])("%j is no: ends with 1 and deletes nothing", async (answer) => {
    await keep();
    const before = await ground.records();
    expect(await remove(["a"], terminal(answer))).toEqual({ code: 1, stdout: "Nothing was deleted.\n", stderr: "" });
    const { code, stdout } = await remove(["a", "--json"], terminal(answer));
    expect([code, JSON.parse(stdout)]).toEqual([1, { job: "a", deleted: false }]);
    expect([await ground.records(), await ground.objects()]).toEqual([before, ["count/a/x", "count/a/y"]]);
  });

  test("without a terminal needs --yes: ends with 2", async () => {
    await keep();
    const before = await ground.records();
    expect(await remove(["a"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "Add --yes: without a terminal, nobody can confirm the deletion.\n",
    });
    expect(await ground.records()).toEqual(before);
  });

  test.each<[string, string[]]>([
    ["--yes", ["--yes"]],
    ["an answer", []],
  ])("of a job that runs ends with 1 and one sentence, with %s", async (_, more) => {
    await keep({ state: "running" });
    const { ask } = terminal("y");
    const stderr = "Job a is running; it cannot be deleted until it has ended or is cancelled.\n";
    expect(await remove(["a", ...more], { ask })).toEqual({ code: 1, stdout: "", stderr });
    expect(ask).not.toHaveBeenCalled();
  });

  test("of a job that has just ended does not wait, once its last worker has put the chain down", async () => {
    await keep({ state: "completed", unitsDone: 2, endedAt: NOW - 1_000 });
    const sleep = () => Promise.reject(new Error("There is nobody to wait for."));
    expect(await remove(["a", "--yes"], { clock: { now: () => NOW, sleep } })).toMatchObject({ code: 0, stderr: "" });
  });

  test("waits for workers of a cancelled job to put their chains down", async () => {
    await ground.keep({ job: { endedAt: NOW }, chains: [{ owner: "w", leaseUntil: NOW + 600_000 }] });
    let now = NOW;
    const clock = {
      now: () => now,
      async sleep(ms: number) {
        now += ms;
        if (now === NOW + 3_000) await ground.putChains("a", [{ number: 0 }]);
      },
    };
    expect(await remove(["a", "--yes"], { clock })).toMatchObject({ code: 0, stderr: "" });
    expect(now).toBe(NOW + 3_000);
  });

  test("gives up waiting after 20 seconds: ends with 1 and prints when to try again", async () => {
    await ground.keep({ job: { endedAt: NOW }, chains: [{ number: 5, owner: "w", leaseUntil: NOW + 600_000 }] });
    let now = NOW;
    const clock = {
      now: () => now,
      async sleep(ms: number) {
        now += ms;
      },
    };
    const { code, stderr } = await remove(["a", "--yes"], { clock });
    expect([code, now, stderr]).toEqual([
      1,
      NOW + 20_000,
      "Job a cannot be deleted before 2025-11-22 10:28:03Z: a worker may still go on with chain 5.\n",
    ]);
  });

  test.each<[string, string[]]>([
    ["--yes", ["--yes"]],
    ["an answer", []],
  ])("of a missing job ends with 1, and names the command that lists the existing jobs, with %s", async (_, more) => {
    const { code, stdout, stderr } = await remove(["a", ...more], terminal("y"));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe("There is no job a. `npm run sluice -- jobs list` lists the newest jobs.\n");
  });

  test("without a job's id ends with 2", async () => {
    expect(await remove([])).toMatchObject({ code: 2, stdout: "" });
  });

  test("of a bucket that is gone ends with 1 and one sentence, and the job can still be deleted", async () => {
    await keep();
    const { bucket } = ground;
    ground.bucket = "gone";
    root = await stack();
    const { code, stderr } = await remove(["a", "--yes"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^AWS refused the request with NoSuchBucket: [^\n]+\n$/);
    const list = await sluice(root, ["jobs", "list"]);
    expect(list.stdout).toMatch(/^a +cancelled, partly deleted +count /m);
    ground.bucket = bucket;
    root = await stack();
    expect(await remove(["a", "--yes"])).toMatchObject({ code: 0 });
  });
});

test("jobs cancel prints what remains and how to delete it; --json prints the answer alone", async () => {
  await keep({ state: "running" });
  const { code, stdout } = await sluice(root, ["jobs", "cancel", "a"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Job a is cancelled: 2 units at 100 RCU\/s\.\n/);
  expect(stdout).toMatch(
    /\nIts records and its objects in the results bucket stay until job a is deleted: npm run sluice -- jobs delete a\n$/,
  );
  await keep({ id: "b", state: "running" });
  const json = await sluice(root, ["jobs", "cancel", "b", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ job: "b", state: "cancelled" });
});
