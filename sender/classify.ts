import { describe, SenderError, type SenderErrorCode } from "./errors";

/** The fields that an error of the AWS SDK, of Node or of `fetch` may have. */
interface Thrown {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  cause?: unknown;
  $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean };
  $response?: unknown;
  $retryable?: { throttling?: boolean };
}

/** SQS's codes, its own and the common ones of AWS, for "too fast". */
const THROTTLING = /Throttl|^RequestLimitExceeded$|^OverLimit$|^SlowDown$|^TooManyRequests/;
/**
 * Node's codes for network errors. They are also searched in the message: if Node's errors come from another realm (jest,
 * Electron), the SDK wraps them and keeps only the text.
 */
const NETWORK_CODES =
  /\b(ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_AGAIN|(UND_ERR|ERR_(SOCKET|HTTP2|SSL|TLS))_\w+)\b|socket hang up/;
/** What Node reports of a connection that was never made: then nothing was sent. */
const NOT_CONNECTED = /\bconnect E[A-Z]+\b|\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_\w+)\b/;
/** Failures after which SQS may have taken the survey, because its answer was lost or says nothing about it. */
const ANSWER_LOST: SenderErrorCode[] = ["BAD_ANSWER", "NETWORK", "SERVICE_ERROR", "TIMEOUT"];
/** The names of a failed fetch in browsers, React Native and Node. */
const FETCH_FAILED = /^(fetch failed|Failed to fetch|Load failed|Network request failed|NetworkError|The Internet)/;

/** Causes of an error below each other that are looked at. */
const DEEPEST = 5;

/** Names of errors that a single body causes, in answers to SendMessage and to a SendMessageBatch of one. */
const CONTENT = /^(InvalidMessageContents|InvalidParameterValue|BatchRequestTooLong|MessageTooLong)/;

/** Codes of failed entries with the sender at fault that are about keys and permissions, or the queue: not the content. */
const ABOUT_ACCESS = /kms|AccessDenied|NotAuthorized|Token|Signature/i;
const ABOUT_QUEUE = /QueueDoesNotExist|NonExistentQueue|MissingParameter|UnsupportedOperation/;

const NAMED: [RegExp, SenderErrorCode, retryable: boolean][] = [
  [CONTENT, "CONTENT_REFUSED", false],
  [/QueueDoesNotExist|NonExistentQueue|^InvalidAddress/, "NO_SUCH_QUEUE", false],
  [/^(ExpiredToken|RequestExpired|TokenRefreshRequired)/, "EXPIRED_CREDENTIALS", false],
  [/^CredentialsProvider|^TokenProvider/, "NO_CREDENTIALS", false],
  [
    /AccessDenied|NotAuthorized|UnrecognizedClient|InvalidClientTokenId|Signature|MissingAuthenticationToken/,
    "ACCESS_DENIED",
    false,
  ],
];

/**
 * Classifies any failure of a request, and decides whether a retry makes sense. It does for 5xx, throttling, timeouts and
 * network errors, but not for an error that the request itself causes.
 */
export function classify(error: unknown): SenderError {
  if (error instanceof SenderError) return error;
  const [code, retryable] = kindOf(asThrown(error));
  const name = bareName(asThrown(error).name ?? "Error");
  const said = describe(error);
  const namesItself = name === "Error" || said.startsWith(name);
  const sentence = `${HEADLINE[code] ?? "The request failed"}: ${namesItself ? said : `${name}: ${said}`}`;
  const mayHaveArrived = ANSWER_LOST.includes(code) && !hasText(asThrown(error), NOT_CONNECTED);
  return new SenderError(code, sentence, { retryable, mayHaveArrived, cause: error });
}

