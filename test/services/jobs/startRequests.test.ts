import { answerStart, type StartParts, startFromMessage } from "../../../services/jobs/startRequests";
import { retryTransient } from "../../../shared/aws/transient";
import type { StartRefusal } from "../../../shared/jobs/startFunction";
import { named, StartGround } from "./startGround";

let ground: StartGround;
beforeAll(async () => {
  ground = await StartGround.start();
});
afterAll(() => ground?.stop());

const WORKERS = { memoryMegabytes: 256, timeoutSeconds: 60, maximumConcurrency: 16 };

interface SendMessage {
  QueueUrl: string;
  MessageBody: string;
  DelaySeconds: number;
}

interface SendMessageBatch {
  QueueUrl: string;
  Entries: { MessageBody: string }[];
}

interface PutEvents {
  Entries: { DetailType: string; Detail: string }[];
}

/** What a call sent to the bus, the queue and the log. */
class Told {
  readonly events: { type: string; detail: Record<string, unknown> }[] = [];
  readonly bodies: string[] = [];
  /** Messages to the start queue. */
  readonly later: SendMessage[] = [];
  readonly refused: StartRefusal[] = [];
  /** Answers of the bus before it takes an event. */
  busy: Error[] = [];
  /** The error of the unit queue. */
  unitsDown: Error | undefined;

  get parts(): StartParts {
    const { dynamodb, jobsTable } = ground.options;
    return {
      dynamodb,
      jobsTable,
      clock: { now: () => ground.now() },
      retryTransient,
      s3: {} as never,
      resultsBucket: "results",
      changedTables: [],
      readers: { queueUrl: "https://units", settings: WORKERS },
      spark: undefined,
      executions: undefined,
      writers: undefined,
      startQueueUrl: "https://starts",
      expirationDays: 30,
      timeoutSeconds: 60,
      eventBus: "lab",
      newId: () => "made-up",
      onRefused: (refusal) => this.refused.push(refusal),
      sqs: {
        send: async ({ input }: { input: SendMessage | SendMessageBatch }) => {
          if ("Entries" in input && this.unitsDown !== undefined) throw this.unitsDown;
          if ("Entries" in input) this.bodies.push(...input.Entries.map(({ MessageBody }) => MessageBody));
          else this.later.push(input);
          return {};
        },
      } as never,
      events: {
        send: async ({ input }: { input: PutEvents }) => {
          const error = this.busy.shift();
          if (error !== undefined) throw error;
          const [entry] = input.Entries;
          this.events.push({ type: entry!.DetailType, detail: JSON.parse(entry!.Detail) });
          return {};
        },
      } as never,
    };
  }
}

const BY = { caller: "arn:aws:iam::123456789012:user/ops" };

let told: Told;
const { signal } = new AbortController();
beforeEach(() => {
  ground.forget();
  told = new Told();
});

describe("an invocation", () => {
  test("is answered with the job", async () => {
    const answer = await answerStart(ground.request({ jobId: "invoked" }), BY, told.parts, signal);
    expect(answer).toEqual({
      job: "invoked",
      ...{ state: "running", units: 4, limits: [{ direction: "read", table: ground.table, limits: { table: 100 } }] },
    });
    expect(told.bodies).toEqual(['{"job":"invoked","chain":0,"turn":0}']);
    expect(await answerStart({ resume: "invoked" }, BY, told.parts, signal)).toEqual(answer);
    expect(told.bodies.slice(1)).toEqual(['{"job":"invoked","chain":0,"turn":1000000}']);
  });

  test.each<[string, unknown, object]>([
    ["nothing at all", null, { code: "INVALID_REQUEST", problems: ["The request must be an object, got null."] }],
    ["a malformed rate", { table: "orders", operation: "count", readRate: "5" }, { code: "INVALID_REQUEST" }],
    ["a job that is not there", { resume: "nobody" }, { code: "NO_SUCH_JOB", problems: ["There is no job nobody."] }],
    ["a name that no job can have", { resume: "x".repeat(5_000) }, { code: "INVALID_REQUEST" }],
    ["a job as a number", { resume: 7 }, { code: "INVALID_REQUEST" }],
    [
      "an estimate of nothing",
      { estimate: null },
      { code: "INVALID_REQUEST", problems: ["The request must be an object, got null."] },
    ],
    [
      "an estimate with another option beside it",
      { estimate: {}, resume: "a" },
      { code: "INVALID_REQUEST", problems: ["resume is not an option of a request to estimate."] },
    ],
  ])("is answered with the refusal: %s", async (_, event, refusal) => {
    const answer = await answerStart(event, BY, told.parts, signal);
    expect(answer).toMatchObject(refusal);
    expect(told.refused).toEqual([answer]);
    expect(told.events).toEqual([]);
    expect(told.bodies).toEqual([]);
  });

  test("for an estimate is answered with the plan; nothing is started, sent or kept", async () => {
    const jobs = await ground.jobs();
    ground.forget();
    const answer = await answerStart({ estimate: ground.request({ jobId: "planned" }) }, BY, told.parts, signal);
    expect(answer).toMatchObject({ plan: { work: { operation: "count", table: ground.table }, workers: WORKERS } });
    expect([told.bodies, told.later, told.events, await ground.job("planned")]).toEqual([[], [], [], undefined]);
    expect(ground.commands.filter((name) => /Put|Update|Write/.test(name))).toEqual([]);
    expect(await ground.jobs()).toEqual(jobs);
  });

  test("fails if the reason may pass", async () => {
    ground.failing = { DescribeTable: named("InternalServerError") };
    const answer = answerStart(ground.request(), BY, told.parts, signal);
    await expect(answer).rejects.toMatchObject({ name: "InternalServerError" });
    expect(told.refused).toEqual([]);
  });
});

