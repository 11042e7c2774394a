import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../../../cli/session";
import { openDesk } from "../../../cli/ui/desk";
import { serveUi, type UiServer } from "../../../cli/ui/server";
import { listPrices } from "../../../shared/cost/prices";
import { FakeClock } from "../../sender/helpers";
import { stackAt } from "../operatorStack";

/** What AWS answers to reading the jobs table. It denies everything else. */
let jobs: object | undefined;
let aws: Server;
let clock: FakeClock;
let session: Session;
let served: UiServer;

beforeEach(async () => {
  jobs = { Items: [], Count: 0, ScannedCount: 0 };
  aws = createServer((request, response) => {
    const type = { "content-type": "application/x-amz-json-1.0" };
    const target = String(request.headers["x-amz-target"]);
    if (jobs !== undefined && /\.(Query|GetItem)$/.test(target))
      return response.writeHead(200, type).end(JSON.stringify(jobs));
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
  jobs = undefined;
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

test("a job that isn't there ends its stream with the reason", async () => {
  const stream = open("/api/live/jobs/nobody");
  await stream.ended;
  expect(stream.text).toContain('"code":"NO_SUCH_JOB"');
  expect(clock.waiting).toBe(0);
});
