/** A job's usage from the local cloud's meters. */

import { type Usage, usageFigures } from "../../shared/cost/usage";
import { s3Class } from "./billedRequests";
import type { Reading } from "./metering";

/** The person who runs the benchmark: watching a job is not part of it. */
const PERSON = "administrator";

/**
 * Everything that functions and pollers used. Receives that bring no message are left out: a queue's poller makes them
 * whether there is a job or not.
 */
export function usageOf({ invocations, requests, consumption }: Reading, jobsTable: string): Usage {
  const own = requests.filter(({ caller }) => caller !== PERSON);
  const sum = (billed: (count: (typeof own)[number]) => number) =>
    own.reduce((total, count) => total + billed(count), 0);
  const ofS3 = (wanted: string) =>
    sum(({ service, operation, billed }) => (service === "s3" && s3Class(operation) === wanted ? billed : 0));
  const units = consumption.filter(({ table, caller }) => table === jobsTable && caller !== PERSON);
  return {
    invocations: invocations.length,
    billedMs: billedMs(invocations),
    gigabyteSeconds: gigabyteSeconds(invocations),
    writeUnits: units.reduce((total, { writeUnits }) => total + writeUnits, 0),
    readUnits: units.reduce((total, { readUnits }) => total + readUnits, 0),
    queueRequests: sum(({ service, billed, empty }) => (service === "sqs" ? billed - empty : 0)),
    puts: ofS3("put"),
    gets: ofS3("get"),
    events: sum(({ service, billed }) => (service === "events" ? billed : 0)),
  };
}

/** Capacity units that functions used of a table: of itself, and written to its global secondary indexes. */
export function tableUnits({ consumption }: Reading, table: string): TableUnits {
  const own = consumption.filter((one) => one.table === table && one.caller !== PERSON);
  const sum = (units: (one: (typeof own)[number]) => number) => own.reduce((total, one) => total + units(one), 0);
  return {
    readUnits: sum(({ readUnits }) => readUnits),
    writeUnits: sum(({ index, writeUnits }) => (index === undefined ? writeUnits : 0)),
    indexWriteUnits: sum(({ index, writeUnits }) => (index === undefined ? 0 : writeUnits)),
  };
}

export interface TableUnits {
  /** Units of the table and its indexes. */
  readonly readUnits: number;
  /** Units of the table and its local secondary indexes. */
  readonly writeUnits: number;
  readonly indexWriteUnits: number;
}

/** Capacity units that functions read of the job's table. */
export function ownCapacity({ consumption }: Reading, table: string): number {
  const own = consumption.filter((one) => one.table === table && one.caller !== PERSON);
  return own.reduce((total, { readUnits }) => total + readUnits, 0);
}

type Invocation = Reading["invocations"][number];

/** Lambda's usage in `[from, to)`, milliseconds since the epoch: of invocations, only the part in that time. */
export function lambdaUsage(
  invocations: readonly Invocation[],
  from: number,
  to: number,
): Pick<Usage, "invocations" | "billedMs" | "gigabyteSeconds"> {
  return {
    invocations: invocations.filter(({ at }) => at >= from && at < to).length,
    billedMs: billedMs(invocations, from, to),
    gigabyteSeconds: gigabyteSeconds(invocations, from, to),
  };
}

function billedMs(invocations: readonly Invocation[], from = 0, to = Number.POSITIVE_INFINITY): number {
  return invocations.reduce((sum, invocation) => sum + msInside(invocation, from, to), 0);
}

function gigabyteSeconds(invocations: readonly Invocation[], from = 0, to = Number.POSITIVE_INFINITY): number {
  const one = (invocation: Invocation) =>
    (msInside(invocation, from, to) / 1_000) * (invocation.memoryMegabytes / 1_024);
  return invocations.reduce((sum, invocation) => sum + one(invocation), 0);
}

function msInside({ at, billedMs: ms }: Invocation, from: number, to: number): number {
  return Math.max(0, Math.min(to, at + ms) - Math.max(from, at));
}

/** Subtracts a usage from another that includes it. */
export function without(all: Usage, part: Usage): Usage {
  return Object.fromEntries(usageFigures.map((name) => [name, all[name] - part[name]])) as unknown as Usage;
}
