import { changeDeclaration } from "../changeDeclaration";
import type { Params } from "../operation";
import { conditionOf } from "./condition";
import { deleteOptions } from "./params";

export const deleteDeclaration = changeDeclaration({
  options: deleteOptions,
  check: conditionProblems,
  paths: (params) => conditionOf(params)?.paths ?? [],
  // A dry run reports whether each item exists, and what its deletion would consume.
  needsItems: ({ onlyIf, keepBefore, dryRun }) => onlyIf !== undefined || keepBefore === true || dryRun === true,
});

function conditionProblems(params: Params): string[] {
  try {
    conditionOf(params);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
