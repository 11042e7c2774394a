import { expressionOptions } from "../../aws/expressions/options";
import { changeDeclaration } from "../changeDeclaration";
import type { Params } from "../operation";
import { conditionOf } from "./condition";
import { deleteOptions } from "./params";

export const deleteDeclaration = changeDeclaration({
  options: deleteOptions,
  check: (params, { source = "table" }) => [
    ...conditionProblems(params),
    ...(source === "table" ? [] : unusedProblems(params)),
  ],
  paths: (params) => conditionOf(params)?.paths ?? [],
  // A dry run reports whether each item exists, and what its deletion would consume.
  needsItems: ({ onlyIf, keepBefore, dryRun }) => onlyIf !== undefined || keepBefore === true || dryRun === true,
});

/** A table's filter uses them too; its own check reports that. */
function unusedProblems(params: Params): string[] {
  if (params.onlyIf !== undefined) return [];
  const given = Object.keys(expressionOptions).filter((option) => params[option] !== undefined);
  return given.map((option) => `${option} need onlyIf.`);
}

function conditionProblems(params: Params): string[] {
  try {
    conditionOf(params);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