/** Classifies one failed entry of a batch. `senderFault`: SQS blames the caller. */
export function classifyEntry(code: string, message: string, senderFault: boolean): SenderError {
  const bare = bareName(code);
  const sentence = (headline: string) => `${headline}: ${bare}${message ? `: ${describe(message)}` : ""}`;
  if (THROTTLING.test(bare)) return new SenderError("THROTTLED", sentence("SQS is throttling"), { retryable: true });
  if (!senderFault) {
    return new SenderError("SERVICE_ERROR", sentence("SQS could not take this entry"), { retryable: true });
  }
  if (ABOUT_ACCESS.test(bare)) return new SenderError("ACCESS_DENIED", sentence("SQS refused this entry"));
  if (ABOUT_QUEUE.test(bare)) return new SenderError("REQUEST_REFUSED", sentence("SQS refused this entry"));
  return new SenderError("CONTENT_REFUSED", sentence("SQS refused this entry"));
}

const HEADLINE: Partial<Record<SenderErrorCode, string>> = {
  ACCESS_DENIED: "AWS refused the credentials or the permission",
  BAD_ANSWER: "The answer does not come from AWS",
  CLOCK_SKEW: "The device's clock is wrong",
  CONTENT_REFUSED: "SQS refused the body",
  EXPIRED_CREDENTIALS: "The credentials have expired",
  NETWORK: "AWS could not be reached",
  NO_CREDENTIALS: "There are no AWS credentials",
  NO_REGION: "The region is not known",
  NO_SUCH_QUEUE: "There is no such queue",
  REQUEST_REFUSED: "AWS or a proxy on the way refused the request",
  SERVICE_ERROR: "AWS failed",
  THROTTLED: "AWS is throttling",
  TIMEOUT: "AWS did not answer in time",
};

function kindOf(error: Thrown): [SenderErrorCode, retryable: boolean] {
  const name = bareName(error.name ?? "");
  const message = String(error.message ?? "");
  const status = error.$metadata?.httpStatusCode;
  if (error.$metadata?.clockSkewCorrected) return ["CLOCK_SKEW", true];
  if (status === 429 || error.$retryable?.throttling || THROTTLING.test(name)) return ["THROTTLED", true];
  if (/^(TimeoutError|RequestTimeout)/.test(name) || status === 408) return ["TIMEOUT", true];
  if (isNetwork(error)) return ["NETWORK", true];
  if (status !== undefined && status >= 500) return ["SERVICE_ERROR", true];
  // A SyntaxError from the SDK: the answer was not JSON. With a 4xx it is a proxy's page, which another network won't have.
  if (name === "SyntaxError" && status !== undefined && status >= 400) return ["REQUEST_REFUSED", true];
  // A wrong checksum: the answer was not about what we sent.
  if (name === "SyntaxError" || /checksum/i.test(message)) return ["BAD_ANSWER", true];
  for (const [pattern, code, retryable] of NAMED) if (pattern.test(name)) return [code, retryable];
  if (error.$retryable !== undefined) return ["SERVICE_ERROR", true];
  if (status !== undefined) return status >= 400 ? ["REQUEST_REFUSED", false] : ["BAD_ANSWER", true];
  if (/region is missing/i.test(message)) return ["NO_REGION", false];
  if (/credential/i.test(message)) return ["NO_CREDENTIALS", false];
  return ["UNEXPECTED", false];
}

function isNetwork(error: Thrown, depth = 0): boolean {
  if (error.name === "AbortError") return true; // not by the caller, whose abort is checked before
  if (NETWORK_CODES.test(`${error.code} ${error.$metadata?.httpStatusCode ? "" : error.message}`)) return true;
  if (error.name === "TypeError" && FETCH_FAILED.test(String(error.message))) return true;
  return error.cause !== undefined && depth < DEEPEST && isNetwork(asThrown(error.cause), depth + 1);
}

/** Whether the code or the message of an error, or of one of its causes, matches. */
function hasText({ code, message, cause }: Thrown, pattern: RegExp, depth = 0): boolean {
  if (pattern.test(`${code} ${message}`)) return true;
  return cause !== undefined && depth < DEEPEST && hasText(asThrown(cause), pattern, depth + 1);
}

/** `AWS.SimpleQueueService.NonExistentQueue` and `com.amazonaws.sqs#QueueDoesNotExist` without their prefixes. */
function bareName(name: unknown): string {
  return String(name).replace(/^.*[.#]/, "");
}

function asThrown(error: unknown): Thrown {
  return typeof error === "object" && error !== null ? error : { message: error };
}
