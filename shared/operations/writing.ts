/** The work of operations that change tables: Sluice's own, and the user's. Their declarations are in registry.ts. */
import { copy } from "./copy/copy";
import { deleteItems } from "./delete/delete";
import type { OperationSet, OperationWork } from "./operation";
import { undo } from "./undo/undo";
import { update } from "./update/update";
import { updateWork, userUpdates } from "./user/userUpdates";

const own: Readonly<Record<string, OperationWork>> = {
  update: update as OperationWork,
  delete: deleteItems as OperationWork,
  copy: copy as OperationWork,
  undo: undo as OperationWork,
};

export const writingOperations: OperationSet = {
  own,
  named: (name) => {
    if (Object.hasOwn(own, name)) return own[name];
    return Object.hasOwn(userUpdates, name) ? updateWork?.(userUpdates[name]!) : undefined;
  },
};
