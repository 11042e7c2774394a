/** The operations that change tables: Sluice's own, and the user's. A new one is one folder beside this file and one line here. */
import { copy } from "./copy/copy";
import { deleteItems } from "./delete/delete";
import type { Operation, OperationSet } from "./operation";
import { undo } from "./undo/undo";
import { update } from "./update/update";
import { userUpdateOperation } from "./user/userUpdateOperation";
import { userUpdates } from "./user/userUpdates";

const own: Readonly<Record<string, Operation>> = {
  update: update as Operation,
  delete: deleteItems as Operation,
  copy: copy as Operation,
  undo: undo as Operation,
};

export const writingOperations: OperationSet = {
  own,
  names: [...Object.keys(own), ...Object.keys(userUpdates)],
  named: (name) => {
    if (Object.hasOwn(own, name)) return own[name];
    return Object.hasOwn(userUpdates, name) ? (userUpdateOperation(userUpdates[name]!) as Operation) : undefined;
  },
};
