/**
 * Phones take this instead of `sqs.ts`. The SDK's client is 160 kB minified, and two calls need hardly any of it. Here the
 * SDK signs and hashes; the request itself is JSON and `fetch`. Tests hold both files to the same behaviour.
 */
import { Md5, Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { SenderError } from "./errors";
import type { GuestProvider } from "./guestCredentials";
import { CallError, type HttpAnswer, jsonOf, post } from "./httpCall";
import type { ResolvedOptions } from "./options";
import type { Queue } from "./queueUrl";
import type { BatchAnswer, Sqs } from "./sqs";

/**
 * AWS accepts a signature within five minutes of its own clock. If the difference is smaller than this, a refusal has
 * another reason.
 */
const SKEW_MS = 240_000;

/** @throws SenderError `BAD_OPTION` if a client is given: it would need the whole SDK */
export function openSqs(queue: Queue, options: ResolvedOptions, guest: GuestProvider | undefined): Sqs {
  if (options.client !== undefined) {
    throw new SenderError("BAD_OPTION", "client is not for phones: give region, endpoint and credentials instead.");
  }
  const call = caller(queue, options, guest);
  return {
    async sendMessage(message, signal) {
      const answer = await call<SentEntry>("SendMessage", message, signal);
      await checkMd5(answer, message.MessageBody);
      return answer;
    },
    async sendMessageBatch(Entries, signal) {
      const answer = await call<BatchAnswer & { Successful?: SentEntry[] }>("SendMessageBatch", { Entries }, signal);
      for (const sent of answer.Successful ?? []) {
        await checkMd5(sent, Entries.find(({ Id }) => Id === sent.Id)?.MessageBody);
      }
      return answer;
    },
    close() {},
  };
}

interface SentEntry {
  Id?: string;
  MessageId?: string;
  MD5OfMessageBody?: string;
}

type Call = <T extends object>(action: string, input: object, signal: AbortSignal) => Promise<T>;

function caller(queue: Queue, options: ResolvedOptions, guest: GuestProvider | undefined): Call {
  const { clock } = options;
  const endpoint = options.endpoint ?? queue.endpoint ?? (/^https?:\/\/[^/]+/.exec(queue.url) as RegExpExecArray)[0];
  const target = endpointOf(endpoint);
  const signer = new SignatureV4({
    service: "sqs",
    region: options.region ?? queue.region ?? (() => Promise.reject(new Error("Region is missing"))),
    credentials: options.credentials ?? guest ?? (() => Promise.reject(new Error("Credential is missing"))),
    sha256: Sha256,
  });
  /** How far AWS's clock is ahead of this phone's, in milliseconds. */
  let skewMs = 0;

  return async (action, input, signal) => {
    const body = JSON.stringify({ QueueUrl: queue.url, ...input });
    const headers = {
      host: target.host,
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `AmazonSQS.${action}`,
    };
    const request = { method: "POST", ...target.request, query: {}, headers, body };
    const signed = await signer.sign(request, { signingDate: new Date(clock.now() + skewMs) });
    // `fetch` sets the host itself.
    const { host, ...sent } = signed.headers;
    const answer = await post(`${endpoint.replace(/\/+$/, "")}/`, sent, body, signal);
    try {
      return jsonOf(answer);
    } catch (error) {
      const skew = skewOf(answer, clock.now());
      if (error instanceof CallError && Math.abs(skew) >= SKEW_MS && Math.abs(skew - skewMs) >= SKEW_MS) {
        skewMs = skew;
        error.$metadata.clockSkewCorrected = true;
      }
      throw error;
    }
  };
}

function skewOf(answer: HttpAnswer, now: number): number {
  const time = Date.parse(answer.header("date") ?? "");
  return Number.isNaN(time) ? 0 : time - now;
}

/** Without the URL class, because React Native's does not parse URLs. */
function endpointOf(endpoint: string) {
  const parts = /^(https?:)\/\/((\[[^\]]+\]|[^:/]+)(?::(\d+))?)\/*$/.exec(endpoint);
  if (parts === null) {
    throw new SenderError("BAD_OPTION", `endpoint must be http(s)://host[:port], got ${endpoint}.`, {
      value: endpoint,
    });
  }
  const [, protocol, host, hostname, port] = parts as unknown as [string, string, string, string, string | undefined];
  const request = { protocol, hostname, path: "/", ...(port === undefined ? {} : { port: Number(port) }) };
  return { host, request };
}

/** Like the SDK: the hash of the body that SQS has taken must be that of the body that was sent. */
async function checkMd5({ MD5OfMessageBody }: SentEntry, body: string | undefined): Promise<void> {
  if (MD5OfMessageBody === undefined || body === undefined) return;
  const md5 = new Md5();
  md5.update(utf8(body));
  const hash = [...(await md5.digest())].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hash !== MD5OfMessageBody) throw new Error("InvalidChecksumError: SQS took something else than was sent");
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
