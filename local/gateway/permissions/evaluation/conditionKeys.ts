import type { PolicyDocument } from "../../../roles";
import type { Caller } from "../callers/caller";
import type { ContextValue, Place, RequestContext } from "../needs/need";
import { statementsOf } from "./statements";

/** Condition keys that every request has, by key in lower case. */
const GLOBAL: Readonly<Record<string, (caller: Caller, place: Place) => ContextValue>> = {
  // The gateway speaks plain HTTP on loopback, but stands for AWS's endpoints, which speak TLS.
  "aws:securetransport": () => "true",
  "aws:principalaccount": ({ accountId }) => accountId,
  "aws:principalarn": ({ principalArn }) => principalArn,
  "aws:principaltype": ({ type }) => type,
  "aws:principalisawsservice": () => "false",
  "aws:viaawsservice": () => "false",
  "aws:requestedregion": (_, { region }) => region,
  "aws:resourceaccount": (_, { accountId }) => accountId,
  // Only a service that acts for another resource has these (serviceCaller.ts).
  "aws:sourcearn": () => undefined,
  "aws:sourceaccount": () => undefined,
  "aws:sourceowner": () => undefined,
  "aws:principalservicename": () => undefined,
  "aws:principalservicenameslist": () => undefined,
};

/** Condition keys that come from the request, and are missing in requests that don't concern them. */
const OF_REQUESTS: readonly string[] = [
  ...["dynamodb:leadingkeys", "dynamodb:enclosingoperation", "dynamodb:select", "dynamodb:fulltablescan"],
  ...["dynamodb:returnvalues", "dynamodb:returnconsumedcapacity"],
  ...["s3:prefix", "s3:delimiter", "s3:max-keys", "s3:versionid", "s3:if-match", "s3:if-none-match"],
  ...["s3:x-amz-acl", "s3:x-amz-copy-source", "s3:x-amz-server-side-encryption", "s3:x-amz-storage-class"],
  "s3:signatureversion",
  ...["events:source", "events:detail-type", "events:eventbusinvocation", "cloudwatch:namespace"],
];

/** Condition keys that a policy reads but the local cloud has no values for: such a policy cannot be evaluated here. */
export function unknownConditionKeys(document: PolicyDocument): string[] {
  const keys = statementsOf(document).flatMap(({ conditionKeys }) => conditionKeys);
  return [...new Set(keys)].filter((key) => !(key in GLOBAL) && !OF_REQUESTS.includes(key));
}

/** Value of a condition key in a request. It may have to look up a table's keys first. */
export function conditionValue(
  key: string,
  request: RequestContext,
  caller: Caller,
  place: Place,
): ContextValue | Promise<ContextValue> {
  const global = GLOBAL[key];
  return global ? global(caller, place) : request[key]?.();
}
