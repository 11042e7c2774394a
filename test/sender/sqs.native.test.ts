import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createSender, openOutbox, type SenderOptions } from "../../sender/index";
import {
  accepted,
  CREDENTIALS,
  localSqs,
  QUEUE_URL,
  type StubAnswer,
  scratchFolder,
  stubClient,
  survey,
} from "./helpers";
import { WIRE_CASES } from "./wireCases";

// As a phone's bundler does.
jest.mock("../../sender/sqs", () => jest.requireActual("../../sender/sqs.native"));

const quick = { attempts: 2, baseDelayMs: 0 };
const sqs = localSqs();
let restoreFetch: () => void = () => {};
afterEach(() => restoreFetch());

interface Sent {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Answers what `fetch` sends. @returns the requests, as they come in */
function answering(answer: (request: Sent, index: number) => StubAnswer): Sent[] {
  const requests: Sent[] = [];
  const real = globalThis.fetch;
  restoreFetch = () => {
    globalThis.fetch = real;
  };
  globalThis.fetch = (async (url: string, { headers, body }: { headers: Record<string, string>; body: string }) => {
    requests.push({ url, headers, body });
    const said = answer(requests.at(-1) as Sent, requests.length - 1);
    if (said instanceof Error) throw said;
    if (said === "never") return new Promise(() => {});
    return new Response(typeof said.body === "string" ? said.body : JSON.stringify(said.body), {
      status: said.status,
      headers: said.headers ?? {},
    });
  }) as never;
  return requests;
}

const senderOf = (options: SenderOptions = {}, queueUrl = QUEUE_URL) =>
  createSender({ queueUrl }, { credentials: CREDENTIALS, retry: quick, ...options });

test.each(WIRE_CASES)("%s has the same code as with the SDK", async (_, answer, code, retried) => {
  const requests = answering(() => answer);
  const result = await senderOf().sendSurvey(survey());
  expect(result).toMatchObject({ statusCode: 400, error: { code, retryable: retried } });
  expect(result.error?.message).toMatch(/^[^\n]+$/);
  expect(requests).toHaveLength(retried ? 2 : 1);
});

test.each([
  ["in a header", { status: 400, body: {}, headers: { "x-amzn-errortype": "QueueDoesNotExist:http://x/" } }],
  [
    "of the query protocol",
    { status: 400, body: "", headers: { "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender" } },
  ],
  [
    "in the body, with a namespace",
    { status: 400, body: { __type: "com.amazonaws.sqs#QueueDoesNotExist", Message: "no" } },
  ],
] satisfies [string, StubAnswer][])("an error is known by its name %s", async (_, answer) => {
  answering(() => answer);
  expect(await senderOf().sendSurvey(survey())).toMatchObject({ error: { code: "NO_SUCH_QUEUE" } });
});

test.each(["null", "5", '"text"'])("an answer that is %s confirms nothing", async (body) => {
  answering(() => ({ status: 200, body }));
  expect(await senderOf().sendSurvey(survey())).toMatchObject({ error: { code: "BAD_ANSWER", retryable: true } });
});

test("SQS takes a survey and a batch, byte for byte", async () => {
  const queueUrl = await sqs.queue("native");
  const sender = senderOf({}, queueUrl);
  const freetext = 'ü€ "quoted" \\ \n'; // no emoji: fauxqs refuses them, SQS does not
  const all = Array.from({ length: 12 }, (_, n) => survey({ user_id: `u${n}`, freetext }));
  expect(await sender.sendSurvey(survey({ freetext }))).toMatchObject({ statusCode: 200 });
  expect((await sender.sendSurveys(all)).every(({ statusCode }) => statusCode === 200)).toBe(true);
  sender.close();
  expect((await sqs.bodies("native")).sort()).toEqual(
    [survey({ freetext }), ...all].map((s) => JSON.stringify(s)).sort(),
  );
});

test("an outbox is sent, and an entry that SQS refuses is set aside", async () => {
  const queueUrl = await sqs.queue("native-outbox");
  const folder = await scratchFolder();
  const outbox = openOutbox(folder, senderOf({}, queueUrl));
  for (const user_id of ["1", "2"]) await outbox.save(survey({ user_id }));
  expect((await outbox.flush()).sent).toHaveLength(2);
  expect(await sqs.bodies("native-outbox")).toHaveLength(2);
});

describe("the signature", () => {
  let server: Server;
  let last: { headers: IncomingHttpHeaders; body: string; path: string };
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        last = { headers: request.headers, body: Buffer.concat(chunks).toString(), path: String(request.url) };
        response.end(JSON.stringify({ MessageId: "m-1" }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  /** Signature Version 4 by the book (IAM User Guide, "Create a signed AWS API request"). */
  function expectedSignature(secret: string): string {
    const { headers, body, path } = last;
    const hash = (text: string) => createHash("sha256").update(text).digest("hex");
    const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
    const [, scope, names] =
      /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(String(headers.authorization)) ?? [];
    const canonical = String(names)
      .split(";")
      .map((name) => `${name}:${String(headers[name]).trim()}\n`);
    const request = ["POST", path, "", canonical.join(""), names, hash(body)].join("\n");
    const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hash(request)].join("\n");
    const key = String(scope)
      .split("/")
      .reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`);
    return hmac(key, toSign).toString("hex");
  }

  test.each<[string, object]>([
    ["lasting credentials", CREDENTIALS],
    ["a session's", { ...CREDENTIALS, sessionToken: "session" }],
    ["a function's", async () => ({ ...CREDENTIALS, sessionToken: "session" })],
  ])("is correct for %s, and covers host, target and token", async (_, credentials) => {
    const queueUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/1/q`;
    const sender = senderOf({ credentials: credentials as never, region: "eu-central-1" }, queueUrl);
    expect(await sender.sendSurvey(survey({ freetext: "ü" }))).toMatchObject({ statusCode: 200, messageId: "m-1" });
    const { authorization = "" } = last.headers;
    expect(authorization).toContain("/eu-central-1/sqs/aws4_request");
    expect(authorization).toContain(`Signature=${expectedSignature("test")}`);
    const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";");
    expect(signed).toEqual(expect.arrayContaining(["host", "x-amz-date", "x-amz-target"]));
    if (last.headers["x-amz-security-token"]) expect(signed).toContain("x-amz-security-token");
  });
});

