import type { PolicyDocument } from "../../../roles";
import type { Need, Place } from "../needs/need";
import { type Decision, decisionOf } from "./decision";
import { simulate } from "./simulate";
import { statementsOf } from "./statements";

/** An AWS service that acts for one of our resources, such as EventBridge for a rule. */
export interface ServiceCaller {
  /** Its principal, such as `events.amazonaws.com`. */
  service: string;
  /** `aws:SourceArn`: the resource that it acts for. */
  sourceArn: string;
}

/**
 * Condition keys that a service's calls have, in lower case. `aws:PrincipalAccount` and its like are missing: a Deny with
 * `StringNotEquals` on them hits services too (user guide, "AWS global condition context keys").
 */
const VALUES: Readonly<Record<string, (caller: ServiceCaller, place: Place) => string | string[]>> = {
  "aws:securetransport": () => "true",
  "aws:principalisawsservice": () => "true",
  "aws:principalservicename": ({ service }) => service,
  "aws:principalservicenameslist": ({ service }) => [service],
  "aws:requestedregion": (_, { region }) => region,
  "aws:resourceaccount": (_, { accountId }) => accountId,
  "aws:sourcearn": ({ sourceArn }) => sourceArn,
  "aws:sourceaccount": (_, { accountId }) => accountId,
  "aws:sourceowner": (_, { accountId }) => accountId,
  "aws:viaawsservice": () => "false",
};

/**
 * Whether a resource's policy allows a service to act on it; no other policy could allow that.
 * @throws SluiceError INVALID_POLICY.
 */
export async function serviceDecision(
  caller: ServiceCaller,
  { action, resource }: Pick<Need, "action" | "resource">,
  resourcePolicy: PolicyDocument | undefined,
  place: Place,
): Promise<Decision> {
  const nothingAllows = { allowed: false, reason: { kind: "nothingAllows", policies: "resource-based" } } as const;
  if (!resourcePolicy) return nothingAllows;
  const keys = statementsOf(resourcePolicy).flatMap(({ conditionKeys }) => conditionKeys);
  const known = keys.flatMap((key) => {
    const value = VALUES[key]?.(caller, place);
    return value === undefined ? [] : [[key, value] as const];
  });
  const analysis = await simulate({
    principal: caller.service,
    action,
    resource,
    accountId: place.accountId,
    context: Object.fromEntries(known),
    identityPolicies: [],
    resourcePolicy,
  });
  const decision = decisionOf(analysis);
  return decision.allowed || decision.reason.kind === "explicitDeny" ? decision : nothingAllows;
}

/** The statement that would allow the service, but only for this resource. */
export function missingStatement(
  { service, sourceArn }: ServiceCaller,
  { action, resource }: Pick<Need, "action" | "resource">,
): object {
  return {
    Effect: "Allow",
    Principal: { Service: service },
    Action: action,
    Resource: resource,
    Condition: { ArnEquals: { "aws:SourceArn": sourceArn } },
  };
}
