/** The arithmetic of the ingest service: timeouts, receive counts, concurrency. Pure. */
import { longestDelaySeconds, receivesToSurvive } from "../../shared/aws/visibilityBackoff";

/**
 * Write capacity of one submission, in WCU: a transaction pays double, so 2 for the marker and 2 for a results item of up
 * to 1 KB. The two are in tables with separate limits; counting both against one limit leaves half of it for participants
 * with long free text. The index by participant takes 1 more, of its own capacity, which is as large as its table's.
 */
const WRITE_UNITS_PER_SUBMISSION = 4;
/** The results table's part of these. */
const RESULT_WRITE_UNITS = 2;
/** Time that an invocation reserves for its answer, in seconds. */
const ANSWER_SECONDS = 2;
/** Throughput of a new on-demand table, in WCU/s. */
const ON_DEMAND_WRITE_UNITS = 4_000;
/**
 * The shortest time that a submission takes (S3 and DynamoDB, one after the other), in seconds. Slower ones consume
 * less per second.
 */
const SECONDS_PER_SUBMISSION = 0.1;

/** AWS asks for six times the function timeout plus the batch window, so that Lambda's own retries fit. */
export function visibilityTimeoutSeconds(functionTimeoutSeconds: number, batchWindowSeconds: number): number {
  return 6 * functionTimeoutSeconds + batchWindowSeconds;
}

export interface ConcurrencyArgs {
  /** Write capacity of one table, in WCU/s; undefined for on-demand. */
  writeCapacity?: number | undefined;
  /** Records of a batch. */
  batchSize: number;
  /** Records of a batch in work at once. */
  recordConcurrency: number;
}

/**
 * Invocations at once that just fill the table: submissions in work = WCU/s ÷ WCU per submission × seconds each takes
 * (Little's law), divided by how many an invocation has in work. Within the 2 to 1,000 that Lambda allows.
 */
export function maximumConcurrency({ writeCapacity, batchSize, recordConcurrency }: ConcurrencyArgs): number {
  const submissionsPerSecond = (writeCapacity ?? ON_DEMAND_WRITE_UNITS) / WRITE_UNITS_PER_SUBMISSION;
  const inWork = submissionsPerSecond * SECONDS_PER_SUBMISSION;
  return Math.min(1_000, Math.max(2, Math.floor(inWork / Math.min(batchSize, recordConcurrency))));
}

/**
 * The smallest limit, in WCU/s, with which two functions (Lambda allows no fewer) finish the submissions that they have
 * in work within their time. Below it, submissions would wait in the functions only to go back to the queue.
 */
export function leastWriteCapacityLimit(args: { timeoutSeconds: number; recordConcurrency: number }): number {
  const inWork = 2 * args.recordConcurrency * RESULT_WRITE_UNITS;
  return Math.ceil(inWork / (args.timeoutSeconds - ANSWER_SECONDS));
}

/** How often a message may be received before it counts as dead, so that an outage makes no dead letters. */
export function maxReceiveCount(surviveOutageMinutes: number): number {
  return receivesToSurvive(surviveOutageMinutes * 60);
}

/**
 * The longest a message can live from its first receive until it is dead, in seconds. If the queue's retention is
 * shorter, SQS drops the message before it reaches the dead-letter queue: a loss.
 */
export function longestLifeSeconds(
  receives: number,
  functionTimeoutSeconds: number,
  visibilityTimeout: number,
): number {
  let life = 0;
  for (let receive = 1; receive <= receives; receive++) {
    life += Math.max(visibilityTimeout, functionTimeoutSeconds + longestDelaySeconds(receive));
  }
  return life;
}
