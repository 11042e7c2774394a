/** `jobs list`: a page of jobs. */
import { InvalidArgumentError } from "commander";
import { isJobId } from "../../shared/jobs/startRequest";
import { jobPage } from "../../shared/jobs/storage/reading";
import { didYouMean } from "../../shared/nearestNames";
import type { Session } from "../session";
import { toJson } from "../text/json";
import { headDocument } from "./documents";
import { checkOperation, type JobFilter, wantedBy, withShares } from "./listJobs";
import { renderList } from "./renderList";

export interface ListFlags extends JobFilter {
  readonly limit: number;
  /** Where the page before ended. Default: the newest job. */
  readonly from?: string;
}

/** Parses a place in the list, which is a time and a job's id. */
export function placeInList(text: string): string {
  const [time = "", id] = text.split(/#(.*)/s);
  const at = new Date(time);
  if (isJobId(id) && !Number.isNaN(at.getTime()) && at.toISOString() === time) return text;
  throw new InvalidArgumentError("must be a place that `jobs list` has printed");
}

/** @returns the exit code */
export async function listCommand(session: Session, _args: string[], flags: ListFlags): Promise<number> {
  const operator = await session.operator();
  const { clock } = session.io;
  const { limit, from, state, table, operation } = flags;
  const filter = { state, table, operation };
  checkOperation(operator, operation, "--operation");
  const page = await jobPage(operator.dynamodb, operator.jobsTable, { limit, from, wanted: wantedBy(filter) });
  const { next } = page;
  const jobs = await withShares(operator, page.jobs, clock);
  const more = next === undefined ? "" : `\nOlder jobs: ${session.hint(`jobs list ${againFrom(next, flags)}`)}`;
  const isFirst = from === undefined && Object.values(filter).every((wanted) => wanted === undefined);
  const { read = [], write = [] } = operator.tables ?? {};
  const near = offer(table, [...read, ...write]);
  const none = isFirst ? "No job has been started yet." : `No job matches.${near}`;
  const text = jobs.length === 0 ? none : renderList(jobs, clock.now(), session.width);
  const documents = jobs.map(({ share, ...head }) => ({ ...headDocument(head), share }));
  session.print(toJson({ jobs: documents, ...(next !== undefined && { next }) }, 2), text + more);
  return 0;
}

/** Names that a filter may have meant if it finds nothing. */
function offer(wanted: string | undefined, known: readonly string[]): string {
  return wanted === undefined || known.includes(wanted) ? "" : didYouMean(wanted, known);
}

/** The flags for the next page. */
function againFrom(next: string, { limit, state, table, operation }: ListFlags): string {
  const filter = Object.entries({ state, table, operation }).filter(([, wanted]) => wanted !== undefined);
  return [...filter.map(([name, wanted]) => `--${name} ${wanted}`), `--limit ${limit}`, `--from "${next}"`].join(" ");
}
