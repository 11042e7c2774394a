import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../errors";
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
  /** What the statements list many of, in the plural, for the refusal of too many. Default `resources`. */
  listed?: string | undefined;
  /** Tags of managed policies. */
  tags: Record<string, string>;
}

/**
 * Gives a role its statements: in an inline policy `name-policy`, and in managed policies `name-policy-2`,
 * `name-policy-3`, … where that is too small. Which statement goes where depends on what is known at preview, so preview and update plan the same.
 * @returns what must exist before the role can do everything.
 * @throws SluiceError TOO_MANY_PERMISSIONS where the role's policies cannot hold them.
 */
export function rolePolicies(
  name: string,
  args: RolePoliciesArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { role, statements, tags } = args;
  const packing = packStatements(statements.map(sizeOf));
  if (!packing.whole) throw tooMany(name, args, packing);
  const [inline = [], ...managed] = packing.policies.map((parts) => policyDocument(parts.map(partOf(statements))));
  return [
    new aws.iam.RolePolicy(`${name}-policy`, { role: role.name, policy: inline as pulumi.Output<string> }, options),
    ...managed.map((policy, index) => {
      const own = `${name}-policy-${index + 2}`;
      const { arn } = new aws.iam.Policy(own, { policy, tags }, options);
      return new aws.iam.RolePolicyAttachment(`${own}-attachment`, { role: role.name, policyArn: arn }, options);
    }),
  ];
}

/** The statement with those of its resources that a part holds. */
function partOf(statements: readonly Statement[]): (part: StatementPart) => Statement {
  return ({ statement, resources }) => {
    const whole = statements[statement] as Statement;
    if (whole.Resource === undefined || !isList(whole.Resource)) return whole;
    const all = whole.Resource;
    return { ...whole, Resource: resources.flatMap((at) => all.slice(at, at + 1)) };
  };
}

function tooMany(name: string, { statements, listed = "resources" }: RolePoliciesArgs, { rows }: Packing): SluiceError {
  const lists = statements.flatMap(({ Resource = [] }) => (isList(Resource) ? [Resource.length] : []));
  const given = Math.max(0, ...lists);
  return new SluiceError(
    "TOO_MANY_PERMISSIONS",
    `${name}: its role has room for ${rows} ${listed}, got ${given}: AWS allows ${INLINE_CHARACTERS_MAX} characters of inline policies ` +
      `and ${MANAGED_POLICIES_MAX} managed policies of ${MANAGED_CHARACTERS_MAX} for one role. ` +
      `Name fewer ${listed}, or divide them between two services.`,
    { value: { fit: rows, given } },
  );
}
