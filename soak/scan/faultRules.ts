/** The fault rules of a scan soak; see docs/local-cloud.md for their form. */
import { deliveryFaults, type ScanSoakDriver } from "../driver";
import type { StruckRule } from "../faultTally";

/** Beginning of the name of a driver's worker function. Under the spark driver it only ends jobs. */
const WORKERS: Readonly<Record<ScanSoakDriver, string>> = {
  queue: "scanner-worker",
  workflow: "shuffle-process-reading",
  spark: "scanner-worker",
};
/** Share of the Scans by tasks that kill their executor, while executors are to be killed. */
const EXECUTOR_KILLED = 0.2;

/** Share of calls or deliveries for each kind of fault. */
const SHARE = 0.02;
const DUPLICATES = 0.05;
/**
 * Duration of a Scan, milliseconds. It is so long that the rate needs many workers, because one alone could rarely be killed.
 */
const SLOW_SCAN_MS = 1_500;

export interface Scanned {
  driver: ScanSoakDriver;
  table: string;
  jobsTable: string;
}

export function workerOf(driver: ScanSoakDriver): string {
  return WORKERS[driver];
}

/** The targets of faults, and their times. */
export interface Strikes {
  /**
   * A worker dies at any moment between these, milliseconds after the start of its run; a run that ends before is spared.
   */
  readonly killMs: readonly [earliest: number, latest: number];
  /** The calls to SQS whose answers are lost; undefined: all, the poller's too. */
  readonly lostOfSqs: readonly string[] | undefined;
}

/**
 * Rules that count each Scan of the table and each run of a worker. In force all the time, so that the accounts are complete.
 * Otherwise they change nothing, except that `slow` makes the Scans take long.
 */
function counters({ table, driver }: Scanned, slow: boolean): object[] {
  return [
    {
      service: "dynamodb",
      action: "Scan",
      resource: table,
      probability: slow ? 1 : 0,
      fault: { kind: "latency", ms: { uniform: [SLOW_SCAN_MS / 2, SLOW_SCAN_MS] } },
    },
    { service: "lambda", resource: workerOf(driver), probability: 0, fault: { kind: "hang" } },
  ];
}

/**
 * The faults during the whole run: throttles, lost answers, messages or tasks that come twice; and, if `killing`, workers die.
 */
export function chaos(scanned: Scanned, { killMs, lostOfSqs }: Strikes, killing: boolean): object[] {
  const { driver, table, jobsTable } = scanned;
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
  ];
  const faults = calls.flatMap(({ code, status, ...where }) => [
    { ...where, probability: SHARE, fault: { kind: "error", code, status } },
    { ...where, probability: SHARE, fault: { kind: "lost" } },
  ]);
  const delivery = { queue: "scanner-units", share: SHARE, duplicates: DUPLICATES, lostOfSqs };
  const kill =
    driver === "spark"
      ? { service: "dynamodb", action: "Scan", resource: table, probability: EXECUTOR_KILLED, fault: KILL_EXECUTOR }
      : { service: "lambda", resource: workerOf(driver), fault: { kind: "kill", ms: { uniform: killMs } } };
  return [
    ...counters(scanned, true),
    ...faults,
    ...deliveryFaults({ ...delivery, driver, killing }),
    ...(killing ? [kill] : []),
  ];
}

const KILL_EXECUTOR = { kind: "killCaller", when: "after" } as const;

/** Only the counting. */
export const calm = (scanned: Scanned): object[] => counters(scanned, false);

/** The counts of the rules. */
export interface Counted {
  /** Scans of the table that read something: all requests, without refused ones. */
  scans: number;
  /** Scans whose answer was lost. */
  lostScans: number;
  /** Runs of workers. */
  runs: number;
  /** Executors that were killed. */
  executors: number;
}

export function countedBy(rules: readonly StruckRule[]): Counted {
  const of = (name: string) => rules.find(({ rule }) => rule === name);
  const refused = of("dynamodb Scan ProvisionedThroughputExceededException")?.struck ?? 0;
  return {
    scans: (of("dynamodb Scan latency")?.matched ?? 0) - refused,
    lostScans: of("dynamodb Scan lost")?.struck ?? 0,
    runs: of("lambda hang")?.matched ?? 0,
    executors: of("dynamodb Scan killCaller")?.struck ?? 0,
  };
}
