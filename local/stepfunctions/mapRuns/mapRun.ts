import type { Clock } from "../../../shared/clock";
import type { Json } from "../../../shared/json";
import type { Execution } from "../execution";
import type { ItemsInS3, MapRunRequest } from "../interpreter/level";
import { isTooLarge, LIMITS, textOf } from "../limits";
import { StateError, tooLarge } from "../stateError";

export interface MapRunOptions {
  arn: string;
  /** The execution whose Map state runs. */
  executionArn: string;
  /** With the label of the Map state. */
  stateMachineArn: string;
  request: MapRunRequest;
  clock: Clock;
  /** Ends it with the execution. */
  signal: AbortSignal;
  /** @throws StateError if the role lacks the permissions of a Map Run. */
  authorize(): Promise<void>;
  /** @throws StateError States.ItemReaderFailed. */
  read(place: ItemsInS3): Promise<readonly Json[]>;
  /** Makes a child execution, which does not run yet. */
  child(input: string): Execution;
  /** Called when a child has ended. */
  onEnded(child: Execution): void;
}

export type MapRunStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";

/** Items of a run by outcome; each has its own execution. */
export interface MapRunCounts {
  total: number;
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
}

/** The settings that UpdateMapRun changes. */
export type MapRunChange = Partial<
  Pick<MapRunRequest, "maxConcurrency" | "toleratedFailureCount" | "toleratedFailurePercentage">
>;

const COUNTED = { SUCCEEDED: "succeeded", FAILED: "failed", TIMED_OUT: "timedOut", ABORTED: "aborted" } as const;

/**
 * Runs a child execution for each item: never more at once than `maxConcurrency`, which may change meanwhile. If more
 * children fail than are tolerated, it fails and ends the others.
 */
export class MapRun {
  readonly #options: MapRunOptions;
  readonly #running = new Set<Execution>();
  readonly #counts: MapRunCounts = {
    ...{ total: 0, pending: 0, running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0 },
  };
  readonly startedAt: number;
  #limits: Required<MapRunChange>;
  #items: readonly Json[] = [];
  /** JSON by item; undefined if the child has not succeeded. */
  #outputs: (string | undefined)[] = [];
  /** Bytes of all outputs as one list: two brackets, and one comma less than there are outputs. */
  #outputBytes = 1;
  #status: MapRunStatus = "RUNNING";
  #endedAt: number | undefined;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  constructor(options: MapRunOptions) {
    const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = options.request;
    this.#options = options;
    this.#limits = { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage };
    this.startedAt = options.clock.now();
  }

  get options(): Readonly<MapRunOptions> {
    return this.#options;
  }

  get limits(): Readonly<Required<MapRunChange>> {
    return this.#limits;
  }

  get counts(): Readonly<MapRunCounts> {
    return this.#counts;
  }

  get status(): MapRunStatus {
    return this.#status;
  }

  /** Milliseconds since the epoch; undefined while it runs. */
  get endedAt(): number | undefined {
    return this.#endedAt;
  }

  /** @returns the outputs of the children that succeeded, in the order of the items. @throws StateError. */
  async run(): Promise<Json> {
    const { signal, request } = this.#options;
    const stop = () => this.#end("ABORTED", signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await this.#options.authorize();
      this.#items = "bucket" in request.items ? await this.#options.read(request.items) : request.items;
      signal.throwIfAborted();
      Object.assign(this.#counts, { total: this.#items.length, pending: this.#items.length });
      await this.#children();
      return this.#result();
    } catch (error) {
      this.#end("FAILED", error);
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Changes a limit while it runs. */
  update(change: MapRunChange): void {
    Object.assign(this.#limits, change);
    this.#limits.maxConcurrency = Math.min(
      this.#limits.maxConcurrency || LIMITS.childExecutions,
      LIMITS.childExecutions,
    );
    this.#proceed();
  }

  #children(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#outputs = new Array<string | undefined>(this.#items.length);
      this.#proceed();
    });
  }

  /** Starts as many children as there is room for, and ends the run if none is left. */
  #proceed(): void {
    if (!this.#settle) return;
    while (this.#status === "RUNNING" && this.#counts.pending > 0 && this.#running.size < this.#limits.maxConcurrency) {
      this.#start(this.#items.length - this.#counts.pending);
    }
    if (this.#counts.pending > 0 || this.#running.size > 0) return;
    if (this.#outputBytes > LIMITS.dataBytes) this.#end("FAILED", tooLarge(this.#options.stateMachineArn));
    else this.#end("SUCCEEDED");
  }

  #start(index: number): void {
    const { request, child } = this.#options;
    this.#counts.pending--;
    let execution: Execution;
    try {
      const input = textOf(request.inputOf(this.#items[index] ?? null, index));
      if (isTooLarge(input)) throw tooLarge(`item ${index}`);
      execution = child(input);
    } catch (error) {
      this.#end("FAILED", error);
      return;
    }
    this.#running.add(execution);
    this.#counts.running++;
    void execution.run().then(() => this.#ended(index, execution));
  }

  #ended(index: number, execution: Execution): void {
    const { status, end } = execution;
    if (!this.#running.delete(execution) || status === "RUNNING") return;
    this.#counts.running--;
    this.#counts[COUNTED[status]]++;
    if (end?.output !== undefined) {
      this.#outputBytes += Buffer.byteLength(end.output) + 1;
      // Outputs that are too large together need not be kept.
      if (this.#outputBytes <= LIMITS.dataBytes) this.#outputs[index] = end.output;
    }
    this.#options.onEnded(execution);
    if (this.#isBeyondTolerance()) {
      const cause = "The specified tolerated failure threshold was exceeded";
      this.#end("FAILED", new StateError("States.ExceedToleratedFailureThreshold", cause));
    } else this.#proceed();
  }

  #isBeyondTolerance(): boolean {
    const { toleratedFailureCount: count, toleratedFailurePercentage: share } = this.#limits;
    const { failed, timedOut, aborted, total } = this.#counts;
    const failures = failed + timedOut + aborted;
    if (count === undefined && share === undefined) return failures > 0;
    return failures > (count ?? Infinity) || (failures / total) * 100 > (share ?? 100);
  }

  #end(status: Exclude<MapRunStatus, "RUNNING">, error?: unknown): void {
    if (this.#status !== "RUNNING") return;
    this.#status = status;
    this.#endedAt = this.#options.clock.now();
    this.#counts.aborted += this.#running.size;
    this.#counts.running = 0;
    for (const child of this.#running) {
      child.stop();
      this.#options.onEnded(child);
    }
    this.#running.clear();
    if (status === "SUCCEEDED") this.#settle?.resolve();
    else this.#settle?.reject(error);
  }

  #result(): Json {
    const outputs = this.#outputs.filter((output) => output !== undefined);
    return JSON.parse(`[${outputs.join(",")}]`) as Json;
  }
}
