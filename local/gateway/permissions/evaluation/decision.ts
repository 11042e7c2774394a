import type { RequestAnalysis, StatementExplain } from "@cloud-copilot/iam-simulate";
import { everythingBut } from "./statements";

/** One action pattern of one Allow statement of a role. */
export interface GrantId {
  /** Name of the policy. */
  policy: string;
  /** Number of the statement in its policy, from 1. */
  statement: number;
  action: string;
}

/** Why a request is refused. */
export type DenialReason =
  | { kind: "nothingAllows"; policies: "identity-based" | "resource-based" }
  | { kind: "explicitDeny"; policies: "identity-based" | "resource-based"; sid: string | undefined };

export type Decision = { allowed: true; grants: readonly GrantId[] } | { allowed: false; reason: DenialReason };

type Analyses = NonNullable<RequestAnalysis["identityAnalysis"]>["allowStatements"];

/** The outcome of an evaluation: the grants that allow the request, or the reason for the refusal. */
export function decisionOf(analysis: RequestAnalysis): Decision {
  const { result, identityAnalysis, resourceAnalysis } = analysis;
  if (result === "Allowed")
    return { allowed: true, grants: (identityAnalysis?.allowStatements ?? []).flatMap(grantsOf) };
  const byIdentity = identityAnalysis?.denyStatements[0];
  if (byIdentity) return explicitDeny("identity-based", byIdentity.statement.sid());
  const byResource = resourceAnalysis?.denyStatements[0];
  if (byResource) return explicitDeny("resource-based", byResource.statement.sid());
  // Within an account one side is enough, usually the role's. Across accounts both sides have to allow.
  const policies = identityAnalysis?.result === "Allowed" ? "resource-based" : "identity-based";
  return { allowed: false, reason: { kind: "nothingAllows", policies } };
}

function explicitDeny(policies: "identity-based" | "resource-based", sid: string | undefined): Decision {
  return { allowed: false, reason: { kind: "explicitDeny", policies, sid } };
}

function grantsOf({ policyId, statement, explain }: Analyses[number]): GrantId[] {
  return matchedActions(explain).map((action) => ({ policy: policyId, statement: statement.index(), action }));
}

function matchedActions({ actions, notActions }: StatementExplain): string[] {
  if (notActions) return [everythingBut([notActions].flat().map(({ action }) => action))];
  return [actions ?? []]
    .flat()
    .filter(({ matches }) => matches)
    .map(({ action }) => action);
}
