import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { ChainTurn } from "../drivers/driver";
import type { Handled } from "../engine/protocol";
import type { UnitEnd } from "../engine/unitWork";
import type { Job } from "../jobs/job";
import { WORK_METRICS } from "./workMetrics";
import type { UnitsProgress } from "./workParts";

/** Reports the outcome of deliveries and units to log and metrics. Neither ever contains items. */
export class WorkerReport {
  readonly #logger: Logger;
  readonly #metrics: Metrics;

  constructor(logger: Logger, metrics: Metrics) {
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** @param seconds the turn's duration, and the part of it spent waiting for capacity, milliseconds. */
  handled(outcome: Handled, { job, chain, turn }: ChainTurn, seconds: { ms: number; waitedMs: number }): void {
    this.#time(seconds);
    const line = { job, chain, turn, ...seconds };
    if (outcome === "unknown") this.#logger.error(`chain ${outcome}`, line);
    else this.#logger.info(`chain ${outcome}`, line);
  }

  /** @param seconds the duration of the task, and the part of it spent waiting for capacity, milliseconds. */
  task(answer: { state: string }, task: object, seconds: { ms: number; waitedMs: number }): void {
    this.#time(seconds);
    const { state, ...rest } = answer;
    this.#logger.info(`task ${state}`, { ...task, ...rest, ...seconds });
  }

  unit(job: string, unit: number, end: UnitEnd, { items, rcu }: UnitsProgress): void {
    const metrics: Partial<Record<UnitEnd["end"], string>> = {
      done: WORK_METRICS.unitsDone,
      failed: WORK_METRICS.unitsFailed,
      retried: WORK_METRICS.unitRetries,
    };
    const metric = metrics[end.end];
    if (metric !== undefined) this.#metrics.addMetric(metric, MetricUnit.Count, 1);
    if (items > 0) this.#metrics.addMetric(WORK_METRICS.items, MetricUnit.Count, items);
    if (rcu > 0) this.#metrics.addMetric(WORK_METRICS.readUnits, MetricUnit.Count, rcu);
    const { end: how, ...why } = end;
    if (how === "failed" || how === "fatal") this.#logger.error(`unit ${how}`, { job, unit, ...why });
    else if (how === "retried" || how === "lost") this.#logger.warn(`unit ${how}`, { job, unit, ...why });
    else this.#logger.info(`unit ${how}`, { job, unit });
  }

  /** @param job which has ended. */
  ended({ state }: Pick<Job, "state">): void {
    const metric = state === "completed" ? WORK_METRICS.jobsCompleted : WORK_METRICS.jobsFailed;
    this.#metrics.addMetric(metric, MetricUnit.Count, 1);
  }

  /** The message comes again. */
  failed(error: unknown, messageId: string, receiveCount: number): void {
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

  #time({ ms, waitedMs }: { ms: number; waitedMs: number }): void {
    this.#metrics.addMetric(WORK_METRICS.work, MetricUnit.Milliseconds, ms);
    this.#metrics.addMetric(WORK_METRICS.waited, MetricUnit.Milliseconds, waitedMs);
  }
}
