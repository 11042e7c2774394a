/** The facts about a driver that a soak needs: the functions that do the work, and the faults on the way to them. */

export const soakDrivers = ["queue", "workflow"] as const;
export type SoakDriver = (typeof soakDrivers)[number];

/** Those of a scan soak. A backfill soak counts the writes of killed functions by their log lines, which a task does not have. */
export const scanSoakDrivers = [...soakDrivers, "spark"] as const;
export type ScanSoakDriver = (typeof scanSoakDrivers)[number];

/** Functions of the workflow driver: what their names begin with, all of them and those beside the workers. */
const WORKFLOW = "shuffle-";
const BESIDE = ["shuffle-generate", "shuffle-summarize"] as const;
/** An execution has few tasks, and a job few executions, so more of them are struck than of other calls. */
const OF_TASKS = 0.05;
const OF_STARTS = 0.2;
/** A function beside the workers dies in this share of its runs, at a moment between these, milliseconds. */
const BESIDE_KILLED = 0.3;
const BESIDE_KILL_MS = [0, 300] as const;

export interface DeliveryOptions {
  readonly driver: ScanSoakDriver;
  /** Part of the queue's name. */
  readonly queue: string;
  /** Share of the calls to SQS that are refused, and of those whose answers are lost. */
  readonly share: number;
  /** Share of the deliveries that are made twice. */
  readonly duplicates: number;
  /** Calls to SQS whose answers are lost; undefined: all, the poller's too. */
  readonly lostOfSqs: readonly string[] | undefined;
  /** Whether functions beside the workers die. */
  readonly killing: boolean;
}

/** Fault rules for the way from a driver to its workers: it throttles, answers are lost, messages and tasks come twice. */
export function deliveryFaults({ driver, ...options }: DeliveryOptions): object[] {
  if (driver === "spark") return sparkFaults();
  return driver === "queue" ? queueFaults(options) : workflowFaults(options);
}

function sparkFaults(): object[] {
  const starts = { service: "glue", action: "StartJobRun", probability: OF_STARTS };
  return [
    { ...starts, fault: { kind: "error", code: "ThrottlingException", status: 400 } },
    { ...starts, fault: { kind: "lost" } },
    { service: "events", resource: "Glue Job State Change", probability: OF_STARTS, fault: { kind: "drop" } },
  ];
}

function queueFaults({ queue, share, duplicates, lostOfSqs }: Omit<DeliveryOptions, "driver">): object[] {
  const sqs = { service: "sqs", resource: queue, probability: share };
  const lost = lostOfSqs === undefined ? [{}] : lostOfSqs.map((action) => ({ action }));
  return [
    { ...sqs, fault: { kind: "error", code: "ThrottlingException", status: 400 } },
    ...lost.map((of) => ({ ...sqs, ...of, fault: { kind: "lost" } })),
    { service: "eventSourceMapping", resource: queue, probability: duplicates, fault: { kind: "duplicate" } },
  ];
}

function workflowFaults({ duplicates, killing }: Omit<DeliveryOptions, "driver">): object[] {
  const tasks = { service: "lambda", action: "Invoke", resource: WORKFLOW, probability: OF_TASKS };
  const starts = { service: "states", action: "StartExecution", probability: OF_STARTS };
  const kill = { kind: "kill", ms: { uniform: BESIDE_KILL_MS } };
  return [
    { ...tasks, fault: { kind: "error", code: "TooManyRequestsException", status: 429 } },
    { ...tasks, fault: { kind: "lost" } },
    { ...starts, fault: { kind: "error", code: "ThrottlingException", status: 400 } },
    { ...starts, fault: { kind: "lost" } },
    { service: "states", resource: WORKFLOW, probability: duplicates, fault: { kind: "duplicate" } },
    ...(killing
      ? BESIDE.map((resource) => ({ service: "lambda", resource, probability: BESIDE_KILLED, fault: kill }))
      : []),
  ];
}