test("the request is the SDK's: the same address, target and input", async () => {
  const requests = answering(() => accepted());
  const participantToken = `v1.${"x".repeat(43)}`;
  await senderOf({ participantToken }).sendSurvey(survey());
  const sdk = stubClient(() => accepted());
  const { openSqs } = jest.requireActual("../../sender/sqs");
  const queue = { url: QUEUE_URL, region: "eu-central-1" };
  const attribute = { DataType: "String", StringValue: participantToken };
  const message = { MessageBody: JSON.stringify(survey()), MessageAttributes: { participant_token: attribute } };
  await openSqs(queue, { client: sdk.client }).sendMessage(message, new AbortController().signal);
  const [ours, theirs] = [requests[0] as Sent, sdk.requests[0]!];
  expect(JSON.parse(ours.body)).toEqual(theirs.input);
  expect(new URL(ours.url).host).toBe(theirs.hostname);
  for (const name of ["content-type", "x-amz-target"]) expect(ours.headers[name]).toBe(theirs.headers[name]);
});

test.each<[string, string, SenderOptions, string]>([
  ["AWS, by the queue's URL", QUEUE_URL, {}, "https://sqs.eu-central-1.amazonaws.com/"],
  ["another host, by the queue's URL", "http://10.0.0.1:9324/1/q", {}, "http://10.0.0.1:9324/"],
  ["the endpoint", QUEUE_URL, { endpoint: "http://[::1]:4566/" }, "http://[::1]:4566/"],
])("requests go to %s", async (_, queueUrl, options, url) => {
  const requests = answering(() => accepted());
  expect(await senderOf(options, queueUrl).sendSurvey(survey())).toMatchObject({ statusCode: 200 });
  expect(requests.map((request) => request.url)).toEqual([url]);
});

test.each<[string, SenderOptions, string, string]>([
  [
    "a client",
    { client: stubClient(() => accepted()).client, credentials: undefined },
    "BAD_OPTION",
    "client is not for phones",
  ],
  [
    "an endpoint with a path",
    { endpoint: "http://127.0.0.1/path" },
    "BAD_OPTION",
    "endpoint must be http(s)://host[:port]",
  ],
  ["no credentials", { credentials: undefined }, "NO_CREDENTIALS", "There are no AWS credentials"],
])("%s is refused", async (_, options, code, message) => {
  answering(() => accepted());
  const { error } = await senderOf(options).sendSurvey(survey());
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
});

test("no region is refused", async () => {
  answering(() => accepted());
  const { error } = await senderOf({}, "https://sqs.amazonaws.com/1/q").sendSurvey(survey());
  expect(error).toMatchObject({ code: "NO_REGION" });
});

describe("a phone's clock", () => {
  const HOUR_MS = 3_600_000;
  const clock = { now: () => Date.now() - 2 * HOUR_MS, sleep: () => new Promise<void>(() => {}) };
  const timed = { ...clock, sleep: async (ms: number) => (ms < 1_000 ? undefined : new Promise<void>(() => {})) };
  const late = () => ({
    status: 403,
    body: { __type: "SignatureDoesNotMatch" },
    headers: { date: new Date().toUTCString() },
  });

  test("that is wrong is corrected once, by the answer, and the survey is sent", async () => {
    const requests = answering((_, index) => (index === 0 ? late() : accepted()));
    const sender = senderOf({ clock: timed });
    for (const user_id of ["1", "2"]) expect((await sender.sendSurvey(survey({ user_id }))).statusCode).toBe(200);
    const hours = requests.map(({ headers }) => Number(headers["x-amz-date"]?.slice(9, 11)));
    expect(requests).toHaveLength(3);
    expect((hours[1]! - hours[0]! + 24) % 24).toBeGreaterThanOrEqual(1);
    expect((hours[2]! - hours[0]! + 24) % 24).toBeGreaterThanOrEqual(1);
  });

  test("is not to blame if AWS still refuses, or if the clock is right", async () => {
    answering(() => late());
    expect(await senderOf({ clock: timed }).sendSurvey(survey())).toMatchObject({ error: { code: "ACCESS_DENIED" } });
    expect(await senderOf().sendSurvey(survey())).toMatchObject({ error: { code: "ACCESS_DENIED" } });
  });
});

test("SQS must have received exactly the text that was sent", async () => {
  answering(() => ({ status: 200, body: { MessageId: "m-1", MD5OfMessageBody: "0".repeat(32) } }));
  expect(await senderOf().sendSurvey(survey())).toMatchObject({ error: { code: "BAD_ANSWER", retryable: true } });
  const Successful = [{ Id: "0", MessageId: "m-1", MD5OfMessageBody: "0".repeat(32) }];
  answering(() => ({ status: 200, body: { Successful, Failed: [] } }));
  expect(await senderOf().sendSurveys([survey()])).toMatchObject([{ error: { code: "BAD_ANSWER" } }]);
});

test("an abort ends the request", async () => {
  answering(() => "never");
  const abort = new AbortController();
  const sending = senderOf().sendSurvey(survey(), { signal: abort.signal });
  await new Promise(setImmediate);
  abort.abort();
  expect(await sending).toMatchObject({ error: { code: "ABORTED" } });
});
