/** The work of operations that change no table: Sluice's own, and the user's. Their declarations are in registry.ts. */
import { count } from "./count/count";
import { exportItems } from "./export/exportItems";
import type { OperationSet, OperationWork } from "./operation";
import { userWork } from "./user/userOperation";
import { userOperations } from "./user/userOperations";

const own: Readonly<Record<string, OperationWork>> = {
  count: count as OperationWork,
  export: exportItems as OperationWork,
};

export const readingOperations: OperationSet = {
  own,
  named: (name) => {
    if (Object.hasOwn(own, name)) return own[name];
    return Object.hasOwn(userOperations, name) ? userWork(userOperations[name]!) : undefined;
  },
};
