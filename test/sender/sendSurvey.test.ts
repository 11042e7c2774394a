import { readdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createSender, type SenderOptions, type SendOptions, sendSurvey } from "../../sender/index";
import {
  accepted,
  CREDENTIALS,
  DEAD_QUEUE_URL,
  FakeClock,
  FIXTURES,
  localSqs,
  QUEUE_URL,
  readFixture,
  stubClient,
  survey,
} from "./helpers";

const sqs = localSqs();
const credentials = CREDENTIALS;
const retry = { attempts: 2, baseDelayMs: 1 };

describe("sendSurvey, to a real queue", () => {
  test("all ten samples are taken, byte for byte", async () => {
    const queueUrl = await sqs.queue("samples");
    const names = readdirSync(FIXTURES).sort();
    expect(names).toHaveLength(10);
    for (const name of names) {
      const result = await sendSurvey(join(FIXTURES, name), queueUrl, { credentials });
      expect(result).toEqual({
        statusCode: 200,
        submissionId: expect.stringMatching(/^000\d\d{12}$/),
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    }
    expect(await sqs.bodies("samples")).toEqual(await Promise.all(names.map(readFixture)));
  });

  test("an object of 1 MiB with the widest characters arrives", async () => {
    const big = survey({ pad: "€".repeat(349_000) });
    expect(await sendSurvey(big, await sqs.queue("big"), { credentials })).toMatchObject({ statusCode: 200 });
    expect(await sqs.bodies("big")).toEqual([JSON.stringify(big)]);
  });

  test("a queue with a lower limit refuses larger messages", async () => {
    const queueUrl = await sqs.queue("small", { MaximumMessageSize: "1024" });
    const result = await sendSurvey(survey({ pad: "x".repeat(2_000) }), queueUrl, { credentials });
    expect(result).toMatchObject({ statusCode: 400, error: { code: "CONTENT_REFUSED", retryable: false } });
  });
});

describe("sendSurvey, to a stubbed queue", () => {
  // Not against fauxqs, which refuses all characters beyond the basic plane; SQS takes them.
  test("an emoji is sent as it is", async () => {
    const { client, requests } = stubClient(() => accepted());
    await sendSurvey(survey({ freetext: "😀" }), QUEUE_URL, { client });
    expect(requests[0]?.input.MessageBody).toBe(JSON.stringify(survey({ freetext: "😀" })));
  });

  test("a survey that breaks every policy of the intake is sent nevertheless", async () => {
    const { client } = stubClient(() => accepted("m-7"));
    const result = await sendSurvey({ freetext: "", time_elapsed: -1, q1: "x" }, QUEUE_URL, { client });
    expect(result).toMatchObject({ statusCode: 200, messageId: "m-7" });
  });

  test("if SQS hangs, one survey takes at most as long as the policy allows", async () => {
    const clock = new FakeClock();
    const start = clock.now();
    const { client } = stubClient(() => "never");
    const result = await clock.run(sendSurvey(survey(), QUEUE_URL, { client, clock, random: () => 0.5 }));
    expect(result.error).toMatchObject({ code: "TIMEOUT", retryable: true });
    expect(clock.now() - start).toBeLessThanOrEqual(45_000);
  });
});

describe("sendSurvey never rejects", () => {
  const env = { ...process.env };
  beforeAll(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
    process.env.AWS_EC2_METADATA_DISABLED = "true";
    process.env.AWS_CONFIG_FILE = "/dev/null";
    process.env.AWS_SHARED_CREDENTIALS_FILE = "/dev/null";
  });
  afterAll(() => {
    process.env = env;
  });

  const aborted = AbortSignal.abort(new Error("user left"));
  const failing = async () => {
    throw new Error("keychain locked");
  };
  const { client } = stubClient(() => accepted());
  test.each<[string, string, SenderOptions & SendOptions, string]>([
    ["no queue URL", undefined as never, {}, "BAD_QUEUE_URL"],
    ["a queue's ARN", "arn:aws:sqs:eu-central-1:1:q", {}, "BAD_QUEUE_URL"],
    ["no credentials", QUEUE_URL, { retry }, "NO_CREDENTIALS"],
    ["credentials that can't be fetched", QUEUE_URL, { credentials: failing }, "UNEXPECTED"],
    ["nobody listening", DEAD_QUEUE_URL, { credentials, retry }, "NETWORK"],
    ["nobody listening at the endpoint", QUEUE_URL, { credentials, retry, endpoint: "http://127.0.0.1:1" }, "NETWORK"],
    ["an abort", QUEUE_URL, { credentials, signal: aborted }, "ABORTED"],
    ["attempts 0", QUEUE_URL, { retry: { attempts: 0 } }, "BAD_OPTION"],
    ["attempts 1.5", QUEUE_URL, { retry: { attempts: 1.5 } }, "BAD_OPTION"],
    ["a negative delay", QUEUE_URL, { retry: { baseDelayMs: -1 } }, "BAD_OPTION"],
    ["no time", QUEUE_URL, { retry: { totalTimeoutMs: 0 } }, "BAD_OPTION"],
    ["NaN", QUEUE_URL, { retry: { maxDelayMs: Number.NaN } }, "BAD_OPTION"],
    ["a client and an endpoint", QUEUE_URL, { client, endpoint: "http://127.0.0.1:1" }, "BAD_OPTION"],
    ["half a guest", QUEUE_URL, { guest: { identityPoolId: "eu-central-1:1" } as never }, "BAD_OPTION"],
    ["a nonsensical signal", QUEUE_URL, { client, signal: {} as never }, "UNEXPECTED"],
  ])("with %s", async (_, queueUrl, options, code) => {
    const result = await sendSurvey(survey(), queueUrl, options);
    expect(result).toEqual({
      statusCode: 400,
      submissionId: "0001092821120000",
      error: { code, message: expect.stringMatching(/^\S[^\n]*$/), retryable: ["NETWORK", "ABORTED"].includes(code) },
    });
  });

  test("with a missing queue", async () => {
    const result = await sendSurvey(survey(), sqs.urlOf("none"), { credentials });
    expect(result).toMatchObject({ statusCode: 400, error: { code: "NO_SUCH_QUEUE" } });
  });

  test("with no survey, options that are null, and nothing at all", async () => {
    const call = sendSurvey as (...args: unknown[]) => Promise<unknown>;
    expect(await call(undefined, QUEUE_URL)).toMatchObject({ statusCode: 400, error: { code: "BAD_SURVEY" } });
    expect(await call(survey(), "x", null)).toMatchObject({ statusCode: 400, error: { code: "BAD_QUEUE_URL" } });
    expect(await call()).toMatchObject({ statusCode: 400, error: { code: "BAD_SURVEY" } });
  });
});

describe("connections", () => {
  let proxy: Server;
  let opened = 0;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    proxy = createServer((inner) => {
      opened++;
      const outer = connect(sqs.port(), "127.0.0.1");
      for (const socket of [inner, outer]) sockets.add(socket.on("error", () => {}));
      inner.pipe(outer).pipe(inner);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => proxy.close(resolve));
  });

  test.each<[string, (queueUrl: string) => (object: object) => Promise<unknown>]>([
    [
      "sendSurvey with equal options",
      (url) => (object) => sendSurvey(object, url, { credentials: { ...CREDENTIALS } }),
    ],
    [
      "one sender",
      (url) => {
        const sender = createSender({ queueUrl: url }, { credentials });
        return (object) => sender.sendSurvey(object);
      },
    ],
  ])("twenty surveys in a row by %s share one connection", async (_, make) => {
    await sqs.queue("shared");
    opened = 0;
    const send = make(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/000000000000/shared`);
    for (let i = 0; i < 20; i++) expect(await send(survey({ user_id: `u${i}` }))).toMatchObject({ statusCode: 200 });
    expect(opened).toBe(1);
  });
});
