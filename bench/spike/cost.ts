import { writeCapacityUnits } from "../../shared/capacity/metering/capacityUnits";
import { dollarsFor, type PriceName } from "../../shared/cost/prices";
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
  /** What keeping the raw bodies costs each month from then on. */
  keptAMonth: number;
}

/** SQS hands over and deletes at most so many messages a request. */
const MESSAGES_A_REQUEST = 10;
const GIGABYTE = 1024 ** 3;
/** Of an invocation: its metrics line (0.3 kB, measured in the soak's log) and what Lambda writes of its own accord. */
const LOG_BYTES = 700;

/**
 * What a flood costs in requests. Every phone makes a request of its own; what waited is worked on in full batches, what
 * did not, one by one.
 */
export function costOf(submissions: number, settings: StackSettings, assumed: Assumptions, drained: Drain): Cost {
  const { batchSize, memoryMegabytes } = settings;
  const [waited, alone] = [submissions * drained.waited, submissions * (1 - drained.waited)];
  const batches = waited / batchSize;
  const receives = waited / Math.min(batchSize, MESSAGES_A_REQUEST) + alone;
  const gigabyteSeconds =
    (batches * batchSeconds(settings, assumed) + alone * assumed.secondsPerSubmission) * (memoryMegabytes / 1024);
  const parts = {
    sqs: dollars(submissions + 2 * receives, "queueRequests"),
    lambda: dollars(batches + alone, "invocations") + dollars(gigabyteSeconds, "functionGigabyteSeconds"),
    s3: dollars(submissions, "objectWrites"),
    dynamodb: tableCost(submissions, settings, assumed, drained),
    logs: dollars(((batches + alone) * LOG_BYTES) / GIGABYTE, "logGigabytes"),
  };
  const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
  const keptAMonth = dollars((submissions * assumed.bodyBytes) / GIGABYTE, "objectGigabyteMonths");
  return { ...parts, total, keptAMonth };
}

/** On-demand: by what is written. Provisioned: both tables' capacity for every hour begun, used or not. */
function tableCost(submissions: number, settings: StackSettings, assumed: Assumptions, { seconds }: Drain): number {
  if (settings.billing === "provisioned") {
    return dollars(2 * settings.writeCapacity * Math.ceil(seconds / 3_600), "tableWriteCapacityHours");
  }
  const wcu = writeCapacityUnits(MARKER_BYTES, true) + writeCapacityUnits(assumed.itemBytes, true);
  return dollars(submissions * wcu, "tableWrites");
}

/** By the list price, which none of these lacks. */
function dollars(amount: number, name: PriceName): number {
  return dollarsFor(amount, name) ?? Number.NaN;
}
