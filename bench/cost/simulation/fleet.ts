/**
 * A queue and Lambda on virtual time: messages with delays, bounded concurrency, instances that are started and kept, and
 * billed milliseconds. The caller gives the work of an invocation.
 */
import type { Usage } from "../../../shared/cost/usage";
import { MachineClock, type VirtualTime } from "../../../test/support/virtualTime";

export interface FleetOptions {
  readonly time: VirtualTime;
  /** Most invocations at once, as the event source mapping's. */
  readonly maximumConcurrency: number;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** Time to start a new instance, milliseconds; billed. */
  readonly initMs: number;
  /** Time from when a message is due until its invocation begins, milliseconds. */
  readonly deliveryMs: number;
  /** Works on a message. If it rejects, the message comes again after `redeliveryMs(error)`. */
  readonly handle: (body: string, invocation: Invocation) => Promise<void>;
  readonly redeliveryMs: (error: unknown) => number;
}

/** The input of an invocation. */
export interface Invocation {
  readonly clock: MachineClock;
  /** Its time, milliseconds. */
  readonly remainingMs: number;
}

/** Usage so far. `queueRequests`: sends, receives that brought messages, deletions, changes of visibility. */
export interface FleetUsage extends Pick<Usage, "invocations" | "billedMs" | "gigabyteSeconds" | "queueRequests"> {
  readonly messages: number;
}

/** Most messages in one request to SQS. */
const BATCH = 10;

export class Fleet {
  readonly #options: FleetOptions;
  readonly #waiting: string[] = [];
  #running = 0;
  #idle = 0;
  #invocations = 0;
  #billedMs = 0;
  #queueRequests = 0;
  #messages = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Puts messages on the queue, each visible after `delayMs`. */
  send(bodies: readonly string[], delayMs = 0): void {
    this.#queueRequests += Math.ceil(bodies.length / BATCH);
    this.#messages += bodies.length;
    const { time, deliveryMs } = this.#options;
    for (const body of bodies) time.after(delayMs + deliveryMs, () => this.#deliver(body));
  }

  /** Counts a request that a worker makes to SQS besides sending. */
  request(): void {
    this.#queueRequests += 1;
  }

  get usage(): FleetUsage {
    const seconds = this.#billedMs / 1_000;
    return {
      invocations: this.#invocations,
      billedMs: this.#billedMs,
      gigabyteSeconds: (seconds * this.#options.memoryMegabytes) / 1_024,
      queueRequests: this.#queueRequests,
      messages: this.#messages,
    };
  }

  #deliver(body: string): void {
    this.#waiting.push(body);
    this.#next();
  }

  #next(): void {
    while (this.#running < this.#options.maximumConcurrency) {
      const body = this.#waiting.shift();
      if (body === undefined) return;
      this.#running += 1;
      void this.#invoke(body).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #invoke(body: string): Promise<void> {
    const { time, timeoutSeconds, initMs, handle, redeliveryMs } = this.#options;
    const clock = new MachineClock(time, 0);
    const begun = time.now;
    this.#queueRequests += 1;
    this.#invocations += 1;
    if (this.#idle > 0) this.#idle -= 1;
    else await time.sleep(initMs);
    try {
      await handle(body, { clock, remainingMs: 1_000 * timeoutSeconds });
      this.#queueRequests += 1;
    } catch (error) {
      const afterMs = redeliveryMs(error);
      time.after(afterMs, () => this.#deliver(body));
    }
    this.#billedMs += Math.ceil(time.now - begun);
    this.#idle += 1;
  }
}
