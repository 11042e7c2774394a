/** The exact values that a turn at a chain passes on to protocol, page loop, limiter and stores. */
import type { DynamoDBClient, QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { type CapacityPluginOptions, capacityPlugin } from "../../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../../shared/capacity/worker/limiter";
import type { Clock } from "../../../shared/clock";
import { noUsage } from "../../../shared/cost/usage";
import { type WorkPagesOptions, workPages } from "../../../shared/engine/pageLoop";
import { handleChainTurn, type ProtocolOptions } from "../../../shared/engine/protocol";
import { firstTurn } from "../../../shared/engine/turns";
import { SluiceError } from "../../../shared/errors";
import type { Job } from "../../../shared/jobs/job";
import { toAttributes } from "../../../shared/jobs/storage/jobsTable";
import type { Unit } from "../../../shared/jobs/unit";
import type { OperationWork } from "../../../shared/operations/operation";
import { readingOperations } from "../../../shared/operations/reading";
import { type TurnAtHand, type WorkerParts, workChain } from "../../../shared/worker/workChain";
import { sampleJob } from "../../support/sampleJob";

jest.mock("../../../shared/engine/protocol", () => ({
  ...jest.requireActual("../../../shared/engine/protocol"),
  handleChainTurn: jest.fn(),
}));
jest.mock("../../../shared/engine/pageLoop", () => ({ workPages: jest.fn() }));
jest.mock("../../../shared/capacity/worker/limiter");
jest.mock("../../../shared/capacity/plugin/capacityPlugin", () => ({ capacityPlugin: jest.fn() }));

const NOW = 1_800_000_000_000;
const clock: Clock = { now: () => NOW, sleep: () => new Promise(() => undefined) };
const TABLE = {
  TableName: "answers",
  TableArn: "arn:answers",
  TableId: "9c6a",
  CreationDateTime: new Date(5),
};
const identity = { arn: "arn:answers", id: "9c6a", createdAt: 5 };
const unit: Unit = {
  ...{ number: 1, state: "active", turn: 7, attempts: 1, rcuPerSecond: 0, updatedAt: 0 },
  counts: { pages: 0, scannedItems: 0, items: 0, rcu: 0 },
};
const job = (part: Partial<Job> = {}) => sampleJob({ identity, units: 4, ...part });

interface Call {
  name: string;
  input: Record<string, unknown>;
}

function setUp() {
  const calls: Call[] = [];
  const answers: Record<string, () => unknown> = { DescribeTableCommand: () => ({ Table: TABLE }) };
  const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
    const { name } = command.constructor;
    calls.push({ name, input: command.input });
    return answers[name]?.() ?? {};
  };
  const retried: AbortSignal[] = [];
  const controllers = { work: new AbortController(), records: new AbortController() };
  const at: TurnAtHand = {
    ...{ startedAt: NOW, stopAt: NOW + 52_000, deadline: NOW + 54_000, workEndsAt: NOW + 56_000, endsAt: NOW + 60_000 },
    driver: { dispatch: async () => undefined },
    owner: "request/1",
    workSignal: controllers.work.signal,
    signal: controllers.records.signal,
  };
  const parts: WorkerParts = {
    dynamodb: { send } as unknown as DynamoDBClient,
    clientConfig: { region: "eu-central-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } },
    s3: { s3: true } as never,
    events: { send } as never,
    ...{ operations: readingOperations, jobsTable: "jobs", resultsBucket: "results", eventBus: "lab", clock },
    retryTransient: (call, signal) => {
      retried.push(signal);
      return call();
    },
    isTransient: (error) => (error as Error).message === "passes",
    backoffMs: (attempts) => 1_000 * attempts,
    onLedgerError: jest.fn(),
    onUnit: jest.fn(),
    onEnd: jest.fn(),
    mostWorkers: 16,
    random: () => 0.5,
    usage: () => noUsage,
  };
  return { calls, answers, retried, at, parts, ...controllers };
}

/** The limiters that were made, with the arguments of their opening. */
const limiters = () => jest.mocked(CapacityLimiter).mock;
const plugged = (): CapacityPluginOptions[] => jest.mocked(capacityPlugin).mock.calls.map(([, options]) => options);

beforeEach(() => {
  jest.clearAllMocks();
  jest.mocked(handleChainTurn).mockResolvedValue("ended");
  jest.mocked(workPages).mockResolvedValue({ end: "paused" });
  jest.mocked(capacityPlugin).mockReturnValue({ applyToStack: () => undefined });
  jest.mocked(CapacityLimiter.prototype.close).mockResolvedValue();
});

async function protocolOf(ground: ReturnType<typeof setUp>): Promise<ProtocolOptions> {
  await workChain({ job: "job", chain: 1, turn: 7 }, ground.at, ground.parts);
  const [turn, options] = jest.mocked(handleChainTurn).mock.calls.at(-1)!;
  expect(turn).toEqual({ job: "job", chain: 1, turn: 7 });
  return options;
}

async function pagesOf(ground: ReturnType<typeof setUp>, given = job()): Promise<WorkPagesOptions> {
  const { work } = await protocolOf(ground);
  await work(given, unit, { save: async () => undefined, note: () => undefined });
  return jest.mocked(workPages).mock.calls[0]![0];
}

test("the lease lasts two seconds longer than the invocation can", async () => {
  const ground = setUp();
  const options = await protocolOf(ground);
  expect(options.leaseUntil).toBe(NOW + 62_000);
  expect(options).toMatchObject({ owner: "request/1", clock, driver: ground.at.driver, stopAt: NOW + 52_000 });
  expect(options.backoffMs(3)).toBe(3_000);
});

test("the first turn of a chain stops earlier, so that those of a job end at different times", async () => {
  const { at, parts } = setUp();
  const [job, chain] = ["job", 1];
  for (const turn of [firstTurn(0), firstTurn(3)]) {
    await workChain({ job, chain, turn }, at, parts);
    // A quarter of its 52 seconds.
    const { stopAt, leaseUntil } = jest.mocked(handleChainTurn).mock.calls.at(-1)![1];
    expect([stopAt, leaseUntil]).toEqual([NOW + 39_000, NOW + 62_000]);
  }
  await workChain({ job, chain, turn: firstTurn(3) + 1 }, at, parts);
  expect(jest.mocked(handleChainTurn).mock.calls.at(-1)![1].stopAt).toBe(NOW + 52_000);
});

test("finish has the whole time of a first turn, although its pages stop earlier", async () => {
  const { at, parts } = setUp();
  const sleeps: number[] = [];
  const sleep: Clock["sleep"] = async (ms) => void sleeps.push(ms);
  const finish = () => new Promise<never>(() => undefined);
  const slow: OperationWork = { ...readingOperations.own.count!, finish };
  let work: Promise<unknown> | undefined;
  jest.mocked(handleChainTurn).mockImplementation(async (_turn, { ending, stopAt }) => {
    expect(stopAt).toBe(NOW + 39_000);
    work = Promise.resolve(ending.summarize(job({ operation: { name: "slow", params: {} } })));
    await expect(work).rejects.toMatchObject({ code: "FINISH_TOO_SLOW", value: 52 });
    return "ended";
  });
  const turn = { job: "job", chain: 1, turn: firstTurn(0) };
  await workChain(turn, at, { ...parts, operations: { own: {}, named: () => slow }, clock: { ...clock, sleep } });
  expect(work).toBeDefined();
  expect(sleeps).toEqual([52_000]);
  expect(jest.mocked(CapacityLimiter.prototype.open).mock.calls).toContainEqual([{ deadline: NOW + 54_000 }]);
});

test("AWS's transient errors are transient, and so are our own retryable errors", async () => {
  const { isTransient, ending } = await protocolOf(setUp());
  for (const judge of [isTransient, ending.isTransient]) {
    expect(judge(new Error("passes"))).toBe(true);
    expect(judge(new Error("stays"))).toBe(false);
    expect(judge(new SluiceError("A", "a", { retryable: true }))).toBe(true);
    expect(judge(new SluiceError("A", "a"))).toBe(false);
  }
});

test("records are kept in the jobs table, for as long as the invocation lasts", async () => {
  const ground = setUp();
  const { jobs, units } = await protocolOf(ground);
  ground.answers.QueryCommand = () => ({ Items: [] });
  await jobs.read("job");
  await units.note({ job: "job", unit: 1, owner: "request/1", turn: 7 }, { reason: "r", since: 1 });
  expect(ground.calls.map(({ input }) => input.TableName)).toEqual(["jobs", "jobs"]);
  expect(ground.calls[0]!.input).toMatchObject({ ConsistentRead: true });
  expect(new Set(ground.retried)).toEqual(new Set([ground.at.signal]));
});

describe("work on pages", () => {
  test("stops when the protocol has to stop, and its calls stop when page work has to", async () => {
    const ground = setUp();
    const { stopAt, tools, clock: given } = await pagesOf(ground);
    expect([stopAt, given]).toEqual([NOW + 52_000, clock]);
    expect(tools.signal).toBe(ground.at.workSignal);
    ground.retried.length = 0;
    await tools.retry(async () => 1);
    await tools.entries.put(1, 0, { a: 1 });
    expect(new Set(ground.retried)).toEqual(new Set([ground.at.workSignal]));
  });

  test("records a call of the operation that has been failing for five seconds, like a call of the source", async () => {
    const ground = setUp();
    let now = NOW;
    jest.spyOn(clock, "now").mockImplementation(() => now);
    const failing = async () => {
      now += 2_500;
      throw new Error("passes");
    };
    // The call fails three times, and then gives up.
    ground.parts = {
      ...ground.parts,
      retryTransient: async (call) => {
        for (let left = 3; ; left--) {
          try {
            return await call();
          } catch (error) {
            if (left === 1) throw error;
          }
        }
      },
    };
    const notes: unknown[] = [];
    const { work } = await protocolOf(ground);
    await work(job(), unit, { save: async () => undefined, note: (trouble) => notes.push(trouble) });
    const { tools, source } = jest.mocked(workPages).mock.calls[0]![0];
    await expect(tools.retry(failing)).rejects.toThrow("passes");
    jest.spyOn(tools.dynamodb, "send").mockImplementation(failing as never);
    await expect(source.read(undefined, ground.at.workSignal)).rejects.toThrow("passes");
    expect(notes).toEqual([
      { error: new Error("passes"), since: NOW + 2_500 },
      { error: new Error("passes"), since: NOW + 10_000 },
    ]);
    jest.restoreAllMocks();
  });

  test("has the unit, the operation and its parts", async () => {
    const ground = setUp();
    const given = job({ operation: { name: "count", params: {} } });
    const { job: worked, unit: at, tools, operation } = await pagesOf(ground, given);
    expect([worked, at]).toEqual([given, unit]);
    expect(operation).toBe(readingOperations.own.count);
    expect(tools).toMatchObject({ bucket: "results", prefix: "count/job/", s3: ground.parts.s3 });
    expect(tools.dynamodb).not.toBe(ground.parts.dynamodb);
  });

  test("a missing operation is an error", async () => {
    const { work } = await protocolOf(setUp());
    const gone = job({ operation: { name: "histogram", params: {} } });
    await expect(work(gone, unit, { save: async () => undefined, note: () => undefined })).rejects.toMatchObject({
      ...{ code: "NO_SUCH_OPERATION", message: 'The function has no operation "histogram" any more.' },
    });
    expect(CapacityLimiter.prototype.open).toHaveBeenCalledTimes(1);
  });

  test("reads its own segment through the limited client", async () => {
    const ground = setUp();
    const { source, tools } = await pagesOf(ground);
    const sent: Record<string, unknown>[] = [];
    jest.spyOn(tools.dynamodb, "send").mockImplementation((async ({ input }: Call) => {
      sent.push(input);
      return {};
    }) as never);
    await source.read(undefined, ground.at.workSignal);
    expect(sent).toMatchObject([{ TableName: "answers", Segment: 1, TotalSegments: 4 }]);
  });

  test.each<[string, Partial<Job>, number | undefined]>([
    ["the item size in the table's description", { estimatedItems: 100, estimatedBytes: 409_600 }, 36],
    ["no size, if the description has none", { estimatedItems: 0, estimatedBytes: 409_600 }, 10],
  ])("the first page depends on %s", async (_, part, items) => {
    const ground = setUp();
    const { source, tools } = await pagesOf(ground, job({ ...part, limits: [limit("read", 100)] }));
    let Limit: unknown;
    jest.spyOn(tools.dynamodb, "send").mockImplementation((async ({ input }: Call) => {
      Limit = input.Limit;
      return {};
    }) as never);
    await source.read(undefined, ground.at.workSignal);
    expect(Limit).toBe(items);
  });

  test("entries expire with their job", async () => {
    const ground = setUp();
    const { tools } = await pagesOf(ground, job({ expiresAt: 77 }));
    await tools.entries.put(1, 0, { a: 1 });
    const { Item } = ground.calls.at(-1)!.input as { Item: Record<string, unknown> };
    expect(Item).toMatchObject({ pk: { S: "job#job" }, expiresAt: { N: "77" } });
  });
});

const limit = (direction: "read" | "write", table: number) =>
  ({ direction, table: "answers", limits: { table } }) as const;

describe("capacity", () => {
  test("each limit has a limiter, plugged in for its table and direction, open until the deadline", async () => {
    const limits = [limit("read", 100), limit("write", 50)];
    await pagesOf(setUp(), job({ limits }));
    expect(plugged()).toEqual(limits);
    expect(jest.mocked(capacityPlugin).mock.calls.map(([gate]) => gate)).toEqual(limiters().instances);
    expect(limiters().calls).toMatchObject([[{ whenPaused: "reject", clock }], [{ whenPaused: "reject", clock }]]);
    expect(jest.mocked(CapacityLimiter.prototype.open).mock.calls).toEqual([
      [{ deadline: NOW + 54_000 }],
      [{ deadline: NOW + 54_000 }],
    ]);
    expect(CapacityLimiter.prototype.close).not.toHaveBeenCalled();
  });

  test("the limiters are the same for all units of a turn, until the turn rests", async () => {
    const ground = setUp();
    const { work, rest } = await protocolOf(ground);
    const tools = { save: async () => undefined, note: () => undefined };
    for (const _ of [1, 2]) await work(job(), unit, tools);
    expect(limiters().instances).toHaveLength(1);
    for (const _ of [1, 2]) await rest();
    expect(CapacityLimiter.prototype.close).toHaveBeenCalledTimes(1);
    await work(job(), unit, tools);
    expect(limiters().instances).toHaveLength(2);
  });

  test("the limiters are closed when the turn fails, even if the ledger does not answer then", async () => {
    const ground = setUp();
    jest.mocked(handleChainTurn).mockImplementation(async (_turn, { work }) => {
      await work(job(), unit, { save: async () => undefined, note: () => undefined });
      throw new Error("turn");
    });
    jest.mocked(CapacityLimiter.prototype.close).mockRejectedValue(new Error("ledger"));
    await expect(workChain({ job: "job", chain: 0, turn: 0 }, ground.at, ground.parts)).rejects.toThrow("turn");
    expect(ground.parts.onLedgerError).toHaveBeenCalledWith(new Error("ledger"));
  });

  test.each([
    ["its own", job(), "ledger#job"],
    ["its group's", job({ limitGroup: "nightly" }), "ledger#group/nightly"],
  ])("a limiter reserves from the job's ledger: %s", async (_, given, pk) => {
    const ground = setUp();
    await pagesOf(ground, given);
    const [{ ledger }] = limiters().calls[0]!;
    ground.answers.GetItemCommand = () => ({ Item: undefined });
    await ledger.read().catch(() => undefined);
    expect(ground.calls.at(-1)).toMatchObject({
      ...{ input: { TableName: "jobs", Key: { pk: { S: pk }, sk: { S: "read#answers" } }, ConsistentRead: true } },
    });
  });

  test("a first page is cut to what can be written in a quarter of a second", async () => {
    const ground = setUp();
    const limits = [limit("read", 10_000), limit("write", 280)];
    const { source, tools } = await pagesOf(ground, job({ limits }));
    let Limit: unknown;
    jest.spyOn(tools.dynamodb, "send").mockImplementation((async ({ input }: Call) => {
      Limit = input.Limit;
      return {};
    }) as never);
    await source.read(undefined, ground.at.workSignal);
    expect(Limit).toBe(70);
  });

  test("a page depends on the lowest of the limits in force", async () => {
    const ground = setUp();
    const limits = [{ ...limit("read", 1_000), limits: { table: 1_000, indexes: { a: 100, b: 500 } } }];
    const { source, tools } = await pagesOf(ground, job({ limits, estimatedItems: 1, estimatedBytes: 4_096 }));
    let Limit: unknown;
    jest.spyOn(tools.dynamodb, "send").mockImplementation((async ({ input }: Call) => {
      Limit = input.Limit;
      return {};
    }) as never);
    await source.read(undefined, ground.at.workSignal);
    // 18 RCU.
    expect(Limit).toBe(36);
    // The ledger's limit counts, not the record's: 20 RCU, less a part of a unit.
    Object.defineProperty(limiters().instances[0], "limits", { value: { table: 400 } });
    await source.read(undefined, ground.at.workSignal);
    expect(Limit).toBe(39);
  });
});

test("a worker that no longer consumes capacity looks for a pause", async () => {
  let now = NOW;
  const ground = setUp();
  const { goOn } = await pagesOf({ ...ground, parts: { ...ground.parts, clock: { ...clock, now: () => now } } });
  jest.mocked(handleChainTurn).mock.lastCall![1].onHead(job({ claimed: 4 }));
  const [limiter] = limiters().instances;
  const define = (values: Partial<CapacityLimiter>) => {
    for (const [name, value] of Object.entries(values))
      Object.defineProperty(limiter, name, { value, configurable: true });
  };
  define({ limits: { table: 100 }, waitedMs: 0 });
  const paused = toAttributes({ ...job({ state: "paused", claimed: 4 }), source: undefined });
  ground.answers.GetItemCommand = () => ({ Item: paused });
  const after = (seconds: number) => {
    now = NOW + 1_000 * seconds;
    return goOn!();
  };
  // The ledger, which it visits for its requests, would show the pause.
  for (const seconds of [1, 9, 20]) {
    define({ spentMs: 1_000 * seconds });
    expect(await after(seconds)).toBe(true);
  }
  expect(await after(21.9)).toBe(true);
  expect(await after(22)).toBe("paused");
});

describe("the source", () => {
  const problem = async (given: Job, table: object | Error) => {
    const ground = setUp();
    ground.answers.DescribeTableCommand = () => {
      if (table instanceof Error) throw table;
      return { Table: table };
    };
    const { ending } = await protocolOf(ground);
    return ending.tablesProblem(given);
  };
  const named = (name: string) => Object.assign(new Error("message"), { name });

  test("is the source that the job began with, or the reason why it isn't is returned", async () => {
    expect(await problem(job(), TABLE)).toBeUndefined();
    expect(await problem(job(), { ...TABLE, TableId: "other" })).toBe(
      "Table answers was deleted and recreated after the job began.",
    );
    expect(await problem(job(), named("ResourceNotFoundException"))).toBe("Table answers no longer exists.");
    await expect(problem(job(), named("ThrottlingException"))).rejects.toMatchObject({ name: "ThrottlingException" });
  });

  test("an error of reading the source stops the job; the same error of an operation does not", async () => {
    const ground = setUp();
    const missing = named("ResourceNotFoundException");
    const { source, tools } = await pagesOf(ground);
    const { verdict } = jest.mocked(handleChainTurn).mock.calls[0]![1];
    expect(verdict(missing, job())).toBeUndefined();
    jest.spyOn(tools.dynamodb, "send").mockRejectedValue(missing as never);
    await expect(source.read(undefined, ground.at.workSignal)).rejects.toBe(missing);
    expect(verdict(missing, job())).toBe("Table answers no longer exists.");
  });
});

describe("the end", () => {
  test("is made from all units, consistently read, and from the job's facts", async () => {
    const ground = setUp();
    const { ending } = await protocolOf(ground);
    ground.answers.QueryCommand = () => ({
      Items: [{ number: { N: "0" }, result: { S: '{"items":3,"bytes":2,"scannedItems":4,"scannedBytes":5}' } }],
    });
    expect(await ending.summarize(job({ units: 1 }))).toEqual({ items: 3, bytes: 2, scannedItems: 4, scannedBytes: 5 });
    const query = ground.calls.find(({ name }) => name === "QueryCommand")!.input as unknown as QueryCommandInput;
    expect(query).toMatchObject({ TableName: "jobs", ConsistentRead: true });
    expect(new Set(ground.retried)).toEqual(new Set([ground.at.workSignal]));
    expect(plugged()).toEqual(job().limits);
  });

  test("is published on the bus, for as long as records can be written", async () => {
    const ground = setUp();
    const { ending } = await protocolOf(ground);
    ground.answers.PutEventsCommand = () => ({ Entries: [{}], FailedEntryCount: 0 });
    await ending.announce(job({ state: "completed" }));
    const { Entries } = ground.calls[0]!.input as { Entries: Record<string, string>[] };
    expect(Entries[0]).toMatchObject({ EventBusName: "lab", Source: "sluice.jobs", DetailType: "Job completed" });
    expect(JSON.parse(Entries[0]!.Detail!)).toMatchObject({ job: "job", jobsTable: "jobs" });
    expect(ground.retried).toEqual([ground.at.signal]);
  });
});
