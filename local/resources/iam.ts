import { autoName, type ResourceType } from "./resourceType";

export const role: ResourceType = {
  honours: ["name", "assumeRolePolicy"],
  excuses: { tags: "nothing reads tags locally" },
  create({ name, inputs }, { roles, accountId }) {
    const physical = String(inputs.name ?? autoName(name));
    const arn = `arn:aws:iam::${accountId}:role/${physical}`;
    roles.add(physical, arn, JSON.parse(String(inputs.assumeRolePolicy)));
    return { id: physical, state: { ...inputs, name: physical, arn } };
  },
};

export const rolePolicy: ResourceType = {
  honours: ["name", "role", "policy"],
  create({ name, inputs }, { roles }) {
    const physical = String(inputs.name ?? autoName(name));
    const roleName = String(inputs.role);
    roles.byName(roleName).policies.set(physical, JSON.parse(String(inputs.policy)));
    return { id: `${roleName}:${physical}`, state: { ...inputs, name: physical } };
  },
};
