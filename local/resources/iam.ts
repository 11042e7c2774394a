import { SluiceError } from "../../shared/errors";
import { INLINE_CHARACTERS_MAX, MANAGED_CHARACTERS_MAX, MANAGED_POLICIES_MAX } from "../../shared/infra/policyPacking";
import type { PolicyDocument, Role } from "../roles";
import { autoName, type ResourceType } from "./resourceType";

export const role: ResourceType = {
  honours: ["name", "assumeRolePolicy"],
  excuses: { tags: "nothing reads tags locally" },
  create({ name, inputs }, { roles, accountId }) {
    const physical = String(inputs.name ?? autoName(name));
    const arn = `arn:aws:iam::${accountId}:role/${physical}`;
    roles.add({ name: physical, logicalName: name, arn, trust: JSON.parse(String(inputs.assumeRolePolicy)) });
    return { id: physical, state: { ...inputs, name: physical, arn } };
  },
};

export const rolePolicy: ResourceType = {
  honours: ["name", "role", "policy"],
  create({ name, inputs }, { roles }) {
    const physical = String(inputs.name ?? autoName(name));
    const roleName = String(inputs.role);
    roles.putPolicy(roleName, { name: physical, logicalName: name, document: JSON.parse(String(inputs.policy)) });
    checkRole(roles.byName(roleName));
    return { id: `${roleName}:${physical}`, state: { ...inputs, name: physical } };
  },
};

export const policy: ResourceType = {
  honours: ["name", "policy"],
  excuses: { description: "nothing reads descriptions locally", tags: "nothing reads tags locally" },
  create({ name, inputs }, { roles, accountId }) {
    const physical = String(inputs.name ?? autoName(name));
    const arn = `arn:aws:iam::${accountId}:policy/${physical}`;
    const document = JSON.parse(String(inputs.policy)) as PolicyDocument;
    checkQuota(`characters of policy ${name}`, charactersOf(document), MANAGED_CHARACTERS_MAX);
    roles.addManagedPolicy({ name: arn, logicalName: name, document });
    return { id: arn, state: { ...inputs, name: physical, arn } };
  },
};

export const rolePolicyAttachment: ResourceType = {
  honours: ["role", "policyArn"],
  create({ name, inputs }, { roles }) {
    roles.attach(String(inputs.role), String(inputs.policyArn));
    checkRole(roles.byName(String(inputs.role)));
    return { id: autoName(name), state: inputs };
  },
};

/** @throws SluiceError LIMIT_EXCEEDED if a role's policies are too large for AWS. */
function checkRole({ logicalName, policies }: Role): void {
  const isManaged = (name: string) => name.startsWith("arn:");
  const [inline, managed] = [false, true].map((wanted) =>
    [...policies.values()].filter(({ name }) => isManaged(name) === wanted),
  );
  const characters = (inline ?? []).reduce((sum, { document }) => sum + charactersOf(document), 0);
  checkQuota(`characters of inline policies of role ${logicalName}`, characters, INLINE_CHARACTERS_MAX);
  checkQuota(`managed policies of role ${logicalName}`, managed?.length ?? 0, MANAGED_POLICIES_MAX);
}

function checkQuota(what: string, value: number, most: number): void {
  if (value <= most) return;
  throw new SluiceError("LIMIT_EXCEEDED", `AWS allows at most ${most} ${what}, got ${value}.`, { value });
}

/** IAM doesn't count a policy's white space. */
function charactersOf(document: PolicyDocument): number {
  return JSON.stringify(document).replace(/\s/g, "").length;
}
