import { type DeclaredUpdate, pathsOf } from "../../writing/update/declared";
import { updateProblems } from "../../writing/update/problems";
import { changeDeclaration } from "../changeDeclaration";
import { updateOptions } from "./params";

export const updateDeclaration = changeDeclaration({
  options: updateOptions,
  check: (params, { target }) =>
    params.update === undefined
      ? ["update must be given."]
      : updateProblems(params.update, target).map((problem) => `update: ${problem}`),
  paths: ({ update }) => pathsOf(update as DeclaredUpdate),
});
