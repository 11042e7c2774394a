import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { StoreOutcome, SubmissionMessage } from "./storeSubmission";

/** Reports the outcomes of messages to log and metrics, without answers or free text. */
export class Report {
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch. */
  constructor(logger: Logger, metrics: Metrics, now: () => number) {
    this.#logger = logger;
    this.#metrics = metrics;
    this.#now = now;
  }

  done(outcome: StoreOutcome, { messageId, sentAt }: SubmissionMessage): void {
    this.#metrics.addMetric("SubmissionAge", MetricUnit.Milliseconds, Math.max(0, this.#now() - sentAt));
    // A value for every submission, so that the average is the share in quarantine (quarantineAlarm.ts).
    this.#metrics.addMetric("Quarantined", MetricUnit.Count, outcome.kind === "quarantined" ? 1 : 0);
    if (outcome.kind === "quarantined") {
      this.#quarantined(outcome, messageId);
      return;
    }
    // The log must not name an erased participant, as the id of a submission would.
    if (outcome.kind === "erased") {
      this.#metrics.addMetric("Erased", MetricUnit.Count, 1);
      this.#logger.debug("erased", { messageId });
      return;
    }
    const stored = outcome.kind === "stored";
    if (stored && outcome.implausibleTime) this.#implausible(outcome.id, messageId, sentAt);
    this.#metrics.addMetric(stored ? "Stored" : "Duplicates", MetricUnit.Count, 1);
    this.#logger.debug(stored ? "stored" : "duplicate", { submission: outcome.id, messageId });
  }

  failed(error: unknown, messageId: string, receiveCount: number): void {
    this.#metrics.addMetric("TransientFailures", MetricUnit.Count, 1);
    this.#logger.warn("back to the queue", { messageId, receiveCount, error: describe(error) });
  }

  /** The id holds the submission's own time. */
  #implausible(submission: string, messageId: string, sentAt: number): void {
    this.#metrics.addMetric("ImplausibleTimes", MetricUnit.Count, 1);
    this.#logger.warn("implausible time", { submission, messageId, sentAt: new Date(sentAt).toISOString() });
  }

  #quarantined({ id, reasons }: Extract<StoreOutcome, { kind: "quarantined" }>, messageId: string): void {
    const codes = [...new Set(reasons.map(({ code }) => code))];
    for (const reason of codes) {
      const metric = this.#metrics.singleMetric();
      metric.addDimension("reason", reason);
      metric.addMetric("QuarantinedByReason", MetricUnit.Count, 1);
    }
    this.#logger.warn("quarantined", { submission: id, messageId, reasons: codes });
  }
}

type AwsError = Error & { code?: unknown; $metadata?: { httpStatusCode?: number; requestId?: string } };

/**
 * The text about an error in a log line. It isn't the error itself: the logger writes all properties of an error, and the
 * error of a cancelled transaction holds the participant's item.
 */
function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, code, $metadata = {} } = error as AwsError;
  return { name, code, message, stack, status: $metadata.httpStatusCode, requestId: $metadata.requestId };
}
