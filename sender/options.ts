import type { SQSClient } from "@aws-sdk/client-sqs";
import { type Clock, systemClock } from "./clock";
import { SenderError } from "./errors";
import type { Credentials, GuestAccess } from "./guestCredentials";
import type { GuestStorage } from "./guestIdentity";
import { isToken, type ParticipantToken } from "./participantToken";
import { DEFAULT_RETRY, type RetryPolicy } from "./retry";
import type { SurveyRules } from "./rules";

export interface SenderOptions {
  /** The queue's region. Default: the one in the queue URL; for any other URL, `us-east-1`. */
  region?: string | undefined;
  /** Where requests go, e.g. `http://127.0.0.1:4566`. Default: AWS, or the queue URL's host if that is not of AWS. */
  endpoint?: string | undefined;
  /** Credentials or a function that gets them. Default: guest access if given, else the SDK's own chain. */
  credentials?: Credentials | (() => Promise<Credentials>) | undefined;
  /** Send as a guest of a Cognito identity pool. `credentials` win if both are given. */
  guest?: GuestAccess | undefined;
  /**
   * Keeps the guest's identity from one start of the app to the next: AsyncStorage, localStorage or a `folderStorage`.
   * Default: none, and each start is a new guest to Cognito.
   */
  guestStorage?: GuestStorage | undefined;
  /**
   * Your own client; then `endpoint`, `credentials` and `guest` must be absent, and `region` is ignored. Make it with
   * `maxAttempts: 1`: the sender retries, and two layers of retries multiply.
   */
  client?: SQSClient | undefined;
  /** The stack's rules; checked before sending. Default: `rules` of the stack's output. False: no check. */
  rules?: SurveyRules | false | undefined;
  /**
   * The participant's token, if the stack requires tokens: the token from the study, or a function that returns it and is
   * called for each survey at sending. It is sent beside the survey, and never stored in an outbox. Default: none.
   */
  participantToken?: ParticipantToken | undefined;
  /** How often and how long to try; missing fields keep their defaults. */
  retry?: Partial<RetryPolicy> | undefined;
  /** Default: the system's clock. */
  clock?: Clock | undefined;
  /** 0 ≤ value < 1, for the jitter of pauses. Default `Math.random`. */
  random?: (() => number) | undefined;
}

export interface ResolvedOptions extends SenderOptions {
  policy: RetryPolicy;
  clock: Clock;
  random: () => number;
}

const LOWEST: RetryPolicy = { attempts: 1, baseDelayMs: 0, maxDelayMs: 0, attemptTimeoutMs: 1, totalTimeoutMs: 1 };
/** A day; timers of JavaScript end at 2^31 ms. */
const HIGHEST_MS = 86_400_000;

/**
 * Options with defaults in place.
 *
 * @throws SenderError `BAD_OPTION`, with all problems in one sentence
 */
export function resolveOptions(options: SenderOptions = {}): ResolvedOptions {
  const policy = { ...DEFAULT_RETRY, ...withoutUndefined(options.retry ?? {}) };
  const problems = [
    ...retryProblems(policy),
    ...accessProblems(options),
    ...storageProblems(options),
    ...tokenProblems(options),
  ];
  if (problems.length > 0) throw new SenderError("BAD_OPTION", `${problems.join("; ")}.`, { value: options.retry });
  return { ...options, policy, clock: options.clock ?? systemClock, random: options.random ?? Math.random };
}

function retryProblems(policy: RetryPolicy): string[] {
  return (Object.keys(DEFAULT_RETRY) as (keyof RetryPolicy)[]).flatMap((key) => {
    const highest = key === "attempts" ? 100 : HIGHEST_MS;
    const value: unknown = policy[key];
    const ok = typeof value === "number" && value >= LOWEST[key] && value <= highest;
    if (ok && (key !== "attempts" || Number.isInteger(value))) return [];
    const kind = key === "attempts" ? "a whole number" : "a number";
    return [`retry.${key} must be ${kind} from ${LOWEST[key]} to ${highest}, got ${String(value)}`];
  });
}

function accessProblems({ client, endpoint, credentials, guest }: SenderOptions): string[] {
  const problems: string[] = [];
  const own = Object.entries({ endpoint, credentials, guest }).flatMap(([name, value]) => (value ? [name] : []));
  if (client !== undefined && own.length > 0) problems.push(`client excludes ${own.join(", ")}`);
  if (guest === undefined) return problems;
  if (!/^[a-z0-9-]+:[\w-]+$/.test(guest.identityPoolId)) {
    problems.push(`identityPoolId must be <region>:<uuid>, got ${String(guest.identityPoolId)}`);
  }
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(guest.guestRoleArn)) {
    problems.push(`guestRoleArn must be the ARN of a role, got ${String(guest.guestRoleArn)}`);
  }
  return problems;
}

function storageProblems({ guestStorage }: SenderOptions): string[] {
  if (guestStorage === undefined) return [];
  const missing = (["getItem", "setItem"] as const).filter((name) => typeof guestStorage?.[name] !== "function");
  return missing.map((name) => `guestStorage must have a function ${name}`);
}

/** The token itself stays out of the sentence. */
function tokenProblems({ participantToken: token }: SenderOptions): string[] {
  if (token === undefined || typeof token === "function" || isToken(token)) return [];
  return ["participantToken must be a token as `intake enroll` prints it, or a function that gets one"];
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never;
}
