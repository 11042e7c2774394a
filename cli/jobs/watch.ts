import { isTransient } from "../../shared/aws/transient";
import type { Clock } from "../../shared/clock";
import { finalStates } from "../../shared/jobs/job";
import { awsSentence } from "../awsError";
import type { Snapshot } from "./snapshot";

/** Shows a job while it runs. */
export interface WatchView {
  show(snapshot: Snapshot): void;
  /** Reading failed and is tried again. */
  trouble(sentence: string): void;
  /** Ends the display and leaves its text. */
  close(): void;
}

export interface WatchOptions {
  readonly read: () => Promise<Snapshot>;
  readonly view: WatchView;
  readonly clock: Clock;
  /** Ends the watching; the job goes on. */
  readonly signal: AbortSignal;
}

/** Between two looks at the job. */
const POLL_MS = 1_000;
/** How long to wait while the network is down. */
const PATIENCE_MS = 60_000;

/**
 * Shows a job about every second until it has ended. It waits for a paused job, which may be resumed.
 *
 * @returns how it ended, or undefined if the signal came first
 * @throws an error of reading, at once if it is permanent, else after a minute
 */
export async function watch({ read, view, clock, signal }: WatchOptions): Promise<Snapshot | undefined> {
  let goodAt = Number.NEGATIVE_INFINITY;
  try {
    for (;;) {
      try {
        const snapshot = await unlessAborted(read(), signal);
        goodAt = clock.now();
        view.show(snapshot);
        if (finalStates.includes(snapshot.job.state)) return snapshot;
      } catch (error) {
        if (signal.aborted || !isTransient(error) || clock.now() - goodAt > PATIENCE_MS) throw error;
        view.trouble(awsSentence(error) ?? (error as Error).message);
      }
      await clock.sleep(POLL_MS, signal);
    }
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    view.close();
  }
}

/** A request that hangs must not delay Ctrl-C. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
