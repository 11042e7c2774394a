/** Sets and removes attributes, as declared in JSON. */
import { decideBy } from "../../writing/decideBy";
import { declaredUpdate } from "../../writing/update/declared";
import { updateProblems } from "../../writing/update/problems";
import { changeItems } from "../changeItems";
import { updateOptions } from "./params";

export const update = changeItems({
  options: updateOptions,
  check: (params, { target }) =>
    params.update === undefined ? ["update must be given."] : updateProblems(params.update, target),
  decider: ({ params, target, job }) =>
    decideBy(declaredUpdate(params.update as object, target, (params.markerValue as string) ?? job), target),
});
