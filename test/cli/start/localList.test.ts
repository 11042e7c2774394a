/** A list of keys on this machine that is on its way to a job which doesn't start. */
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { JobPlan } from "../../../shared/cost/jobPlan";
import { type Ran, sluice, stackAt } from "../operatorStack";

const limits = [{ direction: "write", table: "orders", limits: { table: 50 } }] as const;
const PLAN: JobPlan = {
  work: { operation: "delete", table: "orders" },
  changes: { table: "orders", dryRun: false },
  source: "keys",
  ...{ filtered: false, consistentRead: false, items: 1, bytes: 1_000, onePassRcu: 0, units: 1, limits },
  workers: { memoryMegabytes: 512, timeoutSeconds: 60, maximumConcurrency: 16 },
  warnings: [],
};
const OPTIONS = ["delete", "orders", "--source", "keys:list.csv", "--write-rate", "50", "--job-id", "by-list"];
const OBJECT = "/results/lists/by-list/list.csv";

let server: Server;
/** Requests in the order in which they came: method and path, or what the start function was asked for. */
let asked: string[];
/** What happens before a request is answered. */
let before: (what: string) => Promise<void> | void;
/** Whether AWS refuses to invoke the start function. */
let denied: boolean;

beforeEach(async () => {
  asked = [];
  before = () => {};
  denied = false;
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request).catch(() => "");
  const path = (request.url ?? "").split("?")[0]!;
  const invoked = path.endsWith("/invocations");
  const isPlan = invoked && "estimate" in JSON.parse(body);
  const what = invoked ? (isPlan ? "plan" : "start") : `${request.method} ${path}`;
  asked.push(what);
  await before(what);
  if (invoked && denied) {
    response.writeHead(403, { "x-amzn-errortype": "AccessDeniedException" });
    return void response.end('{"message":"not you"}');
  }
  const answer = { job: "by-list", state: "running", units: 1, limits };
  response.end(invoked ? JSON.stringify(isPlan ? { plan: PLAN } : answer) : "");
}

async function run(command: readonly string[], stop: AbortSignal, options = OPTIONS): Promise<Ran> {
  const root = await stackAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await writeFile(join(root, "list.csv"), "id\n1\n");
  return sluice(root, [...command, ...options], { interruptible: () => stop });
}

const commands: readonly (readonly [string, readonly string[], string])[] = [
  ["start", ["start", "--yes", "--json"], "Interrupted: nothing was started."],
  ["estimate", ["estimate", "--json"], "Interrupted: there is no estimate."],
];

describe.each(commands)("%s, interrupted", (_, command, message) => {
  test("while the list is uploaded, removes it", async () => {
    const stop = new AbortController();
    before = (what) => {
      if (what !== `PUT ${OBJECT}`) return;
      stop.abort(new Error("interrupted"));
      // S3 may have stored an object whose upload was broken off.
      return new Promise(() => {});
    };
    const { code, stdout } = await run(command, stop.signal);
    expect([code, JSON.parse(stdout).error]).toMatchObject([3, { code: "INTERRUPTED", message }]);
    expect(asked).toEqual([`PUT ${OBJECT}`, `DELETE ${OBJECT}`]);
  });

  test("while the start function plans, does nothing further while the list is removed", async () => {
    const stop = new AbortController();
    before = async (what) => {
      if (what === "plan") stop.abort(new Error("interrupted"));
      if (what.startsWith("DELETE")) await sleep(300);
    };
    const { code, stdout } = await run(command, stop.signal);
    expect([code, JSON.parse(stdout).error]).toMatchObject([3, { code: "INTERRUPTED", message }]);
    await sleep(300);
    expect([...new Set(asked)]).toEqual([`PUT ${OBJECT}`, "plan", `DELETE ${OBJECT}`]);
  });
});

const goesOn = new AbortController().signal;

test.each(commands)("%s removes the list if AWS refuses to call the start function", async (_, command) => {
  denied = true;
  const { code, stdout } = await run(command, goesOn);
  expect([code, JSON.parse(stdout).error.code]).toEqual([1, "AWS"]);
  expect(asked).toEqual([`PUT ${OBJECT}`, "plan", `DELETE ${OBJECT}`]);
});

test("start removes the list if nobody can agree to what only the plan shows", async () => {
  const own = ["mine", "orders", "--source", "keys:list.csv", "--job-id", "by-list"];
  const { code, stderr } = await run(["start"], goesOn, own);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^Add --yes: this mine changes table orders/)]);
  expect(asked).toEqual([`PUT ${OBJECT}`, "plan", `DELETE ${OBJECT}`]);
});
