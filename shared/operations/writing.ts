/** The operations that change tables. A new one is one folder beside this file and one line here. */
import type { Operation, OperationSet } from "./operation";

const own: Readonly<Record<string, Operation>> = {};

export const writingOperations: OperationSet = {
  own,
  names: Object.keys(own),
  named: (name) => (Object.hasOwn(own, name) ? own[name] : undefined),
};
