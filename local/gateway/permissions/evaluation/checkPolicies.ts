import { SluiceError } from "../../../../shared/errors";
import type { PolicyDocument, Roles } from "../../../roles";
import type { Place } from "../needs/need";
import { unknownConditionKeys } from "./conditionKeys";
import { simulate } from "./simulate";
import { TRUST_CONDITION_KEYS } from "./trust";

/** An arbitrary request: only the policies are checked. */
const SAMPLE = { principal: "arn:aws:iam::000000000000:user/check", action: "sqs:ListQueues", resource: "*" };

/**
 * Checks every policy before its first use, so that a policy that cannot be evaluated is an error at the start.
 * @throws SluiceError INVALID_POLICY if IAM would refuse it, UNKNOWN_CONDITION_KEY if it cannot be evaluated here.
 */
export async function checkPolicies(roles: Roles, place: Place): Promise<void> {
  const ask = { ...SAMPLE, accountId: place.accountId, context: {} };
  for (const { logicalName, trust, policies } of roles.all()) {
    checkKeys(`trust policy of ${logicalName}`, trust, TRUST_CONDITION_KEYS);
    await simulate({ ...ask, identityPolicies: [...policies.values()] });
    for (const policy of policies.values()) checkKeys(`${policy.logicalName} of ${logicalName}`, policy.document);
  }
  for (const [arn, resourcePolicy] of roles.resourcePolicies()) {
    checkKeys(`policy of ${arn}`, resourcePolicy);
    await simulate({ ...ask, identityPolicies: [], resourcePolicy });
  }
}

function checkKeys(owner: string, document: PolicyDocument, more: readonly string[] = []): void {
  const unknown = unknownConditionKeys(document).filter((key) => !more.includes(key));
  if (unknown.length === 0) return;
  const help = "add it in local/gateway/permissions/evaluation/conditionKeys.ts";
  throw new SluiceError(
    "UNKNOWN_CONDITION_KEY",
    `The ${owner} reads ${unknown.join(", ")}, for which the local cloud has no value: ${help}.`,
    { value: unknown },
  );
}
