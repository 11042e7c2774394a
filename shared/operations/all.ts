/** The work of all operations, for functions that end jobs of any kind. */
import type { OperationSet } from "./operation";
import { readingOperations } from "./reading";
import { writingOperations } from "./writing";

export const allOperations: OperationSet = {
  own: { ...readingOperations.own, ...writingOperations.own },
  named: (name) => readingOperations.named(name) ?? writingOperations.named(name),
};
