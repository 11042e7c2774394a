/** The declaration of a user's update. */
import { changeDeclaration } from "../changeDeclaration";
import type { OperationDeclaration } from "../operation";
import type { UpdateModule } from "./updateModule";

export function userUpdateDeclaration(module: UpdateModule): OperationDeclaration {
  return changeDeclaration({ options: {}, check: () => moduleProblems(module) });
}

/** The problems of a module's other exports, beside its function. */
function moduleProblems({ marker, reads }: { readonly marker?: unknown; readonly reads?: unknown }): string[] {
  const problems: string[] = [];
  if (marker !== undefined && typeof marker !== "string")
    problems.push("The update's module must export marker as text.");
  if (reads !== undefined && !(Array.isArray(reads) && reads.every((name) => typeof name === "string"))) {
    problems.push("The update's module must export reads as a list of names.");
  }
  return problems;
}
