import { classify } from "./classify";
import type { Clock } from "./clock";
import { SenderError } from "./errors";
import { type GuestStorage, guestIdentity } from "./guestIdentity";
import { CallError, type HttpAnswer, jsonOf, post } from "./httpCall";

/** Credentials in the form of every AWS SDK. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

/** Guest access, as in the stack output `sender` if `senderAccess` is `cognito-guest`. */
export interface GuestAccess {
  /** `<region>:<uuid>`. */
  identityPoolId: string;
  /** The role that guests assume; it may only send to the one queue. */
  guestRoleArn: string;
}

/** The three calls of the classic flow; the default ones are {@link classicFlow}. */
export interface GuestCalls {
  /** A new guest identity of the pool: its id. */
  getId(identityPoolId: string): Promise<string>;
  /** A token of the pool that proves the identity. */
  getOpenIdToken(identityId: string): Promise<string>;
  /** Temporary credentials for the role, valid for `seconds`. */
  assumeRole(roleArn: string, token: string, seconds: number): Promise<Credentials>;
}

/** A credential provider with its own cache. */
export interface GuestProvider {
  (): Promise<Credentials>;
  /** Marks the provider for the SDK as caching by itself, so that {@link GuestProvider.forget} has effect. */
  readonly memoized: true;
  /** Drops the cached credentials: the next call fetches new ones, for the same identity. */
  forget(): void;
}

/** Requested lifetime: the longest that a role allows by default (IAM's default maximum session). */
const LIFETIME_SECONDS = 3_600;
/** Cognito's errors for a deleted identity, or for a text that isn't one. */
const UNKNOWN_IDENTITY = /^(ResourceNotFound|InvalidParameter|Validation)Exception$/;
/** Credentials this close to their end are not used any more. */
const REFRESH_BEFORE_MS = 5 * 60_000;

/**
 * Credentials for a guest, by Cognito's classic ("basic") flow: GetId, GetOpenIdToken, sts:AssumeRoleWithWebIdentity.
 *
 * Not by the enhanced flow (GetCredentialsForIdentity): there Cognito puts the session policy
 * `AmazonCognitoUnAuthedIdentitiesSessionPolicy` on every guest, a fixed list of services whatever the role allows,
 * and SQS is not on it. The identity pool must allow the classic flow (`allowClassicFlow`).
 *
 * Each phone has one identity: a new one is made if none is stored, or if the pool no longer knows it.
 *
 * The credentials' end is counted from the time of the request, on this device's own clock. Phones' clocks are often
 * wrong, and a comparison with the server's time could treat valid credentials as expired, or the reverse.
 */
export function guestCredentials(
  access: GuestAccess,
  calls: GuestCalls,
  clock: Clock,
  storage?: GuestStorage,
): GuestProvider {
  const identity = guestIdentity(access.identityPoolId, calls.getId, storage);
  let cached: { credentials: Credentials; until: number } | undefined;
  let fetching: Promise<Credentials> | undefined;

  const fetchToken = async (): Promise<string> => {
    try {
      return await calls.getOpenIdToken(await identity.id());
    } catch (error) {
      if (!UNKNOWN_IDENTITY.test(String((error as { name?: unknown } | null)?.name))) throw error;
      return calls.getOpenIdToken(await identity.replace());
    }
  };
  const fetch = async (): Promise<Credentials> => {
    const askedAt = clock.now();
    const token = await fetchToken();
    const until = askedAt + LIFETIME_SECONDS * 1_000;
    const credentials = await calls.assumeRole(access.guestRoleArn, token, LIFETIME_SECONDS);
    cached = { credentials: { ...credentials, expiration: new Date(until) }, until };
    return cached.credentials;
  };
  const provide = async (): Promise<Credentials> => {
    if (cached !== undefined && clock.now() < cached.until - REFRESH_BEFORE_MS) return cached.credentials;
    // One fetch at a time.
    fetching ??= fetch()
      .catch((error) => {
        throw guestFailure(error);
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };
  const forget = () => {
    cached = undefined;
  };
  return Object.assign(provide, { memoized: true as const, forget });
}

/**
 * The calls of the classic flow; none of them needs credentials. Tried once: the sender's retry is around them.
 * @param endpoint address of Cognito and STS, if not at AWS.
 */
export function classicFlow(identityPoolId: string, endpoint?: string): GuestCalls {
  const region = identityPoolId.split(":")[0] as string;
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const cognito = async <T extends object>(action: string, input: object): Promise<T> => {
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityService.${action}`,
    };
    return jsonOf(
      await post(endpoint ?? `https://cognito-identity.${region}.${domain}/`, headers, JSON.stringify(input)),
    );
  };
  return {
    async getId(IdentityPoolId) {
      return present((await cognito<{ IdentityId?: string }>("GetId", { IdentityPoolId })).IdentityId, "GetId");
    },
    async getOpenIdToken(IdentityId) {
      return present((await cognito<{ Token?: string }>("GetOpenIdToken", { IdentityId })).Token, "GetOpenIdToken");
    },
    async assumeRole(RoleArn, WebIdentityToken, DurationSeconds) {
      const Action = "AssumeRoleWithWebIdentity";
      const fields = { Action, Version: "2011-06-15", RoleSessionName: "sluice-sender" };
      const body = form({ ...fields, RoleArn, WebIdentityToken, DurationSeconds: String(DurationSeconds) });
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const answer = await post(endpoint ?? `https://sts.${region}.${domain}/`, headers, body);
      if (answer.status !== 200) throw stsError(answer);
      return {
        accessKeyId: present(element(answer, "AccessKeyId"), Action),
        secretAccessKey: present(element(answer, "SecretAccessKey"), Action),
        sessionToken: present(element(answer, "SessionToken"), Action),
      };
    },
  };
}

function form(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}

/** An element's text in an answer of STS. Keys and tokens are base64, without characters that XML has to escape. */
function element({ text }: HttpAnswer, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1];
}

function stsError(answer: HttpAnswer): CallError {
  const name = element(answer, "Code");
  // A proxy's page has none.
  if (name === undefined) return new CallError("SyntaxError", "the answer is not STS's", answer.status);
  return new CallError(name, element(answer, "Message") ?? name, answer.status);
}

/** If Cognito or STS refuses something, it is not the survey's content. */
function guestFailure(error: unknown): SenderError {
  const { code, message, retryable } = classify(error);
  const known = code === "CONTENT_REFUSED" || code === "NO_SUCH_QUEUE" ? "REQUEST_REFUSED" : code;
  return new SenderError(known, `Guest access failed: ${message}`, { retryable, cause: error });
}

function present(value: string | undefined, call: string): string {
  if (value !== undefined) return value;
  throw new SenderError("BAD_ANSWER", `The answer of ${call} lacks a field that it must have.`, { retryable: true });
}
