import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createTable, stringKeys } from "../../local/fillTable";
import { JobControl } from "../../shared/jobs/control";
import type { Job } from "../../shared/jobs/job";
import { type DynamoDbLocal, startDynamoDbLocal } from "../support/dynamoDbLocal";
import { job, NOW, reading } from "./jobs/jobs";
import { LambdaApi, OPERATOR, type Ran, sluice, stackAt } from "./operatorStack";

const TABLE = OPERATOR.jobsTable;

/** Every command that sends requests to a stack, for job `id`. */
const commands: Readonly<Record<string, (id: string) => string[]>> = {
  start: (id) => ["start", "count", "surveys", "--read-rate", "5", "--job-id", id],
  "start --watch": (id) => ["start", "count", "surveys", "--read-rate", "5", "--job-id", id, "--watch"],
  list: () => ["jobs", "list"],
  show: (id) => ["jobs", "show", id],
  watch: (id) => ["jobs", "watch", id],
  pause: (id) => ["jobs", "pause", id],
  resume: (id) => ["jobs", "resume", id],
  cancel: (id) => ["jobs", "cancel", id],
  rate: (id) => ["jobs", "rate", id, "--read-rate", "5"],
};
const names = Object.keys(commands);
const ofOneJob = ["show", "watch", "pause", "resume", "cancel", "rate"];
/** What a failing command prints: a document with --json, and text without. */
interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly problems: readonly string[];
}

const REFUSAL = { code: "INVALID_REQUEST", problems: ["table must exist."] };

let local: DynamoDbLocal;
let denying: Server;
let api: LambdaApi;
let root: string;
let control: JobControl;
let made = 0;
let answer: (payload: Record<string, unknown>) => unknown;

beforeAll(async () => {
  local = await startDynamoDbLocal();
  await createTable(local.client, TABLE, stringKeys("pk", "sk"));
  await createTable(local.client, "surveys");
  denying = createServer((_request, response) => {
    response.writeHead(400, {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-errortype": "AccessDeniedException",
    });
    response.end(JSON.stringify({ __type: "AccessDeniedException", message: "not you", Message: "not you" }));
  });
  await new Promise<void>((ready) => denying.listen(0, "127.0.0.1", ready));
  api = await LambdaApi.start(async ({ payload }) => ({ body: await answer(payload) }), local.endpoint);
  root = await stackAt(api.endpoint);
  control = new JobControl(local.client, TABLE, () => NOW);
});

beforeEach(() => {
  answer = ({ jobId, resume }) => ({ job: jobId ?? resume, state: "running", units: 4, limits: reading(5) });
});

afterAll(async () => {
  denying.close();
  await api.stop();
  await local.stop();
});

/** @returns the id of a new job in this state */
async function make(of: Partial<Job>): Promise<string> {
  const id = `exit-${made++}`;
  await control.create(job({ id, ...of }));
  return id;
}

const forms: [string, string[]][] = [
  ["as text", []],
  ["as JSON", ["--json"]],
];

