import type { buildApp } from "fauxqs";
import type { BackendRequest, BackendResponse } from "../gateway/message";
import { jsonResponse } from "../gateway/message";
import { fauxqsModule } from "./fauxqsModule";
import { withinDelays } from "./messageDelay";
import { listInOrderOfBytes } from "./objectListing";
import { type ObjectStore, objectStore } from "./objectStore";
import { answerAboutVersions, contextOf, withVersion } from "./versionsApi";

type App = ReturnType<typeof buildApp>;
/** fauxqs creates those stores that it isn't given. */
type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>;

/** Messages of a queue, as fauxqs shows them. */
interface Inspected {
  ready: { sentTimestamp: number }[];
  delayed: { sentTimestamp: number }[];
  inflight: { message: { sentTimestamp: number } }[];
}

/** Most bytes of an object. */
const OBJECT_BYTES = 128 * 1_048_576;

/** Actions whose answer names a queue by its URL. */
const ANSWERS_WITH_URLS = new Set(["AmazonSQS.CreateQueue", "AmazonSQS.GetQueueUrl", "AmazonSQS.ListQueues"]);

/**
 * SQS, SNS and S3 by fauxqs, in memory, in this process and without a port of its own: everything goes through the gateway.
 */
export class QueuesAndBuckets {
  readonly #app: App;
  readonly #objects: ObjectStore;

  private constructor(app: App, objects: ObjectStore) {
    this.#app = app;
    this.#objects = objects;
  }

  static async start(region: string): Promise<QueuesAndBuckets> {
    const { buildApp } = await import("fauxqs");
    await acceptEveryCharacterOfSqs();
    await listInOrderOfBytes();
    const s3Store = await objectStore();
    const stores = { s3Store } as unknown as Stores;
    const app = buildApp({ logger: false, defaultRegion: region, stores });
    acceptLargeObjects(app);
    await app.ready();
    return new QueuesAndBuckets(app, s3Store);
  }

  async send(request: BackendRequest): Promise<BackendResponse> {
    const context = contextOf(request);
    const send = () => withinDelays(request, (allowed) => this.#inject(allowed));
    const answer = answerAboutVersions(this.#objects, request) ?? (await this.#objects.within(context, send));
    return withVersion(answer, context);
  }

  async #inject(request: BackendRequest): Promise<BackendResponse> {
    const response = await this.#app.inject({
      method: request.method as "GET",
      url: request.url,
      headers: request.headers as Record<string, string>,
      ...(request.body.length > 0 ? { payload: request.body } : {}),
    });
    const answer = { status: response.statusCode, headers: response.headers, body: response.rawPayload };
    return namesQueues(request) ? withGatewayUrls(answer, request.headers.host ?? "") : answer;
  }

  /** One SQS action, called from inside the local cloud without the gateway. */
  async sqs<T>(action: string, input: object): Promise<T> {
    const { status, body } = await this.send({
      method: "POST",
      url: "/",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` },
      body: jsonResponse(200, input).body,
    });
    const answer = body.length > 0 ? JSON.parse(body.toString()) : {};
    if (status >= 300) throw new Error(`SQS ${action}: ${answer.message ?? body.toString()}`);
    return answer as T;
  }

  /** One SNS action, called from inside the local cloud without the gateway. @returns the answer's XML. */
  async sns(action: string, fields: Record<string, string>): Promise<string> {
    const { status, body } = await this.send({
      method: "POST",
      url: "/",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from(new URLSearchParams({ Action: action, ...fields }).toString()),
    });
    if (status >= 300) throw new Error(`SNS ${action}: ${body.toString()}`);
    return body.toString();
  }

  /** Age of a queue's oldest message, hidden ones included, seconds. Undefined: the queue is empty, or does not exist. */
  async oldestSeconds(queueName: string): Promise<number | undefined> {
    const { statusCode, body } = await this.#app.inject({ method: "GET", url: `/_fauxqs/queues/${queueName}` });
    if (statusCode !== 200) return undefined;
    const { messages } = JSON.parse(body) as { messages: Inspected };
    const waiting = [...messages.ready, ...messages.delayed, ...messages.inflight.map(({ message }) => message)];
    if (waiting.length === 0) return undefined;
    const oldest = Math.min(...waiting.map(({ sentTimestamp }) => sentTimestamp));
    return Math.max(0, Math.floor((Date.now() - oldest) / 1_000));
  }

  /** Deletes the queues first: that wakes long polls, which would go on for up to 20 s. */
  async stop(): Promise<void> {
    const { QueueUrls = [] } = await this.sqs<{ QueueUrls?: string[] }>("ListQueues", {});
    for (const QueueUrl of QueueUrls) await this.sqs("DeleteQueue", { QueueUrl });
    await this.#app.close();
  }
}

function namesQueues(request: BackendRequest): boolean {
  return ANSWERS_WITH_URLS.has(String(request.headers["x-amz-target"]));
}

/** fauxqs names queues `sqs.<region>.localhost`, which not every resolver knows; the gateway's own address works. */
function withGatewayUrls(answer: BackendResponse, host: string): BackendResponse {
  const body = Buffer.from(
    answer.body.toString().replaceAll(/http:\/\/sqs\.[a-z0-9-]+\.localhost(:\d+)?/g, `http://${host}`),
  );
  return { ...answer, headers: { ...answer.headers, "content-length": body.length }, body };
}

/**
 * fauxqs takes bodies of at most 11 MiB, while S3 takes 5 GB in one PutObject. This replaces its parser of objects by the
 * same one with a larger bound, which is above the gateway's.
 */
function acceptLargeObjects(app: App): void {
  const take = (_request: unknown, body: Buffer, done: (error: Error | null, body: Buffer) => void) => done(null, body);
  app.removeContentTypeParser("*");
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: OBJECT_BYTES }, take);
}

/**
 * fauxqs refuses characters beyond the basic plane, such as emoji, which SQS takes: #x9, #xA, #xD, #x20 to #xD7FF,
 * #xE000 to #xFFFD and #x10000 to #x10FFFF (API reference, SendMessage). Its pattern is patched in place.
 */
async function acceptEveryCharacterOfSqs(): Promise<void> {
  const types = await fauxqsModule<{ INVALID_MESSAGE_BODY_CHAR: RegExp }>("dist/sqs/sqsTypes.js");
  const pattern = types.INVALID_MESSAGE_BODY_CHAR;
  pattern.compile("[^\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD\\u{10000}-\\u{10FFFF}]", "u");
}
