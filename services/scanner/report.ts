import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { UnitTurn } from "../../shared/drivers/driver";
import type { Handled } from "../../shared/engine/protocol";

/** Reports the outcome of deliveries to log and metrics. Neither ever contains items. */
export class ScannerReport {
  readonly #logger: Logger;
  readonly #metrics: Metrics;

  constructor(logger: Logger, metrics: Metrics) {
    this.#logger = logger;
    this.#metrics = metrics;
  }

  handled(outcome: Handled, { job, unit, turn }: UnitTurn): void {
    const metrics: Partial<Record<Handled, string>> = { done: "UnitsDone", failed: "UnitsFailed" };
    const metric = metrics[outcome];
    if (metric !== undefined) this.#metrics.addMetric(metric, MetricUnit.Count, 1);
    if (outcome === "failed" || outcome === "unknown") this.#logger.error(`unit ${outcome}`, { job, unit, turn });
    else this.#logger.info(`unit ${outcome}`, { job, unit, turn });
  }

  /** The message comes again. */
  failed(error: unknown, messageId: string, receiveCount: number): void {
    this.#metrics.addMetric("UnitRetries", MetricUnit.Count, 1);
    const { name, message, code } = error as Partial<Error & { code: string }>;
    this.#logger.warn("back to the queue", { messageId, receiveCount, error: { name, code, message } });
  }

  /** Nothing can be done with the message. */
  badMessage(error: unknown, messageId: string, body: string): void {
    this.#metrics.addMetric("BadMessages", MetricUnit.Count, 1);
    this.#logger.error("not a message of ours, deleted", {
      messageId,
      body: body.slice(0, 1024),
      error: String(error),
    });
  }

  ledger(error: unknown): void {
    this.#logger.warn("the ledger does not answer", { error: String(error) });
  }
}
