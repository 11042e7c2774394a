import type { IdentityPolicy, Roles } from "../../../roles";
import type { Principal } from "../../principals";
import { administratorAccess } from "./managedPolicies";

/** The caller of a request, as IAM sees it. */
export interface Caller {
  /** Its ARN in AWS's messages: `arn:aws:sts::<account>:assumed-role/<role>/<session>`. */
  arn: string;
  /** `aws:PrincipalArn`: of the role, not of its session. */
  principalArn: string;
  type: "AssumedRole" | "User";
  accountId: string;
  policies: readonly IdentityPolicy[];
}

/** The caller behind a principal. A role that the program did not create has no permissions. */
export function callerOf(principal: Principal, roles: Roles, accountId: string): Caller {
  if (principal.kind === "administrator") {
    const arn = `arn:aws:iam::${accountId}:user/administrator`;
    return { arn, principalArn: arn, type: "User", accountId, policies: administratorAccess };
  }
  const { roleArn, sessionName } = principal;
  const [, , , , ownAccount = "", resource = ""] = roleArn.split(":");
  return {
    arn: `arn:aws:sts::${ownAccount}:assumed-role/${resource.split("/").at(-1)}/${sessionName}`,
    principalArn: roleArn,
    type: "AssumedRole",
    accountId: ownAccount,
    policies: [...(roles.byArn(roleArn)?.policies.values() ?? [])],
  };
}
