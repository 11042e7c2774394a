import type { Role } from "../../../roles";
import { simulate } from "./simulate";

/** The claims of a web identity token. */
export interface TokenClaims {
  /** The identity. */
  sub: string;
  /** The identity pool it is for. */
  aud: string;
  /** How the bearer was authenticated: `unauthenticated` for guests. */
  amr: string[];
}

const COGNITO = "cognito-identity.amazonaws.com";

/** Condition keys of trust policies, in lower case. */
export const TRUST_CONDITION_KEYS: readonly string[] = ["aud", "sub", "amr"].map((claim) => `${COGNITO}:${claim}`);

/** Whether a role's trust policy allows the bearer of a Cognito token to assume the role. */
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
 * Whether a role's trust policy allows an AWS service, such as `lambda.amazonaws.com`, to assume the role.
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
