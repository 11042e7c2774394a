import { maximumConcurrency } from "../../services/ingest/sizing";
import { writeCapacityUnits } from "../../shared/capacity/metering/capacityUnits";
import { LIMITS } from "./limits";
import type { StackSettings } from "./stackSettings";

/** The assumptions about a submission; everything else comes from settings and documented limits. */
export interface Assumptions {
  /** Time that S3 and DynamoDB take for one, in seconds: one after the other, in a region where both are near. */
  secondsPerSubmission: number;
  /** Size of a body, in bytes. */
  bodyBytes: number;
  /** Size of a participant's item in the results table, in bytes. */
  itemBytes: number;
}

/** Size of a submission's marker in bytes: id, participant, time and checksum. Below the 1,024 of a write unit. */
export const MARKER_BYTES = 250;

/** A stage that the flood passes, in this order. */
export interface Stage {
  name: string;
  /** True if our setting makes the limit, false if AWS does. */
  ours: boolean;
  /** True if the excess is refused and comes again later, false if it simply waits in the queue. */
  refuses: boolean;
  /** Submissions/s that it allows, by the seconds since the flood began. */
  perSecond(second: number): number;
  /** When the rate stops changing, in seconds after the flood began. */
  steadyAfter: number;
}

/** Seconds over which the submissions of the minute really reach the queue. */
export function arrivalSeconds({ senderAccess }: StackSettings, submissions: number): number {
  return senderAccess === "cognito-guest" ? Math.max(60, submissions / LIMITS.guestIdentities.value) : 60;
}

/** Batches at once that the stack allows: our setting, or the number that the program computes instead. */
export function concurrencyOf(settings: StackSettings): number {
  const { batchSize, recordConcurrency, billing, writeCapacity } = settings;
  const computed = maximumConcurrency({
    writeCapacity: billing === "provisioned" ? writeCapacity : undefined,
    batchSize,
    recordConcurrency,
  });
  return settings.maximumConcurrency === 0 ? computed : settings.maximumConcurrency;
}

/** Seconds of an invocation with a full batch. */
export function batchSeconds({ batchSize, recordConcurrency }: StackSettings, assumed: Assumptions): number {
  return Math.ceil(batchSize / recordConcurrency) * assumed.secondsPerSubmission;
}

/** All stages between the queue and the tables, with their rates. */
export function stagesOf(settings: StackSettings, assumed: Assumptions): Stage[] {
  const batchesPerSecond = settings.batchSize / batchSeconds(settings, assumed);
  const concurrency = Math.min(concurrencyOf(settings), LIMITS.mostBatches.value);
  const { firstBatches, moreBatchesPerMinute, concurrentExecutions, objectWrites } = LIMITS;
  const rampSeconds = Math.max(0, concurrency - firstBatches.value) / (moreBatchesPerMinute.value / 60);
  return [
    {
      name: "Lambda's first pollers",
      ours: false,
      refuses: false,
      perSecond: (second) =>
        second < rampSeconds
          ? (firstBatches.value + (second * moreBatchesPerMinute.value) / 60) * batchesPerSecond
          : Number.POSITIVE_INFINITY,
      steadyAfter: rampSeconds,
    },
    steady("ingestMaximumConcurrency", { ours: true, refuses: false }, concurrency * batchesPerSecond),
    steady("Lambda's concurrent executions", AWS, concurrentExecutions.value * batchesPerSecond),
    steady("S3's writes to one prefix", AWS, objectWrites.value),
    tableStage("the submissions table", settings, writeCapacityUnits(MARKER_BYTES, true)),
    tableStage("the results table", settings, writeCapacityUnits(assumed.itemBytes, true)),
  ];
}

/** Submissions/s that one participant alone can send without being slowed down: all of them write the same item. */
export function perParticipant(assumed: Assumptions): number {
  return LIMITS.partitionWrites.value / writeCapacityUnits(assumed.itemBytes, true);
}

type Kind = Pick<Stage, "ours" | "refuses">;
const AWS: Kind = { ours: false, refuses: true };

function steady(name: string, kind: Kind, perSecond: number): Stage {
  return { name, ...kind, perSecond: () => perSecond, steadyAfter: 0 };
}

/**
 * Provisioned: the provisioned capacity. On-demand: a new table's rate, doubled every half hour up to the table's quota.
 * It doubles only if there is that much demand; this doesn't matter, because only then the stage is the narrowest.
 */
function tableStage(name: string, { billing, writeCapacity }: StackSettings, wcuPerSubmission: number): Stage {
  if (billing === "provisioned") {
    return steady(`${name} (ingestWriteCapacity)`, { ours: true, refuses: true }, writeCapacity / wcuPerSubmission);
  }
  const doublings = Math.ceil(Math.log2(LIMITS.tableWrites.value / LIMITS.newTableWrites.value));
  const period = LIMITS.tableDoublingMinutes.value * 60;
  return {
    name,
    ...AWS,
    perSecond: (second) =>
      Math.min(LIMITS.tableWrites.value, LIMITS.newTableWrites.value * 2 ** Math.floor(second / period)) /
      wcuPerSubmission,
    steadyAfter: doublings * period,
  };
}
