import { SQSClient } from "@aws-sdk/client-sqs";
import type { Credentials } from "../../sender/guestCredentials";
import { SenderError } from "../../sender/index";
import { resolveOptions, type SenderOptions } from "../../sender/options";
import type { Queue } from "../../sender/queueUrl";
import { sqsTransport } from "../../sender/transport";
import { accepted, CREDENTIALS, QUEUE_URL, refusal, type StubAnswer, stubClient } from "./helpers";

let guestKey = "";
jest.mock("../../sender/guestCredentials", () => ({
  classicFlow: () => ({}),
  guestCredentials: () =>
    Object.assign(async () => ({ accessKeyId: guestKey, secretAccessKey: "s" }), { memoized: true, forget() {} }),
}));

const queue: Queue = { url: QUEUE_URL, region: "eu-central-1" };
const { signal } = new AbortController();
const guest = { identityPoolId: "eu-central-1:1", guestRoleArn: "arn:aws:iam::123456789012:role/guest" };

function answeredBy(answer: StubAnswer) {
  const { client, requests } = stubClient(() => answer);
  return { requests, transport: sqsTransport(queue, resolveOptions({ client })) };
}

describe("a body", () => {
  test("goes to the queue unchanged, and SQS's id comes back", async () => {
    const { requests, transport } = answeredBy(accepted("m-7"));
    expect(await transport.send({ text: "body" }, signal)).toBe("m-7");
    expect(requests).toMatchObject([
      {
        action: "SendMessage",
        input: { QueueUrl: QUEUE_URL, MessageBody: "body" },
        hostname: "sqs.eu-central-1.amazonaws.com",
      },
    ]);
    expect(Object.keys(requests[0]!.input).sort()).toEqual(["MessageBody", "QueueUrl"]);
  });

  test("goes with its participant's token beside it, alone and in a batch", async () => {
    const { requests, transport } = answeredBy(accepted("m-7"));
    await transport.send({ text: "body", token: "v1.abc" }, signal);
    await transport.sendBatch([{ text: "a", token: "v1.a" }, { text: "b" }], signal);
    const beside = (StringValue: string) => ({ participant_token: { DataType: "String", StringValue } });
    expect(requests.map(({ input }) => input)).toEqual([
      { QueueUrl: QUEUE_URL, MessageBody: "body", MessageAttributes: beside("v1.abc") },
      {
        QueueUrl: QUEUE_URL,
        Entries: [
          { Id: "0", MessageBody: "a", MessageAttributes: beside("v1.a") },
          { Id: "1", MessageBody: "b" },
        ],
      },
    ]);
  });

  test("counts as not sent if the answer has no id", async () => {
    const { transport } = answeredBy({ status: 200, body: {} });
    await expect(transport.send({ text: "body" }, signal)).rejects.toMatchObject({
      code: "BAD_ANSWER",
      message: "SQS's answer does not confirm the message.",
      retryable: true,
    });
  });

  test("that SQS refuses gets an error with a class", async () => {
    const { transport } = answeredBy(refusal(400, "InvalidMessageContents"));
    await expect(transport.send({ text: "body" }, signal)).rejects.toMatchObject({ code: "CONTENT_REFUSED" });
    await expect(transport.send({ text: "body" }, signal)).rejects.toBeInstanceOf(SenderError);
  });

  test("is not sent once the signal has aborted", async () => {
    const client = new SQSClient({ region: "eu-central-1", credentials: CREDENTIALS });
    const send = jest.spyOn(client, "send").mockImplementation(async () => ({ MessageId: "m", Successful: [] }));
    const transport = sqsTransport(queue, resolveOptions({ client }));
    await transport.send({ text: "body" }, signal);
    await transport.sendBatch([{ text: "body" }], signal);
    expect(send.mock.calls.map(([, options]) => options)).toEqual([{ abortSignal: signal }, { abortSignal: signal }]);
  });
});

describe("a batch", () => {
  test("each entry has a separate answer, in the order of the request", async () => {
    const body = {
      Successful: [
        { Id: "3", MessageId: "m-3" },
        { Id: "0", MessageId: "m-0" },
      ],
      Failed: [
        { Id: "2", Code: "InternalError", SenderFault: false, Message: "later" },
        { Id: "1", Code: "InvalidMessageContents", SenderFault: true, Message: "never" },
        { Id: "5" },
      ],
    };
    const { requests, transport } = answeredBy({ status: 200, body });
    const answers = await transport.sendBatch(
      [..."abcdef"].map((text) => ({ text })),
      signal,
    );
    expect(answers).toMatchObject([
      { messageId: "m-0" },
      { error: { code: "CONTENT_REFUSED", message: "SQS refused this entry: InvalidMessageContents: never" } },
      { error: { code: "SERVICE_ERROR", message: "SQS could not take this entry: InternalError: later" } },
      { messageId: "m-3" },
      { error: { code: "BAD_ANSWER", retryable: true } },
      { error: { code: "SERVICE_ERROR", message: "SQS could not take this entry: Unknown", retryable: true } },
    ]);
    expect(requests).toMatchObject([
      {
        action: "SendMessageBatch",
        input: {
          QueueUrl: QUEUE_URL,
          Entries: ["a", "b", "c", "d", "e", "f"].map((MessageBody, n) => ({ Id: `${n}`, MessageBody })),
        },
      },
    ]);
  });

  test("an answer without lists confirms nothing", async () => {
    const { transport } = answeredBy({ status: 200, body: {} });
    expect(await transport.sendBatch([{ text: "a" }], signal)).toMatchObject([{ error: { code: "BAD_ANSWER" } }]);
  });

  test("that SQS refuses as a whole rejects, with a class", async () => {
    const { transport } = answeredBy(refusal(503, "ServiceUnavailable"));
    await expect(transport.sendBatch([{ text: "a" }], signal)).rejects.toMatchObject({
      code: "SERVICE_ERROR",
      retryable: true,
    });
  });
});

