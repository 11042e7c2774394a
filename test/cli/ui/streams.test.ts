import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../../../cli/session";
import { openDesk } from "../../../cli/ui/desk";
import { serveUi, type UiServer } from "../../../cli/ui/server";
import { listPrices } from "../../../shared/cost/prices";
import { listKey, toAttributes } from "../../../shared/jobs/storage/jobsTable";
import { FakeClock } from "../../sender/helpers";
import { job } from "../jobs/jobs";
import { OPERATOR, stackAt } from "../operatorStack";

type Answering = (operation: string, input: { KeyConditionExpression?: string }) => object | undefined;

/** An empty jobs table. */
const noJobs: Answering = (operation) =>
  operation === "Query" || operation === "GetItem" ? { Items: [], Count: 0, ScannedCount: 0 } : undefined;

/** What DynamoDB answers. AWS denies everything else. */
let answer: Answering;
let aws: Server;
let clock: FakeClock;
let session: Session;
let served: UiServer;

beforeEach(async () => {
  answer = noJobs;
  aws = createServer(async (request, response) => {
    const type = { "content-type": "application/x-amz-json-1.0" };
    const target = String(request.headers["x-amz-target"]);
    const body = await text(request);
    const answered = target.startsWith("DynamoDB_") ? answer(target.split(".")[1]!, JSON.parse(body)) : undefined;
    if (answered !== undefined) return response.writeHead(200, type).end(JSON.stringify(answered));
    response.writeHead(400, { ...type, "x-amzn-errortype": "AccessDeniedException" });
    response.end(JSON.stringify({ __type: "AccessDeniedException", message: "not you" }));
  });
  await new Promise<void>((ready) => aws.listen(0, "127.0.0.1", ready));
  const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
  clock = new FakeClock();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const around = { clock, random: () => 0.5, interruptible: () => new AbortController().signal };
  session = new Session({ stdout, stderr, root: await stackAt(endpoint), ...around }, {});
  served = await serveUi(await openDesk(session, listPrices), 0);
});

afterEach(async () => {
  await served.close();
  session.close();
  aws.close();
  aws.closeAllConnections();
});

/** Opens a live stream. `text`: what came so far; `ended`: once the server has ended it. */
function open(path: string) {
  const { origin, hash } = new URL(served.address);
  const headers = { authorization: `Bearer ${hash.replace("#token=", "")}` };
  const stream = { text: "", leave: () => {}, ended: Promise.resolve() };
  stream.ended = new Promise<void>((ended) => {
    const request = get(`${origin}${path}`, { headers }, (response) => {
      response.on("data", (chunk: Buffer) => {
        stream.text += chunk;
      });
      response.on("close", ended);
    });
    request.on("error", () => ended());
    stream.leave = () => request.destroy();
  });
  return stream;
}

/** Waits until so many parts of streams are between two looks. */
async function untilWaiting(parts: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (clock.waiting !== parts && performance.now() < deadline) await sleep(10);
  expect(clock.waiting).toBe(parts);
}

test("if the jobs can't be read for good, the overview's stream ends with the reason, and so do all its parts", async () => {
  answer = () => undefined;
  const overview = open("/api/live/overview");
  await overview.ended;
  expect(overview.text).toMatch(/event: failed\ndata: .*"code":"AWS".*\n\n$/);
  await untilWaiting(0);
});

test.each([
  ["overview", 2],
  ["intake", 1],
])("all parts of the live %s end when the browser leaves", async (view, parts) => {
  const stream = open(`/api/live/${view}`);
  await untilWaiting(parts);
  stream.leave();
  await untilWaiting(0);
});

test.each([
  ["overview", 2],
  ["intake", 1],
])("all parts of the live %s end when the server stops", async (view, parts) => {
  const stream = open(`/api/live/${view}`);
  await untilWaiting(parts);
  await served.close();
  await stream.ended;
  await untilWaiting(0);
});

test("the overview goes on if a job is deleted between the list and the look at the job", async () => {
  answer = (operation, input) => {
    const { source: _source, operation: _operation, identity: _identity, ...head } = job({ id: "deleted" });
    if (operation === "BatchGetItem") return { Responses: { [OPERATOR.jobsTable]: [toAttributes(head)] } };
    const isList = input.KeyConditionExpression === "pk = :list";
    const line = { ...listKey(head.id, head.createdAt), ...toAttributes({ id: head.id }) };
    return isList ? { Items: [line] } : noJobs(operation, input);
  };
  const overview = open("/api/live/overview");
  await untilWaiting(2);
  // What the server has sent may still be on its way.
  while (!overview.text.includes('"id":"deleted"')) await sleep(10);
  expect(overview.text).not.toContain("failed\n");
  overview.leave();
});

test("a job that isn't there ends its stream with the reason", async () => {
  const stream = open("/api/live/jobs/nobody");
  await stream.ended;
  expect(stream.text).toContain('"code":"NO_SUCH_JOB"');
  expect(clock.waiting).toBe(0);
});
