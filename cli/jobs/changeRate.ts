/** `jobs rate`: reads the rates as they were typed, and asks DynamoDB again what the table has. */
import type { Direction } from "../../shared/capacity/metering/direction";
import { followRate } from "../../shared/drivers/registry";
import { SluiceError } from "../../shared/errors";
import type { Job, JobHead, JobLimit } from "../../shared/jobs/job";
import { percentageOf } from "../../shared/jobs/limits";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { describeTable } from "../../shared/tables/facts";
import { lowRate, readLimits, writeLimits } from "../../shared/tables/limits";
import { awsSentence } from "../awsError";
import type { Operator } from "../operator";
import { readFlags } from "../requestFlags";

export interface RateFlags {
  readRate?: string;
  writeRate?: string;
}

/** A rate as it was typed: capacity units per second, or a percentage. */
export interface Wanted {
  readonly direction: Direction;
  readonly rate: number | string;
}

const directions = ["read", "write"] as const;

export interface RateChange {
  /** The job with its new limits. */
  readonly job: Job;
  /** What did not adapt to the new limits, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Everything is checked before anything is changed. The ledgers come first: they limit the job, even if its driver can't adapt.
 *
 * @throws SluiceError USAGE, NO_SUCH_LIMIT, NO_FACTS, RATE_TOO_HIGH, RATE_TOO_LOW and those of `JobControl.changeRate`
 */
export async function changeRate(operator: Operator, id: string, flags: RateFlags): Promise<RateChange> {
  const { control, dynamodb } = operator;
  const wanted = wantedRates(flags);
  let job = await control.read(id);
  control.permit(job, "rate");
  const changes: [JobLimit, JobLimit["limits"], Pick<JobLimit, "percentage">][] = [];
  for (const { direction, rate } of wanted) {
    const meant = job.limits.filter((limit) => limit.direction === direction);
    if (meant.length === 0) {
      throw new SluiceError("NO_SUCH_LIMIT", `Job ${id} has no ${direction} rate.`, { value: direction });
    }
    for (const limit of meant) {
      changes.push([limit, await limitsFor(job, limit, rate, dynamodb), percentageOf(rate)]);
    }
  }
  for (const [limit, limits, given] of changes) job = await control.changeRate(id, limit, limits, given);
  const warnings: string[] = [];
  for (const each of [job, ...(await control.othersOfGroup(job))]) warnings.push(...(await follow(operator, each)));
  return { job, warnings };
}

/** Adapts the job's driver to the new rate. @returns a sentence if that isn't possible */
async function follow({ sfn, shuffleMaximumConcurrency: mostLanes }: Operator, job: JobHead): Promise<string[]> {
  if (mostLanes === undefined) return [];
  try {
    await followRate(job, { sfn, mostLanes });
    return [];
  } catch (error) {
    const why = awsSentence(error);
    if (why === undefined) throw error;
    const kept = `execution ${job.execution} still works on as many units at once as before`;
    return [`The new rate is in force, but ${kept} (${why.replace(/\.$/, "")}).`];
  }
}

/** The rates that were typed. @throws SluiceError USAGE, with every problem on a line */
export function wantedRates(flags: RateFlags): Wanted[] {
  const read = readFlags({ ...flags }, ["readRate", "writeRate"]) as Pick<StartRequest, "readRate" | "writeRate">;
  const wanted = directions.flatMap((direction) => {
    const rate = read[`${direction}Rate`];
    return rate === undefined ? [] : [{ direction, rate }];
  });
  if (wanted.length > 0 || directions.some((direction) => `${direction}Rate` in flags)) return wanted;
  throw new SluiceError("USAGE", "Give --read-rate, --write-rate or both.", { value: flags });
}

/** The limits that a rate stands for, given what the table has now. */
async function limitsFor(
  { source }: Job,
  { direction, purpose, table }: JobLimit,
  rate: number | string,
  dynamodb: Operator["dynamodb"],
): Promise<JobLimit["limits"]> {
  const isOfSource = direction === "read" && purpose === undefined;
  const index = isOfSource && source.kind === "table" ? source.index : undefined;
  const facts = await describeTable(dynamodb, table);
  const found = direction === "read" ? readLimits(facts, rate, index) : writeLimits(facts, rate);
  if (found === undefined) {
    const message = `There is no ${describe(table, index)}, or you may not describe it: its capacity is not known.`;
    throw new SluiceError("NO_FACTS", message, { value: table });
  }
  const low = lowRate(found);
  if (low !== undefined) throw new SluiceError("RATE_TOO_LOW", `--${direction}-rate ${low}`, { value: rate });
  const { limits, most } = found;
  if (limits.table <= most) return limits;
  const message =
    `--${direction}-rate must be at most what ${describe(table, index)} has, ${most} capacity units per second, ` +
    `got ${limits.table}.`;
  throw new SluiceError("RATE_TOO_HIGH", message, { value: rate });
}

function describe(table: string, index: string | undefined): string {
  return index === undefined ? `table ${table}` : `index ${index} of table ${table}`;
}
