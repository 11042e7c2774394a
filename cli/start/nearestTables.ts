/** A refusal of a start that names a table which the stack doesn't have: with the nearest of those that it has. Pure. */
import type { StartRefusal } from "../../shared/jobs/startFunction";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { didYouMean } from "../../shared/nearestNames";
import type { OperatorOutput } from "../operator";

/** @param tables those of the stack. Undefined: not known, so nothing is added. */
export function withNearestTables(
  refusal: StartRefusal,
  { table, to }: Pick<StartRequest, "table" | "to">,
  tables: OperatorOutput["tables"],
): StartRefusal {
  if (tables === undefined) return refusal;
  const { read, write } = tables;
  const wrong = (name: string | undefined, known: readonly string[]) => name !== undefined && !known.includes(name);
  const nearest = (problem: string) => {
    if (/^table must (be one of|exist)/.test(problem) && wrong(table, [...read, ...write])) {
      return problem + didYouMean(table, /may be changed/.test(problem) ? write : [...read, ...write]);
    }
    if (/^to must (be one of|exist)/.test(problem) && wrong(to, write)) return problem + didYouMean(to!, write);
    return problem;
  };
  return { ...refusal, problems: refusal.problems.map(nearest) };
}
