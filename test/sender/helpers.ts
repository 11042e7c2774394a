import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "../../sender/index";

export const FIXTURES = join(__dirname, "../fixtures/surveys");
export const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };
export const QUEUE_URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/surveys";
/** Nothing listens on port 1 of this machine. */
export const DEAD_QUEUE_URL = "http://127.0.0.1:1/000000000000/surveys";

export function survey(overrides: object = {}): Record<string, unknown> {
  return { user_id: "0001", timestamp: "092821120000", time_elapsed: 5, q1: 5, freetext: "fine", ...overrides };
}

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly pauses: number[] = [];
  private timers: { at: number; ring: () => void }[] = [];
  constructor(private time = 1_700_000_000_000) {}

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    // Work that never ends fails instead of running until the test's time-out.
    if (this.pauses.push(ms) > 1_000) return Promise.reject(new Error("too many pauses"));
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = { at: this.time + ms, ring: resolve };
      this.timers.push(timer);
      signal?.addEventListener("abort", () => {
        this.timers = this.timers.filter((other) => other !== timer);
        reject(signal.reason);
      });
    });
  }

  /** Timers that have neither fired nor been cleared. */
  get waiting(): number {
    return this.timers.length;
  }

  advance(ms: number): void {
    this.time += ms;
  }

  /**
   * Lets `work` end, moving time to the next timer whenever nothing else is going on.
   *
   * @returns the work's result
   * @throws Error if nothing is left that could end the work
   */
  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    let stuck = 0;
    const end = () => {
      settled = true;
    };
    work.then(end, end);
    for (;;) {
      for (let idle = 0; idle < 30 && !settled; idle++) {
        await new Promise(setImmediate);
        if (busyWith("FSReq")) idle = 0;
      }
      if (settled) return work;
      const next = this.timers.sort((a, b) => a.at - b.at).shift();
      if (next === undefined) {
        stuck = busyWith("TCP", "MessagePort") ? 0 : stuck + 1;
        if (stuck > STUCK_LOOKS) throw new Error("the work waits for something that never happens");
        // The SDK's own retries wait on real time.
        await sleep(LOOK_MS);
        continue;
      }
      this.time = Math.max(this.time, next.at);
      next.ring();
    }
  }
}

/** If so many successive looks find nothing going on, nothing will happen: they take longer than the SDK waits for a retry. */
const STUCK_LOOKS = 300;
/** Between two looks, milliseconds. */
const LOOK_MS = 10;

/** Whether this process waits for such resources. On a busy machine a disk takes longer than any number of turns. */
function busyWith(...kinds: string[]): boolean {
  return process.getActiveResourcesInfo().some((resource) => kinds.some((kind) => resource.startsWith(kind)));
}

/** One answer of a stubbed SQS: a status and a JSON body, or an error to throw. */
export type StubAnswer = { status: number; body: unknown; headers?: Record<string, string> } | Error | "never";

/** The sender's requests to a stubbed SQS. */
export interface StubRequest {
  action: string;
  input: Record<string, unknown>;
  hostname: string;
  headers: Record<string, string>;
}

/** An SQS client whose requests `answer` answers. Only the network is replaced; everything above it is real. */
export function stubClient(answer: (request: StubRequest, index: number) => StubAnswer | Promise<StubAnswer>) {
  const requests: StubRequest[] = [];
  const client = new SQSClient({
    region: "eu-central-1",
    credentials: CREDENTIALS,
    maxAttempts: 1,
    requestHandler: {
      async handle(request: { body: Uint8Array; headers: Record<string, string>; hostname: string }) {
        const input = JSON.parse(new TextDecoder().decode(request.body));
        const action = String(request.headers["x-amz-target"]).split(".")[1] as string;
        requests.push({ action, input, hostname: request.hostname, headers: request.headers });
        const said = await answer(requests.at(-1) as StubRequest, requests.length - 1);
        if (said === "never") return new Promise(() => {});
        if (said instanceof Error) throw said;
        const text = typeof said.body === "string" ? said.body : JSON.stringify(said.body);
        const body = new TextEncoder().encode(text);
        const headers = { "content-type": "application/x-amz-json-1.0", ...said.headers };
        return { response: { statusCode: said.status, headers, body } };
      },
    } as never,
    md5: false as never,
  });
  return { client, requests };
}

/** An answer of SQS that refuses. */
export function refusal(status: number, name: string, message = "no"): StubAnswer {
  return { status, body: { __type: `com.amazonaws.sqs#${name}`, message } };
}

export function accepted(messageId = "m-1"): StubAnswer {
  return { status: 200, body: { MessageId: messageId } };
}

/** Answers a SendMessageBatch entry by entry. `fault` returns why an entry fails, or nothing. */
export function batchAnswer(
  { input }: StubRequest,
  fault: (body: string, position: number) => { code: string; senderFault: boolean } | undefined = () => undefined,
): StubAnswer {
  const Successful: object[] = [];
  const Failed: object[] = [];
  (input.Entries as { Id: string; MessageBody: string }[]).forEach(({ Id, MessageBody }, position) => {
    const failed = fault(MessageBody, position);
    if (failed === undefined) Successful.push({ Id, MessageId: `m-${Id}`, MD5OfMessageBody: "unchecked" });
    else Failed.push({ Id, Code: failed.code, SenderFault: failed.senderFault, Message: "no" });
  });
  return { status: 200, body: { Successful, Failed } };
}

/** A folder that the test file's end removes. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-sender-"));
  scratch.push(folder);
  return folder;
}
const scratch: string[] = [];
afterAll(() => Promise.all(scratch.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A real SQS stand-in (fauxqs), stopped at the end of the test file. */
export function localSqs() {
  let worker: Worker;
  let port = 0;
  let calls = 0;
  const waiting = new Map<number, (result: unknown) => void>();
  beforeAll(async () => {
    worker = new Worker(join(__dirname, "sqsWorker.mjs"));
    port = await new Promise<number>((resolve, reject) => {
      worker.once("message", (ready) => resolve(ready.port)).once("error", reject);
    });
    worker.on("message", ({ id, result }) => waiting.get(id)?.(result));
  });
  afterAll(() => worker?.terminate());
  const call = (method: string, ...args: unknown[]) =>
    new Promise<unknown>((resolve) => {
      waiting.set(++calls, resolve);
      worker.postMessage({ id: calls, method, args });
    });
  const urlOf = (name: string) => `http://127.0.0.1:${port}/000000000000/${name}`;
  return {
    /** Makes a queue. @returns its URL */
    async queue(name: string, attributes: Record<string, string> = {}): Promise<string> {
      await call("createQueue", name, { attributes });
      return urlOf(name);
    },
    urlOf,
    port: () => port,
    /** The bodies of all messages in a queue, oldest first. */
    async bodies(name: string): Promise<string[]> {
      const queue = (await call("inspectQueue", name)) as { messages: { ready: { body: string }[] } };
      return queue.messages.ready.map(({ body }) => body);
    },
  };
}

export const readFixture = (name: string) => readFile(join(FIXTURES, name), "utf8");
