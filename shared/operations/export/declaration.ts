import type { OperationDeclaration } from "../operation";
import { ExportKeys } from "./keys";
import { exportOptions, paramProblems } from "./params";

export const exportDeclaration: OperationDeclaration = {
  options: exportOptions,
  check: paramProblems,
  prefixes: ({ id, params }) => [new ExportKeys(params, id).root],
};
