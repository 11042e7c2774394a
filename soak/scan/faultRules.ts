/** The fault rules of a scan soak; see docs/local-cloud.md for what they may say. */
import type { StruckRule } from "../faultTally";

/** What the function's name begins with. */
export const WORKER = "scanner-worker";

/** Of each kind of fault, so many of a hundred calls or deliveries. */
const SHARE = 0.02;
const DUPLICATES = 0.05;
/**
 * Duration of a Scan, milliseconds. It is so long that the rate needs many workers, because one alone could rarely be killed.
 */
const SLOW_SCAN_MS = 1_500;

export interface Scanned {
  table: string;
  jobsTable: string;
}

/** What is struck, and when. */
export interface Strikes {
  /** A worker dies at any moment between these, milliseconds after the start of its run; one that ends before is spared. */
  readonly killMs: readonly [earliest: number, latest: number];
  /** The calls to SQS whose answers are lost; undefined: all, the poller's too. */
  readonly lostOfSqs: readonly string[] | undefined;
}

/**
 * Rules that count each Scan of the table and each run of a worker. In force all the time, so that the accounts are complete.
 * Otherwise they change nothing, except that `slow` makes the Scans take long.
 */
function counters(table: string, slow: boolean): object[] {
  return [
    {
      service: "dynamodb",
      action: "Scan",
      resource: table,
      probability: slow ? 1 : 0,
      fault: { kind: "latency", ms: { uniform: [SLOW_SCAN_MS / 2, SLOW_SCAN_MS] } },
    },
    { service: "lambda", resource: WORKER, probability: 0, fault: { kind: "hang" } },
  ];
}

/** What goes wrong all the time: throttles, lost answers, messages that come twice; and, where `killing`, workers die. */
export function chaos({ table, jobsTable }: Scanned, { killMs, lostOfSqs }: Strikes, killing: boolean): object[] {
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
    { service: "sqs", resource: "scanner-units", code: "ThrottlingException", status: 400 },
  ];
  const faults = calls.flatMap(({ code, status, ...where }) => {
    const lost = where.service === "sqs" && lostOfSqs !== undefined ? lostOfSqs.map((action) => ({ action })) : [{}];
    return [
      { ...where, probability: SHARE, fault: { kind: "error", code, status } },
      ...lost.map((of) => ({ ...where, ...of, probability: SHARE, fault: { kind: "lost" } })),
    ];
  });
  const kill = { service: "lambda", resource: WORKER, fault: { kind: "kill", ms: { uniform: killMs } } };
  return [
    ...counters(table, true),
    ...faults,
    { service: "eventSourceMapping", resource: "scanner-units", probability: DUPLICATES, fault: { kind: "duplicate" } },
    ...(killing ? [kill] : []),
  ];
}

/** Only the counting. */
export const calm = ({ table }: Scanned): object[] => counters(table, false);

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
