import type { RuleReason } from "./rules";

/** The sender's errors. Apps look at `code` and `retryable`; the sentence is for people. */

/** Why a survey itself cannot be sent: the same survey will be refused again. */
export type SurveyErrorCode =
  /** The path names nothing. */
  | "FILE_NOT_FOUND"
  /** The path names a directory, a pipe or a device. */
  | "NOT_A_FILE"
  /** The file exists but cannot be read. */
  | "FILE_UNREADABLE"
  /** This platform has no file system for the sender (React Native): pass the object. */
  | "FILES_UNSUPPORTED"
  /** The argument is not a path and not an object. */
  | "BAD_SURVEY"
  /** The object cannot be written as JSON (a cycle, a BigInt, a getter or toJSON that throws). */
  | "NOT_SERIALISABLE"
  /** The file's bytes are not UTF-8. */
  | "NOT_UTF8"
  /** The text is not JSON. */
  | "NOT_JSON"
  /** The JSON is not an object. */
  | "NOT_AN_OBJECT"
  /** The body is over 1 MiB as UTF-8. */
  | "TOO_LARGE"
  /** The body holds a character that SQS does not carry. */
  | "INVALID_CHARACTERS"
  /** The stack would not accept it: see the error's `reasons`. */
  | "AGAINST_RULES"
  /** SQS refused this body; or SQS or a proxy on the way refuses it alone, and lets others through. */
  | "CONTENT_REFUSED";

/** Why a valid survey was not sent: it can be sent once the cause is gone. */
export type SendingErrorCode =
  | "BAD_QUEUE_URL"
  | "BAD_OPTION"
  | "NO_REGION"
  | "NO_CREDENTIALS"
  /** The app's function `participantToken` failed or returned no token. */
  | "NO_TOKEN"
  | "EXPIRED_CREDENTIALS"
  | "ACCESS_DENIED"
  | "NO_SUCH_QUEUE"
  /** Any other 4xx answer, of SQS or of a proxy on the way. */
  | "REQUEST_REFUSED"
  | "THROTTLED"
  /** A 5xx answer, or an entry of a batch that SQS could not take just now. */
  | "SERVICE_ERROR"
  | "NETWORK"
  | "TIMEOUT"
  /** The answer is not from SQS (a captive portal, a garbled reply). */
  | "BAD_ANSWER"
  /** The device's clock was wrong; the SDK has worked out by how much. */
  | "CLOCK_SKEW"
  | "ABORTED"
  /** Left alone because requests before it kept failing. */
  | "NOT_TRIED"
  /** The outbox's storage failed: disk full, no permission. */
  | "OUTBOX_IO"
  | "UNEXPECTED";

export type SenderErrorCode = SurveyErrorCode | SendingErrorCode;

/** An error as an app sees it: plain data, so that it survives JSON, logs and bridges. */
export interface SendError {
  /** Stable; compare this. */
  code: SenderErrorCode;
  /** One sentence. */
  message: string;
  /** True if the same call may succeed later without any change. */
  retryable: boolean;
  /** Only with `AGAINST_RULES`: why the stack would not accept the survey. */
  reasons?: RuleReason[] | undefined;
  /**
   * True: a request was on its way, and its answer was lost. So SQS may have taken the survey. Send it again: the stack counts
   * it once.
   */
  mayHaveArrived?: boolean | undefined;
}

export interface SenderErrorOptions {
  /** The rejected value, unchanged. */
  value?: unknown;
  /** True if the same call may succeed later. Default false. */
  retryable?: boolean;
  reasons?: RuleReason[] | undefined;
  /** True if SQS may have taken the survey nevertheless. Default false. */
  mayHaveArrived?: boolean;
  cause?: unknown;
}

/** The one error class inside the sender; has the shape of Sluice's `SluiceError`. */
export class SenderError extends Error {
  override readonly name: string = "SenderError";
  readonly code: SenderErrorCode;
  readonly value: unknown;
  readonly retryable: boolean;
  readonly reasons: RuleReason[] | undefined;
  readonly mayHaveArrived: boolean;

  constructor(code: SenderErrorCode, message: string, options: SenderErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.value = options.value;
    this.retryable = options.retryable ?? false;
    this.reasons = options.reasons;
    this.mayHaveArrived = options.mayHaveArrived ?? false;
  }
}

/** The same error, if SQS may have taken the survey nevertheless. */
export function perhapsArrived(error: SenderError): SenderError {
  const { code, message, value, retryable, reasons, mayHaveArrived, cause } = error;
  if (mayHaveArrived) return error;
  return new SenderError(code, message, { value, retryable, reasons, mayHaveArrived: true, cause });
}

/** The plain form of an error. Anything that is not a {@link SenderError} is `UNEXPECTED`. */
export function toSendError(error: unknown): SendError {
  if (error instanceof SenderError) {
    const { code, message, retryable, reasons, mayHaveArrived } = error;
    return {
      ...{ code, message, retryable },
      ...(reasons === undefined ? {} : { reasons }),
      ...(mayHaveArrived ? { mayHaveArrived } : {}),
    };
  }
  return { code: "UNEXPECTED", message: `Unexpected: ${describe(error)}`, retryable: false };
}

/** One short line about any thrown value; never throws itself. */
export function describe(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message || error.name : String(error);
    return shorten(text.replace(/\s+/g, " ").trim(), 300);
  } catch {
    return "something that cannot be described";
  }
}

/** `text`, cut to `max` characters. */
export function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
