/** What the commands print about a change of a job. */
import type { StartAnswer, StartRefusal } from "../../shared/jobs/startFunction";
import { RequestProblems } from "../errors";
import { underFlag } from "../requestFlags";
import { counted, decimal } from "../text/format";

export function renderAnswer({ job, state, units, limits, startedBefore }: StartAnswer): string {
  if (startedBefore) return `Job ${job} was started before and is ${state}; nothing new was started.`;
  return `Job ${job} is ${state}: ${counted(units, "unit")} at ${limits.map(describeLimit).join(" and ")}.`;
}

/** `200 RCU/s`, `50 WCU/s`, `200 RCU/s for lookups in table copy`. */
function describeLimit({ direction, purpose, table, limits }: StartAnswer["limits"][number]): string {
  const why = purpose === undefined ? "" : ` for lookups in table ${table}`;
  return `${decimal(limits.table)} ${direction === "read" ? "RCU" : "WCU"}/s${why}`;
}

/**
 * A refusal of the start function. It names fields of the request, and the command line names their flags.
 * @param what did not happen, such as `Not started`
 */
export function refused(what: string, { code, problems }: StartRefusal): RequestProblems {
  return new RequestProblems(problems.map(underFlag), { code, what });
}

/** What remains of a cancelled job, as a line that follows the answer. `command`: the one that deletes it. */
export function renderRemains(job: string, command: string): string {
  return `\nIts records and its objects in the results bucket stay until job ${job} is deleted: ${command}`;
}
