import { autoName, type ResourceType, randomSuffix } from "./resourceType";

export const logGroup: ResourceType = {
  honours: ["name", "namePrefix", "retentionInDays"],
  excuses: { tags: "nothing reads tags locally" },
  create({ name, inputs }, { logGroups, accountId, region }) {
    const { namePrefix, retentionInDays } = inputs;
    const generated = namePrefix === undefined ? autoName(name) : `${namePrefix}${randomSuffix()}`;
    const physical = String(inputs.name ?? generated);
    // Pulumi's 0 stands for ever.
    logGroups.create(physical, Number(retentionInDays ?? 0) === 0 ? undefined : Number(retentionInDays));
    const arn = `arn:aws:logs:${region}:${accountId}:log-group:${physical}`;
    return { id: physical, state: { ...inputs, name: physical, arn } };
  },
};
