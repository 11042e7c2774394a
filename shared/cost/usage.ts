/** A job's usage, without the capacity of the table it works on. Workers count it, and their chain records have the sums. */

export interface Usage {
  /** Invocations of functions. */
  readonly invocations: number;
  /** Time Lambda bills, milliseconds, and the same times the function's memory, gigabyte-seconds. */
  readonly billedMs: number;
  readonly gigabyteSeconds: number;
  /** Capacity units of the jobs table. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Requests to SQS, those of Lambda's poller included. */
  readonly queueRequests: number;
  /** Requests to S3, by what they cost: PUT, COPY, POST and LIST; GET and all others. Deleting is free. */
  readonly puts: number;
  readonly gets: number;
  /** Events put on EventBridge. */
  readonly events: number;
}

export const noUsage: Usage = {
  invocations: 0,
  billedMs: 0,
  gigabyteSeconds: 0,
  writeUnits: 0,
  readUnits: 0,
  queueRequests: 0,
  puts: 0,
  gets: 0,
  events: 0,
};

/** Names of all figures. */
export const usageFigures = Object.keys(noUsage) as (keyof Usage)[];

/** The sum of usages; a figure that one does not have counts as 0. */
export function addUsage(...all: readonly Partial<Usage>[]): Usage {
  const sum = { ...noUsage } as Record<keyof Usage, number>;
  for (const each of all) for (const name of usageFigures) sum[name] += each[name] ?? 0;
  return sum;
}

/** A usage, multiplied. */
export function times(count: number, usage: Partial<Usage>): Partial<Usage> {
  return Object.fromEntries(Object.entries(usage).map(([name, amount]) => [name, count * amount]));
}
