/** All operations: those that only read, and those that write. */
import type { Operation } from "./operation";
import { readingOperations } from "./reading";
import { writingOperations } from "./writing";

const sets = [readingOperations, writingOperations];

/** Sluice's own. Users cannot take these names. */
export const ownOperations: Readonly<Record<string, Operation>> = Object.assign({}, ...sets.map(({ own }) => own));

/** Names of all operations. */
export function operationNames(): string[] {
  const own = Object.keys(ownOperations);
  return [...own, ...sets.flatMap(({ names }) => names.filter((name) => !own.includes(name)))];
}

/** The operation of a name; undefined where there is none. */
export function operationNamed(name: string): Operation | undefined {
  for (const set of sets) {
    const found = set.named(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether writing workers do it. */
export function isWriting(operation: string): boolean {
  return writingOperations.named(operation) !== undefined;
}