describe("a message", () => {
  const message = (body: string, id = "m-1") => startFromMessage(body, id, BY, told.parts, signal);

  test("that comes twice starts one job, named after it", async () => {
    const body = JSON.stringify(ground.request({ filter: "#a > :a", names: { "#a": "amount" }, values: { ":a": 1 } }));
    await message(body, "message-1");
    await message(body, "message-1");
    expect((await ground.jobs()).filter(({ id }) => id === "message-1")).toHaveLength(1);
    expect(told.bodies).toEqual(['{"job":"message-1","chain":0,"turn":0}']);
    expect(told.refused).toEqual([]);
  });

  test.each([
    ["that is not JSON", "{", "INVALID_REQUEST"],
    ["that is no request", "[]", "INVALID_REQUEST"],
    ["that resumes nothing", '{"resume":"nobody"}', "NO_SUCH_JOB"],
  ])("%s is acknowledged, and the reason is published on the bus", async (_, body, code) => {
    await message(body);
    const detail = { jobsTable: ground.jobsTable, messageId: "m-1", code, problems: [expect.any(String)] };
    expect(told.events).toMatchObject([{ type: "Job refused", detail }]);
    expect(told.refused).toMatchObject([{ code }]);
    expect(told.bodies).toEqual([]);
  });

  test("is not acknowledged before the bus has accepted the refusal", async () => {
    told.busy = [named("ThrottlingException"), named("InternalFailure")];
    await expect(message("{")).rejects.toMatchObject({ name: "InternalFailure" });
    expect(told.events).toEqual([]);
  });

  test("comes again if the reason may pass", async () => {
    ground.failing = { TransactWriteItems: named("ResourceNotFoundException") };
    await expect(message(JSON.stringify(ground.request()))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    expect(told.events).toEqual([]);
  });

  test.each([
    ["12345678901234567890", '{"operation":"count","table":"orders","params":{"a":12345678901234567890}}'],
    ["0.12345678901234567890", '{"values":{":a":[0.12345678901234567890]}}'],
  ])("with a number that loses digits is refused: %s", async (number, body) => {
    await message(body);
    const problem = `The message must have no number with more digits than JSON keeps, got ${number}; use typedValues.`;
    expect(told.refused).toEqual([{ code: "INVALID_REQUEST", problems: [problem] }]);
    expect(told.events).toMatchObject([{ type: "Job refused", detail: { problems: [problem] } }]);
    expect(ground.commands).toEqual([]);
  });

  test("that watches over a start dispatches its chains if they weren't dispatched, and returns no answer", async () => {
    told.unitsDown = named("Killed");
    const request = ground.request({ readRate: 700 });
    await expect(message(JSON.stringify(request), "half")).rejects.toMatchObject({ name: "Killed" });
    const [watch, ...others] = told.later;
    expect(watch).toEqual({
      ...{ QueueUrl: "https://starts", MessageBody: '{"dispatch":"half","epoch":0}', DelaySeconds: 60 },
    });
    expect(others).toEqual([]);
    told.unitsDown = undefined;
    await message(watch!.MessageBody);
    const sent = ['{"job":"half","chain":0,"turn":0}', '{"job":"half","chain":1,"turn":0}'];
    expect(told.bodies).toEqual(sent);
    expect(await ground.job("half")).toMatchObject({ state: "running" });
    // A job that has started no longer needs the message.
    await message(watch!.MessageBody);
    expect(told.bodies).toEqual(sent);
    expect(told.refused).toEqual([]);
  });

  test("that names more than job and epoch is refused", async () => {
    await message('{"dispatch":"half","epoch":0,"from":0}');
    expect(told.refused).toMatchObject([{ code: "INVALID_REQUEST", problems: { length: 1 } }]);
    expect(told.bodies).toEqual([]);
  });

  test("that goes on in a wrong form is refused", async () => {
    await message('{"dispatch":"a b","epoch":-1}');
    expect(told.refused).toMatchObject([{ code: "INVALID_REQUEST", problems: { length: 2 } }]);
  });

  test("starts a job whose records expire as the service's config demands", async () => {
    ground.now = () => 1_800_000_000_999;
    await message(JSON.stringify(ground.request()), "expiring");
    expect(await ground.job("expiring")).toMatchObject({
      ...{ createdAt: 1_800_000_000_999, expiresAt: 1_800_000_000 + 30 * 86_400 },
    });
  });
});
