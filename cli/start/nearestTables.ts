/** A refusal of a start that names a table which the stack doesn't have: with the nearest of those that it has. Pure. */
import type { StartRefusal } from "../../shared/jobs/startFunction";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { didYouMean } from "../../shared/nearestNames";
import type { OperatorOutput } from "../operator";

/** @param tables those of the stack. Undefined: not known, so nothing is added. */
export function withNearestTables(
  refusal: StartRefusal,
  request: Pick<StartRequest, "table" | "to">,
  tables: OperatorOutput["tables"],
): StartRefusal {
  if (tables === undefined) return refusal;
  const known = { readable: [...tables.read, ...tables.write], changeable: tables.write };
  const nearest = (problem: string) => {
    const refused = refusal.tables?.find((table) => table.problem === problem);
    const name = refused && request[refused.option];
    if (name === undefined) return problem;
    // One that the stack may read is no slip of the pen.
    const isKnown = known[refused!.option === "to" ? "changeable" : "readable"].includes(name);
    return isKnown ? problem : problem + didYouMean(name, known[refused!.among]);
  };
  return { ...refusal, problems: refusal.problems.map(nearest) };
}
