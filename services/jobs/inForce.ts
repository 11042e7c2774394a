/** Compares what a job was started with to a later request for the same id. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { Direction } from "../../shared/capacity/metering/direction";
import { driverOf, type Job } from "../../shared/jobs/job";
import { limitIn } from "../../shared/jobs/limits";
import { fromAttributes, toAttributes } from "../../shared/jobs/storage/jobsTable";

type Options = Readonly<Record<string, unknown>>;

/** Characters of a value that are shown. */
const SHOWN = 100;

/** Where the job's work differs from the request's, such as `operation count, not export`. Empty: it is the same work. */
export function otherWork(found: Job, asked: Job): string[] {
  return differences(workOf(found), workOf(asked));
}

/** Where the same work runs under other terms than requested, such as `readRate 100, not 200`. */
export function otherTerms(found: Job, asked: Job): string[] {
  return differences(termsOf(found), termsOf(asked));
}

function workOf({ operation, source }: Job): Options {
  // In the table's form, where the keys of maps have another order.
  const { params, ...rest } = fromAttributes<Options>(toAttributes({ ...source, params: operation.params }));
  return { operation: operation.name, ...rest, ...(params as Options) };
}

function termsOf(job: Job): Options {
  const rate = (direction: Direction) => limitIn(job, direction)?.limits.table;
  return { readRate: rate("read"), writeRate: rate("write"), driver: driverOf(job), limitGroup: job.limitGroup };
}

function differences(found: Options, asked: Options): string[] {
  const names = Object.keys({ ...found, ...asked }).filter((name) => !isDeepStrictEqual(found[name], asked[name]));
  return names.map((name) => `${name} ${shown(found[name])}, not ${shown(asked[name])}`);
}

function shown(value: unknown): string {
  if (value === undefined) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
