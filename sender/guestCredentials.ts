import { classify } from "./classify";
import type { Clock } from "./clock";
import { SenderError } from "./errors";

/** Credentials as every AWS SDK takes them. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

/** Guest access, as the stack output `sender` tells it where `senderAccess` is `cognito-guest`. */
export interface GuestAccess {
  /** `<region>:<uuid>`. */
  identityPoolId: string;
  /** The role that guests take on; it may send to the one queue and nothing else. */
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

/** A credential provider with a cache of its own. */
export interface GuestProvider {
  (): Promise<Credentials>;
  /** Tells the SDK that the caching is done here, so that {@link GuestProvider.forget} has effect. */
  readonly memoized: true;
  /** Drops the cached credentials and identity: the next call fetches anew. */
  forget(): void;
}

/** Lifetime asked for: the longest that a role allows unless told otherwise (IAM's default maximum session). */
const LIFETIME_SECONDS = 3_600;
/** Credentials this close to their end are not used any more. */
const REFRESH_BEFORE_MS = 5 * 60_000;

/**
 * Credentials for a guest, by Cognito's classic ("basic") flow: GetId, GetOpenIdToken, sts:AssumeRoleWithWebIdentity.
 *
 * Not by the enhanced flow (GetCredentialsForIdentity): there Cognito puts the session policy
 * `AmazonCognitoUnAuthedIdentitiesSessionPolicy` on every guest, a fixed list of services whatever the role allows,
 * and SQS is not on it. The identity pool must allow the classic flow (`allowClassicFlow`).
 *
 * When the credentials end is counted from when they were asked for, on this device's own clock: phones' clocks are
 * often wrong, and a comparison with the server's time of day would take good credentials for expired or the reverse.
 */
export function guestCredentials(access: GuestAccess, calls: GuestCalls, clock: Clock): GuestProvider {
  let identityId: string | undefined;
  let cached: { credentials: Credentials; until: number } | undefined;
  let fetching: Promise<Credentials> | undefined;

  const fetch = async (): Promise<Credentials> => {
    const askedAt = clock.now();
    identityId ??= await calls.getId(access.identityPoolId);
    const token = await calls.getOpenIdToken(identityId);
    const until = askedAt + LIFETIME_SECONDS * 1_000;
    const credentials = await calls.assumeRole(access.guestRoleArn, token, LIFETIME_SECONDS);
    cached = { credentials: { ...credentials, expiration: new Date(until) }, until };
    return cached.credentials;
  };
  const forget = () => {
    cached = undefined;
    identityId = undefined;
  };
  const provide = async (): Promise<Credentials> => {
    if (cached !== undefined && clock.now() < cached.until - REFRESH_BEFORE_MS) return cached.credentials;
    // One fetch at a time. After a refusal the next one starts with a new identity, for the old one may be gone.
    fetching ??= fetch()
      .catch((error) => {
        const failure = guestFailure(error);
        if (!failure.retryable) forget();
        throw failure;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };
  return Object.assign(provide, { memoized: true as const, forget });
}

/**
 * The calls of the classic flow; none of them needs credentials. Tried once: the sender's retry is around them.
 * @param endpoint where Cognito and STS are, if not at AWS.
 */
export function classicFlow(identityPoolId: string, endpoint?: string): GuestCalls {
  const region = identityPoolId.split(":")[0] as string;
  const config = { region, maxAttempts: 1, ...(endpoint === undefined ? {} : { endpoint }) };
  // Loaded only by apps that use guest access.
  const cognito = once(async () => {
    const sdk = await import("@aws-sdk/client-cognito-identity");
    return { sdk, client: new sdk.CognitoIdentityClient(config) };
  });
  const sts = once(async () => {
    const sdk = await import("@aws-sdk/client-sts");
    return { sdk, client: new sdk.STSClient(config) };
  });
  return {
    async getId(IdentityPoolId) {
      const { sdk, client } = await cognito();
      return present((await client.send(new sdk.GetIdCommand({ IdentityPoolId }))).IdentityId, "GetId");
    },
    async getOpenIdToken(IdentityId) {
      const { sdk, client } = await cognito();
      return present((await client.send(new sdk.GetOpenIdTokenCommand({ IdentityId }))).Token, "GetOpenIdToken");
    },
    async assumeRole(RoleArn, WebIdentityToken, DurationSeconds) {
      const { sdk, client } = await sts();
      const request = { RoleArn, WebIdentityToken, DurationSeconds, RoleSessionName: "sluice-sender" };
      const answer = await client.send(new sdk.AssumeRoleWithWebIdentityCommand(request));
      return {
        accessKeyId: present(answer.Credentials?.AccessKeyId, "AssumeRoleWithWebIdentity"),
        secretAccessKey: present(answer.Credentials?.SecretAccessKey, "AssumeRoleWithWebIdentity"),
        sessionToken: present(answer.Credentials?.SessionToken, "AssumeRoleWithWebIdentity"),
      };
    },
  };
}

/** Whatever Cognito or STS refuses, it is not the survey's content. */
function guestFailure(error: unknown): SenderError {
  const { code, message, retryable } = classify(error);
  const known = code === "CONTENT_REFUSED" || code === "NO_SUCH_QUEUE" ? "REQUEST_REFUSED" : code;
  return new SenderError(known, `Guest access failed: ${message}`, { retryable, cause: error });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function present(value: string | undefined, call: string): string {
  if (value !== undefined) return value;
  throw new SenderError("BAD_ANSWER", `${call} answered without what was asked for.`, { retryable: true });
}
