import { changeDeclaration } from "../changeDeclaration";
import type { Params } from "../operation";
import { conditionOf } from "./condition";
import { deleteOptions } from "./params";

export const deleteDeclaration = changeDeclaration({
  options: deleteOptions,
  check: (params, { partly = false }) => [
    ...conditionProblems(params),
    ...(params.keepBefore === true && partly
      ? ["keepBefore needs whole items: delete without index and projection."]
      : []),
  ],
  needsItems: ({ onlyIf, keepBefore }) => onlyIf !== undefined || keepBefore === true,
});

function conditionProblems(params: Params): string[] {
  try {
    conditionOf(params);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
