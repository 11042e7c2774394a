import { randomBytes } from "node:crypto";
import { autoName, type ResourceType } from "./resourceType";

export const secret: ResourceType = {
  honours: ["name"],
  excuses: { description: "nothing reads it locally", tags: "nothing reads tags locally" },
  create({ name, inputs }, { secrets, region, accountId }) {
    const physical = String(inputs.name ?? autoName(name));
    // Secrets Manager adds six characters, so that a policy for a deleted secret doesn't apply to its successor.
    const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${physical}-${randomBytes(3).toString("hex")}`;
    secrets.add(arn, physical);
    return { id: arn, state: { ...inputs, name: physical, arn } };
  },
};
