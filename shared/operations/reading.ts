/** The operations that change no table: Sluice's own, and the user's. A new one is one folder beside this file and one line here. */
import { count } from "./count/count";
import { exportItems } from "./export/exportItems";
import type { Operation, OperationSet } from "./operation";
import { userOperation } from "./user/userOperation";
import { userOperations } from "./user/userOperations";

const own: Readonly<Record<string, Operation>> = {
  count: count as Operation,
  export: exportItems as Operation,
};

export const readingOperations: OperationSet = {
  own,
  names: [...Object.keys(own), ...Object.keys(userOperations)],
  named: (name) => {
    if (Object.hasOwn(own, name)) return own[name];
    return Object.hasOwn(userOperations, name) ? userOperation(userOperations[name]!) : undefined;
  },
};
