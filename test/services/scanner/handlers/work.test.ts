/** What the worker's handler passes on: times, signals, clients and the driver. The work on a chain itself is replaced. */
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent } from "aws-lambda";
import { isTransient, retryTransient } from "../../../../shared/aws/transient";
import { systemClock } from "../../../../shared/clock";
import type { ChainTurn } from "../../../../shared/drivers/driver";
import { SluiceError } from "../../../../shared/errors";
import type { TurnAtHand, WorkerParts, workChain } from "../../../../shared/worker/workChain";

jest.mock("../../../../shared/worker/workChain", () => ({ workChain: jest.fn() }));

const NOW = 1_800_000_000_000;
const ended = { handled: "ended", ms: 1, waitedMs: 0 } as const;
const QUEUE = "https://units";

let handler: typeof import("../../../../services/scanner/handlers/work").handler;
let scan: jest.MockedFunction<typeof workChain>;
beforeAll(async () => {
  Object.assign(process.env, {
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" },
    ...{ JOBS_TABLE: "jobs", UNIT_QUEUE_URL: QUEUE, RESULTS_BUCKET: "results", EVENT_BUS: "lab", BATCH_SIZE: "2" },
    ...{ MOST_WORKERS: "32" },
    ...{ POWERTOOLS_LOG_LEVEL: "SILENT", POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_SERVICE_NAME: "worker" },
  });
  scan = jest.mocked((await import("../../../../shared/worker/workChain")).workChain);
  ({ handler } = await import("../../../../services/scanner/handlers/work"));
});

/** Inputs of the calls to SQS, and the length of each abort signal that was made. */
let sent: { name: string; input: Record<string, unknown> }[];
let timers: { ms: number; controller: AbortController }[];
beforeEach(() => {
  [sent, timers] = [[], []];
  jest.spyOn(Date, "now").mockReturnValue(NOW);
  jest.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    timers.push({ ms, controller });
    return controller.signal;
  });
  jest.spyOn(SQSClient.prototype, "send").mockImplementation((async (command: { input: object }) => {
    sent.push({ name: command.constructor.name, input: command.input as Record<string, unknown> });
    return {};
  }) as never);
  scan.mockReset().mockResolvedValue(ended);
});
afterEach(() => jest.restoreAllMocks());

const context = (remainingMs: number, awsRequestId = "request-1") =>
  ({ awsRequestId, getRemainingTimeInMillis: () => remainingMs }) as Context;
const record = (body: string, n = 0) => ({
  ...{ messageId: `m-${n}`, receiptHandle: `r-${n}`, body, eventSource: "aws:sqs" },
  ...{ eventSourceARN: "arn:aws:sqs:eu-central-1:111122223333:units", attributes: { ApproximateReceiveCount: "3" } },
});
const event = (...bodies: string[]) => ({ Records: bodies.map(record) }) as unknown as SQSEvent;
const turn = (chain = 0): ChainTurn => ({ job: "job-1", chain, turn: 7 });
const body = (chain = 0) => JSON.stringify(turn(chain));

function handedOn(call = 0): { turn: ChainTurn; at: TurnAtHand; parts: WorkerParts } {
  const [chainTurn, at, parts] = scan.mock.calls[call]!;
  return { turn: chainTurn, at, parts };
}

test("a message's turn is worked on in the time of the invocation, and the message is hidden until after it", async () => {
  expect(await handler(event(body()), context(60_000))).toEqual({ batchItemFailures: [] });
  expect(handedOn().turn).toEqual(turn());
  expect(handedOn().at).toMatchObject({
    ...{ startedAt: NOW, stopAt: NOW + 52_000, workEndsAt: NOW + 56_000, endsAt: NOW + 60_000 },
  });
  expect(sent).toEqual([
    {
      name: "ChangeMessageVisibilityCommand",
      input: { QueueUrl: QUEUE, ReceiptHandle: "r-0", VisibilityTimeout: 65 },
    },
  ]);
});

test("page work is stopped before the writing of records, and both when the time is over", async () => {
  await handler(event(body()), context(60_000));
  const { signal, workSignal } = handedOn().at;
  expect(timers.map(({ ms }) => ms)).toEqual([56_000]);
  expect([workSignal.aborted, signal.aborted]).toEqual([false, false]);
  timers[0]!.controller.abort();
  expect([workSignal.aborted, signal.aborted]).toEqual([true, false]);
});