describe("expired credentials", () => {
  test("of the caller's are a refusal", async () => {
    const { transport } = answeredBy(refusal(403, "ExpiredTokenException"));
    await expect(transport.send({ text: "a" }, signal)).rejects.toMatchObject({
      code: "EXPIRED_CREDENTIALS",
      retryable: false,
    });
  });

  /** A transport for a guest whose requests get these answers, and a count of the new credentials that it fetched. */
  function asGuest(error: Error, options: SenderOptions = {}) {
    const transport = sqsTransport(queue, resolveOptions({ guest, ...options }));
    const send = jest.spyOn(SQSClient.prototype, "send").mockImplementation(() => Promise.reject(error));
    return { transport, send };
  }
  afterEach(() => void jest.restoreAllMocks());
  const expired = Object.assign(new Error("old"), { name: "ExpiredToken" });

  test("of a guest are worth another try, with new credentials", async () => {
    const { transport } = asGuest(expired);
    await expect(transport.send({ text: "a" }, signal)).rejects.toMatchObject({
      code: "EXPIRED_CREDENTIALS",
      retryable: true,
      message: "The credentials have expired: ExpiredToken: old",
    });
  });

  test("a guest's other errors stay unchanged", async () => {
    const { transport } = asGuest(Object.assign(new Error("no"), { name: "AccessDenied" }));
    await expect(transport.send({ text: "a" }, signal)).rejects.toMatchObject({
      code: "ACCESS_DENIED",
      retryable: false,
    });
  });

  test("of a guest with credentials of the caller's are a refusal", async () => {
    const { transport } = asGuest(expired, { credentials: CREDENTIALS });
    await expect(transport.send({ text: "a" }, signal)).rejects.toMatchObject({
      code: "EXPIRED_CREDENTIALS",
      retryable: false,
    });
  });
});

describe("the client", () => {
  afterEach(() => void jest.restoreAllMocks());

  /** The settings of the client that the transport made. */
  async function settings(place: Queue, options: SenderOptions) {
    let config: Record<string, (() => Promise<unknown>) | undefined> = {};
    jest.spyOn(SQSClient.prototype, "send").mockImplementation(function (this: SQSClient) {
      config = this.config as never;
      return Promise.resolve({ MessageId: "m" }) as never;
    });
    await sqsTransport(place, resolveOptions(options)).send({ text: "a" }, signal);
    const { hostname } = ((await config.endpoint?.()) ?? {}) as { hostname?: string };
    const credentials = (await config.credentials?.()) as Credentials;
    return {
      key: credentials.accessKeyId,
      region: await config.region?.(),
      attempts: await config.maxAttempts?.(),
      hostname,
    };
  }

  test.each<[string, Queue, SenderOptions, object]>([
    ["the queue's region", queue, {}, { region: "eu-central-1", hostname: undefined }],
    ["the region that is asked for", queue, { region: "eu-west-1" }, { region: "eu-west-1" }],
    ["the queue's endpoint", { ...queue, endpoint: "http://127.0.0.1:9" }, {}, { hostname: "127.0.0.1" }],
    [
      "the endpoint that is asked for",
      { ...queue, endpoint: "http://127.0.0.1:9" },
      { endpoint: "http://localhost:9" },
      { hostname: "localhost" },
    ],
  ])("has %s, and tries once", async (_, place, options, expected) => {
    expect(await settings(place, { credentials: CREDENTIALS, ...options })).toMatchObject({ attempts: 1, ...expected });
  });

  test.each<[string, SenderOptions, string]>([
    ["the caller's", { credentials: CREDENTIALS }, "test"],
    [
      "the result of the caller's function",
      { credentials: async () => ({ ...CREDENTIALS, accessKeyId: "mine" }) },
      "mine",
    ],
    ["the caller's, not the guest's", { credentials: CREDENTIALS, guest }, "test"],
    ["the guest's", { guest }, "guest's"],
    ["the SDK's, by default", {}, "environment's"],
  ])("signs with the credentials that are %s", async (_, options, key) => {
    const environment = { AWS_ACCESS_KEY_ID: "environment's", AWS_SECRET_ACCESS_KEY: "s" };
    const before = { ...process.env };
    Object.assign(process.env, environment);
    guestKey = "guest's";
    try {
      expect(await settings(queue, options)).toMatchObject({ key });
    } finally {
      process.env = before;
    }
  });

  test("is closed with the transport, unless it is the caller's", () => {
    const destroy = jest.spyOn(SQSClient.prototype, "destroy");
    sqsTransport(queue, resolveOptions({ credentials: CREDENTIALS })).close();
    expect(destroy).toHaveBeenCalledTimes(1);
    sqsTransport(queue, resolveOptions({ client: stubClient(() => accepted()).client })).close();
    expect(destroy).toHaveBeenCalledTimes(1);
  });
});
