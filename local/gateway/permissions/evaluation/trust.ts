import type { Role } from "../../../roles";
import { simulate } from "./simulate";

/** What a web identity token says of its bearer. */
export interface TokenClaims {
  /** The identity. */
  sub: string;
  /** The identity pool it is for. */
  aud: string;
  /** How the bearer is known: `unauthenticated` for guests. */
  amr: string[];
}

const COGNITO = "cognito-identity.amazonaws.com";

/** Condition keys of trust policies, in lower case. */
export const TRUST_CONDITION_KEYS: readonly string[] = ["aud", "sub", "amr"].map((claim) => `${COGNITO}:${claim}`);

/** Whether a role's trust policy lets the bearer of a Cognito token take it on. */
export async function trustsToken({ arn, trust }: Pick<Role, "arn" | "trust">, claims: TokenClaims): Promise<boolean> {
  const { result } = await simulate({
    principal: COGNITO,
    action: "sts:AssumeRoleWithWebIdentity",
    resource: arn,
    accountId: arn.split(":")[4] ?? "",
    context: { [`${COGNITO}:aud`]: claims.aud, [`${COGNITO}:sub`]: claims.sub, [`${COGNITO}:amr`]: claims.amr },
    identityPolicies: [],
    resourcePolicy: trust,
  });
  return result === "Allowed";
}

/**
 * Whether a role's trust policy lets an AWS service take it on, such as `lambda.amazonaws.com`.
 * @param context condition keys that the service has values for, such as `aws:SourceArn`. Default: none.
 */
export async function trustsService(
  { arn, trust }: Pick<Role, "arn" | "trust">,
  service: string,
  context: Record<string, string> = {},
): Promise<boolean> {
  const { result } = await simulate({
    principal: service,
    action: "sts:AssumeRole",
    resource: arn,
    accountId: arn.split(":")[4] ?? "",
    context,
    identityPolicies: [],
    resourcePolicy: trust,
  });
  return result === "Allowed";
}