test("when the time is over, page work is stopped too", async () => {
  let aborted: boolean[] = [];
  scan.mockImplementation(async (_turn, { signal, workSignal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    aborted = [workSignal.aborted, signal.aborted];
    return ended;
  });
  // The middleware takes 1.5 s before the end for the answer.
  await handler(event(body()), context(1_600));
  expect(aborted).toEqual([true, true]);
});

test("each delivery has a separate owner, which names the request", async () => {
  await handler(event(body(), body()), context(60_000));
  const owners = [handedOn(0).at.owner, handedOn(1).at.owner];
  expect(new Set(owners).size).toBe(2);
  for (const owner of owners) expect(owner).toMatch(/^request-1\/[0-9a-f-]{36}$/);
});

test("as many chains are in work at once as the batch size allows", async () => {
  let [now, most] = [0, 0];
  scan.mockImplementation(async () => {
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now--;
    return ended;
  });
  await handler(event(...[0, 1, 2, 3, 4].map((chain) => body(chain))), context(60_000));
  expect(scan).toHaveBeenCalledTimes(5);
  expect(most).toBe(2);
});

test("the parts come from the environment, and only our own layer retries", async () => {
  await handler(event(body()), context(60_000));
  const { parts, at } = handedOn();
  expect(parts).toMatchObject({
    ...{
      jobsTable: "jobs",
      resultsBucket: "results",
      eventBus: "lab",
      clock: systemClock,
      isTransient,
      retryTransient,
      mostWorkers: 32,
    },
    clientConfig: { maxAttempts: 1 },
  });
  for (const client of [parts.dynamodb, parts.s3, parts.events]) expect(await client.config.maxAttempts()).toBe(1);
  // The limited clients share the connections of this one.
  expect(parts.clientConfig.requestHandler).toBe(parts.dynamodb.config.requestHandler);
  jest.spyOn(Math, "random").mockReturnValue(0.999_999);
  expect(parts.backoffMs(1)).toBe(15_000);
  expect(parts.backoffMs(3)).toBe(60_000);
  sent = [];
  await at.driver.dispatch([turn(4)]);
  expect(sent).toMatchObject([
    { name: SendMessageBatchCommand.name, input: { QueueUrl: QUEUE, Entries: [{ MessageBody: body(4) }] } },
  ]);
});

test("a message of another origin is acknowledged", async () => {
  expect(await handler(event("hello"), context(60_000))).toEqual({ batchItemFailures: [] });
  expect(scan).not.toHaveBeenCalled();
  expect(sent).toEqual([]);
});

test.each<[string, Error, number]>([
  ["until a second after the lease ends", new SluiceError("CHAIN_HELD", "held", { value: NOW + 10_500 }), 12],
  ["for a moment if the lease was lost", new SluiceError("CHAIN_LOST", "lost"), 5],
])("a chain that has to come again is hidden %s", async (_, error, seconds) => {
  scan.mockRejectedValue(error);
  expect(await handler(event(body()), context(60_000))).toEqual({ batchItemFailures: [{ itemIdentifier: "m-0" }] });
  const hidden = sent.at(-1)!.input;
  expect(JSON.stringify(hidden)).toContain(`"VisibilityTimeout":${seconds}`);
});

test.each([
  // At the third receive half to all of 60 s.
  ["the number of receives determines the delay", 10_000, 30, 60],
  ["the message comes after the lease of its chain, however few receives it had", 90_000, 95, 95],
])("after another error %s", async (_, remainingMs, least, most) => {
  scan.mockRejectedValue(new Error("no"));
  await handler(event(body()), context(remainingMs));
  const { Entries } = sent.at(-1)!.input as { Entries: { VisibilityTimeout: number }[] };
  expect(Entries[0]!.VisibilityTimeout).toBeGreaterThanOrEqual(least);
  expect(Entries[0]!.VisibilityTimeout).toBeLessThanOrEqual(most);
});

describe("the usage of an invocation", () => {
  /** The usage of each turn of one invocation, one second after it began. */
  async function used(invocation: string, from: number, turns = 1) {
    const usages: ReturnType<WorkerParts["usage"]>[] = [];
    jest.mocked(Date.now).mockReturnValue(from);
    scan.mockImplementation(async (_turn, _at, { usage }) => {
      await new Promise(setImmediate);
      jest.mocked(Date.now).mockReturnValue(from + 1_000);
      usages.push(usage());
      return ended;
    });
    const bodies = Array.from({ length: turns }, (_, chain) => body(chain));
    await handler(event(...bodies), context(60_000, invocation));
    return usages;
  }

  test("is counted only once over all its turns", async () => {
    const usages = await used("two turns", NOW, 2);
    expect(usages.map(({ invocations }) => invocations)).toEqual([1, 0]);
    expect(usages.map(({ billedMs }) => billedMs)).toEqual([1_000, 0]);
  });

  test("is counted from its own begin, even if time ended a turn of the invocation before", async () => {
    scan.mockReturnValueOnce(new Promise(() => undefined));
    const { batchItemFailures } = await handler(event(body()), context(1_520, "broken off"));
    expect(batchItemFailures).toHaveLength(1);
    expect(await used("an hour later", NOW + 3_600_000)).toMatchObject([{ invocations: 1, billedMs: 1_000 }]);
  });
});
