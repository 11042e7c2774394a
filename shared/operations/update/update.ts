/** Sets and removes attributes, as declared in JSON. */
import { decideBy } from "../../writing/decideBy";
import { declaredUpdate } from "../../writing/update/declared";
import { changeItems } from "../changeItems";

export const update = changeItems({
  decider: ({ params, target, job }) =>
    decideBy(declaredUpdate(params.update as object, target, (params.markerValue as string) ?? job), target),
});
