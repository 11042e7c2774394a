import { setTimeout as sleep } from "node:timers/promises";
import type { FaultTally } from "../faultTally";
import { countedBy } from "./faultRules";
import { drained, type Patience } from "./follow";
import type { Scanner } from "./scanner";

/** The observations while a job was paused. */
export interface PauseReport {
  /** Seconds from the pause until the last page was read. */
  lastPageSeconds: number;
  /** Seconds until nothing was under way: messages of killed workers come back first, and are put down. */
  drainedSeconds: number;
  /** How long it was observed after that, in seconds. */
  quietSeconds: number;
  /** During the observation: pages read, runs of workers, messages or executions under way. */
  scans: number;
  runs: number;
  messages: number;
}

/** Time for a delivery that was under way between queue and function, seconds. */
const SETTLE_SECONDS = 2;

/** Pauses the job, waits until all workers have put their work down, and observes for a while. */
export async function pauseAndLook(
  scanner: Scanner,
  { id, table }: { id: string; table: string },
  tally: FaultTally,
  quietSeconds: number,
  patience: Patience,
): Promise<PauseReport> {
  await scanner.control.pause(id);
  const pausedAt = Date.now();
  const left = await drained(scanner, patience);
  const drainedSeconds = (Date.now() - pausedAt) / 1_000;
  await sleep(SETTLE_SECONDS * 1_000, undefined, patience);
  const before = countedBy(await tally.soFar());
  let messages = left;
  for (let second = 0; second < quietSeconds; second++) {
    await sleep(1_000, undefined, patience);
    messages = Math.max(messages, await scanner.backlog());
  }
  const after = countedBy(await tally.soFar());
  const { consumption, slotMs } = await scanner.consumption(table, pausedAt);
  const last = consumption.filter(({ rcu }) => rcu > 0).at(-1);
  return {
    lastPageSeconds: last === undefined ? 0 : Math.max(0, last.at + slotMs - pausedAt) / 1_000,
    drainedSeconds,
    quietSeconds,
    scans: after.scans - before.scans,
    runs: after.runs - before.runs,
    messages,
  };
}
