/** Reads the policies of a role out of a deployment. */
import type { TooManyPermissions } from "../../../shared/infra/rolePolicies";
import { type Deployment, type DeployOptions, deploy, statementsOf } from "./deploy";

/** The policies of a function's role: the inline one, then those that are attached to it. */
export function policiesOf(made: Deployment, name: string): string[] {
  const inline = made.ofType("iam/rolePolicy:RolePolicy")[`${name}-policy`];
  const managed = made.ofType("iam/policy:Policy");
  const attached = Object.values(made.ofType("iam/rolePolicyAttachment:RolePolicyAttachment"))
    .filter(({ role }) => role === inline.role)
    .map(({ policyArn }) => managed[policyArn.replace("arn:", "")].policy as string);
  return [inline.policy, ...attached];
}

/** All resources of one statement, wherever it is. */
export function resourcesOf(policies: string[], sid: string): string[] {
  return policies.flatMap((policy) => statementsOf(policy)[sid]?.Resource ?? []);
}

/** Why the role can't hold the permissions that `build` gives it; undefined if it can. */
export async function refusalOfTooMany(
  build: () => unknown,
  options: DeployOptions,
): Promise<TooManyPermissions | undefined> {
  let error: unknown;
  const attempt = () => {
    try {
      build();
    } catch (thrown) {
      error = thrown;
    }
  };
  await deploy(attempt, options);
  return error as TooManyPermissions | undefined;
}
