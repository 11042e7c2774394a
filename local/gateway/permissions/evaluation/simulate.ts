import { type RequestAnalysis, runSimulation } from "@cloud-copilot/iam-simulate";
import { SluiceError } from "../../../../shared/errors";
import type { PolicyDocument } from "../../../roles";

/** One request to IAM. */
export interface Question {
  /** ARN of a caller, or a service's name. */
  principal: string;
  action: string;
  resource: string;
  /** The account the resource belongs to. */
  accountId: string;
  context: Record<string, string | string[]>;
  identityPolicies: readonly { name: string; document: PolicyDocument }[];
  resourcePolicy?: PolicyDocument | undefined;
}

const REFUSED: RequestAnalysis = { result: "ImplicitlyDenied", sameAccount: true };

/** Evaluates policies like IAM. @throws SluiceError INVALID_POLICY if IAM would refuse a policy. */
export async function simulate(question: Question): Promise<RequestAnalysis> {
  const { principal, action, resource, accountId, context, identityPolicies, resourcePolicy } = question;
  const results = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource: withoutWildcards(resource), accountId },
        contextVariables: context,
      },
      identityPolicies: identityPolicies.map(({ name, document }) => ({ name, policy: document })),
      resourcePolicy,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (results.resultType === "error") {
    // Not an ARN of the action's resource type.
    if (results.errors.message === "no.resource.types") return REFUSED;
    const text = JSON.stringify(results.errors);
    throw new SluiceError("INVALID_POLICY", `IAM cannot evaluate ${action} on ${resource}: ${text}`, {
      value: results.errors,
    });
  }
  const result = results.resultType === "single" ? results.result : results.results[0];
  return result?.analysis ?? REFUSED;
}

/** An asterisk or a line break in a key is an ordinary character, but the evaluation would treat it specially. */
function withoutWildcards(resource: string): string {
  return resource === "*" ? resource : resource.replace(/[*\n\r\u2028\u2029]/g, "\uFFFD");
}
