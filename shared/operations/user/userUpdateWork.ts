/** The work of a user's update. */
import { decideBy } from "../../writing/decideBy";
import { userUpdate } from "../../writing/update/userUpdate";
import type { Written } from "../../writing/written";
import { changeItems } from "../changeItems";
import type { OperationWork } from "../operation";
import type { UpdateModule } from "./updateModule";

export function userUpdateWork({ default: update, marker, reads }: UpdateModule): OperationWork<Written> {
  return changeItems({
    decider: ({ target, job }) => {
      const options = {
        ...(marker !== undefined && { marker, markerValue: job }),
        ...(reads !== undefined && { reads }),
      };
      return decideBy(userUpdate(update, target, options), target);
    },
  });
}
