/** The result of a unit, or of a job, that changes items. Its size does not depend on the table's. */
import { addConsumption, type Consumption, nothing } from "../capacity/metering/consumption";
import { addOutcomes, noOutcomes, type Outcomes } from "./outcomes";

export interface Written {
  readonly outcomes: Outcomes;
  /** Write capacity units consumed; for a dry run, those that the writes would consume. */
  readonly consumed: Consumption;
  /** Items on the list of failures, by code: all that failed, and all conflicts. */
  readonly failures: Readonly<Record<string, number>>;
  /** Objects of the list of failures, numbered from 0. */
  readonly failureObjects: number;
  /** Objects with former values, numbered from 0. */
  readonly beforeObjects: number;
  /** Read capacity units with which a dry run has looked into the table that it would change. Absent: none. */
  readonly lookupRcu?: number;
  /** For a dry run: the changes of some items. */
  readonly examples?: readonly Example[];
}

/** Items as DynamoDB JSON. Values that are too long are cut. */
export interface Example {
  readonly before: object;
  /** Undefined: the item would be deleted. */
  readonly after?: object;
}

export const nothingWritten: Written = {
  outcomes: noOutcomes,
  consumed: nothing,
  failures: {},
  failureObjects: 0,
  beforeObjects: 0,
};

/** Examples of a job, and of each of its units. */
export const MOST_EXAMPLES = 20;

/** The sum of the results of two units. Their objects are counted, not numbered. */
export function addWritten(a: Written, b: Written): Written {
  const lookupRcu = (a.lookupRcu ?? 0) + (b.lookupRcu ?? 0);
  const examples = [...(a.examples ?? []), ...(b.examples ?? [])].slice(0, MOST_EXAMPLES);
  return {
    outcomes: addOutcomes(a.outcomes, b.outcomes),
    consumed: addConsumption(a.consumed, b.consumed),
    failures: addCounts(a.failures, b.failures),
    failureObjects: a.failureObjects + b.failureObjects,
    beforeObjects: a.beforeObjects + b.beforeObjects,
    ...(lookupRcu > 0 && { lookupRcu }),
    ...(examples.length > 0 && { examples }),
  };
}

/** A unit's result, if its operation changes items; undefined if the unit had no page yet. */
export function writtenIn(result: unknown): Written | undefined {
  const { outcomes, consumed } = (result ?? {}) as Partial<Written>;
  return outcomes === undefined || consumed === undefined ? undefined : { ...nothingWritten, ...(result as Written) };
}

/** Counts by name, added up. */
export function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const name in b) sum[name] = (sum[name] ?? 0) + b[name]!;
  return sum;
}
