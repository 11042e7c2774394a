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
    return { id: `${roleName}:${physical}`, state: { ...inputs, name: physical } };
  },
};

export const policy: ResourceType = {
  honours: ["name", "policy"],
  excuses: { description: "nothing reads descriptions locally", tags: "nothing reads tags locally" },
  create({ name, inputs }, { roles, accountId }) {
    const physical = String(inputs.name ?? autoName(name));
    const arn = `arn:aws:iam::${accountId}:policy/${physical}`;
    roles.addManagedPolicy({ name: arn, logicalName: name, document: JSON.parse(String(inputs.policy)) });
    return { id: arn, state: { ...inputs, name: physical, arn } };
  },
};

export const rolePolicyAttachment: ResourceType = {
  honours: ["role", "policyArn"],
  create({ name, inputs }, { roles }) {
    roles.attach(String(inputs.role), String(inputs.policyArn));
    return { id: autoName(name), state: inputs };
  },
};
