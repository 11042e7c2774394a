import { randomUUID } from "node:crypto";
import { SluiceError } from "../../shared/errors";
import type { ResourceType } from "./resourceType";

export const identityPool: ResourceType = {
  honours: ["identityPoolName", "allowUnauthenticatedIdentities", "allowClassicFlow"],
  excuses: { tags: "nothing reads tags locally" },
  create({ name, inputs }, { identityPools, region }) {
    if (inputs.allowClassicFlow !== true) {
      throw new SluiceError(
        "INPUT_NOT_HONOURED",
        `${name}: the local cloud has identity pools for guests by the classic flow only.`,
      );
    }
    const id = `${region}:${randomUUID()}`;
    identityPools.add(id, inputs.allowUnauthenticatedIdentities === true);
    return { id, state: inputs };
  },
};

export const identityPoolRoleAttachment: ResourceType = {
  honours: ["identityPoolId"],
  excuses: { roles: "the classic flow names its role itself; the role's trust policy decides" },
  create: ({ inputs }) => ({ id: String(inputs.identityPoolId), state: inputs }),
};
