import { type DeclaredUpdate, pathsOf } from "../../writing/update/declared";
import { updateProblems } from "../../writing/update/problems";
import { changeDeclaration } from "../changeDeclaration";
import type { CheckedAgainst, Params } from "../operation";
import { copyOptions } from "./params";

export const copyDeclaration = changeDeclaration({
  options: copyOptions,
  changes: ({ to }, table) => (to as string | undefined) ?? table,
  check: (params, against) => [
    ...targetProblems(params, against),
    ...transformProblems(params),
    ...(params.keepBefore === true && params.ifAbsent !== true
      ? ["keepBefore needs ifAbsent: a copy that overwrites items does not read them first."]
      : []),
  ],
  paths: ({ transform }) => (transform === undefined ? [] : pathsOf(transform as DeclaredUpdate)),
  puts: true,
  // A copy that overwrites items doesn't depend on them.
  lookups: ({ ifAbsent }) => ifAbsent === true,
});

function targetProblems({ to }: Params, { source = "table", name }: CheckedAgainst): string[] {
  if (source === "export") return [];
  if (to === undefined) return ["to must be given: the table that the copy goes to."];
  return to === name
    ? ["to must be another table: a copy of a table into itself can only overwrite newer changes."]
    : [];
}

function transformProblems({ transform }: Params): string[] {
  if (transform === undefined) return [];
  return updateProblems(transform, undefined).map((problem) => `transform: ${problem}`);
}
