/** The operation that a user's update makes. */
import { decideBy } from "../../writing/decideBy";
import { userUpdate } from "../../writing/update/userUpdate";
import type { Written } from "../../writing/written";
import { changeItems } from "../changeItems";
import type { Operation } from "../operation";
import type { UpdateModule } from "./updateModule";

export function userUpdateOperation(module: UpdateModule): Operation<Written> {
  const { marker, reads } = module;
  return changeItems({
    options: {},
    check: () => moduleProblems(module),
    decider: ({ target, job }) => {
      const options = {
        ...(marker !== undefined && { marker, markerValue: job }),
        ...(reads !== undefined && { reads }),
      };
      return decideBy(userUpdate(module.default, target, options), target);
    },
  });
}

/** What is wrong with what a module exports beside its function. */
function moduleProblems({ marker, reads }: { readonly marker?: unknown; readonly reads?: unknown }): string[] {
  const problems: string[] = [];
  if (marker !== undefined && typeof marker !== "string")
    problems.push("The update's module must export marker as text.");
  if (reads !== undefined && !(Array.isArray(reads) && reads.every((name) => typeof name === "string"))) {
    problems.push("The update's module must export reads as a list of names.");
  }
  return problems;
}
