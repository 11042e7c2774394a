/** How the commands say what was done to a job, and how a rate is typed. */
import { SluiceError } from "../../shared/errors";
import type { StartAnswer, StartRefusal } from "../../shared/jobs/startFunction";
import { counted, decimal } from "../text/format";

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
