import { changeDeclaration } from "../changeDeclaration";
import type { Params } from "../operation";

export const undoDeclaration = changeDeclaration({
  options: {},
  source: "records",
  check: (params) => problems(params),
  puts: true,
});

function problems({ dryRun }: Params): string[] {
  return dryRun === true ? ["dryRun is not for undo: only its writes show what it changes."] : [];
}
