import { changeDeclaration } from "../changeDeclaration";
import type { Params } from "../operation";

export const undoDeclaration = changeDeclaration({
  options: {},
  source: "records",
  check: (params) => problems(params),
  puts: true,
});

function problems({ dryRun }: Params): string[] {
  return dryRun === true ? ["dryRun is not for undo: what it would change shows only when it writes."] : [];
}
