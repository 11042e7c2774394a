/** The fault rules of a scan soak; see docs/local-cloud.md for what they may say. */
import type { StruckRule } from "../faultTally";

/** What the function's name begins with. */
export const WORKER = "scanner-worker";

/** Of each kind of fault, so many of a hundred calls or deliveries. */
const SHARE = 0.02;
const DUPLICATES = 0.05;

export interface Scanned {
  table: string;
  jobsTable: string;
}

/** Any moment between these, milliseconds after the start of a run; a run that ends before is not killed. */
export type KillMs = [earliest: number, latest: number];

/**
 * Rules that strike nothing and count: each Scan of the table, each run of a worker. In force all the time, so that the
 * accounts are complete.
 */
function counters(table: string): object[] {
  return [
    {
      service: "dynamodb",
      action: "Scan",
      resource: table,
      probability: 0,
      fault: { kind: "latency", ms: { fixed: 0 } },
    },
    { service: "lambda", resource: WORKER, probability: 0, fault: { kind: "hang" } },
  ];
}

/**
 * What goes wrong all the time: throttles, lost answers, messages that come twice; and workers die.
 * @param killMs from when to when after the start of a run its worker dies, milliseconds; undefined: none is killed.
 */
export function chaos({ table, jobsTable }: Scanned, killMs: KillMs | undefined): object[] {
  const calls = [
    {
      service: "dynamodb",
      action: "Scan",
      resource: table,
      code: "ProvisionedThroughputExceededException",
      status: 400,
    },
    { service: "dynamodb", resource: jobsTable, code: "ThrottlingException", status: 400 },
    { service: "s3", code: "SlowDown", status: 503 },
    { service: "sqs", resource: "segments", code: "ThrottlingException", status: 400 },
  ];
  const faults = calls.flatMap(({ code, status, ...where }) => [
    { ...where, probability: SHARE, fault: { kind: "error", code, status } },
    { ...where, probability: SHARE, fault: { kind: "lost" } },
  ]);
  const kill = { service: "lambda", resource: WORKER, fault: { kind: "kill", ms: { uniform: killMs } } };
  return [
    ...counters(table),
    ...faults,
    { service: "eventSourceMapping", resource: "segments", probability: DUPLICATES, fault: { kind: "duplicate" } },
    ...(killMs === undefined ? [] : [kill]),
  ];
}

/** Only the counting. */
export const calm = ({ table }: Scanned): object[] => counters(table);

/** What the rules counted. */
export interface Counted {
  /** Scans of the table that read something: those that came, without those that were refused. */
  scans: number;
  /** Scans whose answer was lost. */
  lostScans: number;
  /** Runs of workers. */
  runs: number;
}

export function countedBy(rules: readonly StruckRule[]): Counted {
  const of = (name: string) => rules.find(({ rule }) => rule === name);
  const refused = of("dynamodb Scan ProvisionedThroughputExceededException")?.struck ?? 0;
  return {
    scans: (of("dynamodb Scan latency")?.matched ?? 0) - refused,
    lostScans: of("dynamodb Scan lost")?.struck ?? 0,
    runs: of("lambda hang")?.matched ?? 0,
  };
}
