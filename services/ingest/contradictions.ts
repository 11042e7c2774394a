import type { Problem } from "../../shared/infra/fields";
import { emailWithoutAlarms } from "../../shared/infra/serviceFields";
import type { IngestSettings } from "./config";
import { leastWriteCapacityLimit, longestLifeSeconds, maxReceiveCount, visibilityTimeoutSeconds } from "./sizing";

const SECONDS_PER_DAY = 86_400;

/** Contradictions between values that are each valid. */
export function contradictions(settings: IngestSettings): Problem[] {
  const found: Problem[] = [];
  const refuse = (code: string, option: keyof IngestSettings, rule: string) =>
    found.push({ code, option, rule, value: settings[option] });

  if (settings.answerMin > settings.answerMax) {
    refuse("EMPTY_ANSWER_RANGE", "answerMin", `must not be above the highest answer (${settings.answerMax})`);
  }
  if (settings.batchSize > 10 && settings.batchWindowSeconds < 1) {
    refuse("BATCH_NEEDS_WINDOW", "batchSize", "must be 10 or less while the batch window is 0 seconds");
  }
  if (settings.maximumConcurrency === 1) {
    refuse("CONCURRENCY_TOO_LOW", "maximumConcurrency", "must be 0 or from 2 to 1000, as Lambda asks");
  }
  for (const option of ["readCapacity", "writeCapacity"] as const) {
    if (settings.billing === "provisioned" && settings[option] === 0) {
      refuse("CAPACITY_MISSING", option, "must be 1 or more with provisioned billing");
    }
    if (settings.billing === "on-demand" && settings[option] !== 0) {
      refuse("CAPACITY_UNUSED", option, "must be 0 with on-demand billing");
    }
  }
  const leastLimit = leastWriteCapacityLimit(settings);
  if (settings.writeCapacityLimit > 0 && settings.writeCapacityLimit < leastLimit) {
    refuse("WRITE_LIMIT_TOO_LOW", "writeCapacityLimit", `must be 0 or at least ${leastLimit} with these time-outs`);
  }
  found.push(...emailWithoutAlarms(settings));
  if (longestLife(settings) > settings.queueRetentionDays * SECONDS_PER_DAY) {
    const days = Math.ceil(longestLife(settings) / SECONDS_PER_DAY);
    refuse(
      "RETENTION_TOO_SHORT",
      "queueRetentionDays",
      `must be ${days} or more, so that retries end before the queue deletes the message`,
    );
  }
  return found;
}

function longestLife({ surviveOutageMinutes, timeoutSeconds, batchWindowSeconds }: IngestSettings): number {
  const visibilityTimeout = visibilityTimeoutSeconds(timeoutSeconds, batchWindowSeconds);
  return longestLifeSeconds(maxReceiveCount(surviveOutageMinutes), timeoutSeconds, visibilityTimeout);
}
