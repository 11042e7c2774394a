import type { PolicyDocument } from "../../../local/roles";

export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";
export const TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table`;
export const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}`;

type Statement = Record<string, unknown>;

export function document(...statements: Statement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

export function allow(Sid: string, Action: string | string[], Resource: string | string[], more: Statement = {}) {
  return { Sid, Effect: "Allow", Action, Resource, ...more };
}

/** A policy variable, such as `aws:PrincipalAccount`, as policies write it. */
export function variable(name: string): string {
  return ["$", "{", name, "}"].join("");
}

/** The guards that shared/infra/policy.ts gives every queue and bucket. */
export function guard(action: string, resources: string[], accountId = ACCOUNT): PolicyDocument {
  const denied = { Effect: "Deny", Principal: "*", Action: action, Resource: resources };
  return document(
    { Sid: "TlsOnly", ...denied, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { Sid: "OwnerOnly", ...denied, Condition: { StringNotEquals: { "aws:PrincipalAccount": accountId } } },
  );
}

export function trustOf(service: string): PolicyDocument {
  return document({ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" });
}

/** Trusts the guests of one identity pool, like services/ingest/guestSender.ts. */
export function trustOfGuests(pool: string): PolicyDocument {
  return document({
    Sid: "TakeOnAsGuest",
    Effect: "Allow",
    Principal: { Federated: "cognito-identity.amazonaws.com" },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: { "cognito-identity.amazonaws.com:aud": pool },
      "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "unauthenticated" },
    },
  });
}
