/** `jobs rate`: reads the rates as they were typed, and asks DynamoDB again what the table has. */
import type { Direction } from "../../shared/capacity/metering/direction";
import { SluiceError } from "../../shared/errors";
import type { Job, JobLimit } from "../../shared/jobs/job";
import { limitOf } from "../../shared/jobs/limits";
import { readRate } from "../../shared/jobs/startRequest";
import { Unreadable } from "../../shared/requestOption";
import { sourceKind } from "../../shared/sources/registry";
import type { Operator } from "../operator";

export interface RateFlags {
  readRate?: string;
  writeRate?: string;
}

const directions = ["read", "write"] as const;

/** @throws SluiceError USAGE, NO_SUCH_LIMIT, RATE_TOO_HIGH, INVALID_RATE and those of `JobControl.changeRate` */
export async function changeRate({ control, dynamodb }: Operator, id: string, flags: RateFlags): Promise<Job> {
  const wanted = directions.flatMap((direction) => {
    const given = flags[`${direction}Rate`];
    return given === undefined ? [] : [{ direction, rate: rateOf(direction, given) }];
  });
  if (wanted.length === 0) throw new SluiceError("USAGE", "Give --read-rate, --write-rate or both.", { value: flags });
  let job = await control.read(id);
  control.permit(job, "rate");
  for (const { direction, rate } of wanted) {
    const limit = limitOf(job, direction);
    if (limit === undefined) {
      throw new SluiceError("NO_SUCH_LIMIT", `Job ${id} has no ${direction} rate.`, { value: direction });
    }
    job = await control.changeRate(id, limit, await limitsFor(job, limit, rate, dynamodb));
  }
  return job;
}

function rateOf(direction: Direction, given: string): number | string {
  const rate = readRate(given);
  if (!(rate instanceof Unreadable)) return rate;
  throw new SluiceError("USAGE", `--${direction}-rate must be ${rate.rule}, got ${given}.`, { value: given });
}

/** The limits that a rate stands for, by what the table has now. */
async function limitsFor(
  { source }: Job,
  { direction, table }: JobLimit,
  rate: number | string,
  dynamodb: Operator["dynamodb"],
): Promise<JobLimit["limits"]> {
  const kind = sourceKind(source);
  const facts = await kind.facts(table, dynamodb);
  const limits = kind.limits({ ...source }, facts, rate);
  if (limits === undefined) {
    const message = `What ${describe(source)} has cannot be read: it is missing, or you may not describe it.`;
    throw new SluiceError("NO_FACTS", message, { value: table });
  }
  if (!(limits.table > 0)) {
    throw new SluiceError("INVALID_RATE", `--${direction}-rate must be above 0, got ${rate}.`, { value: rate });
  }
  const most = kind.mostPerSecond({ ...source }, facts)!;
  if (limits.table <= most) return limits;
  const message = `--${direction}-rate must be at most what ${describe(source)} has, ${most} capacity units per second, got ${limits.table}.`;
  throw new SluiceError("RATE_TOO_HIGH", message, { value: rate });
}

function describe({ table, index }: Job["source"]): string {
  return index === undefined ? `table ${table}` : `index ${index} of table ${table}`;
}
