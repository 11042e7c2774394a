import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SluiceIo } from "../../../cli/session";
import type { Job } from "../../../shared/jobs/job";
import { scratchFolder } from "../../sender/helpers";
import { JobGround } from "../../shared/jobs/jobGround";
import { NOW } from "../jobs/jobs";
import { type Ran, sluice } from "../operatorStack";

let ground: JobGround;
let root: string;

beforeAll(async () => {
  ground = await JobGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  await ground.renew();
  const { protocol, hostname, port } = await ground.client.config.endpoint!();
  const { accessKeyId, secretAccessKey } = await ground.client.config.credentials();
  const region = "us-east-1";
  const operator = { region, jobsTable: ground.table, startFunction: "start", resultsBucket: ground.bucket };
  const credentials = { accessKeyId, secretAccessKey };
  const local = { endpoint: `${protocol}//${hostname}:${port}`, region, credentials, outputs: { operator } };
  root = await scratchFolder();
  await mkdir(join(root, ".sluice"));
  await writeFile(join(root, ".sluice/local.json"), JSON.stringify(local));
});

/** An update with former values that ended an hour before NOW. */
function keep(job: Partial<Job> = {}, objects: readonly string[] = []): Promise<Job> {
  const update = {
    work: { operation: "update", table: "answers" },
    operation: { name: "update", params: { keepBefore: true } },
    target: { name: "answers", keys: ["id"], keyTypes: { id: "S" }, indexes: [] },
    ...{ createdAt: NOW - 7_200_000, endedAt: NOW - 3_600_000 },
  } as const;
  return ground.keep({ job: { ...update, ...job }, objects });
}

const undo = (args: string[], io: Partial<SluiceIo> = {}): Promise<Ran> =>
  sluice(root, ["jobs", "undo", "a", "--write-rate", "5", ...args], io);

const NOTHING = "Job a changed nothing, so there is nothing to undo.\n";

test.each<[string, Partial<Job>, string]>([
  ["changes no table", { target: undefined } as unknown as Partial<Job>, NOTHING],
  ["was a dry run", { operation: { name: "update", params: { dryRun: true } } }, NOTHING],
  ["was cancelled before its first write", {}, NOTHING],
  ["ended without a write", { state: "completed", result: {} }, NOTHING],
  [
    "kept no former values",
    { operation: { name: "update", params: {} } },
    "Job a cannot be undone: it was started without --keep-before, so the former values were not kept.\n",
  ],
  ["runs", { state: "running" }, "Job a is running: pause or cancel it before it is undone.\n"],
])("a job that %s can't be undone", async (_, job, stderr) => {
  const given = Object.fromEntries(Object.entries(job).filter(([, value]) => value !== undefined));
  const kept = "target" in job ? { ...given, target: undefined } : given;
  await keep(kept as Partial<Job>);
  expect(await undo(["--yes"])).toEqual({ code: 1, stdout: "", stderr });
});

test("it asks for the name of the table that is changed; another answer starts nothing", async () => {
  await keep({ work: { operation: "copy", table: "answers", to: "answers-copy" } });
  const ask = jest.fn<Promise<string>, [string]>(async () => "answers");
  expect(await undo([], { ask })).toEqual({ code: 1, stdout: "Nothing was started.\n", stderr: "" });
  expect(ask.mock.calls).toEqual([["This undoing changes table answers-copy. Type the table's name to start it: "]]);
  expect(await undo([], { ask: async () => " answers-copy" })).toMatchObject({ stderr: NOTHING });
});

test("without a terminal it needs --yes: ends with 2", async () => {
  await keep();
  expect(await undo([])).toMatchObject({ code: 2, stderr: expect.stringContaining("Add --yes") });
});

test("a malformed rate is reported", async () => {
  await keep();
  expect(await sluice(root, ["jobs", "undo", "a", "--write-rate", "fast", "--yes"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--write-rate must be"),
  });
});
