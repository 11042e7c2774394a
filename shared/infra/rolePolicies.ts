import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { isList, policyDocument, type Statement } from "./policy";
import {
  INLINE_CHARACTERS_MAX,
  MANAGED_CHARACTERS_MAX,
  MANAGED_POLICIES_MAX,
  type Packing,
  packStatements,
  type StatementPart,
} from "./policyPacking";
import { sizeOf } from "./policySizes";

export interface RolePoliciesArgs {
  role: aws.iam.Role;
  statements: readonly Statement[];
  /**
   * The word for the resources that the statements list, in the plural, for the error if there are too many. Default
   * `resources`.
   */
  listed?: string | undefined;
  /** Tags of managed policies. */
  tags: Record<string, string>;
}

/** A role's policies cannot hold its permissions. A RunError, so that the CLI prints it without a stack trace. */
export class TooManyPermissions extends pulumi.RunError {
  readonly code = "TOO_MANY_PERMISSIONS";

  /** @param fit number of resources that the role has room for in each list. @param given number in the longest list. */
  constructor(
    name: string,
    listed: string,
    readonly fit: number,
    readonly given: number,
  ) {
    super(
      `${name}: its role has room for ${fit} ${listed}, got ${given}: AWS allows ${INLINE_CHARACTERS_MAX} characters of ` +
        `inline policies and ${MANAGED_POLICIES_MAX} managed policies of ${MANAGED_CHARACTERS_MAX} for one role. ` +
        `Name fewer ${listed}, or divide them between two services.`,
    );
  }
}

/**
 * Gives a role its statements: in an inline policy `name-policy`, and in managed policies `name-policy-2`, `name-policy-3`, …
 * if that is too small. The division depends only on facts that are known at preview, so preview and update plan the same.
 * @returns the resources that must exist before the role can do everything.
 * @throws TooManyPermissions before any policy is made.
 */
export function rolePolicies(
  name: string,
  args: RolePoliciesArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { role, statements, tags } = args;
  const packing = packStatements(statements.map(sizeOf));
  if (!packing.whole) throw tooMany(name, args, packing);
  return packing.policies.map((parts, index) => {
    const policy = policyDocument(parts.map(partOf(statements)));
    if (index === 0) return new aws.iam.RolePolicy(`${name}-policy`, { role: role.name, policy }, options);
    const own = `${name}-policy-${index + 1}`;
    const { arn } = new aws.iam.Policy(own, { policy, tags }, options);
    return new aws.iam.RolePolicyAttachment(`${own}-attachment`, { role: role.name, policyArn: arn }, options);
  });
}

/** The statement, with only the resources of one part. */
function partOf(statements: readonly Statement[]): (part: StatementPart) => Statement {
  return ({ statement, resources }) => {
    const whole = statements[statement] as Statement;
    if (whole.Resource === undefined || !isList(whole.Resource)) return whole;
    const all = whole.Resource;
    return { ...whole, Resource: resources.flatMap((at) => all.slice(at, at + 1)) };
  };
}

function tooMany(
  name: string,
  { statements, listed = "resources" }: RolePoliciesArgs,
  { rows }: Packing,
): TooManyPermissions {
  const lists = statements.flatMap(({ Resource = [] }) => (isList(Resource) ? [Resource.length] : []));
  return new TooManyPermissions(name, listed, rows, Math.max(0, ...lists));
}
