/**
 * The declarations of all operations, for code that starts or shows jobs. A new operation is one folder beside this file, one line
 * here, and one for its work in reading.ts or writing.ts.
 */
import { copyDeclaration } from "./copy/declaration";
import { countDeclaration } from "./count/declaration";
import { deleteDeclaration } from "./delete/declaration";
import { exportDeclaration } from "./export/declaration";
import type { OperationDeclaration } from "./operation";
import { undoDeclaration } from "./undo/declaration";
import { updateDeclaration } from "./update/declaration";
import { userDeclaration } from "./user/userOperation";
import { userOperations } from "./user/userOperations";
import { userUpdateDeclaration } from "./user/userUpdateDeclaration";
import { userUpdates } from "./user/userUpdates";

type Declarations = Readonly<Record<string, OperationDeclaration>>;

const reading: Declarations = {
  count: countDeclaration,
  export: exportDeclaration,
};

const writing: Declarations = {
  update: updateDeclaration,
  delete: deleteDeclaration,
  copy: copyDeclaration,
  undo: undoDeclaration,
};

/** Sluice's own. Users cannot take these names. */
export const ownOperations: Declarations = { ...reading, ...writing };

/** Names of all operations, those of the user last. */
export function operationNames(): string[] {
  return [...Object.keys(ownOperations), ...Object.keys(userOperations), ...Object.keys(userUpdates)];
}

/** The declaration of an operation, by name; undefined if there is no such operation. */
export function operationNamed(name: string): OperationDeclaration | undefined {
  if (Object.hasOwn(ownOperations, name)) return ownOperations[name];
  if (Object.hasOwn(userOperations, name)) return userDeclaration(userOperations[name]!);
  return Object.hasOwn(userUpdates, name) ? userUpdateDeclaration(userUpdates[name]!) : undefined;
}

/** Whether it needs writing workers. */
export function isWriting(operation: string): boolean {
  return Object.hasOwn(writing, operation) || Object.hasOwn(userUpdates, operation);
}
