/** The fault rules of a backfill soak; see docs/local-cloud.md for their form. */
import { deliveryFaults, type SoakDriver } from "../driver";
import { COPY, TABLE } from "./jobs";

/** Beginning of the name of a driver's worker function. */
const WORKERS: Readonly<Record<SoakDriver, string>> = { queue: "backfill-worker", workflow: "shuffle-process-writing" };

/** Share of calls or deliveries for each kind of fault. */
const SHARE = 0.02;
/** Share of the writes. Each throttle takes a fifth of the rate away for twenty seconds. */
const THROTTLED = 0.002;
const DUPLICATES = 0.05;
const DEADLY_PUTS = 0.3;
/**
 * How long a request of writes takes, milliseconds. It is so long that the rate needs several workers, and that a kill or a
 * pause finds writes under way.
 */
const SLOW_WRITE_MS = [50, 500] as const;
/** A few take longer than the SDK waits: they take effect after their sender has given them up. */
const STUCK_MS = [5_500, 8_000] as const;

/** Shares of calls for the faults that a small soak must have more of, because it has few calls. */
export interface Strikes {
  /** Of the calls at which a worker may die; puts of failures are few. */
  readonly deadly: number;
  /** Of the requests of writes that get stuck. */
  readonly stuck: number;
}
export const STRIKES: Readonly<Record<"small" | "large", Strikes>> = {
  small: { deadly: 0.05, stuck: 0.006 },
  large: { deadly: 0.02, stuck: 0.003 },
};

/** The calls to SQS whose answers are lost. That of the poller's receive would hide the message for six time-outs. */
const LOST_OF_SQS = ["SendMessageBatch", "ChangeMessageVisibility", "DeleteMessageBatch"];

const calls = [
  {
    service: "dynamodb",
    resource: TABLE,
    code: "ProvisionedThroughputExceededException",
    status: 400,
    probability: THROTTLED,
  },
  { service: "dynamodb", resource: "jobs", code: "ThrottlingException", status: 400 },
  { service: "s3", code: "SlowDown", status: 503 },
];

/** Calls of workers that they may die at, before or after the call takes effect. */
const deadlyCalls = (probability: number) => [
  { service: "dynamodb", action: "BatchExecuteStatement", resource: TABLE, probability },
  { service: "dynamodb", action: "PutItem", resource: COPY, probability: probability / 10 },
  { service: "dynamodb", action: "Scan", resource: TABLE, probability },
  { service: "dynamodb", action: "UpdateItem", resource: "jobs", probability: probability / 2 },
  { service: "s3", action: "PutObject", resource: "failures", probability: DEADLY_PUTS },
];

export function workerOf(driver: SoakDriver): string {
  return WORKERS[driver];
}

/**
 * The faults: slow calls, throttles, lost answers, messages or tasks that come twice; and workers die.
 * @param killing whether workers die.
 */
export function chaos(driver: SoakDriver, { deadly, stuck }: Strikes, killing: boolean): object[] {
  const faults = calls.flatMap(({ code, status, probability = SHARE, ...where }) => [
    { ...where, probability, fault: { kind: "error", code, status } },
    { ...where, probability: SHARE, fault: { kind: "lost" } },
  ]);
  const delivery = { queue: "backfill-units", share: SHARE, duplicates: DUPLICATES, lostOfSqs: LOST_OF_SQS };
  const slow = { service: "dynamodb", action: "BatchExecuteStatement", resource: TABLE };
  const kills = deadlyCalls(deadly).flatMap((where) =>
    (["before", "after"] as const).map((when) => ({ ...where, fault: { kind: "killCaller", when } })),
  );
  return [
    { ...slow, fault: { kind: "latency", ms: { uniform: SLOW_WRITE_MS } } },
    { ...slow, probability: stuck, fault: { kind: "latency", ms: { uniform: STUCK_MS } } },
    ...faults,
    ...deliveryFaults({ ...delivery, driver, killing }),
    ...(killing ? kills : []),
  ];
}
