import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError } from "../../shared/errors";
import type { InvocationResult } from "./functionSpec";

/**
 * Waits before the second and the third attempt, in milliseconds. Lambda waits for one minute and for two (developer
 * guide, "How Lambda handles errors and retries with asynchronous invocation"), which is too long on a laptop.
 */
export const RETRY_AFTER_MS: readonly number[] = [1_000, 2_000];

export interface AsyncInvocationsOptions {
  /** Waits for room, then runs the function. */
  invoke: (arn: string, event: unknown, requestId: string) => Promise<InvocationResult>;
  /** Default {@link RETRY_AFTER_MS}. */
  retryAfterMs?: readonly number[];
  /** Called for each event that is given up. */
  onError: (error: unknown) => void;
}

/**
 * Asynchronous events for functions. An attempt that fails, by the function's own error, a time-out or a kill, is repeated
 * with the same request id, twice at most; then the event is dropped, and that is reported. If there is no room, the event
 * waits: Lambda keeps it for six hours, which is longer than a local cloud lives.
 */
export class AsyncInvocations {
  readonly #options: AsyncInvocationsOptions;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: AsyncInvocationsOptions) {
    this.#options = options;
  }

  /** Takes an event. */
  accept(arn: string, event: unknown, requestId: string = randomUUID()): void {
    const work: Promise<void> = this.#work(arn, event, requestId)
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#options.onError(error);
      })
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  /** Events that are not done or dropped yet. */
  get size(): number {
    return this.#running.size;
  }

  /** Starts no more attempts. Those that run are left to the functions, which are stopped after this. */
  stop(): void {
    this.#stopping.abort();
  }

  async #work(arn: string, event: unknown, requestId: string): Promise<void> {
    const { invoke, onError, retryAfterMs = RETRY_AFTER_MS } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 0; ; attempt++) {
      const result = await invoke(arn, event, requestId);
      if (!("functionError" in result) || signal.aborted) return;
      const waitMs = retryAfterMs[attempt];
      if (waitMs === undefined) return onError(dropped(arn, attempt + 1, result.functionError.errorMessage));
      await sleep(waitMs, undefined, { signal });
    }
  }
}

function dropped(arn: string, attempts: number, why: string): SluiceError {
  return new SluiceError(
    "EVENT_DROPPED",
    `${arn} failed ${attempts} times with an event nobody waits for, which is dropped: ${why}.`,
    { value: arn },
  );
}
