import { SluiceError } from "../errors";
import type { Unit } from "../jobs/unit";
import type { UnitResult } from "../operations/operation";

/**
 * The results of a job's units, from which the operation computes the job's result.
 * @param all the number of units.
 * @throws SluiceError RECORDS_MISSING after the last one if some have expired: a result without them would look complete.
 */
export async function* unitResults(units: AsyncIterable<Unit>, all: number): AsyncGenerator<UnitResult> {
  let found = 0;
  for await (const { number, result, updatedAt } of units) {
    found += 1;
    yield { unit: number, result, endedAt: updatedAt };
  }
  if (found === all) return;
  const message = `Only ${found} of the job's ${all} units are left; the records of the others have expired.`;
  throw new SluiceError("RECORDS_MISSING", message, { value: found });
}
