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

/** Evaluates policies as IAM does. @throws SluiceError INVALID_POLICY where IAM would not take a policy. */
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
    // Not the ARN of anything the action is about.
    if (results.errors.message === "no.resource.types") return REFUSED;
    const text = JSON.stringify(results.errors);
    throw new SluiceError("INVALID_POLICY", `IAM cannot evaluate ${action} on ${resource}: ${text}`, {
      value: results.errors,
    });
  }
  const result = results.resultType === "single" ? results.result : results.results[0];
  return result?.analysis ?? REFUSED;
}

/** An asterisk in a key is a character like any other, and so is a line break; the evaluation takes them for more. */
function withoutWildcards(resource: string): string {
  return resource === "*" ? resource : resource.replace(/[*\n\r\u2028\u2029]/g, "\uFFFD");
}
