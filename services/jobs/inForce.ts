/** What a job was started with, against what a later request for its id asks. Pure. */
import { isDeepStrictEqual } from "node:util";
import { driverOf, type Job } from "../../shared/jobs/job";
import { fromAttributes, toAttributes } from "../../shared/jobs/storage/jobsTable";

type Options = Readonly<Record<string, unknown>>;

/** Characters of a value that are shown. */
const SHOWN = 100;

/** What the job does instead of what is asked, such as `operation count, not export`. Empty: it is the same work. */
export function otherWork(found: Job, asked: Job): string[] {
  return differences(workOf(found), workOf(asked));
}

/** Where the same work goes on otherwise than is asked, such as `readRate 100, not 200`. */
export function otherTerms(found: Job, asked: Job): string[] {
  return differences(termsOf(found), termsOf(asked));
}

function workOf({ operation, source }: Job): Options {
  // As it lies in the table, where the keys of maps have another order.
  const { params, ...rest } = fromAttributes<Options>(toAttributes({ ...source, params: operation.params }));
  return { operation: operation.name, ...rest, ...(params as Options) };
}

function termsOf(job: Job): Options {
  const rates = job.limits.map(({ direction, limits }) => [`${direction}Rate`, limits.table]);
  return { ...Object.fromEntries(rates), driver: driverOf(job), limitGroup: job.limitGroup };
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
