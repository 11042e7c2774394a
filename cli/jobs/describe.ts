/** A job and its progress in words. Pure. */
import type { JobHead } from "../../shared/jobs/job";
import { type JobProgress, unitPhases } from "../../shared/jobs/progress";
import { counted, decimal, duration, oneLine, percent, whole } from "../text/format";
import { toJson } from "../text/json";
import { describeOutcomes } from "./describeWriting";

/** Results longer than this are printed on several lines. */
const ONE_LINE = 100;

/** `count over surveys`, `export over surveys, index by-date`, `copy over surveys to archive`. */
export function describeWork({ work }: Pick<JobHead, "work">): string {
  const index = work.index === undefined ? "" : `, index ${work.index}`;
  const to = work.to === undefined ? "" : ` to ${work.to}`;
  return `${work.operation} over ${work.table}${index}${to}`;
}

/** `98.3 of 100 RCU/s`, or for a job that writes `20 of 50 RCU/s, 49 of 50 WCU/s`. */
export function describeRate({ rcuPerSecond, targetRcuPerSecond, writing }: JobProgress): string {
  const read = `${decimal(rcuPerSecond)} of ${decimal(targetRcuPerSecond)} RCU/s`;
  if (writing === undefined) return read;
  const { dryRun, wcuPerSecond, targetWcuPerSecond, lookups } = writing;
  const parts = [
    ...(targetRcuPerSecond > 0 ? [read] : []),
    ...(dryRun ? [] : [`${decimal(wcuPerSecond)} of ${decimal(targetWcuPerSecond)} WCU/s`]),
    ...(lookups === undefined ? [] : [`at most ${decimal(lookups.targetRcuPerSecond)} RCU/s for lookups`]),
  ];
  return parts.join(", ") || "consumes no capacity";
}

/** `8,400 items`, or with a filter `1,200 of 8,400 items`. */
export function describeItems({ items, scannedItems }: JobProgress["counts"]): string {
  return items === scannedItems ? counted(items, "item") : `${whole(items)} of ${counted(scannedItems, "item")}`;
}

/** What holds the job back, as the end of a line; empty if unknown. */
export function describeBottleneck({ bottleneck, throttleFactor = 1, limitedBy }: JobProgress): string {
  const limit = limitedBy === undefined ? "the limit" : `the ${limitedBy} limit`;
  switch (bottleneck) {
    case "throttled":
      return `throttled by DynamoDB: ${percent(throttleFactor)} of ${limit} is in force`;
    case "rate":
      return `as fast as ${limit} allows`;
    case "workers":
      return "slower than the limit: the workers do not use all of it";
    case "failures":
      return "no progress: units are retrying";
    default:
      return "";
  }
}

/** `1 failed, 4 working, 8 waiting, 3 done`; phases with no unit are left out. */
export function describePhases({ units }: JobProgress): string {
  const there = unitPhases.filter((phase) => units[phase] > 0);
  return there.map((phase) => `${whole(units[phase])} ${phase}`).join(", ");
}

/** `1 min 20 s left`, or the reason why that is not known. */
export function describeLeft({ state, secondsLeft, seconds }: JobProgress): string {
  if (state === "paused") return "paused";
  if (state !== "starting" && state !== "running") return `took ${duration(seconds)}`;
  return secondsLeft === undefined ? "time left not known yet" : `${duration(secondsLeft)} left`;
}

/** A job's result as text: JSON, on one line if that is short. */
export function describeResult(result: unknown): string {
  const line = toJson(result);
  return line.length <= ONE_LINE ? line : toJson(result, 2);
}

/** The whole progress on one line, for logs. */
export function describeProgress(progress: JobProgress): string {
  const { state, share, counts, units, writing, reason } = progress;
  return [
    state,
    percent(share),
    describeItems(counts),
    ...(writing === undefined ? [] : [describeOutcomes(writing)]),
    describeRate(progress),
    `${whole(units.done)} of ${counted(units.total, "unit")} done`,
    ...(units.failed > 0 ? [`${whole(units.failed)} failed`] : []),
    ...(units.retrying > 0 ? [`${whole(units.retrying)} retrying`] : []),
    ...(progress.bottleneck === "throttled" || progress.bottleneck === "failures"
      ? [describeBottleneck(progress)]
      : []),
    ...(state === "paused" ? [] : [describeLeft(progress)]),
    ...(state !== "running" && reason !== undefined ? [oneLine(reason)] : []),
  ].join("  ");
}

/** Units that are retrying, with their last error, the first `most` of them. `now`: milliseconds since the epoch. */
export function describeRetries({ retries }: JobProgress, most: number, now: number): string[] {
  const shown = retries.slice(0, most).map((retry) => `  unit ${retry.unit}: ${describeRetry(retry, now)}`);
  return retries.length > most ? [...shown, `  … and ${whole(retries.length - most)} more`] : shown;
}

/** `2 attempts, next try in 12 s: ThrottlingException: Rate exceeded`. The error comes last, as it may be long. */
export function describeRetry(retry: JobProgress["retries"][number], now: number): string {
  return `${counted(retry.attempts, "attempt")}, ${nextTry(retry, now)}: ${oneLine(retry.reason ?? "")}`;
}

function nextTry({ retryAt, retryingSince }: JobProgress["retries"][number], now: number): string {
  if (retryingSince !== undefined) return `trying for ${duration((now - retryingSince) / 1000)}`;
  if (retryAt === undefined) return "trying now";
  return retryAt > now ? `next try in ${duration((retryAt - now) / 1000)}` : "next try is due";
}

/** Failed units with their reasons, the first `most` of them. */
export function describeFailures({ failures }: JobProgress, most: number): string[] {
  const shown = failures.slice(0, most).map(({ unit, reason }) => `  unit ${unit}: ${oneLine(reason)}`);
  return failures.length > most ? [...shown, `  … and ${whole(failures.length - most)} more`] : shown;
}
