/** Sets and removes attributes, as declared in JSON. */

import type { Decide } from "../../writing/conditionalWrite";
import { decideBy } from "../../writing/decideBy";
import { declaredUpdate } from "../../writing/update/declared";
import { changeItems, type Ground } from "../changeItems";

export const update = changeItems({ decider: updateDecider });

export function updateDecider({ params, target, job }: Pick<Ground, "params" | "target" | "job">): Decide {
  return decideBy(declaredUpdate(params.update as object, target, (params.markerValue as string) ?? job), target);
}
