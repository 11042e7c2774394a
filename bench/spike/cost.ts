import { writeCapacityUnits } from "../../shared/capacity/metering/capacityUnits";
import { dollars, GIGABYTE, type IntakeUsage, intakeBill, PLATFORM_LOG_BYTES } from "../ingest/bill";
import type { Drain } from "./drain";
import type { StackSettings } from "./stackSettings";
import { type Assumptions, batchSeconds, MARKER_BYTES } from "./stages";

/** Dollars, by service. */
export interface Cost {
  sqs: number;
  lambda: number;
  s3: number;
  dynamodb: number;
  logs: number;
  /** Sum of the above: what the flood itself costs. */
  total: number;
  /** The monthly cost of keeping the raw bodies from then on. */
  keptAMonth: number;
}

/** SQS returns and deletes at most this many messages in a request. */
const MESSAGES_A_REQUEST = 10;
/** Bytes that an invocation logs: its metrics line (0.3 kB, measured in the soak's log) and Lambda's own lines. */
const LOG_BYTES = 300 + PLATFORM_LOG_BYTES;
/** With provisioned billing each has the same capacity: two tables and the index by participant. */
const TABLES_AND_INDEX = 3;

/**
 * The cost of a flood in requests. Every phone makes a request of its own; messages that waited are processed in full
 * batches, the others one by one.
 */
export function costOf(submissions: number, settings: StackSettings, assumed: Assumptions, drained: Drain): Cost {
  const { tables, index, reads, total, ...bill } = intakeBill(usageOf(submissions, settings, assumed, drained));
  const onDemand = tables + index + reads;
  const dynamodb = settings.billing === "provisioned" ? provisioned(settings, drained) : onDemand;
  const keptAMonth = dollars((submissions * assumed.bodyBytes) / GIGABYTE, "objectGigabyteMonths");
  return { ...bill, dynamodb, total: total - onDemand + dynamodb, keptAMonth };
}

function usageOf(
  submissions: number,
  settings: StackSettings,
  assumed: Assumptions,
  { waited: share }: Drain,
): IntakeUsage {
  const { batchSize, memoryMegabytes } = settings;
  const [waited, alone] = [submissions * share, submissions * (1 - share)];
  const batches = waited / batchSize;
  const receives = waited / Math.min(batchSize, MESSAGES_A_REQUEST) + alone;
  const seconds = batches * batchSeconds(settings, assumed) + alone * assumed.secondsPerSubmission;
  return {
    queueRequests: submissions + 2 * receives,
    invocations: batches + alone,
    gigabyteSeconds: seconds * (memoryMegabytes / 1024),
    ...{ puts: submissions, gets: 0, readUnits: 0 },
    markerUnits: submissions * writeCapacityUnits(MARKER_BYTES, true),
    resultUnits: submissions * writeCapacityUnits(assumed.itemBytes, true),
    // An index is written once, in a transaction too.
    indexUnits: submissions * writeCapacityUnits(MARKER_BYTES),
    logBytes: (batches + alone) * LOG_BYTES,
  };
}

/** The capacity of every started hour, used or not. */
function provisioned({ writeCapacity }: StackSettings, { seconds }: Drain): number {
  return dollars(TABLES_AND_INDEX * writeCapacity * Math.ceil(seconds / 3_600), "tableWriteCapacityHours");
}
