import { changeDeclaration } from "../changeDeclaration";
import type { Params } from "../operation";
import { conditionOf } from "./condition";
import { deleteOptions } from "./params";

export const deleteDeclaration = changeDeclaration({
  options: deleteOptions,
  check: (params) => conditionProblems(params),
  needsItems: ({ onlyIf }) => onlyIf !== undefined,
});

function conditionProblems(params: Params): string[] {
  try {
    conditionOf(params);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
