import { randomUUID } from "node:crypto";
import type { Roles } from "../roles";
import type { Call } from "./call";
import { awsError } from "./errors";
import { type BackendResponse, jsonResponse, xmlResponse } from "./message";
import { type TokenClaims, trustsToken } from "./permissions/evaluation/trust";
import type { Permissions } from "./permissions/permissions";
import type { Principals } from "./principals";

const SESSION_SECONDS = 3_600;

/** Guests by Cognito's classic flow: GetId, GetOpenIdToken, and STS's AssumeRoleWithWebIdentity. */
export class IdentityPools {
  readonly #roles: Roles;
  readonly #principals: Principals;
  readonly #permissions: Permissions;
  /** Whether a pool takes guests, by its id. */
  readonly #pools = new Map<string, boolean>();
  /** Identity by token. */
  readonly #pooled = new Map<string, string>();

  constructor(roles: Roles, principals: Principals, permissions: Permissions) {
    this.#roles = roles;
    this.#principals = principals;
    this.#permissions = permissions;
  }

  add(id: string, takesGuests: boolean): void {
    this.#pools.set(id, takesGuests);
  }

  async cognito({ action, input }: Call): Promise<BackendResponse> {
    if (action === "GetId") {
      const pool = String(input.IdentityPoolId);
      const takesGuests = this.#pools.get(pool);
      if (takesGuests === undefined) return notFound(`IdentityPool '${pool}' not found.`);
      if (!takesGuests) return shutOut();
      const identity = `${pool.split(":")[0]}:${randomUUID()}`;
      this.#pooled.set(identity, pool);
      return jsonResponse(200, { IdentityId: identity });
    }
    if (action === "GetOpenIdToken") {
      const pool = this.#pooled.get(String(input.IdentityId));
      if (!pool) return notFound(`Identity '${input.IdentityId}' not found.`);
      if (!this.#pools.get(pool)) return shutOut();
      return jsonResponse(200, { IdentityId: input.IdentityId, Token: unsignedToken(String(input.IdentityId), pool) });
    }
    return awsError("cognito-identity", 501, "NotImplemented", `The local cloud does not know ${action}.`);
  }

  async sts({ action, input, principal }: Call): Promise<BackendResponse> {
    if (action === "GetCallerIdentity" && principal !== "anonymous") {
      const arn = this.#permissions.callerArn(principal);
      const account = arn.split(":")[4];
      return xmlResponse(200, result(action, `<Arn>${arn}</Arn><UserId>local</UserId><Account>${account}</Account>`));
    }
    if (action !== "AssumeRoleWithWebIdentity") {
      return awsError("sts", 501, "NotImplemented", `The local cloud does not know ${action}.`);
    }
    const role = this.#roles.byArn(String(input.RoleArn));
    const claims = claimsOf(String(input.WebIdentityToken));
    if (!role || !claims || !(await trustsToken(role, claims))) {
      return awsError("sts", 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }
    const sessionName = String(input.RoleSessionName);
    const key = this.#principals.issue({ kind: "role", roleArn: role.arn, sessionName });
    const expiration = new Date(Date.now() + SESSION_SECONDS * 1000).toISOString();
    const credentials =
      `<Credentials><AccessKeyId>${key.accessKeyId}</AccessKeyId><SecretAccessKey>${key.secretAccessKey}</SecretAccessKey>` +
      `<SessionToken>${key.sessionToken}</SessionToken><Expiration>${expiration}</Expiration></Credentials>`;
    return xmlResponse(200, result(action, credentials));
  }
}

function result(action: string, content: string): string {
  const xmlns = "https://sts.amazonaws.com/doc/2011-06-15/";
  return `<${action}Response xmlns="${xmlns}"><${action}Result>${content}</${action}Result></${action}Response>`;
}

function notFound(message: string): BackendResponse {
  return awsError("cognito-identity", 400, "ResourceNotFoundException", message);
}

function shutOut(): BackendResponse {
  const message = "Unauthenticated access is not supported for this identity pool.";
  return awsError("cognito-identity", 400, "NotAuthorizedException", message);
}

/** Shaped like the token of Cognito; nobody here verifies signatures. */
function unsignedToken(identity: string, pool: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: identity, aud: pool, amr: ["unauthenticated"] })}.`;
}

function claimsOf(token: string): TokenClaims | undefined {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  } catch {
    return undefined;
  }
}