describe.each(forms)("%s", (_form, json) => {
  const isJson = json.length > 0;

  /** The output of a failed command, which must be in the one place where it belongs. */
  function complaintOf({ stdout, stderr }: Pick<Ran, "stdout" | "stderr">): Partial<Complaint> {
    if (!isJson) {
      expect(stdout).toBe("");
      return { message: stderr.replace(/\n$/, "") };
    }
    expect(stderr).toBe("");
    const { error, ...more } = JSON.parse(stdout);
    expect([more, Object.keys(error)]).toEqual([{}, ["code", "message", "problems"]]);
    return error;
  }

  const run = (name: string, id: string, at = root, more = {}) => sluice(at, [...commands[name]!(id), ...json], more);

  test.each<[string, Partial<Job>, number]>([
    ["start", {}, 0],
    ["start --watch", { state: "completed" }, 0],
    ["start --watch", { state: "failed" }, 1],
    ["start --watch", { state: "cancelled" }, 1],
    ["list", {}, 0],
    ["show", {}, 0],
    ["show", { state: "failed" }, 0],
    ["watch", { state: "completed" }, 0],
    ["watch", { state: "failed" }, 1],
    ["watch", { state: "cancelled" }, 1],
    ["pause", {}, 0],
    ["pause", { state: "paused" }, 0],
    ["pause", { state: "completed" }, 1],
    ["resume", { state: "paused" }, 0],
    ["cancel", {}, 0],
    ["cancel", { state: "failed" }, 0],
    ["cancel", { state: "cancelled" }, 0],
    ["rate", { state: "paused" }, 0],
    ["rate", { state: "failed" }, 1],
  ])("%s of a job that is %j ends with %i", async (name, of, code) => {
    const ran = await run(name, await make(of));
    const complains = ran.stderr !== "" && !(isJson && name.endsWith("watch"));
    expect([ran.code, complains && code === 0]).toEqual([code, false]);
  });

  test.each(["start", "start --watch", "resume"])("%s that is refused ends with 1", async (name) => {
    answer = () => REFUSAL;
    const ran = await run(name, await make({}));
    expect(ran.code).toBe(1);
    const named = { code: REFUSAL.code, problems: ["<table> must exist."] };
    if (isJson) expect(complaintOf(ran)).toMatchObject(named);
    else expect(complaintOf(ran).message).toMatch(/\n {2}<table> must exist\.$/);
  });

  test.each(["watch", "start --watch"])("%s ends with 3 on Ctrl-C", async (name) => {
    const stop = new AbortController();
    const clock = {
      now: () => NOW,
      async sleep() {
        stop.abort(new Error("interrupted"));
        throw stop.signal.reason;
      },
    };
    const ran = await run(name, await make({}), root, { clock, interruptible: () => stop.signal });
    expect(ran.code).toBe(3);
    if (isJson) expect(JSON.parse(ran.stdout).error.code).toBe("INTERRUPTED");
    expect(isJson ? ran.stdout : ran.stderr).toContain("Stopped watching; job exit-");
  });

  test.each(ofOneJob)("%s of an unknown job ends with 1", async (name) => {
    const ran = await run(name, "nobody");
    const { code = "NO_SUCH_JOB", message } = complaintOf(ran);
    expect([ran.code, code, message]).toEqual([
      1,
      "NO_SUCH_JOB",
      expect.stringMatching(/^There is no job nobody\b.*$/),
    ]);
  });

  test.each(names)("%s without permission ends with 1 and one sentence", async (name) => {
    const at = await stackAt(`http://127.0.0.1:${(denying.address() as AddressInfo).port}`);
    const ran = await run(name, "any", at);
    expect([ran.code, complaintOf(ran).message]).toEqual([1, "AWS does not permit this: not you."]);
  });

  test.each(names)("%s without a connection to AWS ends with 1 and one sentence", async (name) => {
    const ran = await run(name, "any", await stackAt("http://127.0.0.1:1"));
    expect(ran.code).toBe(1);
    expect(complaintOf(ran).message).toMatch(/^The local cloud is not running [^\n]+$/);
  });

  test.each(names)("%s without a stack ends with 2 and one sentence", async (name) => {
    const ran = await run(name, "any", "/");
    expect(ran.code).toBe(2);
    expect(complaintOf(ran).message).toMatch(/^No stack is named [^\n]+$/);
  });

  test.each(names)("%s of a stack without the output ends with 2 and one sentence", async (name) => {
    const ran = await run(name, "any", await stackAt(api.endpoint, {}));
    expect(ran.code).toBe(2);
    expect(complaintOf(ran).message).toMatch(/^Stack local has no output operator [^\n]+$/);
  });

  test.each(names)("%s with an unknown option ends with 2 and one sentence", async (name) => {
    const ran = await sluice(root, [...commands[name]!("any"), "--none", ...json]);
    expect([ran.code, complaintOf(ran).message]).toEqual([2, "Unknown option '--none'."]);
  });
});
