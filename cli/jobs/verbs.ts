/** What operators do to a job, and how the commands say it. */

import pRetry from "p-retry";
import { SluiceError } from "../../shared/errors";
import type { StartAnswer, StartRefusal } from "../../shared/jobs/startFunction";
import { isTransient } from "../../shared/runtime/transient";
import { counted, decimal } from "../text/format";

const RETRIES = 5;
const FIRST_RETRY_MS = 50;

/**
 * Repeats a change that was cancelled because a worker wrote to the same job in that moment. Whatever else may pass is
 * repeated by the SDK, which knows how to do that without doing it twice.
 */
export function persist<T>(change: () => Promise<T>): Promise<T> {
  const shouldRetry = ({ error }: { error: Error }) => error.name.startsWith("Transaction") && isTransient(error);
  return pRetry(change, { retries: RETRIES, minTimeout: FIRST_RETRY_MS, randomize: true, shouldRetry });
}

export function renderAnswer({ job, state, segments, rcu, startedBefore }: StartAnswer): string {
  if (startedBefore) return `Job ${job} was started before and is ${state}; nothing new was started.`;
  return `Job ${job} is ${state}: ${counted(segments, "segment")} at ${decimal(rcu)} RCU/s.`;
}

/** A refusal with every problem on a line of its own. */
export function renderRefusal(what: string, { problems }: StartRefusal): string {
  return [`${what}:`, ...problems.map((problem) => `  ${problem}`)].join("\n");
}

/** A rate as it was typed, RCU/s. @throws SluiceError USAGE */
export function parseRate(text: string): number {
  const rcu = Number(text);
  if (text.trim() !== "" && Number.isFinite(rcu)) return rcu;
  const advice = text.endsWith("%") ? "; only `scan start` takes a percentage" : "";
  throw new SluiceError("USAGE", `<rcu> must be a number of RCU/s, got ${text}${advice}.`, { value: text });
}
